"""Where a picture comes from, in a few characters that fit in a link, and its latent for a model.

    latent(faces, "sample", 7)  # (D,): the model's random latent of seed 7
    latent(faces, "data", 12)  # the encoding of picture 12 of the data set's test split
    latent(faces, "group", "Smiling")  # the mean of all who smile; of everyone, for ""
    latent(faces, "photo", pack(mean))  # a latent itself, such as that of a user's photo

Lists of pictures name them by tokens: `s7`, `d12`, and `p` with a packed latent (`from_token`).
"""

import base64
import binascii
import io
import re

import numpy as np
import torch
from PIL import Image

from gen_lab import data, links, registry
from gen_lab.device import on_device
from gen_lab.images import encode, to_float

TOKEN = r"[sd]\d{1,6}|p[A-Za-z0-9_-]{1,2000}"  # a regular expression
KINDS = {"s": "sample", "d": "data", "p": "photo"}  # by a token's first letter
MAX_PHOTO = 1800  # characters of a picture in a link


def latent(checkpoint, kind: str, value: int | str) -> torch.Tensor:
    """The latent (D,) of a source, float32 on the CPU. Raises ValueError with the remedy, and `MissingData`."""
    if kind == "sample":
        return sample(checkpoint.model, int(value))
    if kind == "data":
        return encode_picture(checkpoint, data_picture(checkpoint, int(value)))
    if kind == "photo":
        if not value:
            raise ValueError("take or upload a photo to start from")
        return unpack(str(value), checkpoint.model.latent_dim)
    if not value:
        return checkpoint.directions.centre
    if value not in checkpoint.directions:
        raise ValueError(f"this model knows no group '{value}': choose another")
    return checkpoint.directions.group_mean(value)


def from_token(checkpoint, token: str) -> torch.Tensor:
    """The latent (D,) that a token names. Raises ValueError with the remedy, and `MissingData` for absent data."""
    kind, value = KINDS[token[0]], token[1:]
    return latent(checkpoint, kind, value if kind == "photo" else int(value))


def opening(card: dict, *names: str) -> dict:
    """What pages open on, by name: `seed`, of a random picture, and `keys`, the tokens of a path. `python -m
    train.opening` wrote them on the model's card; what is missing or malformed there is left out."""
    entry = card.get("opening")
    entry = entry if isinstance(entry, dict) else {}
    seed, keys = entry.get("seed"), entry.get("keys")
    opened = {}
    if type(seed) is int and 0 <= seed < links.SEEDS:
        opened["seed"] = seed
    if isinstance(keys, list) and len(keys) > 1 and all(re.fullmatch(TOKEN, str(key), re.ASCII) for key in keys):
        opened["keys"] = tuple(keys)
    return {name: opened[name] for name in names if name in opened}


def sample(model, seed: int) -> torch.Tensor:
    """The model's random latent (D,) of a seed."""
    return model.sample(1, torch.Generator().manual_seed(seed))[0].float().cpu()


def data_picture(checkpoint, index: int) -> np.ndarray:
    """One picture of the model's data, of the test split, uint8 (H, W, C); the index wraps around. Raises ValueError
    for a model that cannot read pictures, and `MissingData`, also if the data are not prepared yet."""
    name = checkpoint.card["data"]["name"]
    if not registry.offers(checkpoint.card, "encode"):
        raise ValueError("this model has no encoder and cannot read pictures: choose random ones")
    if not data.is_ready(name):
        raise data.MissingData(name, f"the pictures of '{name}' are not ready on this machine")
    test = data.load(name, "test")
    return np.asarray(test.images[index % len(test)])


def encode_picture(checkpoint, pixels: np.ndarray) -> torch.Tensor:
    """The posterior mean (D,) of one picture, uint8 (H, W, C), on the CPU. A grey model sees a colour picture's
    brightness."""
    return posterior(checkpoint, pixels)[0]


def posterior(checkpoint, pixels: np.ndarray) -> torch.Tensor:
    """Mean and log-variance (2, D) of what the encoder reads in one picture, as `encode_picture` does."""
    model = checkpoint.model
    images = to_float(as_channels(pixels, model.image_shape[0])[None])
    return on_device(model, lambda images: torch.cat(model.encode(images)).cpu(), images).clone()


def as_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """A picture, uint8 (H, W, C), as a model of 1 or 3 channels sees it: in grey for 1."""
    is_colour = pixels.shape[2] == 3
    return np.asarray(Image.fromarray(pixels).convert("L"))[:, :, None] if is_colour and channels == 1 else pixels


# -- in a link ---------------------------------------------------------------------------------------------------------


def pack(latent: torch.Tensor) -> str:
    """A latent (D,) as text for a link, at half precision."""
    return _as_text(latent.cpu().numpy().astype(np.float16).tobytes())


def unpack(text: str, dim: int, what: str = "photo", remedy: str = "upload the photo again") -> torch.Tensor:
    """What `pack` packed: (D,) float32. Raises ValueError for text that is no finite latent of that size."""
    try:
        numbers = np.frombuffer(_as_bytes(text), np.float16)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"this link's {what} is damaged: {remedy}") from error
    if len(numbers) != dim or not np.isfinite(numbers).all():
        raise ValueError(f"this link's {what} was made with another model: {remedy}")
    return torch.from_numpy(numbers.astype(np.float32))


def pack_picture(pixels: np.ndarray) -> str:
    """A small picture, uint8 (H, W, C), as text for a link: WebP, as good as `MAX_PHOTO` characters allow."""
    for quality in (90, 75, 60, 45, 30, 15, 1):
        text = _as_text(encode(pixels, "WEBP", quality=quality))
        if len(text) <= MAX_PHOTO:
            return text
    raise ValueError(f"this picture of {pixels.shape[:2]} pixels does not fit in a link: use a smaller one")


def unpack_picture(text: str, image_shape: tuple[int, int, int]) -> np.ndarray:
    """What `pack_picture` packed, uint8 (H, W, C) for image_shape (C, H, W). Raises ValueError for anything else.

    A picture of another size or format is refused before it is decoded: a link may come from anybody.
    """
    if not text:
        raise ValueError("there is no picture yet: take or upload one")
    channels, height, width = image_shape
    try:
        picture = Image.open(io.BytesIO(_as_bytes(text)), formats=["WEBP"])  # reads the header only
        pixels = np.asarray(picture.convert("RGB")) if picture.size == (width, height) else None
    except (ValueError, OSError, EOFError, Image.DecompressionBombError) as error:
        raise ValueError("this link's picture is damaged: upload it again") from error
    if pixels is None:
        raise ValueError("this link's picture was made for another model: upload it again")
    return as_channels(pixels, channels)


def _as_text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _as_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
