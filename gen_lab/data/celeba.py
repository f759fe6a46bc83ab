"""CelebA: faces of celebrities with 40 attributes (Liu et al., "Deep Learning Face Attributes in the Wild", ICCV 2015).

Reads the official files anywhere in `$GEN_LAB_DATA/celeba`: the pictures in `img_align_celeba.zip` or in a folder
`img_align_celeba/`, `list_attr_celeba.txt` and `list_eval_partition.txt`, or Kaggle's `.csv` of these names. What is in
both lists and among the pictures is taken. Pictures of the official 178 x 218 pixels are cut to their central
148 x 148; square ones count as cut already. They are decoded once, to 64 x 64, into a cache (`gen_lab.data.cache_root`)
that is keyed by the sizes and times of the source files, so that a changed source is noticed.
"""

import hashlib
import threading
from collections.abc import Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from gen_lab.data import SPLITS, Dataset, cache, cache_root, reading

SIZE = 64  # pixels a side
CROP = 148  # pixels a side, of the official 178 x 218
BLOCK = 512  # pictures decoded between two writes
VERSION = 2  # of the reader: raise it when it takes other pictures, so that older caches are not taken for these
PICTURES = "img_align_celeba"
FILES = ("list_attr_celeba.txt", "list_eval_partition.txt")
LICENCE = (
    "CelebA (The Chinese University of Hong Kong): non-commercial research and education only; "
    "the images may not be redistributed"
)
ASPECTS = {  # attribute -> others that belong to it, and may come and go with it
    "Smiling": ("Mouth_Slightly_Open", "High_Cheekbones"),
    "Male": ("5_o_Clock_Shadow", "Wearing_Lipstick", "Wearing_Earrings", "Wearing_Necklace", "Wearing_Necktie"),
    "Young": ("Attractive", "Gray_Hair", "Bags_Under_Eyes", "Receding_Hairline"),
    "Heavy_Makeup": ("Attractive", "Wearing_Lipstick", "Rosy_Cheeks", "Arched_Eyebrows"),
    "Bangs": ("Receding_Hairline",),
    "Wavy_Hair": ("Straight_Hair",),
    "No_Beard": ("5_o_Clock_Shadow", "Goatee", "Mustache", "Sideburns"),
}

_decoding = threading.Lock()  # thirty sessions that ask at once must not decode thirty times


def folder() -> Path:
    return reading.folder("celeba")


def sources() -> reading.Sources:
    """Where the pictures and the two lists lie."""
    place = folder()
    lists = {name: reading.find_file(place, name, name.replace(".txt", ".csv")) for name in FILES}
    return {f"{PICTURES}.zip": reading.find_pictures(place, PICTURES, f"{PICTURES}_png"), **lists}


def is_ready() -> bool:
    return all(sources().values()) and cache.is_whole(_cache_folder())


def prepare() -> None:
    """Decode the pictures into the cache, unless they are there. Raises `MissingData` without source files, and
    ValueError for files that are damaged or do not belong together."""
    reading.require("celeba", sources())
    with _decoding:
        folder = _cache_folder()
        if not cache.is_whole(folder):
            _decode_into(folder)


def load(split: str) -> Dataset:
    prepare()
    return cache.load(_cache_folder(), "celeba", LICENCE, split)


def crop(picture: Image.Image) -> np.ndarray:
    """uint8 (64, 64, 3): all of a square RGB picture, of any other the central square, 148/178 of its shorter side."""
    width, height = picture.size
    side = width if width == height else max(round(CROP / 178 * min(width, height)), 1)
    left, top = (width - side) // 2, (height - side) // 2
    square = picture.crop((left, top, left + side, top + side))
    return np.asarray(square.resize((SIZE, SIZE), Image.Resampling.LANCZOS))


def region(attribute: str, size: int = SIZE) -> np.ndarray:
    """Where an attribute shows, in a picture cut by `crop`: bool (size, size); everywhere, if it has no place.

    The regions are the same for every picture, so one picture's hair is another's background. The hair lies between an
    ellipse around the head and one around the face.
    """
    y, x = np.mgrid[:size, :size] * (SIZE / size)
    mouth = (abs(x - 32) < 13) & (abs(y - 50) < 8)
    head = ((x - 32) / 26) ** 2 + ((y - 32) / 32) ** 2 < 1
    face = ((x - 32) / 16) ** 2 + ((y - 42) / 22) ** 2 < 1
    if attribute in ("Smiling", "Mouth_Slightly_Open"):
        return mouth
    if attribute == "Eyeglasses":
        return (abs(x - 32) < 21) & (abs(y - 33) < 9)
    if attribute == "No_Beard":
        return (abs(x - 32) < 18) & (y > 42)
    if attribute.endswith("_Hair") or attribute == "Bangs":
        return head & ~face & ~mouth
    return np.ones((size, size), bool)


