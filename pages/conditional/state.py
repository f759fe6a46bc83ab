"""The same latents under every label: the Conditional page's state and its scene.

    state = Conditional("cgan-digits", seed=7, b=7, mix=0.25)
    links.read(Conditional, links.write(state)) == state
    picture = scene(model, state, sefa(model.first_weight, COUNT)[0])(state.values)
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from gen_lab import links
from gen_lab.images import grid, to_uint8
from gen_lab.scenes import Scene
from gen_lab.sources import sample

LIMIT = 3.0  # of a direction, either way
COUNT = 4  # directions
ROWS = (1, 6)  # latents
DRAGGED = (0, 1)  # the directions that a drag moves: across, and upwards
GAP, GREY = 3, 128  # pixels between the pictures, and their level: it suits light and dark pages
FAVOURITE = {"model": "cgan-digits", "seed": 6, "rows": 3, "a": 4, "b": 9}  # opened on, chosen by looking
STEPS = 11  # mixtures that the judge sees, from one label to the other


@dataclass(frozen=True)
class Conditional:
    """What the page shows. It all comes from a link, and so from a stranger: `links.read` checks types and ranges,
    `pair` what depends on the model."""

    model: str = links.text()
    seed: int = links.whole(1, 0, links.SEEDS - 1)  # of the first row's latent; the others follow
    rows: int = links.whole(4, *ROWS)
    a: int = links.whole(0, 0, 999)  # the two labels that are mixed, by number
    b: int = links.whole(1, 0, 999)
    mix: float = links.number(0.5, 0.0, 1.0)  # 0: all a, 1: all b
    moves: tuple[float, ...] = links.numbers((0.0,) * COUNT, -LIMIT, LIMIT)

    @property
    def values(self) -> list[float]:
        """The values of the scene and its sliders."""
        return [self.mix, *self.moves]

    def pair(self, classes: int) -> tuple[int, int]:
        """The two of so many labels that are mixed; the first two if the link names any that are not there."""
        return (self.a, self.b) if max(self.a, self.b) < classes else (0, 1)


def opening(cards: dict[str, dict]) -> dict:
    """What a page without a link shows: the favourite, or without it the first model."""
    return FAVOURITE if FAVOURITE["model"] in cards or not cards else {"model": next(iter(cards))}


def mixture(a: int, b: int, mix: torch.Tensor, classes: int) -> torch.Tensor:
    """Labels (..., classes) that are 1 - mix of class a and mix of class b; mix (...,)."""
    one_hot = torch.eye(classes)
    mix = torch.as_tensor(mix, dtype=torch.float32)[..., None]
    return (1 - mix) * one_hot[a] + mix * one_hot[b]


def _arrangement(model, state: Conditional, directions: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function from the scene's values to the latents of the rows (rows, D); directions (COUNT, D)."""
    bases = torch.stack([sample(model, state.seed + row) for row in range(state.rows)])
    return lambda values: bases + values[1:] @ directions


def latents(model, state: Conditional, directions: torch.Tensor) -> torch.Tensor:
    """The latents of the rows (rows, D), moved as in the link."""
    return _arrangement(model, state, directions)(torch.tensor(state.values))


def pairings(model, state: Conditional, directions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Each row's latent with each label, row by row: (rows * L, D) and (rows * L, L)."""
    classes = len(model.classes)
    rows = latents(model, state, directions)
    return rows.repeat_interleave(classes, 0), torch.eye(classes).repeat(state.rows, 1)


def sweep(model, state: Conditional, directions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Each row's latent with each of `STEPS` mixtures, from all a to all b, mixture by mixture: (STEPS * rows, D) and
    (STEPS * rows, L)."""
    classes = len(model.classes)
    rows = latents(model, state, directions)
    labels = mixture(*state.pair(classes), torch.linspace(0, 1, STEPS), classes)
    return rows.repeat(STEPS, 1), labels.repeat_interleave(len(rows), 0)


def scene(model, state: Conditional, directions: torch.Tensor) -> Scene:
    """Rows are latents, columns labels, with a bar above for their names; the last column is the mixture."""
    classes, columns = len(model.classes), len(model.classes) + 1
    arrangement, one_hot = _arrangement(model, state, directions), torch.eye(classes)

    def inputs(values):
        last = mixture(*state.pair(classes), values[0].clamp(0, 1), classes)
        labels = torch.cat([one_hot, last[None]]).repeat(state.rows, 1)
        return arrangement(values).repeat_interleave(columns, 0), labels

    def compose(images, values):
        sheet = grid(to_uint8(images), columns, GAP, GREY)
        return np.concatenate([np.full((header(model), *sheet.shape[1:]), GREY, np.uint8), sheet])

    return Scene(model, 1 + COUNT, -LIMIT, LIMIT, inputs, compose)


def header(model) -> int:
    """Height of the bar above the columns, in pixels."""
    side, columns = model.image_shape[2], len(model.classes) + 1
    return max(side * columns // 22, 8)  # about as high as a line of text, whatever the picture's width on screen
