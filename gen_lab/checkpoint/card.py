"""A checkpoint's card, card.json: what its weights are, and which model they belong to."""

import json
import textwrap
from functools import lru_cache
from pathlib import Path

from gen_lab import files
from gen_lab.checkpoint import remedies
from gen_lab.errors import Repairable
from gen_lab.values import Name, check

MAX_CARD_BYTES = 1_000_000
DEEPEST = 20  # lists and entries within each other


class CheckpointError(Repairable, RuntimeError):
    """A checkpoint that cannot be used; the problem names the file, and the commands repair it (`remedies`)."""


def unusable(path: Path, problem: str, card: dict | None = None) -> CheckpointError:
    """The error for a file of a checkpoint, in one sentence of bounded length: libraries' messages may be long."""
    commands = remedies.checkpoint(path.parent, card)
    advice = "" if commands else ": delete the folder, or bring it back from where it came"
    return CheckpointError(f"{path} {textwrap.shorten(problem, 300)}{advice}", commands)


def read_card(folder: Path) -> dict:
    """The card of a checkpoint folder, with the folder's name, whatever it was when it was trained.

    Name, family, config and SHA-256 are there, and every text can be shown; what else a card says is for its readers to
    check. Raises `CheckpointError`.
    """
    path = Path(folder) / "card.json"
    if not path.is_file():
        commands = remedies.checkpoint(path.parent)
        nobody = "" if commands else ", and no recipe that makes it: choose another one"
        raise CheckpointError(f"no checkpoint '{path.parent.name}'{nobody}", commands)
    try:
        about = path.stat()
        if about.st_size > MAX_CARD_BYTES:
            raise ValueError("larger than 1 MB")
        card = _read(path, (about.st_mtime_ns, about.st_ino, about.st_size))
        return card | {"name": path.parent.resolve().name}
    except (ValueError, OSError, RecursionError) as error:
        raise unusable(path, f"is broken ({error})") from error


@lru_cache(maxsize=256)  # each run of a page asks for all cards
def _read(path: Path, stamp: tuple[int, ...]) -> dict:
    """A card as it stands in its file, which has this stamp. Nobody changes what is within it."""
    card = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(card, dict) or not {"name", "family", "config", "sha256"} <= card.keys():
        raise ValueError("name, family, config or sha256 is missing")
    check("name", Name, card["name"])
    check("sha256", str, card["sha256"])
    if not isinstance(card["config"], dict):
        raise ValueError("config is no list of entries")
    if _depth(card) > DEEPEST:
        raise ValueError(f"more than {DEEPEST} entries within each other")
    json.dumps(card, ensure_ascii=False).encode()  # half a character has no place in UTF-8
    return card


def write_card(folder: Path, card: dict) -> None:
    """Replaces card.json in one step, so that a full disk or a kill leaves the old one."""
    with files.whole_file(Path(folder) / "card.json") as file:
        file.write((json.dumps(card, indent=2) + "\n").encode())


def update_card(folder: Path, card: dict, **entries) -> None:
    """Adds entries, which were measured on the checkpoint of this card, to what is on it by now.

    Raises `CheckpointError` if the folder holds another one by now.
    """
    current = read_card(folder)
    if current["sha256"] != card["sha256"]:
        raise CheckpointError(f"{folder} was written anew meanwhile: run the same command again")
    write_card(folder, {**current, **entries})


def _depth(value) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, parts), default=0)
