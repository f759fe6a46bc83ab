"""Lego: public renders of 13 kinds of toy brick, each in 400 poses seen by two cameras, grey on black.

Reads `$GEN_LAB_DATA/lego`: the PNGs in `lego-brick-images.zip` or unpacked, as `Train/<kind>/<name> <pose>L.png` (and
R). They are decoded once, to 64 x 64 grey pixels, into a cache (`gen_lab.data.cache_root`) that is keyed by the sizes
and times of the source files, so that a changed source is noticed.
"""

import contextlib
import hashlib
import io
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image
from tqdm import tqdm

from gen_lab.data import SPLITS, Dataset, MissingData, cache, cache_root, data_root

SIZE = 64  # pixels a side
BLOCK = 512  # pictures decoded between two writes
ARCHIVE, FOLDER = "lego-brick-images.zip", "Train"
STAND_IN = "fake_bricks"  # what a dry run takes in its place
LICENCE = (
    "Renders of toy bricks published without clear terms: train and measure, do not redistribute. "
    "LEGO is a trademark of the LEGO Group, which has nothing to do with this project"
)

_decoding = threading.Lock()  # thirty sessions that ask at once must not decode thirty times


def folder() -> Path:
    return data_root() / "lego"


def is_present() -> bool:
    """Whether the source files are there, decoded or not."""
    return (folder() / FOLDER).is_dir() or (folder() / ARCHIVE).is_file()


def is_ready() -> bool:
    return is_present() and cache.is_whole(_cache_folder())


def prepare() -> None:
    """Decode the pictures into the cache, unless they are there. Raises `MissingData` without source files."""
    if not is_present():
        raise MissingData("lego")
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
    pictures = folder() / FOLDER
    files = sorted(pictures.glob("*/*.png")) if pictures.is_dir() else [folder() / ARCHIVE]
    state = hashlib.sha256(str(SIZE).encode())
    for file in files:
        status = file.stat()
        state.update(f"{file.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    source = hashlib.sha256(str(folder().resolve()).encode()).hexdigest()
    return cache_root() / f"lego-{source[:8]}-{state.hexdigest()[:16]}"


def _decode_into(place: Path) -> None:
    with _source() as (files, read_bytes):
        kinds = tuple(sorted({_kind(file) for file in files}))
        parts = {split: [] for split in SPLITS}
        for kind in kinds:
            of_kind = [file for file in files if _kind(file) == kind]
            # Both cameras' views of a pose belong to one part: they are nearly the same picture.
            poses = sorted({_pose(file) for file in of_kind})
            part_of = {pose: {8: "valid", 9: "test"}.get(rank % 10, "train") for rank, pose in enumerate(poses)}
            for file in of_kind:
                parts[part_of[_pose(file)]].append(file)
        files = [file for split in SPLITS for file in parts[split]]
        bounds = np.cumsum([0, *(len(parts[split]) for split in SPLITS)]).tolist()
        splits = {split: (bounds[part], bounds[part + 1]) for part, split in enumerate(SPLITS)}
        attributes = np.array([[_kind(file) == kind for kind in kinds] for file in files], bool)
        shape = (len(files), SIZE, SIZE, 1)
        cache.write(place, _blocks(files, read_bytes), shape, attributes, kinds, splits)
    for old in place.parent.glob(place.name.rsplit("-", 1)[0] + "-*"):
        if old != place:
            shutil.rmtree(old, ignore_errors=True)  # decoded from an earlier state of the same source


@contextlib.contextmanager
def _source() -> Iterator[tuple[list[str], Callable[[str], bytes]]]:
    """The pictures' names, sorted, and what reads one by its name, from the folder or else the zip."""
    if (folder() / FOLDER).is_dir():
        files = sorted(path.relative_to(folder()).as_posix() for path in (folder() / FOLDER).glob("*/*.png"))
        _refuse_none(files, FOLDER)
        yield files, lambda file: (folder() / file).read_bytes()
        return
    try:
        archive = zipfile.ZipFile(folder() / ARCHIVE)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{folder() / ARCHIVE} is damaged: fetch it again") from error
    with archive:
        files = sorted(name for name in archive.namelist() if PurePosixPath(name).match(f"{FOLDER}/*/*.png"))
        _refuse_none(files, ARCHIVE)
        yield files, archive.read


def _refuse_none(files: list[str], source: str) -> None:
    if not files:
        raise ValueError(f"{folder() / source} has no pictures {FOLDER}/<kind>/*.png: fetch it again")


def _kind(file: str) -> str:
    return PurePosixPath(file).parent.name


def _pose(file: str) -> str:
    """What the names of both cameras' views of a pose have in common."""
    return PurePosixPath(file).stem.rstrip("LR")


def _blocks(files: list[str], read_bytes: Callable[[str], bytes]) -> Iterator[np.ndarray]:
    """Blocks uint8 (n, 64, 64, 1) of the files in order."""
    with tqdm(total=len(files), desc="lego", unit="brick") as progress:
        for start in range(0, len(files), BLOCK):
            block = np.stack([_picture(file, read_bytes) for file in files[start : start + BLOCK]])
            progress.update(len(block))
            yield block


def _picture(file: str, read_bytes: Callable[[str], bytes]) -> np.ndarray:
    """uint8 (64, 64, 1)."""
    try:
        picture = Image.open(io.BytesIO(read_bytes(file))).convert("L")
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{file} of the toy bricks is damaged: fetch the pictures again") from error
    if picture.size != (SIZE, SIZE):
        picture = picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return np.asarray(picture)[..., None]
