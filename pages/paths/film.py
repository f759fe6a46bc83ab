"""Films of paths: GIF, MP4, a strip as PNG, and the latents as .npz.

Pictures come as an iterator and are drawn one by one, so that a page can show its progress, and can stop.
"""

import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from gen_lab.errors import MissingPackage
from gen_lab.images import encode, grid
from gen_lab.scenes import Request, render
from pages.paths.state import Course

FPS = 25  # exact in a GIF, which counts in hundredths of a second
STRIP = 9  # pictures in a row
Labels = Sequence[tuple[str, float, float]]  # text, left, top as shares
BATCH = 8  # pictures of a scene drawn at a time


def frames(course: Course, seconds: float, labels: Labels = ()) -> Iterator[np.ndarray]:
    """The pictures of a film of a path, with its labels: `count(seconds)` of uint8 (H, W, 3)."""
    scene = course.scene()
    for part in torch.linspace(0, 1, count(seconds)).split(BATCH):
        for picture in render([Request(scene, [t]) for t in part.tolist()]):
            yield with_labels(picture, labels)


def count(seconds: float) -> int:
    """The number of pictures in a film."""
    return max(2, round(seconds * FPS))


def with_labels(picture: np.ndarray, labels: Labels) -> np.ndarray:
    """A scene's picture (H, W, 1 or 3) with labels written on it: uint8 (H, W, 3)."""
    drawing = Image.fromarray(np.repeat(picture, 4 - picture.shape[2], 2) if picture.shape[2] == 1 else picture)
    draw, font = ImageDraw.Draw(drawing), ImageFont.load_default(max(9, drawing.width // 34))
    for text, left, top in labels:
        place = (left * drawing.width + 4, top * drawing.height + 4)
        draw.text(place, text, "white", font, stroke_width=1, stroke_fill="black")
    return np.asarray(drawing)


def gif(pictures: Iterable[np.ndarray]) -> bytes:
    """An endless GIF of uint8 (H, W, 3) pictures."""
    first, *rest = map(in_palette, pictures)
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=rest, duration=1000 // FPS, loop=0)
    return file.getvalue()


def in_palette(picture: np.ndarray) -> Image.Image:
    """A picture, uint8 (H, W, 3), in the 256 colours that fit it best: all its shades, if it is grey."""
    drawing = Image.fromarray(picture)
    if (picture == picture[:, :, :1]).all():
        return drawing.quantize(256, Image.Quantize.MEDIANCUT)
    # A part of the rows and columns has nearly all the colours, and takes a third of the time.
    sample = Image.fromarray(picture[::4, ::4].copy())
    palette = sample.quantize(256, Image.Quantize.MEDIANCUT, kmeans=1)
    # Dithering would hide the steps in a slope of colours, but raise the mean error by a fourth, and make the file up
    # to 2.5 times as large.
    return drawing.quantize(palette=palette, dither=Image.Dither.NONE)


def mp4(pictures: Iterable[np.ndarray]) -> bytes:
    """An H.264 film of uint8 (H, W, 3) pictures, made by the ffmpeg that comes with imageio-ffmpeg.

    An odd side loses its last row or column, because H.264 needs even ones. Raises OSError where the disk is full, and
    `MissingPackage` without the package.
    """
    try:
        import imageio.v2
        import imageio_ffmpeg  # noqa: F401 - what imageio writes with
    except ModuleNotFoundError as error:
        raise MissingPackage("MP4 needs two more packages", "requirements.txt") from error

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "path.mp4"
        with imageio.v2.get_writer(path, fps=FPS, quality=8, macro_block_size=1) as writer:
            for picture in pictures:
                height, width = (side // 2 * 2 for side in picture.shape[:2])
                writer.append_data(np.ascontiguousarray(picture[:height, :width]))
        return path.read_bytes()


def strip(course: Course) -> bytes:
    """The path as a PNG: a row each for linear, spherical and cross-fade, `STRIP` pictures from first to last."""
    t = torch.linspace(0, 1, STRIP)
    rows = np.concatenate([*course.pictures(t)])
    return encode(grid(rows, STRIP, gap=2))


def latents(course: Course, seconds: float) -> bytes:
    """A NumPy archive of a film of this length: t (N,), linear and spherical (N, D), and keyframes (K, D)."""
    t = torch.linspace(0, 1, count(seconds))
    linear, spherical = course.latents(t)
    file = io.BytesIO()
    np.savez_compressed(file, t=t, linear=linear, spherical=spherical, keyframes=course.keyframes)
    return file.getvalue()
