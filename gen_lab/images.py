"""Tensors <-> pixels: the only place that knows about 0..255.

Inside the library images are float32 tensors (B, C, H, W) in [-1, 1]; at its edges they are uint8 arrays
(B, H, W, C), photos (`PIL.Image`) and encoded bytes.
"""

import io
import warnings

import numpy as np
import torch
from PIL import Image, ImageOps

MAX_PIXELS = 120_000_000  # a 100-megapixel camera's photo passes, a decompression bomb does not


class BadImage(ValueError):
    """The bytes are not a usable picture; the message says why and what to do."""


def to_uint8(images: torch.Tensor) -> np.ndarray:
    """Float (B, C, H, W) in [-1, 1] to uint8 (B, H, W, C); values outside are clipped, NaN becomes mid-grey."""
    pixels = torch.nan_to_num(images.detach().float())  # a copy, changed in place: fresh memory takes longer than sums
    pixels = pixels.clamp_(-1, 1).add_(1).mul_(127.5).round_().to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def to_float(pixels) -> torch.Tensor:
    """uint8 (B, H, W, C), array or tensor, to float32 (B, C, H, W) in [-1, 1] on the same device."""
    pixels = pixels if isinstance(pixels, torch.Tensor) else torch.from_numpy(np.array(pixels))
    if pixels.dtype != torch.uint8 or pixels.ndim != 4:
        raise ValueError(f"expected uint8 (B, H, W, C), got {pixels.dtype} {tuple(pixels.shape)}")
    return pixels.permute(0, 3, 1, 2).float().div(127.5).sub(1)


def batches(pixels, size: int = 256):
    """uint8 (N, H, W, C), also memory-mapped, as float batches (B, C, H, W) in [-1, 1]."""
    for start in range(0, len(pixels), size):
        yield to_float(np.asarray(pixels[start : start + size]))


def open_photo(data: bytes) -> Image.Image:
    """A user's photo as upright RGB, at most 1,024 pixels on its longer side.

    EXIF rotation is applied and transparency laid on white. Raises `BadImage` for what Pillow cannot read, for
    broken files and for pictures of more than `MAX_PIXELS` pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is checked below
            photo = Image.open(io.BytesIO(data))
        if photo.width * photo.height > MAX_PIXELS:
            raise BadImage(
                f"this picture has {photo.width * photo.height / 1e6:.0f} megapixels; please use one of "
                f"{MAX_PIXELS / 1e6:.0f} or fewer"
            )
        photo.draft("RGB", (2048, 2048))  # lets JPEG decode at a fraction of the size: less memory, less time
        photo = ImageOps.exif_transpose(photo)
        photo.thumbnail((1024, 1024), Image.Resampling.LANCZOS, reducing_gap=2.0)
        if photo.mode != "RGB":
            rgba = photo.convert("RGBA")
            photo = Image.new("RGB", rgba.size, "white")
            photo.paste(rgba, mask=rgba.getchannel("A"))
        return photo
    except BadImage:
        raise
    except Image.DecompressionBombError as error:
        limit = f"{MAX_PIXELS / 1e6:.0f} megapixels"
        raise BadImage(f"this picture is too large to open: please use one of {limit} or fewer") from error
    except Exception as error:  # Pillow's plugins raise many kinds (OSError, SyntaxError, struct.error, ...)
        raise BadImage("this file cannot be read as a picture: please use a JPEG, PNG or WebP file") from error


def crop_square(photo: Image.Image, size: int, x: float = 0.5, y: float = 0.5, zoom: float = 1.0) -> np.ndarray:
    """A square of a photo, resized: uint8 (size, size, 3).

    `x`, `y` in [0, 1] place the square's centre within the photo as far as it goes; `zoom` >= 1 shrinks the square
    from the photo's shorter side.
    """
    side = min(photo.size) / max(zoom, 1.0)
    left = (photo.width - side) * min(max(x, 0.0), 1.0)
    top = (photo.height - side) * min(max(y, 0.0), 1.0)
    square = photo.convert("RGB").resize(
        (size, size), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side), reducing_gap=3.0
    )
    return np.asarray(square)


def grid(pixels: np.ndarray, columns: int, gap: int = 0, background: int = 255) -> np.ndarray:
    """uint8 (N, H, W, C) laid out row by row in one picture (rows*(H+gap)-gap, columns*(W+gap)-gap, C)."""
    count, height, width, channels = pixels.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, channels), background, np.uint8)
    for index, image in enumerate(pixels):
        row, column = divmod(index, columns)
        top, left = row * (height + gap), column * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def enlarge(pixels: np.ndarray, factor: int) -> np.ndarray:
    """One picture, uint8 (H, W, C), at `factor` times its size, bicubic."""
    height, width, channels = pixels.shape
    picture = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
    large = np.asarray(picture.resize((width * factor, height * factor), Image.Resampling.BICUBIC))
    return large.reshape(height * factor, width * factor, channels)


def encode(pixels: np.ndarray, kind: str = "PNG", **options) -> bytes:
    """One picture, uint8 (H, W, 1 or 3), as the bytes of a file of any kind that Pillow writes."""
    picture = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
