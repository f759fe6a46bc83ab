"""A checkpoint is a folder: weights (safetensors, never a pickle) and a card that says what they are.

    model.safetensors        the weights, float16 or float32
    card.json                family, config, data, recipe, metrics, limits, ... and the SHA-256 of the weights
    directions.safetensors   concept directions, where the family has an encoder
    samples.webp             pictures from the model
    replay.webp              the same latents through training, a row for each of the card's replay steps
    history.jsonl            the named losses as they were
"""

import dataclasses
import hashlib
import importlib
import json
import re
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from gen_lab import files
from gen_lab.checkpoint import remedies
from gen_lab.errors import Repairable
from gen_lab.latent import Directions

MAX_CARD_BYTES = 1_000_000


class CheckpointError(Repairable, RuntimeError):
    """A checkpoint that cannot be used; the problem names the file, and the commands repair it (`remedies`)."""


@dataclasses.dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded model (eval, frozen), its card, and its concept directions (None where it has none)."""

    model: Any  # the family's nn.Module: what it can do depends on the family
    card: dict
    directions: Directions | None


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


def family_module(family: str):
    """`gen_lab.models.<family>`, which has `Config` and `Model`. Raises ValueError for a name that is none."""
    if not isinstance(family, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", family):
        raise ValueError(f"no model family is called {family!r}")
    try:
        module = importlib.import_module(f"gen_lab.models.{family}")
    except ModuleNotFoundError as error:
        raise ValueError(f"no model family is called {family!r}") from error
    if not (hasattr(module, "Config") and hasattr(module, "Model")):
        raise ValueError(f"no model family is called {family!r}")
    return module


def build(family: str, config: dict) -> torch.nn.Module:
    """A model with random weights from a card's family and config (lists become tuples)."""
    module = family_module(family)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in config.items()}
    return module.Model(module.Config(**values))


def load_model(folder: Path, card: dict) -> torch.nn.Module:
    """The model of a checkpoint on the CPU, eval and frozen, after its hash and every shape have been checked.

    The shapes are compared on torch's meta device before any memory is taken, so that a hostile card cannot ask
    for more than the weights' file holds. Raises `CheckpointError`.
    """
    path = Path(folder) / "model.safetensors"
    if not path.is_file():
        raise CheckpointError(f"{path} is missing", remedies.checkpoint(path.parent, card))
    if _sha256(path) != card["sha256"]:
        problem = f"{path} is not the file its card describes (SHA-256 differs)"
        raise CheckpointError(problem, remedies.checkpoint(path.parent, card))
    try:
        with torch.device("meta"):
            model = build(card["family"], card["config"])
        with safe_open(path, "pt") as file:
            found = {key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118
        expected = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
        if found != expected:
            odd = sorted(set(found.items()) ^ set(expected.items()))[0]
            raise ValueError(f"tensor {odd[0]} {odd[1]} does not fit the card's config")
        tensors = {key: value.float() if value.is_floating_point() else value for key, value in load_file(path).items()}
        model.load_state_dict(tensors, assign=True)
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError, ArithmeticError, SafetensorError) as error:
        raise CheckpointError(f"{path} cannot be loaded ({error})", remedies.checkpoint(path.parent, card)) from error
    return model.eval().requires_grad_(False)


def load(folder: Path) -> Checkpoint:
    """Model, card and directions of a checkpoint folder, on the CPU. Raises `CheckpointError`."""
    folder = Path(folder)
    card = read_card(folder)
    model = load_model(folder, card)
    path = folder / "directions.safetensors"
    directions = None
    if path.is_file():
        try:
            directions = Directions.load(path)
        except (ValueError, KeyError, TypeError, SafetensorError, OSError) as error:
            raise CheckpointError(f"{path} cannot be loaded ({error})", remedies.checkpoint(folder, card)) from error
    return Checkpoint(model, card, directions)


def save(folder: Path, model: Any, card: dict, contents: dict[str, bytes] | None = None, directions=None):
    """Writes a checkpoint folder as a whole or not at all; an existing one is replaced.

    `card` needs name and family; config and SHA-256 are filled in. Weights are stored as float16, except where a
    value would overflow there. `contents` are further files by name. Raises OSError (disk full, no permission) and
    leaves what was there untouched.
    """
    with files.whole_folder(folder) as fresh:
        tensors = {key: _compact(value) for key, value in model.state_dict().items()}
        save_file(tensors, fresh / "model.safetensors")
        card = {**card, "config": dataclasses.asdict(model.config), "sha256": _sha256(fresh / "model.safetensors")}
        write_card(fresh, card)
        if directions is not None:
            directions.save(fresh / "directions.safetensors")
        for name, content in (contents or {}).items():
            (fresh / name).write_bytes(content)


def write_card(folder: Path, card: dict) -> None:
    """Replaces card.json in one step, so that a full disk or a kill leaves the old one."""
    with files.whole_file(Path(folder) / "card.json") as file:
        file.write((json.dumps(card, indent=2) + "\n").encode())


def _compact(tensor: torch.Tensor) -> torch.Tensor:
    tensor = tensor.detach().cpu().contiguous()
    if tensor.dtype == torch.float32 and tensor.abs().max() < 60_000:  # float16 ends at 65,504
        return tensor.half()
    return tensor


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
