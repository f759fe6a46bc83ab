"""A latent space of two numbers is a plane: what the Digits page shows, as plain values and pure functions.

    state = Digits(columns=20, place=(0.25, -0.5))
    links.read(Digits, links.write(state)) == state

Places are in units of a plane's own box (`gen_lab.latent.planes`). So one place and one view fit two planes of
different scale.
"""

import base64
import binascii
import zlib
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from gen_lab import links
from gen_lab.images import grid, to_float, to_uint8
from gen_lab.latent.planes import Box
from gen_lab.metrics.plane import certainty
from gen_lab.scenes import Scene

FAR = 8.0  # how far a place may be from the middle, in boxes
DEEP = (-5.0, 2.0)  # range of a view's half width, as a power of two
COLUMNS = (10, 30)  # pictures a side of the live grid
BETAS = {0.0: "vae-digits-beta0", 0.5: "vae-digits-beta0.5", 1.0: "vae-digits", 4.0: "vae-digits-beta4"}
SIDE = 28  # pixels
INK = 56  # side of a drawing as the browser sends it, in pixels


def checked_place(numbers) -> tuple[float, float]:
    """A place (x, y). Raises ValueError for anything but two numbers within `FAR`."""
    x, y = map(float, numbers)
    if not (abs(x) <= FAR and abs(y) <= FAR):  # NaN too
        raise ValueError(f"a place is two numbers from -{FAR:g} to {FAR:g}")
    return x, y


def checked_view(numbers) -> tuple[float, float, float]:
    """A view (x, y, log2 of the half width). Raises ValueError for anything else."""
    *place, width = map(float, numbers)
    if not DEEP[0] <= width <= DEEP[1]:
        raise ValueError(f"a view's width is 2 to the power of {DEEP[0]:g} to {DEEP[1]:g}")
    return (*checked_place(place), width)


def _drawing(text: str) -> str:
    unpack(text)
    return text


@dataclass(frozen=True)
class Digits:
    """What the page shows. It comes from a link, so it is not to be trusted: `links.read` checks it."""

    data: str = links.choice("digits", ("digits", "fashion"))
    beta: float = links.choice(1.0, BETAS)  # of the VAE
    columns: int = links.whole(20, *COLUMNS)
    points: bool = links.flag(True)  # the encoded test set over the grid
    sure: bool = links.flag(False)  # the judge's certainty over the grid
    view: tuple[float, ...] = links.special(  # centre, and log2 of the half width
        (0.0, 0.0, 0.0), lambda text: checked_view(links.floats(text, 3)), links.joined, 90
    )
    place: tuple[float, ...] = links.numbers((0.3, 0.3), -FAR, FAR)
    drawing: str = links.special("", _drawing, str, 2000)  # the user's digit, `pack`ed


def plane_scene(model, box: Box, columns: int) -> Scene:
    """A grid of columns x columns decoded pictures for a view (x, y, w). It shows the square of half width 2 ** w
    around (x, y); each picture is decoded from the middle of its cell."""
    steps = (torch.arange(columns) + 0.5) / columns * 2 - 1
    y, x = torch.meshgrid(steps.flip(0), steps, indexing="ij")
    cells = torch.stack([x, y], -1).flatten(0, 1)  # (columns ** 2, 2), as a picture is read

    def latents(values):
        return box.latents(values[:2] + cells * 2 ** values[2].clamp(*DEEP))

    return Scene(model, 3, -FAR, FAR, latents, lambda images, _: grid(to_uint8(images), columns))


def point_scene(model, box: Box) -> Scene:
    """One decoded picture, for values (x, y) of a place."""
    return Scene(model, 2, -FAR, FAR, lambda values: box.latents(values)[None], lambda images, _: to_uint8(images)[0])


def drawing_scene(model, box: Box) -> Scene:
    """What the model makes of a drawing, uint8 (INK, INK): the digit as it decodes it, and the place (x, y) where it
    encodes it."""

    def inputs(_, drawing):
        digit = as_digit(drawing)
        return to_float((np.zeros((SIDE, SIDE), np.uint8) if digit is None else digit)[None, ..., None])

    def compose(outputs, _):
        mean, images = outputs
        return to_uint8(images)[0], box.places(mean[0]).clamp(-FAR, FAR).tolist()

    return Scene(model, 0, 0, 0, inputs, compose, reconstruct, drawing=(INK, INK), numbers=2)


def reconstruct(model, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (n, C, H, W) in [-1, 1] to their latents (n, D), and what is decoded from these (n, C, H, W)."""
    mean, _ = model.encode(pictures)
    return mean, model.decode(mean)


def album_scene(pictures: np.ndarray) -> Scene:
    """One of the pictures, uint8 (N, H, W, C), for its number. It is looked up: there is no model."""

    def inputs(values):
        return torch.from_numpy(np.array(pictures[int(values[0].round())]))[None]

    return Scene(None, 1, 0, len(pictures) - 1, inputs, lambda picture, _: picture[0].numpy())


def certainty_map(model, judge, box: Box, side: int = 64) -> np.ndarray:
    """How sure the judge is of the picture decoded at each place: float (side, side) in [0, 1], y downwards."""
    cell = (box.high - box.low) / side / 2
    return certainty(model, judge, Box(box.low + cell, box.high - cell).grid(side))[0].reshape(side, side).numpy()


def as_digit(pixels: np.ndarray) -> np.ndarray | None:
    """A drawing, uint8 (H, W), white on black, in the format of MNIST: uint8 (28, 28).

    It is fitted into 20 x 20 pixels and centred by its centre of mass in 28 x 28 (LeCun et al. 1998, section III.A).
    None where the drawing is empty.
    """
    rows, columns = np.flatnonzero((pixels > 40).any(1)), np.flatnonzero((pixels > 40).any(0))
    if not len(rows):
        return None
    crop = Image.fromarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    share = 20 / max(crop.size)
    small = np.asarray(crop.resize([max(round(side * share), 1) for side in crop.size], Image.Resampling.LANCZOS))
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    sheet[: small.shape[0], : small.shape[1]] = small
    steps, middle = np.arange(SIDE), (SIDE - 1) / 2
    y, x = (steps @ sheet.sum(axis, dtype=float) / sheet.sum(dtype=float) for axis in (1, 0))
    room = np.array([SIDE - small.shape[0], SIDE - small.shape[1]])
    top, left = np.clip(np.round([middle - y, middle - x]), 0, room).astype(int)
    return np.roll(sheet, (top, left), (0, 1))


def pack(digit: np.ndarray) -> str:
    """A digit, uint8 (28, 28), as text for a link, in 16 levels of grey."""
    levels = (digit.astype(int) * 15 + 127) // 255
    pairs = (levels.reshape(-1, 2) * [16, 1]).sum(1).astype(np.uint8)
    return base64.urlsafe_b64encode(zlib.compress(pairs.tobytes(), 9)).decode().rstrip("=")


def unpack(text: str) -> np.ndarray:
    """The digit that `pack` packed: uint8 (28, 28). Raises ValueError for anything else."""
    size = SIDE * SIDE // 2
    try:
        data = base64.urlsafe_b64decode(text[:2000] + "=" * (-len(text[:2000]) % 4))
        pairs = np.frombuffer(zlib.decompressobj().decompress(data, size + 1), np.uint8)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ValueError("this link's drawing is damaged: draw it again") from error
    if len(pairs) != size:
        raise ValueError("this link's drawing is damaged: draw it again")
    return (np.stack([pairs >> 4, pairs & 15], 1).reshape(SIDE, SIDE) * 17).astype(np.uint8)
