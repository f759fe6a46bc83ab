"""An edit: where a picture starts in latent space, and how far each concept is moved. It fits in a link.

    edit = Edit(model="vae-faces", seed=7, values={"Smiling": 1.5})
    Edit.from_query(edit.to_query()) == edit
"""

import base64
import binascii
import math
from dataclasses import dataclass, field
from typing import get_type_hints

import numpy as np
import torch
from PIL import Image

from gen_lab import data
from gen_lab.images import to_float
from gen_lab.latent import ESTIMATORS, Directions
from gen_lab.scenes import Scene, edit

LIMIT = 3.0  # slider units either way
OWN = "Your_direction"  # the slider of a direction that the user found
STARTS = {"sample": "Random", "data": "Data set", "group": "Mean face", "photo": "Your photo"}


@dataclass(frozen=True)
class Edit:
    """A picture as a few plain values. Everything in it comes from a link and so from a stranger: `from_query` checks
    types and ranges, `start` what belongs to the model."""

    model: str
    start: str = "sample"  # one of STARTS
    seed: int = 1  # of the random sample, 0 .. 999,999
    index: int = 0  # in the data set's test split
    group: str = ""  # attribute whose mean is the start
    photo: str = ""  # the latent of the user's photo, float16 in URL-safe base64; the photo itself is nowhere
    direction: str = ""  # one of the user's own, packed like the photo's latent; the slider `OWN` moves along it
    method: str = ESTIMATORS[0]
    compare: bool = False
    locked: tuple[str, ...] = ()
    values: dict[str, float] = field(default_factory=dict)  # concept -> slider units, zeros left out

    def to_query(self) -> dict[str, str]:
        """What is not at its default, as query parameters; concepts have parameters of their own name."""
        query = {}
        for name in ("model", "start", "seed", "index", "group", "photo", "direction", "method", "compare"):
            value = getattr(self, name)
            if value != getattr(type(self), name, None):
                query[name] = str(int(value)) if isinstance(value, bool) else str(value)
        if self.locked:
            query["locked"] = ".".join(self.locked)
        return query | {name: f"{value:g}" for name, value in self.values.items() if value}

    @classmethod
    def from_query(cls, query: dict[str, str], default: "Edit | None" = None) -> "Edit":
        """Reads what `to_query` wrote; whatever is malformed or out of range is left at its default."""
        kinds = get_type_hints(cls)
        found = {"model": default.model if default else ""}
        values = {}
        for name, text in query.items():
            if name == "locked":
                found["locked"] = tuple(part for part in text[:2000].split(".") if part)
            elif name in kinds and name != "values":
                value = _read(kinds[name], text)
                if value is not None:
                    found[name] = value
            elif name not in kinds and (value := _read(float, text)) is not None:
                values[name] = min(max(value, -LIMIT), LIMIT)
        if found.get("start") not in (None, *STARTS):
            del found["start"]
        if found.get("method") not in (None, *ESTIMATORS):
            del found["method"]
        return cls(**found, values={name: value for name, value in values.items() if value})

    def fitted(self, sliders) -> "Edit":
        """The same edit with only the concepts that a model has."""
        return Edit(
            **{name: getattr(self, name) for name in get_type_hints(Edit) if name not in ("locked", "values")},
            locked=tuple(name for name in self.locked if name in sliders),
            values={name: value for name, value in self.values.items() if name in sliders},
        )


def _read(kind, text: str):
    try:
        if kind is bool:
            return text == "1"
        if kind is int:
            return min(max(int(text[:9]), 0), 999_999)
        if kind is float:
            return float(text) if math.isfinite(float(text)) else None
        return text[:2000]
    except ValueError:
        return None


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
