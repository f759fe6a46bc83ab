"""A path: two to eight pictures, and what lies between them in latent space. It fits in a link.

    route = Route("vae-avatars", keys=("s1", "d7", "s3"), t=0.25)
    links.read(Route, links.write(route)) == route
    keyframes = torch.stack([from_token(faces, token) for token in route.keys])
    picture = course(faces, keyframes).scene()([route.t])

Pictures are named by the tokens of `gen_lab.sources`: `s7`, `d7`, `p...`.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from gen_lab import links
from gen_lab.device import decode
from gen_lab.images import enlarge, grid, to_float, to_uint8
from gen_lab.latent import along, constant_speed, lerp, slerp
from gen_lab.scenes import Scene
from gen_lab.sources import TOKEN

KINDS = ("Linear", "Spherical", "Pixels")  # the last is a cross-fade of the pictures, without a model
LEAST, MOST = 2, 8  # keyframes
DEFAULT = ("s1", "s2", "s3")
STEPS = 120  # at least so many are measured on a path
LARGE, SMALL = 3, 2  # size of the pictures above, and of the three below: 2 x 3 = 3 x 2
GAP = 4  # pixels
BATCH = 64  # pictures whose features are computed at a time
UPPER, LOWER = 0.0, LARGE / (LARGE + SMALL)  # where a scene's rows begin, as shares of its height
PLACES = (  # in a scene's picture, left and top as shares: linear, spherical; from, cross-fade, to
    (0.0, UPPER),
    (1 / 2, UPPER),
    (0.0, LOWER),
    (1 / 3, LOWER),
    (2 / 3, LOWER),
)


@dataclass(frozen=True)
class Route:
    """A path as a few plain values. They come from a link, so they are not to be trusted: `links.read` checks shapes
    and ranges, `gen_lab.sources` checks the keys against the model."""

    model: str = links.text()
    keys: tuple[str, ...] = links.names(DEFAULT, TOKEN, LEAST, MOST, longest=20_000, always=True)
    t: float = links.number(0.25, 0.0, 1.0)  # where on the path
    speed: bool = links.flag(False)  # constant speed: t is a share of the length, not of the number of keyframes


@dataclass(frozen=True, eq=False)
class Course:
    """The three paths through the same keyframes, and how fast each is walked."""

    model: torch.nn.Module
    keyframes: torch.Tensor  # (K, D)
    pixels: np.ndarray  # uint8 (K, H, W, C), the keyframes decoded
    steps: np.ndarray | None = None  # (3, N) from `changes`, for constant speed

    def at_constant_speed(self, steps: np.ndarray) -> "Course":
        """The same paths at constant speed; `steps` (3, N) are what `changes` measured along this course."""
        return replace(self, steps=steps)

    def places(self, t: torch.Tensor) -> list[torch.Tensor]:
        """For each of `KINDS`, its position at t (...,) in [0, 1], from the first keyframe (0) to the last (1)."""
        if self.steps is None:
            return [t] * len(KINDS)
        return [constant_speed(torch.from_numpy(steps), t) for steps in self.steps]

    def latents(self, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The linear and the spherical path at t (...,): (..., D) each."""
        linear, spherical, _ = self.places(t)
        return along(self.keyframes, linear, lerp), along(self.keyframes, spherical, slerp)

    def cross_fade(self, t: torch.Tensor) -> np.ndarray:
        """The pictures of the cross-fade at t (n,): uint8 (n, H, W, C)."""
        flat = torch.from_numpy(self.pixels).float().flatten(1)
        return along(flat, self.places(t)[2]).round().byte().numpy().reshape(-1, *self.pixels.shape[1:])

    def pictures(self, t: torch.Tensor) -> list[np.ndarray]:
        """For each of `KINDS`, the pictures at t (n,): uint8 (n, H, W, C)."""
        return [*(decode(self.model, latents) for latents in self.latents(t)), self.cross_fade(t)]

    def scene(self) -> Scene:
        """The three paths over one number, the position. Linear and spherical are above; below is the cross-fade,
        between its two keyframes."""
        legs = len(self.pixels) - 1

        def compose(images, values):
            leg = min(int(self.places(values)[2][0] * legs), legs - 1)
            below = np.stack([self.pixels[leg], self.cross_fade(values)[0], self.pixels[leg + 1]])
            rows = [
                grid(np.stack([enlarge(picture, size) for picture in row]), len(row), gap, 128)
                for row, size, gap in ((to_uint8(images), LARGE, GAP), (below, SMALL, GAP // 2))
            ]
            gutter = np.full((GAP, *rows[0].shape[1:]), 128, np.uint8)
            return np.concatenate([rows[0], gutter, rows[1]])

        return Scene(self.model, 1, 0.0, 1.0, lambda values: torch.cat(self.latents(values)), compose)

    @torch.inference_mode()
    def changes(self, features=None) -> np.ndarray:
        """How much each step changes the picture on each path: float32 (3, N), from N + 1 equally spaced pictures.

        `features` maps images (B, C, H, W) to (B, F), and the distance of two pictures is that of their features.
        Without it, it is the root mean square difference of their pixels in [-1, 1].
        """
        legs = len(self.keyframes) - 1
        t = torch.linspace(0, 1, -(-STEPS // legs) * legs + 1)
        return np.stack([_distances(pixels, features) for pixels in self.pictures(t)])


def _distances(pixels: np.ndarray, features) -> np.ndarray:
    """The distances (N,) between neighbours of uint8 (N + 1, H, W, C)."""
    parts = (to_float(pixels[start : start + BATCH]) for start in range(0, len(pixels), BATCH))
    rows = torch.cat([features(part).cpu() if features else part.flatten(1) for part in parts])
    distances = rows.diff(dim=0).norm(dim=1)
    return (distances if features else distances / rows.shape[1] ** 0.5).numpy()


def course(checkpoint, keyframes: torch.Tensor) -> Course:
    """The paths through keyframes (K, D)."""
    return Course(checkpoint.model, keyframes, decode(checkpoint.model, keyframes))
