"""How new a picture is: its nearest training pictures, and whether real pictures that the model never saw come as near.

    state = Novelty(model="vae-faces", seed=7)
    links.read(Novelty, links.write(state)) == state
    pixels = Space.of_pixels(data.load("celeba", "train").images)
    distances, indices = pixels.nearest(picture(checkpoint, state)[None], k=5)

Distances are taken in the two spaces of `gen_lab.metrics.spaces`. Which are usual is measured once for each model, by
`gen_lab.metrics.novelty`.
"""

from dataclasses import dataclass

import numpy as np
import torch

from gen_lab import links
from gen_lab.checkpoint.demonstration import Demonstration
from gen_lab.device import decode
from gen_lab.metrics.novelty import (
    FAR,
    MANY,
    MOST_SHIFT,
    NEAR,
    RARE,
    SHIFT,
    draw_labels,
    memorised,
    memorised_rows,
    pictures_of,
    shifted,
)
from gen_lab.sources import unpack, unpack_picture

SOURCES = ("sample", "latent", "memoriser", "data", "photo")
CLEAR = 0.05  # share of held-out pictures that must be nearer before a picture is acquitted
STRONG = 0.5  # share of a memoriser's pictures that a check must find before it may acquit


@dataclass(frozen=True)
class Novelty:
    """A picture as a few plain values. It all comes from a link, and so from a stranger: `links.read` checks types and
    ranges, `picture` what depends on the model."""

    model: str = links.text()
    source: str = links.choice("sample", SOURCES, always=True)
    seed: int = links.whole(1, 0, links.SEEDS - 1)  # of the sample, or of the picture that the memoriser returns
    label: str = links.text("")  # the class, for a conditional model; empty: drawn with the seed
    latent: str = links.text("", 4000)  # packed: what another page shows
    shift: int = links.whole(SHIFT, 0, MOST_SHIFT)  # of the memoriser
    index: int = links.whole(0, 0, links.SEEDS - 1)  # in the data set's test split
    photo: str = links.text("", 4000)  # the user's picture itself, small, packed


def is_demonstrated(state: Novelty, handful: Demonstration | None) -> bool:
    """Whether a demonstration has the neighbours of this picture, and the memoriser's original."""
    if handful is None or state.seed not in handful.seeds.get(state.source, ()):
        return False
    if state.source == "memoriser":
        return memorised_rows(handful.count, 1, state.seed)[0] in handful.rows
    return not state.label


def picture(checkpoint, state: Novelty, handful: Demonstration | None = None) -> np.ndarray:
    """The picture in question, uint8 (H, W, C). The memoriser's original comes from the data, or from a demonstration
    that has it. Raises ValueError with the remedy, and `MissingData`."""
    model, name = checkpoint.model, checkpoint.card["data"]["name"]
    if state.source == "photo":
        return unpack_picture(state.photo, model.image_shape)
    if state.source == "data":
        test = pictures_of(checkpoint, "test")
        return np.asarray(test.images[state.index % len(test)])
    if state.source == "memoriser" and handful is not None:
        row = memorised_rows(handful.count, 1, state.seed)
        return shifted(handful.pictures[handful.rows == row], state.shift)[0]
    if state.source == "memoriser":
        train = pictures_of(checkpoint, "train")
        return memorised(train.images, 1, state.seed, state.shift)[0]
    generator = torch.Generator().manual_seed(state.seed)
    latents = model.sample(1, generator).float().cpu()
    if state.source == "latent":
        latents = unpack(state.latent, model.latent_dim, "picture", "open the page that it came from again")[None]
    classes = getattr(model, "classes", ())
    if state.label and state.label not in classes:
        raise ValueError(f"{name} has no class '{state.label[:40]}' for this model: choose another")
    return decode(model, latents, draw_labels(classes, 1, generator, state.label))[0]


def power_of(card: dict) -> float:
    """The share of a memoriser's pictures that the check by features finds, as the card has it; 0 where it has none."""
    try:
        return float(card["novelty"]["features"]["memoriser"]["closer"])
    except (KeyError, TypeError, ValueError):
        return 0.0


def verdict(distances: dict[str, float], ranks: dict[str, float], power: float) -> str:
    """How new a picture is, as the name of a `pages.novelty.verdict.text`: from its distance to the nearest training
    picture and its `rank`, by space, and from the `power` of the check by features.

    No picture is acquitted on a part of the evidence, nor by a check that misses most of a memoriser's pictures.
    """
    near = {space for space, share in ranks.items() if share < NEAR}
    if distances["pixels"] == 0:
        return "same"
    if "features" not in ranks:
        return "pixels near" if near else "pixels"
    if near == {"pixels", "features"}:
        return "copy"
    if near:
        return "moved" if near == {"features"} else "near"
    if min(ranks.values()) < CLEAR:
        return "undecided"
    if not power >= STRONG:
        return "powerless"
    return "strange" if ranks["features"] > FAR else "new"


def overall(entry: dict) -> str:
    """What the card's entry "novelty" says of the whole model, in a word. Raises KeyError or TypeError for an entry
    that is not in order."""
    if "features" not in entry:
        return "pixels"
    model, memoriser = entry["features"]["model"], entry["features"]["memoriser"]
    if model["closer"] > MANY:
        return "many"
    if model["p"] < RARE:
        return "rule"
    return "powerless" if memoriser["closer"] <= MANY and memoriser["p"] >= RARE else "new"
