"""A map: an atlas laid out in two dimensions, and what lies at a place of it.

    view = Map(model="vae-faces", colour="Smiling", place=[0.25, 0.7])
    Map.from_query(view.to_query()) == view

Places are in map coordinates: the points fill the unit square, x to the right, y downwards, both axes on one scale.
"""

import math
from dataclasses import dataclass, field, fields

import numpy as np
import torch

from gen_lab.checkpoint.atlas import Atlas
from gen_lab.images import to_uint8
from gen_lab.latent import layouts, mean_difference
from gen_lab.latent.layouts import Plane, at_place
from gen_lab.scenes import Scene

LAYOUT_NAMES = {"atlas": "Atlas", "umap": "UMAP", "pca": "PCA", "tsne": "t-SNE"}
SHOWN = 70_000  # points that a browser without a graphics card still moves smoothly (python -m bench map)
COMPUTED = 10_000  # points of a UMAP or t-SNE that a page computes
CORNERS = 24  # of a lasso
MARGIN = 1.0  # how far outside the unit square a place may lie
FINE = 10_000  # steps of a coordinate in a link

RANGES = {"n_neighbors": (2, 200), "min_dist": (0.0, 0.99), "perplexity": (5, 100), "first": (1, 10), "second": (1, 10)}
CHOICES = {"method": tuple(LAYOUT_NAMES), "metric": layouts.METRICS}


@dataclass(frozen=True)
class Map:
    """What the page shows, as plain values. All of it comes from a link and so from a stranger: `from_query` checks
    types and ranges; what belongs to the model is checked where the model is known."""

    model: str
    method: str = "atlas"  # one of LAYOUT_NAMES
    n_neighbors: int = layouts.UMAP["n_neighbors"]  # of UMAP
    min_dist: float = layouts.UMAP["min_dist"]
    metric: str = layouts.UMAP["metric"]
    perplexity: int = 30  # of t-SNE
    first: int = 1  # principal component to the right
    second: int = 2  # and upwards
    colour: str = ""  # an attribute, or a latent coordinate from z1 on; empty: the model's own choice
    having: list[str] = field(default_factory=list)  # attributes that a point must have ...
    lacking: list[str] = field(default_factory=list)  # ... or must not have, to be shown in colour
    place: list[float] = field(default_factory=list)  # [number of a point], [x, y] or nothing
    a: list[float] = field(default_factory=list)  # lasso of group A: x, y, x, y, ...
    b: list[float] = field(default_factory=list)

    def to_query(self) -> dict[str, str]:
        """What is not at its default, as query parameters; coordinates in steps of 1 / FINE."""
        query = {"model": self.model}
        for each in fields(self)[1:]:
            value = getattr(self, each.name)
            if value == getattr(Map(""), each.name):
                continue
            if each.name in ("a", "b", "place") and len(value) > 1:
                value = [round(number * FINE) for number in value]
            query[each.name] = ".".join(map(str, value)) if isinstance(value, list) else str(value)
        return query

    @classmethod
    def from_query(cls, query: dict[str, str], model: str = "") -> "Map":
        """Reads what `to_query` wrote; whatever is malformed or out of range is left at its default."""
        known = {each.name: each.type for each in fields(cls)}
        found = {"model": model}
        for name, text in query.items():
            try:
                if name in ("a", "b", "place"):
                    found[name] = _coordinates(text, name)
                elif name in ("having", "lacking"):
                    found[name] = [part for part in text[:2000].split(".") if part]
                elif name in RANGES:
                    low, high = RANGES[name]
                    value = known[name](text[:9])
                    if math.isfinite(value):
                        found[name] = min(max(value, low), high)
                elif name in ("model", "colour") or text in CHOICES.get(name, ()):
                    found[name] = text[:100]
            except ValueError:
                pass
        return cls(**found)


def _coordinates(text: str, name: str) -> list[float]:
    numbers = [int(part) for part in text[:1000].split(".")]
    if len(numbers) == 1 and name == "place" and numbers[0] >= 0:
        return numbers
    places = [number / FINE for number in numbers]
    if is_place(places) if name == "place" else is_lasso(places):
        return places
    raise ValueError


def is_place(numbers: list[float]) -> bool:
    """Whether these are x and y of a place on or near the map."""
    return len(numbers) == 2 and all(-MARGIN <= number <= 1 + MARGIN for number in numbers)


def is_lasso(numbers: list[float]) -> bool:
    """Whether these are the corners of a polygon, x, y, x, y, ... on or near the map."""
    corners = [numbers[i : i + 2] for i in range(0, len(numbers), 2)]
    return 3 <= len(corners) <= CORNERS and all(map(is_place, corners))


def scene(model, plane: Plane, latents: np.ndarray, is_latent_plane: bool = False) -> Scene:
    """What lies on a map, for values (number of a point, x, y): that point decoded; the place (x, y) where it is -1.

    latents (N, D). Where the map is the latent plane itself, every place is a latent and nothing is estimated.
    """
    positions, codes = torch.from_numpy(plane.positions), torch.from_numpy(latents)

    def find(values):
        if values[0] >= 0:
            return codes[min(int(values[0]), len(codes) - 1)][None]
        return (plane.back(values[1:]) if is_latent_plane else at_place(values[1:], positions, codes))[None]

    return Scene(model, 3, -1.0, float(max(len(codes), 2)), find, lambda images, _: to_uint8(images)[0])


def difference(latents: np.ndarray, a: np.ndarray, b: np.ndarray) -> torch.Tensor:
    """From group A's mean latent towards group B's: (D,), as long as one standard deviation of all latents along it.

    latents (N, D), a and b bool (N,); what is in both counts for neither. Raises ValueError for an empty group.
    """
    only_a, only_b = a & ~b, b & ~a
    if not only_a.any() or not only_b.any():
        raise ValueError("each group needs a picture that the other has not: draw two lassos that differ")
    codes, labels = torch.from_numpy(latents), torch.from_numpy(only_b)
    both = torch.from_numpy(only_a | only_b)
    direction = mean_difference(codes[both], labels[both])
    return direction * (codes @ direction).std()


def labels(atlas: Atlas, colour: str) -> np.ndarray:
    """What neighbours should have in common, (N, L): the attribute shown; else the class; else all attributes."""
    if colour in atlas.attribute_names:
        return atlas.attributes[:, [atlas.attribute_names.index(colour)]]
    return atlas.attributes if atlas.labels is None else atlas.labels[:, None]
