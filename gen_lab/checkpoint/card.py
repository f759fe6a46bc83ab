"""A checkpoint's card, card.json: what its weights are, and which model they belong to."""

import json
from pathlib import Path

from gen_lab import files
from gen_lab.checkpoint import remedies
from gen_lab.errors import Repairable

MAX_CARD_BYTES = 1_000_000


class CheckpointError(Repairable, RuntimeError):
    """A checkpoint that cannot be used; the problem names the file, and the commands repair it (`remedies`)."""


def read_card(folder: Path) -> dict:
    """The card of a checkpoint folder. Raises `CheckpointError`."""
    path = Path(folder) / "card.json"
    if not path.is_file():
        commands = remedies.checkpoint(path.parent)
        nobody = "" if commands else ", and no recipe that makes it: choose another one"
        raise CheckpointError(f"no checkpoint '{path.parent.name}'{nobody}", commands)
    try:
        if path.stat().st_size > MAX_CARD_BYTES:
            raise ValueError("larger than 1 MB")
        card = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(card, dict) or not {"name", "family", "config", "sha256"} <= card.keys():
            raise ValueError("name, family, config or sha256 is missing")
        return card
    except (ValueError, OSError, RecursionError) as error:
        raise CheckpointError(f"{path} is broken ({error})", remedies.checkpoint(path.parent)) from error


def write_card(folder: Path, card: dict) -> None:
    """Replaces card.json in one step, so that a full disk or a kill leaves the old one."""
    with files.whole_file(Path(folder) / "card.json") as file:
        file.write((json.dumps(card, indent=2) + "\n").encode())
