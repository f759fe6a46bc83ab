"""Tensors <-> pixels: the only place that knows about 0..255.

Inside the library images are float32 tensors (B, C, H, W) in [-1, 1]; at its edges they are uint8 arrays
(B, H, W, C), photos (`PIL.Image`) and encoded bytes.
"""

import contextlib
import io
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps

SIDE = 1024  # pixels on the longer side of a photo, at most
# The formats that are read, with the most megapixels of each: what decodes in about 400 MB. A JPEG is decoded at a
# fraction of its size, unless the decoder has to hold all of it first. WebP and AVIF take 16 bytes a pixel.
MEGAPIXELS = {"JPEG": 120, "PNG": 80, "GIF": 80, "BMP": 80, "TIFF": 36, "WEBP": 24, "AVIF": 24, "HEIF": 50}
READS = "JPEG, PNG, WebP, HEIC (as phones take them), AVIF, TIFF, GIF or BMP"
WHOLE_JPEG, RARE_HEIF = 40, 20  # megapixels of those that take more
LARGE = 4_000_000  # pixels: of pictures with more, one is decoded at a time
BAND = 500_000  # pixels that are converted at a time
JPEGS, END = ("JPEG", "MPO"), b"\xff\xd9"  # also several in one file; the mark at the end of each

warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limits above are lower
_large_decode = threading.Lock()


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
    """A picture's file, a user's or a data set's, as upright RGB with at most `SIDE` pixels on its longer side.

    EXIF rotation is applied and transparency laid on white; of an animation it is the first picture. Grey levels of 16
    bits are divided by 257, and whole or real numbers scaled from their own range: `note` says so. Raises `BadImage`
    for what cannot be read, for broken files and for more than `MEGAPIXELS`.
    """
    try:
        return _read(data)
    except BadImage:
        raise
    except Image.DecompressionBombError as error:
        most = min(MEGAPIXELS.values())
        raise BadImage(f"this picture is too large: please use one of {most} megapixels or fewer") from error
    except Exception as error:  # Pillow's plugins raise many kinds (OSError, SyntaxError, struct.error, ...)
        if "truncated" not in str(error):
            message = "this file cannot be read as a picture: please use a JPEG, PNG, WebP or HEIC that is not damaged"
            raise BadImage(message) from error
        if photo := _without_end(data):
            return photo
        raise BadImage("this picture's file is cut short: please use all of it, such as a new copy") from error


def note(photo: Image.Image) -> str:
    """How the values of a photo that `open_photo` opened were scaled, in a sentence; empty for ordinary pictures."""
    return photo.info.get("note", "")


