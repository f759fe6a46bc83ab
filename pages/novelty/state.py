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

SOURCES = {
    "sample": "The model's",
    "latent": "From another page",
    "memoriser": "A memoriser's",
    "data": "A test picture",
    "photo": "Your picture",
}
SPACE_NAMES = {"pixels": "pixels", "features": "features of the judge"}
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
    """How new a picture is, in words: from its distance to the nearest training picture and its `rank`, by space, and
    from the `power` of the check by features.

    No picture is acquitted on a part of the evidence, nor by a check that misses most of a memoriser's pictures.
    """
    near = {space for space, share in ranks.items() if share < NEAR}
    if distances["pixels"] == 0:
        return "**This is a training picture**, pixel for pixel."
    if "features" not in ranks:
        text = "**Pixels alone cannot tell** whether this is a copy. "
        if near:
            return text + (
                "Few unseen pictures come so near; but a blurred or plain picture lies near many. Compare it with its "
                "neighbours."
            )
        return text + "A copy that was moved by a pixel or two lies as far off as a stranger."
    if near == {"pixels", "features"}:
        return (
            "**This looks like a copy.** By pixels and by features it is nearer to a training picture than 99 of 100 "
            "real pictures that the model never saw."
        )
    if near == {"features"}:
        return (
            "**This looks like a copy that was moved or touched up.** By features it is nearer to a training picture "
            "than 99 of 100 real pictures that the model never saw, though its pixels are not."
        )
    if near:
        return (
            "**Near by pixels alone.** Few unseen pictures come so near, yet the features differ. A blurred or plain "
            "picture lies near many by pixels: compare it with its neighbours."
        )
    if min(ranks.values()) < CLEAR:
        return (
            "**Undecided.** It is nearer to a training picture than 95 of 100 real pictures that the model never saw, "
            "and not nearer than 99. Compare it with its neighbours."
        )
    if not power >= STRONG:
        return (
            "**This check cannot tell.** It raises no alarm; but among such pictures it would hardly raise one for a "
            f"copy: of a memoriser's it finds {power:.0%}. Compare the picture with its neighbours."
        )
    if ranks["features"] > FAR:
        return (
            "**No sign of copying, but strange.** By features it is farther from all training pictures than 99 of 100 "
            "real pictures that the model never saw. New is not the same as good."
        )
    return (
        "**No sign of copying.** Real pictures that the model never saw come as near to the training pictures. Of a "
        f"memoriser's pictures, this check finds {power:.0%}."
    )


def summary(entry: dict) -> str:
    """The card's entry "novelty" in words. Raises KeyError or TypeError for one that is not in order."""
    space = "features" if "features" in entry else "pixels"
    model, memoriser = entry[space]["model"], entry[space]["memoriser"]
    usually_near = model["p"] < RARE
    if space == "pixels":
        text = "**Pixels alone cannot tell.**"
    elif model["closer"] > MANY:
        text = "**Many samples lie too near.**"
    elif usually_near:
        text = "**As a rule, samples lie nearer than they should.**"
    elif memoriser["closer"] <= MANY and memoriser["p"] >= RARE:
        text = "**This check cannot tell:** it does not find the planted memoriser."
    else:
        text = "**No sign of copying.**"
    text += f" By {SPACE_NAMES[space]}, {model['closer']:.1%} of the samples are nearer to a training picture than 99 "
    text += f"of 100 held-out pictures. Of the planted memoriser's pictures {memoriser['closer']:.0%} are"
    if space == "pixels":
        return f"{text}. A blurred picture lies near many by pixels, and a copy that was moved lies far."
    text += f", and {entry['pixels']['memoriser']['closer']:.0%} by pixels."
    if memoriser["closer"] <= MANY and memoriser["p"] < RARE:
        text += " Only their C_T gives them away."
    if entry["pixels"]["model"]["p"] < RARE and not usually_near:
        text += " By pixels the samples are nearer as a rule, as blurred or plain pictures are without being copies."
    return text
