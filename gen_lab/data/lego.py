"""Lego: public renders of 13 kinds of toy brick, each in 400 poses seen by two cameras, grey on black.

Reads the pictures anywhere in `$GEN_LAB_DATA/lego`: in `lego-brick-images.zip` or unpacked, in a folder `Train` or
`dataset`, as `<kind>/<name> <pose>L.png` (and R), or all in one folder as `<number> <kind> <pose>L.png`. They are
decoded once, to 64 x 64 grey pixels, into a cache (`gen_lab.data.cache_root`) that is keyed by the sizes and times of
the source files, so that a changed source is noticed.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image
from tqdm import tqdm

from gen_lab.data import SPLITS, Dataset, cache, cache_root, reading

SIZE = 64  # pixels a side
BLOCK = 512  # pictures decoded between two writes
VERSION = 2  # of the reader: raise it when it takes other pictures, so that older caches are not taken for these
ARCHIVE, FOLDER = "lego-brick-images.zip", "Train"
STAND_IN = "fake_bricks"  # what a dry run takes in its place
LICENCE = (
    "Renders of toy bricks published without clear terms: train and measure, do not redistribute. "
    "LEGO is a trademark of the LEGO Group, which has nothing to do with this project"
)

_decoding = threading.Lock()  # thirty sessions that ask at once must not decode thirty times


def folder() -> Path:
    return reading.folder("lego")


def sources() -> reading.Sources:
    """Where the pictures lie."""
    return {ARCHIVE: reading.find_pictures(folder(), FOLDER, "dataset", ARCHIVE.removesuffix(".zip"))}


def is_ready() -> bool:
    return all(sources().values()) and cache.is_whole(_cache_folder())


def prepare() -> None:
    """Decode the pictures into the cache, unless they are there. Raises `MissingData` without source files, and
    ValueError for damaged ones."""
    reading.require("lego", sources())
    with _decoding:
        place = _cache_folder()
        if not cache.is_whole(place):
            _decode_into(place)


def load(split: str) -> Dataset:
    """Grey pictures uint8 (N, 64, 64, 1): of each kind's 400 poses 320 to train on, 40 to validate and 40 to test,
    each seen by both cameras; the attributes are the kinds, one of which each picture has."""
    prepare()
    return cache.load(_cache_folder(), "lego", LICENCE, split)


def _cache_folder() -> Path:
    """Where the decoded pictures of these source files belong: lego-<source>-<state of the source>."""
    source = hashlib.sha256(str(folder().resolve()).encode()).hexdigest()
    state = reading.stamp(*(path for path in sources().values() if path))
    return cache_root() / f"lego-{source[:8]}-{state}-v{VERSION}"


def _decode_into(place: Path) -> None:
    (source,) = sources().values()
    assert source
    pictures = reading.Pictures(source)
    kind_of, without = _kinds(pictures.files)
    left_out = reading.account({"of no kind": without, **pictures.left_out})
    if not kind_of:
        why = f" ({left_out})" if left_out else ""
        raise ValueError(f"{source} has no pictures <kind>/*.png{why}: fetch it again")
    kinds = tuple(sorted(set(kind_of.values())))
    parts = {split: [] for split in SPLITS}
    for kind in kinds:
        of_kind = [file for file in kind_of if kind_of[file] == kind]
        # Both cameras' views of a pose belong to one part: they are nearly the same picture.
        poses = sorted({_pose(file) for file in of_kind})
        part_of = {pose: {8: "valid", 9: "test"}.get(rank % 10, "train") for rank, pose in enumerate(poses)}
        for file in of_kind:
            parts[part_of[_pose(file)]].append(file)
    files = [file for split in SPLITS for file in parts[split]]
    bounds = np.cumsum([0, *(len(parts[split]) for split in SPLITS)]).tolist()
    splits = {split: (bounds[part], bounds[part + 1]) for part, split in enumerate(SPLITS)}
    attributes = np.array([[kind_of[file] == kind for kind in kinds] for file in files], bool)
    blocks = _blocks(pictures, files)
    cache.write(place, blocks, (len(files), SIZE, SIZE, 1), attributes, kinds, splits, left_out)
    cache.remove_others(place)


def _kinds(files: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """Each file's kind: the folder that it lies in, or, if all lie in the same, the words between the numbers in its
    name. Also the files that have none."""
    paths = {file: PurePosixPath(file.replace("\\", "/")) for file in files}
    if len({path.parent for path in paths.values()}) > 1:
        kinds = {file: path.parent.name for file, path in paths.items()}
    else:
        words = {file: re.fullmatch(r"(?:\d\S* )?(.+?) \d+[LR]?", path.stem) for file, path in paths.items()}
        kinds = {file: match[1].replace(" ", "_") if match else "" for file, match in words.items()}
    return {file: kind for file, kind in kinds.items() if kind}, [file for file, kind in kinds.items() if not kind]


def _pose(file: str) -> str:
    """What the names of both cameras' views of a pose have in common."""
    return PurePosixPath(file).stem.rstrip("LR")


def _blocks(pictures: reading.Pictures, files: list[str]) -> Iterator[np.ndarray]:
    """Blocks uint8 (n, 64, 64, 1) of the files in order."""
    with tqdm(total=len(files), desc="lego", unit="brick") as progress:
        for start in range(0, len(files), BLOCK):
            block = np.stack([_grey(pictures.open(file)) for file in files[start : start + BLOCK]])
            progress.update(len(block))
            yield block


def _grey(picture: Image.Image) -> np.ndarray:
    """uint8 (64, 64, 1)."""
    picture = picture.convert("L")
    if picture.size != (SIZE, SIZE):
        picture = picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return np.asarray(picture)[..., None]
