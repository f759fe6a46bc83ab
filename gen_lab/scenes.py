"""What a page shows, as a pure function of a few numbers, and perhaps of a small drawing.

A scene has three parts, so that many users can share the work. `inputs` turns the numbers into the model's inputs; one
forward pass serves every waiting user; `compose` turns a scene's share of the outputs into its picture.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from gen_lab.device import in_batches
from gen_lab.images import grid, to_uint8

Tensors = torch.Tensor | tuple[torch.Tensor, ...]  # all with the same number of rows


def decode(model, *inputs: torch.Tensor) -> torch.Tensor:
    """Latents (n, D), and for a conditional model labels (n, L), to images (n, C, H, W) in [-1, 1]."""
    return model.decode(*inputs)


@dataclass(frozen=True, eq=False)
class Scene:
    """`scene(values, drawing=None) -> uint8 (H, W, C)`, for `count` numbers in [low, high].

    Scenes with the same model, the same `forward` and inputs of the same shape share a pass. So `forward` is a module's
    function, not a closure of one scene. It takes the model and the inputs (n, ...), and returns one tensor, or a tuple
    of tensors, with n rows.
    """

    model: torch.nn.Module | None  # None: no forward pass, and `compose` gets the inputs
    count: int
    low: float
    high: float
    inputs: Callable[..., Tensors]  # values (count,), and the drawing where it takes one; cheap, on the CPU
    compose: Callable[[Tensors, torch.Tensor], np.ndarray]  # the outputs of `forward`, on the CPU, and the values
    forward: Callable[..., Tensors] = decode
    drawing: tuple[int, ...] | None = None  # shape of the uint8 drawing that it takes too, (H, W) or (H, W, C)

    def __call__(self, values: Sequence[float], drawing: np.ndarray | None = None) -> np.ndarray:
        return render([Request(self, values, drawing)])[0]


class Request(NamedTuple):
    """A scene to draw at these values, with this drawing if it takes one."""

    scene: Scene
    values: Sequence[float]
    drawing: np.ndarray | None = None


def render(requests: Sequence[Request]) -> list[np.ndarray]:
    """The requests' pictures, in order. Scenes share forward passes where they can."""
    values = [torch.as_tensor(request.values, dtype=torch.float32) for request in requests]
    inputs = [_inputs(request, vector) for request, vector in zip(requests, values, strict=True)]
    groups = defaultdict(list)
    for number, (request, tensors) in enumerate(zip(requests, inputs, strict=True)):
        shapes = tuple((tensor.shape[1:], tensor.dtype) for tensor in tensors)
        groups[request.scene.model, request.scene.forward, shapes].append(number)
    pictures: dict[int, np.ndarray] = {}
    for (model, forward, _), numbers in groups.items():
        joined = [torch.cat(column) for column in zip(*(inputs[number] for number in numbers), strict=True)]
        outputs = joined if model is None else in_batches(model, partial(forward, model), *joined)
        rows = [len(inputs[number][0]) for number in numbers]
        shares = zip(*(output.split(rows) for output in outputs), strict=True)
        for number, share in zip(numbers, shares, strict=True):
            pictures[number] = requests[number].scene.compose(share[0] if len(share) == 1 else share, values[number])
    return [pictures[number] for number in range(len(requests))]


def _inputs(request: Request, values: torch.Tensor) -> tuple[torch.Tensor, ...]:
    scene = request.scene
    inputs = scene.inputs(values) if scene.drawing is None else scene.inputs(values, request.drawing)
    return inputs if isinstance(inputs, tuple) else (inputs,)


def edit(model, base: torch.Tensor, directions: torch.Tensor, limit: float = 3.0, compare: bool = False) -> Scene:
    """A latent vector under the sliders: decode(base + values @ directions).

    base (D,), directions (k, D), values in [-limit, limit]. With `compare` the unedited picture stands to the left.
    """
    base, directions = base.detach().cpu().float(), directions.detach().cpu().float()

    def latents(values):
        moved = base + values @ directions  # (k,) @ (k, D) -> (D,)
        return torch.stack([base, moved]) if compare else moved[None]

    def compose(images, values):
        return grid(to_uint8(images), columns=len(images), gap=2, background=128)  # a grey for light and dark pages

    return Scene(model, len(directions), -limit, limit, latents, compose)
