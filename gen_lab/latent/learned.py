"""Sliders that are learned: a small network for each concept bends the line's direction, by where a picture lies.

    learned = checkpoint.learned_sliders.load(folder, loaded)
    images = model.decode(z + learned.move(z, values))  # values (B, k): slider units, in the order of learned.names

The move of a latent z by s units along concept k is s (d_k + g_k(z, s)), with the line's direction d_k and a network
g_k with one hidden layer (in the manner of Yao et al. 2021, "A Latent Transformer for Disentangled Face Editing in
Images and Videos"). Moves of several sliders are added, and each is worked out where the picture *starts*. So zero
units are no move at all, and the order in which sliders are moved does not matter, both exactly.

`python -m train.sliders` trains them.
"""

import json
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import nn
from torch.nn import functional as F

LARGEST = 4_000_000  # bytes of a file
Move = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # latents (B, D), values (B, k) -> moves (B, k, D)
TENSORS = {"lines", "into", "bias", "out", "shift"}


def straight(lines: torch.Tensor) -> Move:
    """The moves along lines (k, D), wherever a picture lies."""
    return lambda _, values: values[..., None] * lines


def keeping(move: Move, kept: torch.Tensor) -> Move:
    """The moves, each multiplied by a matrix of its own; `kept` (k, D, D) is what `Directions.kept` returns."""
    return lambda latents, values: torch.einsum("bkd,kde->bke", move(latents, values), kept)


class LearnedSliders(nn.Module):
    """k networks, as one: every weight has the concept as its first axis."""

    lines: torch.Tensor  # (k, D)

    def __init__(self, names: tuple[str, ...], lines: torch.Tensor, width: int = 256):
        """`lines` (k, D): the directions that the moves start from. Before training the moves are the lines."""
        super().__init__()
        self.names = tuple(names)
        count, dim = lines.shape
        self.register_buffer("lines", lines.detach().clone())
        self.into = nn.Parameter(torch.randn(count, dim + 2, width) * dim**-0.5)
        self.bias = nn.Parameter(torch.zeros(count, width))
        self.out = nn.Parameter(torch.zeros(count, width, dim))
        self.shift = nn.Parameter(torch.zeros(count, dim))

    def moves(self, latents: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """The move along each concept: latents (B, D), values (B, k) in slider units -> (B, k, D)."""
        units = torch.stack([values, values.abs()], -1)  # (B, k, 2)
        inputs = torch.cat([latents[:, None].expand(-1, len(self.names), -1), units], -1)  # (B, k, D + 2)
        hidden = F.silu(torch.einsum("bki,kih->bkh", inputs, self.into) + self.bias)
        bent = torch.einsum("bkh,khd->bkd", hidden, self.out) + self.shift
        return values[..., None] * (self.lines + bent)

    def move(self, latents: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """All moves together: latents (B, D), values (B, k) -> (B, D)."""
        return self.moves(latents, values).sum(1)

    def only(self, names) -> "LearnedSliders":
        """The networks of some of the concepts, in this order. Raises KeyError for one that there is not."""
        missing = [name for name in names if name not in self.names]
        if missing:
            raise KeyError(f"no slider is learned for {', '.join(missing)}: there are {', '.join(self.names)}")
        rows = [self.names.index(name) for name in names]
        part = LearnedSliders(tuple(names), self.lines[rows], self.into.shape[-1])
        part.load_state_dict({key: tensor[rows] for key, tensor in self.state_dict().items()})
        return part.requires_grad_(False)

    def content(self) -> bytes:
        """A safetensors file with names and float16 weights. Raises ArithmeticError if one is not a finite number."""
        tensors = {key: tensor.detach().cpu().half().contiguous() for key, tensor in self.state_dict().items()}
        if not all(tensor.isfinite().all() for tensor in tensors.values()):
            raise ArithmeticError("a weight of the sliders is not a finite number: train them again")
        return save(tensors, {"names": json.dumps(self.names)})

    @classmethod
    def load(cls, path: Path) -> "LearnedSliders":
        """Reads a file of such `content`, frozen. Raises ValueError, KeyError, TypeError or SafetensorError for a file
        that is none."""
        if Path(path).stat().st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST / 1e6:.0f} MB")
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            names = json.loads(file.metadata()["names"])
        if tensors.keys() != TENSORS or any(tensor.dtype != torch.float16 for tensor in tensors.values()):
            raise ValueError(f"expected {', '.join(sorted(TENSORS))} as float16")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("its names are not in order")
        count, dim = tensors["lines"].shape
        width = tensors["into"].shape[-1]
        shapes = {"lines": (count, dim), "into": (count, dim + 2, width), "bias": (count, width),
                  "out": (count, width, dim), "shift": (count, dim)}  # fmt: skip
        if {key: tuple(tensor.shape) for key, tensor in tensors.items()} != shapes or len(set(names)) != count:
            raise ValueError("names and networks do not fit each other")
        if not all(tensor.isfinite().all() for tensor in tensors.values()):
            raise ValueError("a weight is not a finite number")
        learned = cls(tuple(names), tensors["lines"].float(), width)
        learned.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})
        return learned.eval().requires_grad_(False)
