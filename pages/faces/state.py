"""An edit: where a picture starts in latent space, and how far each concept is moved. It fits in a link.

    edit = Edit(model="vae-faces", seed=7, values={"Smiling": 1.5})
    links.read(Edit, links.write(edit)) == edit
"""

import base64
import binascii
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image

from gen_lab import data, links
from gen_lab.images import to_float
from gen_lab.latent import ESTIMATORS, Directions
from gen_lab.scenes import Scene, edit

LIMIT = 3.0  # slider units either way
OWN = "Your_direction"  # the slider of a direction that the user found
STARTS = {"sample": "Random", "data": "Data set", "group": "Mean face", "photo": "Your photo"}


@dataclass(frozen=True)
class Edit:
    """A picture as a few plain values. All of it comes from a link and so from a stranger: `links.read` checks types
    and ranges, `start_latent` what belongs to the model."""

    model: str = links.text()
    start: str = links.choice("sample", STARTS)
    seed: int = links.whole(1, 0, links.SEEDS - 1)  # of the random sample
    index: int = links.whole(0, 0, links.SEEDS - 1)  # in the data set's test split
    group: str = links.text("")  # attribute whose mean is the start
    photo: str = links.text("", 2000)  # the latent of the user's photo, packed; the photo itself is nowhere
    direction: str = links.text("", 2000)  # one of the user's own, packed too; the slider `OWN` moves along it
    method: str = links.choice(ESTIMATORS[0], ESTIMATORS)
    compare: bool = links.flag(False)
    locked: tuple[str, ...] = links.names()
    values: dict[str, float] = links.rest(-LIMIT, LIMIT)  # concept -> slider units, zeros left out

    def fitted(self, sliders) -> "Edit":
        """The same edit with only the concepts that a model has."""
        locked = tuple(name for name in self.locked if name in sliders)
        return replace(self, locked=locked, values={name: self.values[name] for name in self.values if name in sliders})


def pack(latent: torch.Tensor) -> str:
    """A latent (D,) as text for a link, at half precision."""
    return base64.urlsafe_b64encode(latent.cpu().numpy().astype(np.float16).tobytes()).decode().rstrip("=")


def unpack(text: str, dim: int, what: str = "photo", remedy: str = "upload the photo again") -> torch.Tensor:
    """What `pack` packed: (D,) float32. Raises ValueError for text that is no finite latent of that size."""
    try:
        numbers = np.frombuffer(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), np.float16)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"this link's {what} is damaged: {remedy}") from error
    if len(numbers) != dim or not np.isfinite(numbers).all():
        raise ValueError(f"this link's {what} was made with another model: {remedy}")
    return torch.from_numpy(numbers.astype(np.float32))


def encode_picture(checkpoint, pixels: np.ndarray) -> torch.Tensor:
    """The posterior mean (D,) of one picture, uint8 (H, W, C), on the CPU. A grey model sees a colour picture's
    brightness."""
    if pixels.shape[2] == 3 and checkpoint.model.image_shape[0] == 1:
        pixels = np.asarray(Image.fromarray(pixels).convert("L"))[:, :, None]
    device = next(checkpoint.model.parameters()).device
    with torch.inference_mode():
        return checkpoint.model.encode(to_float(pixels[None]).to(device))[0][0].cpu().clone()


def start_latent(checkpoint, edit: Edit) -> torch.Tensor:
    """Where an edit starts: (D,). Raises ValueError with the remedy, and `MissingData` for absent data."""
    if edit.start == "sample":
        return checkpoint.model.sample(1, torch.Generator().manual_seed(edit.seed))[0].float().cpu()
    if edit.start == "group":
        if not edit.group:
            return checkpoint.directions.centre
        if edit.group not in checkpoint.directions:
            raise ValueError(f"this model knows no group '{edit.group}': choose another")
        return checkpoint.directions.group_mean(edit.group)
    if edit.start == "data":
        test = data.load(checkpoint.card["data"]["name"], "test")
        return encode_picture(checkpoint, np.asarray(test.images[edit.index % len(test)]))
    if not edit.photo:
        raise ValueError("take or upload a photo to start from")
    return unpack(edit.photo, checkpoint.model.latent_dim)


def directions(checkpoint, edit: Edit) -> Directions:
    """The checkpoint's directions, and the user's own as `OWN` where the edit has one. Raises ValueError for one that
    is damaged or of another model."""
    if not edit.direction:
        return checkpoint.directions
    own = unpack(edit.direction, checkpoint.model.latent_dim, "direction", "leave it out, or draw it on the map again")
    return checkpoint.directions.with_own(OWN, own)


def scene(checkpoint, made: Edit, sliders: list[str]) -> Scene:
    """The edit's picture under its sliders, in the sliders' order. Raises ValueError and `MissingData`."""
    moves = directions(checkpoint, made).using(made.method).locked(sliders, list(made.locked))
    return edit(checkpoint.model, start_latent(checkpoint, made), moves, LIMIT, made.compare)


def latent_at(scene: Scene, values) -> torch.Tensor:
    """The latent (D,) that a scene of one picture shows at these values."""
    return scene.inputs(torch.as_tensor(values, dtype=torch.float32))[-1]


def strip(made: Edit, sliders: list[str], concept: str) -> dict[float, list[float]]:
    """A strip that moves one concept from -3 to +3 and leaves the others: its units -> the values of all sliders."""
    return {
        units: [units if name == concept else made.values.get(name, 0.0) for name in sliders]
        for units in (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
    }
