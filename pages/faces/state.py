"""An edit: where a picture starts in latent space, and how far it moves along each concept. It fits in a link.

    edit = Edit(model="vae-faces", seed=7, values={"Smiling": 1.5})
    links.read(Edit, links.write(edit)) == edit
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from gen_lab import links, registry, scenes, sources
from gen_lab.device import decode
from gen_lab.latent import ESTIMATORS, Directions
from gen_lab.latent.learned import LearnedSliders, Move, keeping, straight
from gen_lab.scenes import Scene
from gen_lab.sources import as_channels, data_picture, latent, posterior, unpack

LIMIT = 3.0  # slider units either way
OWN = "Your_direction"  # the slider of a direction that the user found
WAYS = ("line", "learned")  # that a slider moves a picture; where nothing is learned, it is the line
STARTS = ("sample", "data", "group", "photo")


@dataclass(frozen=True)
class Edit:
    """A picture as a few plain values. They come from a link, so they are not to be trusted: `links.read` checks types
    and ranges, `gen_lab.sources` checks them against the model."""

    model: str = links.text()
    start: str = links.choice("sample", STARTS)
    seed: int = links.whole(1, 0, links.SEEDS - 1)  # of the random sample
    index: int = links.whole(0, 0, links.SEEDS - 1)  # in the data set's test split
    group: str = links.text("")  # attribute whose mean is the start
    photo: str = links.text("", 2000)  # the latent of the user's photo, packed; the photo itself is not kept
    noise: int = links.whole(0, 0, links.SEEDS - 1)  # seed of a draw from what the encoder says; 0 takes its mean
    direction: str = links.text("", 2000)  # the user's own, packed too; the slider `OWN` moves along it
    way: str = links.choice(WAYS[0], WAYS)
    method: str = links.choice(ESTIMATORS[0], ESTIMATORS)
    compare: bool = links.flag(False)
    locked: tuple[str, ...] = links.names()
    values: dict[str, float] = links.rest(-LIMIT, LIMIT)  # concept -> slider units, zeros left out

    @property
    def source(self) -> tuple[str, int | str]:
        """Where the picture starts, for `sources.latent`."""
        values = {"sample": self.seed, "data": self.index, "group": self.group, "photo": self.photo}
        return self.start, values[self.start]

    def fitted(self, sliders) -> "Edit":
        """The same edit with only the concepts that a model has."""
        locked = tuple(name for name in self.locked if name in sliders)
        return replace(self, locked=locked, values={name: self.values[name] for name in self.values if name in sliders})


def opening(card: dict) -> dict:
    """What a new session begins with, besides the model: the card's seed, and learned sliders where it has some."""
    return sources.opening(card, "seed") | ({"way": "learned"} if card.get("learned") else {})


def directions(checkpoint, edit: Edit) -> Directions:
    """The checkpoint's directions, with the user's own as `OWN` where the edit has one. Raises ValueError if that one
    is damaged or belongs to another model."""
    if not edit.direction:
        return checkpoint.directions
    own = unpack(edit.direction, checkpoint.model.latent_dim, "direction", "leave it out, or draw it on the map again")
    return checkpoint.directions.with_own(OWN, own)


@dataclass(frozen=True, eq=False)
class Start:
    """Where a picture starts: its latent, and for one that was encoded what the encoder read, and what it said. A model
    without an encoder has latents only, such as another page's result."""

    latent: torch.Tensor  # (D,)
    original: np.ndarray | None = None  # uint8 (H, W, C)
    mean: torch.Tensor | None = None  # (D,)
    spread: torch.Tensor | None = None


def start(checkpoint, edit: Edit, photo: np.ndarray | None = None) -> Start:
    """The start of an edit; `photo` is the user's own, uint8 (H, W, C), where this session still has it. Raises
    ValueError and `MissingData`."""
    mean = latent(checkpoint, *edit.source)
    if edit.start in ("sample", "group") or not registry.offers(checkpoint.card, "encode"):
        return Start(mean)
    model = checkpoint.model
    original = data_picture(checkpoint, edit.index) if edit.start == "data" else photo
    if original is not None:
        original = as_channels(original, model.image_shape[0])
    # Of a photo in a link there is the mean alone; the spread is then that of its reconstruction.
    _, log_var = posterior(checkpoint, decode(model, mean[None])[0] if original is None else original)
    spread, place = (log_var / 2).exp(), mean
    if edit.noise:
        place = mean + spread * torch.randn(len(mean), generator=torch.Generator().manual_seed(edit.noise))
    return Start(place, original, mean, spread)


def moves(checkpoint, edit: Edit, sliders: list[str], learned: LearnedSliders | None = None) -> Move:
    """How each slider moves a latent, in the sliders' order. Raises ValueError.

    `learned` are the model's own, if it has some. They have no slider for the user's own direction, which is last and
    stays a line. A locked concept's normal is taken out of every other move, learned or not.
    """
    concepts, locked = directions(checkpoint, edit).using(edit.method), list(edit.locked)
    if edit.way == "line" or learned is None:
        return straight(concepts.locked(sliders, locked))
    networks, own = learned.only([name for name in sliders if name != OWN]), concepts.stack([OWN] * (OWN in sliders))
    count = len(networks.names)

    def move(latents: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        lines = values[:, count:, None] * own
        return torch.cat([networks.moves(latents, values[:, :count]), lines], 1)

    return keeping(move, concepts.kept(sliders, locked)) if locked else move


def scene(
    checkpoint, edit: Edit, sliders: list[str], photo: np.ndarray | None = None, learned: LearnedSliders | None = None
) -> Scene:
    """The edit's picture under its sliders, in the sliders' order. Raises ValueError and `MissingData`."""
    begin, each = start(checkpoint, edit, photo), moves(checkpoint, edit, sliders, learned)
    latent = begin.latent.detach().cpu().float()[None]

    def move(values: torch.Tensor) -> torch.Tensor:
        return each(latent, values[None])[0].sum(0)

    return scenes.moved(checkpoint.model, latent[0], move, len(sliders), LIMIT, edit.compare, begin.original)


def latent_at(scene: Scene, values) -> torch.Tensor:
    """The latent (D,) of a scene of one picture at these values."""
    return scene.inputs(torch.as_tensor(values, dtype=torch.float32))[-1]


def strip(edit: Edit, sliders: list[str], concept: str) -> dict[float, list[float]]:
    """A strip that moves only one concept, from -3 to +3: its units -> the values of all sliders."""
    return {
        units: [units if name == concept else edit.values.get(name, 0.0) for name in sliders]
        for units in (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
    }
