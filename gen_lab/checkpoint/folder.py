"""A checkpoint's folder as a whole: loaded with its model, or written."""

import dataclasses
from pathlib import Path
from typing import Any

from gen_lab import files
from gen_lab.checkpoint.card import CheckpointError, read_card, unusable, write_card
from gen_lab.checkpoint.weights import DAMAGED, load_weights, save_weights
from gen_lab.latent import Directions


@dataclasses.dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded model (eval, frozen), its card, and its concept directions (None where it has none)."""

    model: Any  # the family's nn.Module: what it can do depends on the family
    card: dict
    directions: Directions | None


def load(folder: Path) -> Checkpoint:
    """Model, card and directions of a checkpoint folder, on the CPU. Raises `CheckpointError`."""
    folder = Path(folder)
    card = read_card(folder)
    model = load_weights(folder, card)
    path = folder / "directions.safetensors"
    directions = None
    if path.is_file():
        try:
            directions = Directions.load(path)
        except (*DAMAGED, OSError) as error:
            raise unusable(path, f"cannot be loaded ({error})", card) from error
    return Checkpoint(model, card, directions)


def check_replaceable(folder: Path) -> None:
    """Raises `CheckpointError` for what `save` would not replace: a file, or a folder with files in it and no card."""
    folder = Path(folder)
    is_empty = folder.is_dir() and not any(folder.iterdir())
    if folder.exists() and not is_empty and not (folder / "card.json").is_file():
        raise CheckpointError(f"{folder} is no checkpoint, so it is not replaced: choose another name, or move it away")


def save(folder: Path, model: Any, card: dict, contents: dict[str, bytes] | None = None, directions=None):
    """Writes a checkpoint folder as a whole or not at all; an existing checkpoint is replaced, and nothing else.

    `card` needs name and family; config and SHA-256 are filled in. `contents` are further files by name. Raises
    OSError (disk full, no permission), ArithmeticError (a weight that is not finite), and `CheckpointError` as
    `check_replaceable` does; the old folder then stays as it was.
    """
    check_replaceable(folder)
    with files.whole_folder(folder) as fresh:
        digest = save_weights(fresh, model)
        write_card(fresh, {**card, "config": dataclasses.asdict(model.config), "sha256": digest})
        if directions is not None:
            directions.save(fresh / "directions.safetensors")
        for name, content in (contents or {}).items():
            (fresh / name).write_bytes(content)
