"""What a page shows, as a pure function of a few numbers, and perhaps of a small drawing.

A scene has three parts, so that many users can share the work. `inputs` turns the numbers into the model's inputs; one
forward pass serves every waiting user; `compose` turns a scene's share of the outputs into its picture.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch

from gen_lab.images import grid, to_uint8
from gen_lab.tiles import Frame, Pace, Tiles

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
    compose: Callable[[Tensors, torch.Tensor], Any]  # the outputs of `forward`, on the CPU, and the values
    forward: Callable[..., Tensors] = decode
    drawing: tuple[int, ...] | None = None  # shape of the uint8 drawing that it takes too, (H, W) or (H, W, C)
    numbers: int = 0  # that go with the picture, such as a place: then `compose` returns (picture, numbers (n,))

    def __call__(self, values: Sequence[float], drawing: np.ndarray | None = None) -> Any:
        return render([Request(self, values, drawing)])[0]


class Request(NamedTuple):
    """A scene to draw at these values, with this drawing if it takes one."""

    scene: Scene
    values: Sequence[float]
    drawing: np.ndarray | None = None
    tiles: Tiles | None = None  # what the viewer has of it; without, the picture is finished at once


def render(requests: Sequence[Request], pace: Pace | None = None) -> list:
    """The requests' pictures, in order, each with its numbers where its scene has some. Scenes share forward passes
    where they can.

    Viewers with `tiles` get a picture with no more of them drawn than `pace` has time for.
    """
    pace = pace or Pace()
    values = [torch.as_tensor(request.values, dtype=torch.float32) for request in requests]
    frames = [_frame(request, vector) for request, vector in zip(requests, values, strict=True)]
    pace.share(frames)
    groups = defaultdict(list)
    for number, frame in enumerate(frames):
        shapes = tuple((tensor.shape[1:], tensor.dtype) for tensor in frame.inputs)
        groups[frame.work, shapes].append(number)
    pictures: dict[int, Any] = {}
    for (work, _), numbers in groups.items():
        rows = [len(frames[number].rows) for number in numbers]
        joined = [torch.cat(column) for column in zip(*(frames[number].due() for number in numbers), strict=True)]
        outputs, rough = pace.draw(work, joined) if sum(rows) else ((), False)
        shares = zip(*(output.split(rows) for output in outputs), strict=True) if outputs else [()] * len(numbers)
        for number, drawn in zip(numbers, shares, strict=True):
            share = frames[number].outputs(drawn, rough, pace.keeps(work))
            pictures[number] = requests[number].scene.compose(share[0] if len(share) == 1 else share, values[number])
    return [pictures[number] for number in range(len(requests))]


def _frame(request: Request, values: torch.Tensor) -> Frame:
    scene = request.scene
    inputs = scene.inputs(values) if scene.drawing is None else scene.inputs(values, request.drawing)
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    return Frame(scene.model, scene.forward, inputs, request.tiles)


def edit(
    model,
    base: torch.Tensor,
    directions: torch.Tensor,
    limit: float = 3.0,
    compare: bool = False,
    original: np.ndarray | None = None,
) -> Scene:
    """A latent vector under the sliders: decode(base + values @ directions).

    base (D,), directions (k, D), values in [-limit, limit]; the rest as in `moved`.
    """
    directions = directions.detach().cpu().float()
    return moved(model, base, lambda values: values @ directions, len(directions), limit, compare, original)


def moved(
    model,
    base: torch.Tensor,
    move: Callable[[torch.Tensor], torch.Tensor],
    count: int,
    limit: float = 3.0,
    compare: bool = False,
    original: np.ndarray | None = None,
) -> Scene:
    """A latent vector under the sliders: decode(base + move(values)).

    base (D,); move takes the `count` values in [-limit, limit], on the CPU, and returns (D,). With `compare` the
    unedited picture stands to the left, and to the left of that the `original`, uint8 (H, W, C), where there is one.
    """
    base = base.detach().cpu().float()

    def latents(values):
        moved = base + move(values)
        return torch.stack([base, moved]) if compare else moved[None]

    def compose(images, values):
        pictures = to_uint8(images)
        if compare and original is not None:
            pictures = np.concatenate([original[None], pictures])
        return grid(pictures, columns=len(pictures), gap=2, background=128)  # a grey for light and dark pages

    return Scene(model, count, -limit, limit, latents, compose)
