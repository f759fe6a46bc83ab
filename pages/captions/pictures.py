"""Pictures and their captions: where a word looked, all words side by side, many pictures at once.

    photo = PHOTOS["chelsea"].open()
    caption = model.caption(tensor(photo))[0]
    strip(photo, caption.words, caption.attention).save("chelsea.png")
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from plotly.colors import sample_colorscale

from gen_lab.device import on_device
from gen_lab.images import BadImage, open_photo, to_float
from gen_lab.models.caption import Caption, Captioner

FOLDER = Path(__file__).parent / "photos"
BATCH = 4  # pictures captioned at a time
THUMBNAIL = 192  # pixels on the longer side
COLUMNS, TILE, GAP = 6, 256, 16  # of a strip: pictures in a row, pixels of each, and between them


@dataclass(frozen=True)
class Photo:
    """A picture that ships with gen_lab; photos/CREDITS.md says more."""

    path: Path
    title: str
    credit: str

    def open(self) -> Image.Image:
        return open_photo(self.path.read_bytes())


PHOTOS = {
    name: Photo(FOLDER / f"{name}.webp", title, credit)
    for name, title, credit in (
        ("camera", "Photographer", "Lav Varshney, CC0"),
        ("astronaut", "Astronaut", "NASA, public domain"),
        ("chelsea", "Cat", "Stéfan van der Walt, CC0"),
        ("coffee", "Coffee", "Rachel Michetti, CC0"),
        ("rocket", "Rocket", "SpaceX, public domain"),
        ("china", "Tower", "danielbuechele, CC BY 2.0"),
        ("flower", "Flower", "vultilion, CC BY 2.0"),
        ("avatar", "Avatar", "remix of Avataaars by Pablo Stanley"),
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

    Its own maximum becomes 1 and no attention 0, so that maps show how their attention is spread, and not how much
    higher one peak is than another's. A map that is the same everywhere is 1 everywhere.
    """
    grid = Image.fromarray(np.asarray(attention, np.float32))
    fine = np.asarray(grid.resize(size, Image.Resampling.BICUBIC)).clip(0)  # bicubic can overshoot
    return fine / max(float(fine.max()), 1e-12)


def overlay(
    image: Image.Image, attention: torch.Tensor, strength: float = 0.6, colours: str = "inferno"
) -> Image.Image:
    """An RGB picture under the colours, one of `COLOURS`, of `smooth(attention)`: `strength` in [0, 1] of these, the
    rest of the picture."""
    levels = (255 * smooth(attention, image.size)).round().astype(np.uint8)
    return Image.blend(image, Image.fromarray(COLOURS[colours][levels]), strength)


def strip(
    image: Image.Image,
    words: Sequence[str],
    attention: torch.Tensor,
    strength: float = 0.6,
    colours: str = "inferno",
) -> Image.Image:
    """A slide: the RGB picture, then once more for each word, with its attention (words, h, w) and its name on top.

    `COLUMNS` to a row, `TILE` pixels on the longer side, black on white.
    """
    share = TILE / max(image.size)
    small = image.resize([max(1, round(side * share)) for side in image.size], Image.Resampling.LANCZOS)
    seen = [overlay(small, each, strength, colours) for each in attention]
    titled = [("", small), *zip(words, seen, strict=True)]
    columns, head = min(COLUMNS, len(titled)), TILE // 6
    width, height = TILE + GAP, small.height + head + GAP
    sheet = Image.new("RGB", (columns * width + GAP, -(-len(titled) // columns) * height + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (word, picture) in enumerate(titled):
        left, top = GAP + place % columns * width, GAP + place // columns * height
        draw.text((left + TILE / 2, top + head / 2), word, "black", _font(word), anchor="mm")
        sheet.paste(picture, (left + (TILE - small.width) // 2, top + head))
    return sheet


def _font(word: str) -> ImageFont.FreeTypeFont:
    """The one that Pillow has, as large as the word may be above its picture."""
    font = ImageFont.load_default(TILE // 8)
    return font if font.getlength(word) <= TILE else ImageFont.load_default(TILE // 8 * TILE / font.getlength(word))


@dataclass(frozen=True, eq=False)
class Row:
    """What came of one picture of a batch: two captions, or an error."""

    name: str
    thumbnail: Image.Image | None = None
    greedy: Caption | None = None
    beam: Caption | None = None
    error: str = ""


def rows(model: Captioner, pictures: Iterable[tuple[str, bytes]], beam: int = 5) -> Iterator[Row]:
    """The captions of files (name, bytes), `BATCH` of them at a time, in order; for one that is no picture, why.

    Files are opened when their turn comes, so that whoever stops asking stops the work.
    """
    pictures = iter(pictures)
    while batch := list(islice(pictures, BATCH)):
        opened, found = {}, {}
        for place, (name, data) in enumerate(batch):
            try:
                photo = open_photo(data)
            except BadImage as error:
                found[place] = Row(name, error=str(error))
                continue
            opened[place] = on_device(model, model.features, tensor(photo)).cpu()
            photo.thumbnail((THUMBNAIL, THUMBNAIL))
            found[place] = Row(name, photo)
        if opened:
            features = torch.cat(list(opened.values()))
            captions = [on_device(model, lambda maps, width=width: model.describe(maps, width), features)
                        for width in (1, beam)]  # fmt: skip
            for place, greedy, best in zip(opened, *captions, strict=True):
                found[place] = Row(found[place].name, found[place].thumbnail, greedy, best)
        yield from (found[place] for place in range(len(batch)))


def as_csv(found: Iterable[Row]) -> bytes:
    """A table with a line for each picture, UTF-8 with the mark by which spreadsheets know it.

    A cell that begins like a formula gets an apostrophe in front: a spreadsheet would compute it.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("file", "greedy", "greedy log-probability", "beam", "beam log-probability", "error"))
    for row in found:
        said = [
            cell
            for caption in (row.greedy, row.beam)
            for cell in ((sentence(caption), f"{caption.log_probability:.4f}") if caption else ("", ""))
        ]
        writer.writerow((_harmless(row.name), *said, row.error))
    return file.getvalue().encode("utf-8-sig")


def sentence(caption: Caption) -> str:
    """The words of a caption with spaces between them."""
    return " ".join(caption.words)


def _harmless(cell: str) -> str:
    return "'" + cell if cell.lstrip()[:1] in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r", "\n") else cell