def _read(data: bytes) -> Image.Image:
    """`open_photo`, with whatever Pillow raises."""
    formats = [*MEGAPIXELS]
    if data[4:8] == b"ftyp":
        import pillow_heif  # here, because it takes its time and few need it

        pillow_heif.register_heif_opener()
    else:
        formats.remove("HEIF")
    picture = Image.open(io.BytesIO(data), formats=formats)  # reads the header only
    _refuse_large(picture, data)
    if picture.format in JPEGS:
        longest = max(picture.size)
        picture.draft("RGB", (-(-picture.width * SIDE // longest), -(-picture.height * SIDE // longest)))
    _mend_transparency(picture)
    with _large_decode if picture.width * picture.height > LARGE else contextlib.nullcontext():
        picture.load()
        return _small(picture)


def _without_end(data: bytes) -> Image.Image | None:
    """A JPEG that lacks its end mark and nothing else. It looks the same whatever follows its last pixel."""
    if not data.startswith(b"\xff\xd8"):
        return None
    with contextlib.suppress(Exception):
        photo, again = (_read(data + filling + END) for filling in (b"", bytes(range(1, 100))))
        return photo if photo == again else None


def _refuse_large(picture: Any, data: bytes) -> None:
    """Raises `BadImage` for a picture, not yet decoded, that would take too much memory."""
    pixels = picture.width * picture.height
    if picture.format in JPEGS:
        # Only if the first scan has all components can the decoder go from row to row.
        parts = len(picture.getbands())
        scan = data[picture.fp.tell() - 6 - 2 * parts :][:3]  # Pillow stops after the header of the first scan
        by_rows = "progressive" not in picture.info and scan == bytes((0, 6 + 2 * parts, parts))
        most = MEGAPIXELS["JPEG"] if by_rows else WHOLE_JPEG
    elif picture.format == "HEIF":
        kind = (picture.mode, picture.info["bit_depth"], picture.info.get("chroma"))
        most = MEGAPIXELS["HEIF"] if kind == ("RGB", 8, 420) else RARE_HEIF
    else:
        most = MEGAPIXELS[picture.format]
    if picture.format == "TIFF":
        pixels = max(pixels, picture.tag_v2.get(322, 0) * picture.tag_v2.get(323, 0))  # of a tile
    if pixels > most * 1_000_000:
        advice = f"please use one of {most} or fewer" + ("" if most == MEGAPIXELS["JPEG"] else ", or a JPEG")
        raise BadImage(f"this picture has {pixels / 1_000_000:.0f} megapixels; {advice}")


def _mend_transparency(picture: Any) -> None:
    """Pillow leaves a PNG's transparent colour at the file's depth where it brings the pixels to 8 bits."""
    if picture.format != "PNG" or "transparency" not in picture.info:
        return
    colour, depth = picture.info["transparency"], picture.tile[0].args
    if depth in ("L;2", "L;4"):
        picture.info["transparency"] = colour * (85 if depth == "L;2" else 17)
    elif depth == "RGB;16B":
        picture.info["transparency"] = tuple(value >> 8 for value in colour)


def _small(picture: Image.Image) -> Image.Image:
    """A decoded picture as `open_photo` returns it. It is converted in bands, because a copy of all takes memory."""
    limits = _limits(picture)
    factor = max(1, max(picture.size) // (2 * SIDE))
    small = Image.new("RGB", (-(-picture.width // factor), -(-picture.height // factor)))
    for top, band in _bands(picture, factor):
        small.paste(_rgb(band, limits).reduce(factor), (0, top // factor))
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    small.info = picture.info
    with contextlib.suppress(Exception):  # EXIF that is damaged says nothing about the picture
        ImageOps.exif_transpose(small, in_place=True)
    words = "This picture's values were scaled from {:,.6g} .. {:,.6g} to 0 .. 255."
    small.info = {"note": words.format(*limits)} if limits else {}
    return small


def _bands(picture: Image.Image, factor: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """Bands of about `BAND` pixels, as (top, picture), whose heights are multiples of a factor."""
    height = max(1, BAND // picture.width // factor) * factor
    for top in range(0, picture.height, height):
        yield top, picture.crop((0, top, picture.width, min(top + height, picture.height)))


def _limits(picture: Image.Image) -> tuple[float, float] | None:
    """The values that become 0 and 255, where those of a picture have more than 8 bits."""
    if picture.mode.startswith("I;16"):
        return 0, 65535
    if picture.mode not in ("I", "F"):
        return None
    values = (np.asarray(band) for _, band in _bands(picture))
    ranges = [(part.min(), part.max()) for band in values if (part := band[np.isfinite(band)]).size]
    if not ranges:
        raise BadImage("this picture has no finite values: please use another")
    lows, highs = zip(*ranges, strict=True)
    return float(min(lows)), float(max(highs))


def _rgb(picture: Image.Image, limits: tuple[float, float] | None) -> Image.Image:
    """A picture of any mode as RGB, on white; values between `limits` become 0 .. 255."""
    if limits:
        values = np.asarray(picture)
        shares = (values - np.float64(limits[0])) / (limits[1] - limits[0] or 1)
        levels = np.rint(255 * np.fmin(np.fmax(shares, 0), 1)).astype(np.uint8)  # what is no number becomes 0
        if "transparency" in picture.info:
            levels[values == picture.info["transparency"]] = 255
        return Image.fromarray(levels).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    rgba = (picture.convert("LA") if picture.mode == "La" else picture).convert("RGBA")
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


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
    tiles = np.full((rows * columns, height + gap, width + gap, channels), background, np.uint8)
    tiles[:count, :height, :width] = pixels
    lines = tiles.reshape(rows, columns, height + gap, width + gap, channels).swapaxes(1, 2)
    sheet = lines.reshape(rows * (height + gap), columns * (width + gap), channels)
    return np.ascontiguousarray(sheet[: len(sheet) - gap, : sheet.shape[1] - gap])


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
