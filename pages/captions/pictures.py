"""The photos that ship, and attention over a picture: where the model looked for a word, or for all side by side.

    photo = PHOTOS["chelsea"].open()
    caption = model.caption(tensor(photo))[0]
    strip(photo, caption.words, caption.attention).save("chelsea.png")
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from plotly.colors import sample_colorscale

from gen_lab.images import open_photo, to_float

FOLDER = Path(__file__).parent / "photos"
COLUMNS, TILE, GAP = 6, 256, 16  # of a strip: pictures in a row, pixels of each, and between them


@dataclass(frozen=True)
class Photo:
    """A picture that ships with gen_lab; photos/CREDITS.md says more."""

    path: Path
    credit: str
    is_outside: bool = True  # of the captioner's world: people, dogs and sport, outdoors

    def open(self) -> Image.Image:
        return open_photo(self.path.read_bytes())

INSIDE = {"closeup"}  # photos that it describes rightly

PHOTOS = {
    name: Photo(FOLDER / f"{name}.webp", credit, name not in INSIDE)
    for name, credit in (
        ("closeup", "Lav Varshney, CC0"),
        ("camera", "Lav Varshney, CC0"),
        ("astronaut", "NASA, public domain"),
        ("chelsea", "Stéfan van der Walt, CC0"),
        ("coffee", "Rachel Michetti, CC0"),
        ("rocket", "SpaceX, public domain"),
        ("china", "danielbuechele, CC BY 2.0"),
        ("flower", "vultilion, CC BY 2.0"),
        ("avatar", "remix of Avataaars by Pablo Stanley"),
    )
}

# Plotly's perceptually uniform scales, and that of Xu et al. 2015's figures.
SCALES = {"inferno": "Inferno", "viridis": "Viridis", "cividis": "Cividis", "spotlight": ["#000000", "#ffffff"]}
COLOURS = {  # uint8 (256, 3), from no attention to the most
    name: (255 * np.array(sample_colorscale(scale, np.linspace(0, 1, 256), colortype="tuple"))).round().astype(np.uint8)
    for name, scale in SCALES.items()
}


def tensor(photo: Image.Image) -> torch.Tensor:
    """An RGB picture as a captioner takes it: float (1, 3, H, W) in [-1, 1]."""
    return to_float(np.asarray(photo)[None])


def smooth(attention: torch.Tensor, size: tuple[int, int]) -> np.ndarray:
    """An attention map (h, w) at `size` (width, height) pixels, bicubic: float (height, width) in [0, 1].

    The map's own maximum becomes 1 and no attention 0. So maps show how their attention is spread, and not how much
    higher one peak is than another's. A map that is even is 1 everywhere.
    """
    grid = Image.fromarray(np.asarray(attention, np.float32))
    fine = np.asarray(grid.resize(size, Image.Resampling.BICUBIC)).clip(0)  # bicubic can overshoot
    return fine / max(float(fine.max()), 1e-12)


def overlay(
    image: Image.Image, attention: torch.Tensor, strength: float = 0.6, colours: str = "inferno"
) -> Image.Image:
    """An RGB picture under its attention (h, w), smoothed and in one of `COLOURS`: `strength` in [0, 1] of the colours,
    the rest of the picture."""
    levels = (255 * smooth(attention, image.size)).round().astype(np.uint8)
    return Image.blend(image, Image.fromarray(COLOURS[colours][levels]), strength)


def strip(
    image: Image.Image,
    words: Sequence[str],
    attention: torch.Tensor,
    strength: float = 0.6,
    colours: str = "inferno",
) -> Image.Image:
    """A slide: the RGB picture, and then again for each word, with the word on top and its attention (words, h, w).

    There are `COLUMNS` in a row, each of `TILE` pixels on the longer side, black on white.
    """
    share = TILE / max(image.size)
    small = image.resize([max(1, round(side * share)) for side in image.size], Image.Resampling.LANCZOS)
    overlays = [overlay(small, weights, strength, colours) for weights in attention]
    tiles = [("", small), *zip(words, overlays, strict=True)]
    columns, head = min(COLUMNS, len(tiles)), TILE // 6
    width, height = TILE + GAP, small.height + head + GAP
    sheet = Image.new("RGB", (columns * width + GAP, -(-len(tiles) // columns) * height + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (word, picture) in enumerate(tiles):
        left, top = GAP + place % columns * width, GAP + place // columns * height
        draw.text((left + TILE / 2, top + head / 2), word, "black", _font(word), anchor="mm")
        sheet.paste(picture, (left + (TILE - small.width) // 2, top + head))
    return sheet


def _font(word: str) -> ImageFont.FreeTypeFont:
    """Pillow's own font, as large as fits the word above its picture."""
    font = ImageFont.load_default(TILE // 8)
    return font if font.getlength(word) <= TILE else ImageFont.load_default(TILE // 8 * TILE / font.getlength(word))