def read_attributes(path: Path) -> tuple[tuple[str, ...], dict[str, np.ndarray]]:
    """The attribute names, and bool (A,) by file name, of `list_attr_celeba.txt`: count, names, then -1/1 rows. Or of
    the same as CSV, without a count. Raises ValueError for anything else."""
    header, *rows = reading.lines(path)
    if header.isdecimal() and rows:
        header, *rows = rows
    comma = "," if "," in header else None
    names = tuple(name.strip() for name in header.split(comma))[1 if comma else 0 :]  # CSV names the files' column too
    table = {}
    for row in rows:
        file, *values = (cell.strip() for cell in row.rsplit(comma, len(names)))
        if len(values) != len(names) or not set(values) <= {"-1", "0", "1"}:
            raise ValueError(f"{path}: the row of {reading.show(file)} is not {len(names)} values of -1 or 1")
        if reading.key(file) in table:
            raise ValueError(f"{path} has two rows of {reading.show(file)}: take one of them away")
        table[reading.key(file)] = np.array([value == "1" for value in values])
    return names, table


def read_partition(path: Path) -> dict[str, int]:
    """0 train, 1 valid or 2 test by file name, of the rows of `list_eval_partition.txt`, or of the same as CSV."""
    first, *rows = reading.lines(path)
    is_header = first.endswith("partition")
    comma = "," if path.suffix.casefold() == ".csv" else None
    parts = {}
    for row in rows if is_header else [first, *rows]:
        file, *part = (cell.strip() for cell in row.rsplit(comma, 1))
        if part not in (["0"], ["1"], ["2"]):
            raise ValueError(f"{path}: the row of {reading.show(file)} is not a file name and 0, 1 or 2")
        if reading.key(file) in parts:
            raise ValueError(f"{path} has two rows of {reading.show(file)}: take one of them away")
        parts[reading.key(file)] = int(part[0])
    return parts


def _cache_folder() -> Path:
    """Where the decoded pictures of these source files belong: celeba-<source>-<state of the source>."""
    source = hashlib.sha256(str(folder().resolve()).encode()).hexdigest()
    state = reading.stamp(*(path for path in sources().values() if path))
    return cache_root() / f"celeba-{source[:8]}-{state}-v{VERSION}"


def _decode_into(place: Path) -> None:
    source, attribute_list, partition = sources().values()
    assert source and attribute_list and partition
    names, table = read_attributes(attribute_list)
    parts = read_partition(partition)
    pictures = reading.Pictures(source)
    members = pictures.by_name()
    with_picture, with_row, with_part = members.keys(), table.keys(), parts.keys()

    def pick(names: Set[str]) -> list[str]:
        return [members[name] for name in names & with_picture]

    left_out = reading.account({
        f"named in the lists but not in {source.name}": (with_row | with_part) - with_picture,
        f"without a row in {attribute_list.name}": pick(with_part - with_row),
        f"without a row in {partition.name}": pick(with_row - with_part),
        "in neither list": pick(with_picture - with_row - with_part),
        **pictures.left_out,
    })  # fmt: skip
    rows = [name for name in parts if name in members and name in table]
    rows.sort(key=lambda name: parts[name])  # each split in one piece, so that it is a slice of the memory map
    if not rows:
        why = left_out or "there are none"
        raise ValueError(f"no picture in {source} is named in both lists ({why}): fetch all three again")
    bounds = np.searchsorted([parts[name] for name in rows], range(len(SPLITS) + 1)).tolist()
    splits = {split: (bounds[part], bounds[part + 1]) for part, split in enumerate(SPLITS)}
    attributes = np.array([table[name] for name in rows], bool).reshape(-1, len(names))
    blocks = _blocks(pictures, [members[name] for name in rows])
    cache.write(place, blocks, (len(rows), SIZE, SIZE, 3), attributes, names, splits, left_out)
    cache.remove_others(place)


def _blocks(pictures: reading.Pictures, files: list[str]) -> Iterator[np.ndarray]:
    """Blocks uint8 (n, 64, 64, 3) of the files in order. Threads are enough: Pillow decodes without the GIL."""
    with ThreadPoolExecutor() as threads, tqdm(total=len(files), desc="celeba", unit="face") as progress:
        for start in range(0, len(files), BLOCK):
            block = np.stack(list(threads.map(lambda file: crop(pictures.open(file)), files[start : start + BLOCK])))
            progress.update(len(block))
            yield block
