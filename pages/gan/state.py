"""A grid of a generator's samples under its principal directions: what the GAN page shows, as plain values and a scene.

    shown = Samples("dcgan-bricks", seed=7, moves=(1.5, 0, 0, 0, 0, 0))
    links.read(Samples, links.write(shown)) == shown
"""

from dataclasses import dataclass

import numpy as np
import torch

from gen_lab import links
from gen_lab.images import grid, to_uint8
from gen_lab.latent.principal import FACTORISATIONS, truncated
from gen_lab.links import SEEDS
from gen_lab.scenes import Scene
from gen_lab.sources import sample

LIMIT = 3.0  # of a direction, either way
WHOLE = 4.0  # of the truncation: all but nothing is left out
COUNT = 6  # directions
ROWS = (3, 5)  # an odd number, so that one picture is in the middle; columns are nearly twice as many
GAP = 3  # pixels
GREY = 128  # between the pictures: it suits light and dark pages
TRACK, FILL, TICK = (52, 52, 56), (79, 191, 179), (255, 255, 255)  # colours of a score's bar


@dataclass(frozen=True)
class Samples:
    """What the page shows. All of it comes from a link and so from a stranger: `links.read` checks types and ranges."""

    model: str = links.text()
    seed: int = links.whole(1, 0, SEEDS - 1)  # of the first picture, or of the one in the middle of a plane
    plane: bool = links.flag(False)  # one sample and what lies around it, instead of many samples
    rows: int = links.choice(ROWS[0], ROWS)
    scores: bool = links.flag(True)
    method: str = links.choice("sefa", FACTORISATIONS)
    pair: int = links.whole(0, 0, COUNT // 2 - 1)  # the directions that a drag moves: number 2 * pair, and the next
    truncation: float = links.number(WHOLE, 0.0, WHOLE)
    moves: tuple[float, ...] = links.numbers((0.0,) * COUNT, -LIMIT, LIMIT)

    @property
    def columns(self) -> int:
        return 2 * self.rows - 1

    @property
    def dragged(self) -> tuple[int, int]:
        """Which directions a drag moves: across, and upwards."""
        return 2 * self.pair, 2 * self.pair + 1

    @property
    def values(self) -> list[float]:
        """What the scene and its sliders stand at."""
        return [self.truncation, *self.moves]

    def around(self, u: float, v: float) -> dict:
        """What changes when the picture at (u, v), shares of the grid's width and height, is put in the middle."""
        column = min(int(u * self.columns), self.columns - 1)
        row = min(int(v * self.rows), self.rows - 1)
        if not self.plane:
            return {"plane": True, "seed": min(self.seed + row * self.columns + column, SEEDS - 1)}
        moves = list(self.moves)
        for index, step in zip(self.dragged, (column - self.columns // 2, self.rows // 2 - row), strict=True):
            moves[index] = min(max(moves[index] + step, -LIMIT), LIMIT)
        return {"moves": tuple(moves)}


def latents(model, shown: Samples, directions: torch.Tensor) -> torch.Tensor:
    """The latents (rows * columns, D) of the grid, row by row; directions (COUNT, D)."""
    return _arranged(model, shown, directions)(torch.tensor(shown.values))


def middle(model, shown: Samples, directions: torch.Tensor) -> torch.Tensor:
    """The latent (D,) in the middle of a plane, or of the first picture of a grid of samples."""
    found = latents(model, shown, directions)
    return found[len(found) // 2 if shown.plane else 0]


def _arranged(model, shown: Samples, directions: torch.Tensor):
    rows, columns = shown.rows, shown.columns
    if shown.plane:
        bases = sample(model, shown.seed).expand(rows * columns, -1)
        x, y = torch.arange(columns) - columns // 2, rows // 2 - torch.arange(rows)
        across, up = directions[list(shown.dragged)]
        offsets = (y[:, None, None] * up + x[None, :, None] * across).flatten(0, 1)
    else:
        bases = torch.stack([sample(model, shown.seed + index) for index in range(rows * columns)])
        offsets = torch.zeros(1)
    return lambda values: truncated(bases, values[0]) + values[1:] @ directions + offsets


def decode_and_score(model, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents (n, D) to images (n, C, H, W), and what the critic says of them (n,)."""
    images = model.decode(latents)
    return images, model.score(images)


def scene(model, shown: Samples, directions: torch.Tensor, reference: torch.Tensor | None = None) -> Scene:
    """The grid for `Samples.values`: the truncation, and how far it is moved along each of the directions (COUNT, D).

    Where `shown.scores`, each picture has its score below it, as a bar with a tick at the half: a discriminator's
    probability of "real"; for a critic, whose values have no scale, the share of `reference` (N,), ascending values of
    random samples, that is lower.
    """

    def coloured(images):
        pixels = to_uint8(images)
        return np.broadcast_to(pixels, (*pixels.shape[:3], 3))

    def compose(images, values):
        return grid(coloured(images), shown.columns, GAP, GREY)

    def compose_with_bars(outputs, values):
        images, scores = outputs
        shares = torch.searchsorted(reference, scores) / len(reference) if model.is_critic else scores.sigmoid()
        pictures = coloured(images)
        return grid(np.concatenate([pictures, bars(shares.numpy(), pictures.shape[2])], 1), shown.columns, GAP, GREY)

    arranged = _arranged(model, shown, directions)
    if shown.scores:
        return Scene(model, 1 + COUNT, -WHOLE, WHOLE, arranged, compose_with_bars, decode_and_score)
    return Scene(model, 1 + COUNT, -WHOLE, WHOLE, arranged, compose)


def bars(shares: np.ndarray, width: int) -> np.ndarray:
    """Scores (n,) in [0, 1] as bars: uint8 (n, height, width, 3)."""
    height = max(width // 12, 3)
    drawn = np.empty((len(shares), height, width, 3), np.uint8)
    drawn[:] = TRACK
    drawn[np.broadcast_to((np.arange(width) < shares[:, None] * width)[:, None], drawn.shape[:3])] = FILL
    drawn[:, :: height - 1, width // 2] = TICK
    return drawn
