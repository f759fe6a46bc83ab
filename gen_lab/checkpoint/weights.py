"""A checkpoint's weights, model.safetensors: a model is built from the card, then filled from the file."""

import hashlib
import importlib
import re
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save

from gen_lab.checkpoint.card import unusable
from gen_lab.values import check_fields


def family_module(family: str):
    """`gen_lab.models.<family>`, which has `Config` and `Model`. Raises ValueError if there is no such family."""
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
    """A model with random weights from a card's family and config (lists become tuples), once the config is checked: a
    model of a hundred thousand layers would take minutes. Raises ValueError and what models raise."""
    module = family_module(family)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in config.items()}
    config = module.Config(**values)
    check_fields(config)
    return module.Model(config)


# What building a model from a hostile card raises, and reading a damaged file.
DAMAGED = (ValueError, TypeError, KeyError, AttributeError, RuntimeError, ArithmeticError, AssertionError,
           SafetensorError)  # fmt: skip


def load_weights(folder: Path, card: dict) -> torch.nn.Module:
    """The model of a checkpoint on the CPU, eval and frozen, after its hash and every shape have been checked.

    The shapes are compared on torch's meta device before any memory is allocated. A hostile card can't ask for more
    than the file holds. Every weight has to be a finite number. Raises `CheckpointError`.
    """
    path = Path(folder) / "model.safetensors"
    if not path.is_file():
        raise unusable(path, "is missing", card)
    if sha256(path) != card["sha256"]:
        raise unusable(path, "is not the file its card describes (SHA-256 differs)", card)
    try:
        with torch.device("meta"):
            model = build(card["family"], card["config"])
        with safe_open(path, "pt") as file:
            shapes = {key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118
        expected = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
        if shapes != expected:
            key, shape = sorted(set(shapes.items()) ^ set(expected.items()))[0]
            raise ValueError(f"tensor {key} {shape} does not fit the card's config")
        tensors = {key: value.float() if value.is_floating_point() else value for key, value in load_file(path).items()}
        for key, tensor in model.state_dict().items():
            if tensors[key].dtype != tensor.dtype:
                raise ValueError(f"tensor {key} is of another type: {tensors[key].dtype}")
        check_finite(tensors)
        model.load_state_dict(tensors, assign=True)
    except DAMAGED as error:
        raise unusable(path, f"cannot be loaded ({error})", card) from error
    return model.eval().requires_grad_(False)


def save_weights(folder: Path, model: torch.nn.Module) -> str:
    """Writes a model's weights to a folder and returns the file's SHA-256.

    Weights are stored as float16, except where a value would overflow. Raises ArithmeticError where one is not finite.
    """
    state = model.state_dict()
    check_finite(state)
    content = save({key: _compact(value) for key, value in state.items()})
    (Path(folder) / "model.safetensors").write_bytes(content)  # safetensors' own errors do not say what the disk says
    return hashlib.sha256(content).hexdigest()


def check_finite(tensors: dict[str, torch.Tensor]) -> None:
    """Raises ArithmeticError for a tensor in which something is infinite or not a number."""
    for key, tensor in tensors.items():
        # Both pass through a sum, which takes a fraction of the time of looking at each number.
        if not tensor.sum().isfinite() and not tensor.isfinite().all():
            raise ArithmeticError(f"tensor {key} holds infinity, or what is not a number")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex, as a card has it."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _compact(tensor: torch.Tensor) -> torch.Tensor:
    tensor = tensor.detach().cpu().contiguous()
    if tensor.dtype == torch.float32 and tensor.abs().max() < 60_000:  # float16 ends at 65,504
        return tensor.half()
    return tensor
