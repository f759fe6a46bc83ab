"""A map: an atlas laid out in two dimensions, and the picture at each place of it.

    view = Map(model="vae-faces", colour="Smiling", place=(0.25, 0.7))
    links.read(Map, links.write(view)) == view

Places are in map coordinates: the points fill the unit square, x to the right, y downwards, both axes on one scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from gen_lab import links
from gen_lab.checkpoint.atlas import Atlas
from gen_lab.images import grid, to_uint8
from gen_lab.latent import layouts, mean_difference
from gen_lab.latent.layouts import Plane, at_place
from gen_lab.scenes import Scene

METHODS = ("atlas", *layouts.NAMES)
MAP_POINTS = 70_000  # points that a browser without a graphics card still moves smoothly (python -m bench map)
COMPUTED_POINTS = 10_000  # of a UMAP or t-SNE that a page computes
CORNERS = 24  # of a lasso
THUMBNAILS, ROW = 48, 8  # small pictures on the map at once, and in a row of their sheet
MARGIN = 1.0  # how far outside the unit square a place may lie
FINE = 10_000  # steps per unit of a coordinate in a link

RANGES = {"n_neighbors": (2, 200), "min_dist": (0.0, 0.99), "perplexity": (5, 100), "first": (1, 10), "second": (1, 10)}


def is_place(numbers: Sequence[float]) -> bool:
    """Whether these are x and y of a place on or near the map."""
    return len(numbers) == 2 and all(-MARGIN <= number <= 1 + MARGIN for number in numbers)


def is_lasso(numbers: Sequence[float]) -> bool:
    """Whether these are the corners of a polygon, x, y, x, y, ... on or near the map."""
    corners = [numbers[i : i + 2] for i in range(0, len(numbers), 2)]
    return 3 <= len(corners) <= CORNERS and all(map(is_place, corners))


def _place(text: str) -> tuple[float, ...]:
    steps = [int(part) for part in text.split(".")]
    place = tuple(steps) if len(steps) == 1 else tuple(step / FINE for step in steps)
    if not (place[0] >= 0 if len(place) == 1 else is_place(place)):
        raise ValueError("the number of a point, or two coordinates")
    return place


def _lasso(text: str) -> tuple[float, ...]:
    corners = tuple(int(part) / FINE for part in text.split("."))
    if not is_lasso(corners):
        raise ValueError(f"3 to {CORNERS} corners")
    return corners


def _steps(numbers: tuple[float, ...]) -> str:
    """Coordinates in steps of 1 / FINE, or the number of a point."""
    return ".".join(str(round(number * FINE) if len(numbers) > 1 else number) for number in numbers)


@dataclass(frozen=True)
class Map:
    """What the page shows, as plain values. They come from a link, so they are not to be trusted: `links.read` checks
    types and ranges; what depends on the model is checked by the code that has the model."""

    model: str = links.text()
    method: str = links.choice("atlas", METHODS)
    n_neighbors: int = links.whole(layouts.UMAP["n_neighbors"], *RANGES["n_neighbors"])  # of UMAP
    min_dist: float = links.number(layouts.UMAP["min_dist"], *RANGES["min_dist"])
    metric: str = links.choice(layouts.UMAP["metric"], layouts.METRICS)
    perplexity: int = links.whole(30, *RANGES["perplexity"])  # of t-SNE
    first: int = links.whole(1, *RANGES["first"])  # principal component to the right
    second: int = links.whole(2, *RANGES["second"])  # and upwards
    colour: str = links.text("")  # an attribute, or a latent coordinate from z1 on; empty: the model's own choice
    having: tuple[str, ...] = links.names()  # attributes that a point must have ...
    lacking: tuple[str, ...] = links.names()  # ... or must not have, to be shown in colour
    place: tuple[float, ...] = links.special((), _place, _steps, 30)  # (number of a point), (x, y) or nothing
    a: tuple[float, ...] = links.special((), _lasso, _steps, 1000)  # lasso of group A: x, y, x, y, ...
    b: tuple[float, ...] = links.special((), _lasso, _steps, 1000)


def scene(model, plane: Plane, latents: np.ndarray, is_latent_plane: bool = False) -> Scene:
    """The picture of a point, or of a place where the number is -1, for values (number of a point, x, y).

    latents (N, D). Where the map is the latent plane itself, every place is a latent and nothing is estimated.
    """
    positions, codes = torch.from_numpy(plane.positions), torch.from_numpy(latents)

    def latent(values):
        if values[0] >= 0:
            return codes[min(int(values[0]), len(codes) - 1)][None]
        return (plane.back(values[1:]) if is_latent_plane else at_place(values[1:], positions, codes))[None]

    return Scene(model, 3, -1.0, float(max(len(codes), 2)), latent, lambda images, _: to_uint8(images)[0])


def thumbnails(model, latents: np.ndarray) -> Scene:
    """`THUMBNAILS` small pictures in rows of `ROW`, for the numbers of their points, which go with them; -1 leaves a
    place empty."""
    codes = torch.from_numpy(latents)

    def inputs(values):
        return codes[values.long().clamp(0, len(codes) - 1)]

    def compose(images, values):
        pictures = to_uint8(images)
        pictures[values.numpy() < 0] = 0
        return grid(pictures, ROW), values.tolist()

    return Scene(model, THUMBNAILS, -1.0, float(max(len(codes), 2)), inputs, compose, numbers=THUMBNAILS)


def difference(latents: np.ndarray, a: np.ndarray, b: np.ndarray) -> torch.Tensor:
    """From group A's mean latent towards group B's: (D,), as long as one standard deviation of all latents along it.

    latents (N, D), a and b bool (N,). A point in both counts for neither. Raises ValueError for an empty group.
    """
    only_a, only_b = a & ~b, b & ~a
    if not only_a.any() or not only_b.any():
        raise ValueError("each group needs a picture that the other does not have: draw two lassos that differ")
    codes, labels = torch.from_numpy(latents), torch.from_numpy(only_b)
    either = torch.from_numpy(only_a | only_b)
    direction = mean_difference(codes[either], labels[either])
    return direction * (codes @ direction).std()


def labels(atlas: Atlas, colour: str) -> np.ndarray:
    """What neighbours should have in common, (N, L): the attribute that colours the points, or the class, or else all
    attributes."""
    if colour in atlas.attribute_names:
        return atlas.attributes[:, [atlas.attribute_names.index(colour)]]
    return atlas.attributes if atlas.labels is None else atlas.labels[:, None]
