"""What a page shows, as a pure function of a few numbers.

A scene is split where many users can share the work: `latents` turns the numbers into latent vectors, one forward
pass of the model decodes the latents of everybody who waits, and `compose` lays a scene's pictures out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from gen_lab.device import decode
from gen_lab.images import grid


@dataclass(frozen=True, eq=False)
class Scene:
    """`scene(values) -> uint8 (H, W, C)`, for `count` numbers in [low, high]."""

    model: torch.nn.Module  # has decode(z) -> images (B, C, H, W) in [-1, 1]; scenes of one model share a pass
    count: int
    low: float
    high: float
    latents: Callable[[torch.Tensor], torch.Tensor]  # values (count,) -> (n, D); cheap, on the CPU
    compose: Callable[[np.ndarray, torch.Tensor], np.ndarray]  # uint8 (n, H, W, C), values -> uint8 (H', W', C)

    def __call__(self, values) -> np.ndarray:
        return render([(self, values)])[0]


def render(requests: list[tuple[Scene, object]]) -> list[np.ndarray]:
    """Pictures of many (scene, values), in order; scenes of the same model share one forward pass."""
    pictures: list[np.ndarray | None] = [None] * len(requests)
    models = {id(scene.model): scene.model for scene, _ in requests}
    for key, model in models.items():
        mine = [index for index, (scene, _) in enumerate(requests) if id(scene.model) == key]
        values = [torch.as_tensor(requests[index][1], dtype=torch.float32) for index in mine]
        latents = [requests[index][0].latents(each) for index, each in zip(mine, values, strict=True)]
        parts = np.split(decode(model, torch.cat(latents)), np.cumsum([len(z) for z in latents])[:-1])
        for index, part, each in zip(mine, parts, values, strict=True):
            pictures[index] = requests[index][0].compose(part, each)
    return pictures


def edit(model, base: torch.Tensor, directions: torch.Tensor, limit: float = 3.0, compare: bool = False) -> Scene:
    """A latent vector under the sliders: decode(base + values @ directions).

    base (D,), directions (k, D), values in [-limit, limit]. With `compare` the unedited picture stands to the left.
    """
    base, directions = base.detach().cpu().float(), directions.detach().cpu().float()

    def latents(values):
        moved = base + values @ directions  # (k,) @ (k, D) -> (D,)
        return torch.stack([base, moved]) if compare else moved[None]

    def compose(pixels, values):
        return grid(pixels, columns=len(pixels), gap=2, background=128)  # a grey that suits light and dark pages

    return Scene(model, len(directions), -limit, limit, latents, compose)
