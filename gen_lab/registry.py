"""What is in `checkpoints/`, found by reading the cards. `$GEN_LAB_CHECKPOINTS` names another folder."""

import os
import re
from pathlib import Path

from gen_lab import checkpoint
from gen_lab.checkpoint import Checkpoint, CheckpointError
from gen_lab.device import best_device, place


def root() -> Path:
    """The folder that holds the checkpoints."""
    return Path(os.environ.get("GEN_LAB_CHECKPOINTS") or Path(__file__).parent.parent / "checkpoints")


def folder(name: str) -> Path:
    """The folder of one checkpoint. Raises `CheckpointError` for a name that could leave `checkpoints/`."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", name):
        raise CheckpointError(f"'{name[:40]}' is not the name of a checkpoint: use one of {', '.join(names())}")
    return root() / name


def names() -> list[str]:
    """Every checkpoint that has a card, by name."""
    return sorted(path.parent.name for path in root().glob("[!.]*/card.json"))


def cards() -> dict[str, dict | CheckpointError]:
    """The card of every checkpoint; where a card is broken, the error that says so."""
    found = {}
    for name in names():
        try:
            found[name] = checkpoint.read_card(folder(name))
        except CheckpointError as error:
            found[name] = error
    return found


def load(name: str, device=None) -> Checkpoint:
    """A checkpoint by name: `.model` (eval, frozen, on the best device), `.card`, `.directions`.

    Raises `CheckpointError`, which names the commands that repair what is missing or broken.
    """
    loaded = checkpoint.load(folder(name))
    place(loaded.model, device or best_device())
    return loaded
