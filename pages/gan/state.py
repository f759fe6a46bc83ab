"""A grid of a generator's samples, moved along principal directions: the GAN page's state and its scene.

    state = Samples("dcgan-bricks", seed=7, moves=(1.5, 0, 0, 0, 0, 0))
    links.read(Samples, links.write(state)) == state
"""

from collections.abc import Callable
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
WHOLE = 4.0  # the truncation that cuts off next to nothing
COUNT = 6  # directions
ROWS = (3, 5)  # an odd number, so that one picture is in the middle; columns are nearly twice as many
GAP = 3  # pixels
GREY = 128  # between the pictures: it suits light and dark pages
FAVOURITE = "wgan_gp-faces"  # what the page opens on, where it is there, and from which seed: chosen by looking
FAVOURITE_SEED = 252
TRACK, FILL, TICK = (52, 52, 56), (79, 191, 179), (255, 255, 255)  # colours of a score's bar


@dataclass(frozen=True)
class Samples:
    """What the page shows. It all comes from a link, and so from a stranger: `links.read` checks types and ranges."""

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
        """The numbers of the directions that a drag moves: across, and upwards."""
        return 2 * self.pair, 2 * self.pair + 1

    @property
    def values(self) -> list[float]:
        """The values of the scene and its sliders."""
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


def start(card: dict) -> float:
    """The truncation at which a model's pictures look best, as its card says (`python -m train.truncation`)."""
    entry = card.get("truncation")
    value = entry.get("start") if isinstance(entry, dict) else None
    return float(value) if isinstance(value, (int, float)) and 0 < value <= WHOLE else WHOLE


def opening(cards: dict[str, dict]) -> dict:
    """What a page without a link shows: the favourite, where it looks best; without it, the first model."""
    name = FAVOURITE if FAVOURITE in cards else next(iter(cards), "gan-digits")
    seed = FAVOURITE_SEED if name == FAVOURITE else Samples.seed
    return {"model": name, "seed": seed, "truncation": start(cards.get(name, {}))}


def latents(model, state: Samples, directions: torch.Tensor) -> torch.Tensor:
    """The latents (rows * columns, D) of the grid, row by row; directions (COUNT, D)."""
    return _arrangement(model, state, directions)(torch.tensor(state.values))


def middle(model, state: Samples, directions: torch.Tensor) -> torch.Tensor:
    """The latent (D,) in the middle of a plane, or of the first picture of a grid of samples."""
    rows = latents(model, state, directions)
    return rows[len(rows) // 2 if state.plane else 0]


def _arrangement(model, state: Samples, directions: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function from the scene's values to the latents (rows * columns, D) of the grid, row by row."""
    rows, columns = state.rows, state.columns
    if state.plane:
        bases = sample(model, state.seed).expand(rows * columns, -1)
        x, y = torch.arange(columns) - columns // 2, rows // 2 - torch.arange(rows)
        across, up = directions[list(state.dragged)]
        offsets = (y[:, None, None] * up + x[None, :, None] * across).flatten(0, 1)
    else:
        bases = torch.stack([sample(model, state.seed + index) for index in range(rows * columns)])
        offsets = torch.zeros(1)
    return lambda values: truncated(bases, values[0]) + values[1:] @ directions + offsets


def decode_and_score(model, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The images (n, C, H, W) of latents (n, D), and their scores (n,)."""
    images = model.decode(z)
    return images, model.score(images)


def scene(model, state: Samples, directions: torch.Tensor, reference: torch.Tensor | None = None) -> Scene:
    """The grid as a scene of `Samples.values`: the truncation, and a move along each of the directions (COUNT, D).

    With `state.scores`, each picture has its score below it, as a bar with a tick in the middle. A discriminator's
    score is its probability of "real". A critic's values have no scale, so its score is the share of `reference` (N,),
    the ascending values of random samples, that is lower.
    """

    def rgb(images):
        pixels = to_uint8(images)
        return np.broadcast_to(pixels, (*pixels.shape[:3], 3))

    def compose(images, values):
        return grid(rgb(images), state.columns, GAP, GREY)

    def compose_with_bars(outputs, values):
        images, scores = outputs
        shares = torch.searchsorted(reference, scores) / len(reference) if model.is_critic else scores.sigmoid()
        pictures = rgb(images)
        return grid(np.concatenate([pictures, bars(shares.numpy(), pictures.shape[2])], 1), state.columns, GAP, GREY)

    inputs = _arrangement(model, state, directions)
    if state.scores:
        return Scene(model, 1 + COUNT, -WHOLE, WHOLE, inputs, compose_with_bars, decode_and_score)
    return Scene(model, 1 + COUNT, -WHOLE, WHOLE, inputs, compose)


def bars(shares: np.ndarray, width: int) -> np.ndarray:
    """Scores (n,) in [0, 1] as bars: uint8 (n, height, width, 3)."""
    height = max(width // 12, 3)
    pixels = np.empty((len(shares), height, width, 3), np.uint8)
    pixels[:] = TRACK
    pixels[np.broadcast_to((np.arange(width) < shares[:, None] * width)[:, None], pixels.shape[:3])] = FILL
    pixels[:, :: height - 1, width // 2] = TICK
    return pixels
