"""CelebA: faces of celebrities with 40 attributes (Liu et al., "Deep Learning Face Attributes in the Wild", ICCV 2015).

Reads the official layout in `$GEN_LAB_DATA/celeba`: the pictures in `img_align_celeba.zip` or in a folder
`img_align_celeba/`, `list_attr_celeba.txt` and `list_eval_partition.txt`. Pictures of the official 178 x 218 pixels
are cut to their central 148 x 148; square ones count as cut already. They are decoded once, to 64 x 64, into a cache
(`gen_lab.data.cache_root`) that is keyed by the sizes and times of the source files, so that a changed source is
noticed.
"""

import hashlib
import io
import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from gen_lab.data import SPLITS, Dataset, MissingData, cache, cache_root, data_root

SIZE = 64  # pixels a side
CROP = 148  # pixels a side, of the official 178 x 218
BLOCK = 512  # pictures decoded between two writes
FILES = ("list_attr_celeba.txt", "list_eval_partition.txt")
LICENCE = (
    "CelebA (The Chinese University of Hong Kong): non-commercial research and education only; "
    "the images may not be redistributed"
)

_decoding = threading.Lock()  # thirty sessions that ask at once must not decode thirty times


def folder() -> Path:
    return data_root() / "celeba"


def is_present() -> bool:
    """Whether the source files are there, decoded or not."""
    root = folder()
    return _pictures(root).exists() and all((root / name).is_file() for name in FILES)


def is_ready() -> bool:
    return is_present() and cache.is_whole(_cache_folder())


def prepare() -> None:
    """Decode the pictures into the cache, unless they are there. Raises `MissingData` without source files."""
    if not is_present():
        raise MissingData("celeba")
    with _decoding:
        folder = _cache_folder()
        if not cache.is_whole(folder):
            _decode_into(folder)


def load(split: str) -> Dataset:
    prepare()
    return cache.load(_cache_folder(), "celeba", LICENCE, split)


def crop(picture: Image.Image) -> np.ndarray:
    """uint8 (64, 64, 3): all of a square picture, of any other the central square that is 148/178 of its width."""
    width, height = picture.size
    side = width if width == height else round(CROP / 178 * width)
    left, top = (width - side) // 2, (height - side) // 2
    square = picture.convert("RGB").crop((left, top, left + side, top + side))
    return np.asarray(square.resize((SIZE, SIZE), Image.Resampling.LANCZOS))


def read_attributes(path: Path) -> tuple[tuple[str, ...], dict[str, np.ndarray]]:
    """The attribute names, and bool (A,) by file name, of `list_attr_celeba.txt`: count, names, then -1/1 rows."""
    _, header, *rows = path.read_text(encoding="utf-8").splitlines()
    names = tuple(header.split())
    table = {}
    for row in rows:
        if row.strip():
            file, *values = row.split()
            if len(values) != len(names) or not set(values) <= {"-1", "1"}:
                raise ValueError(f"{path}: the row of {file} is not {len(names)} values of -1 or 1")
            table[file] = np.array([value == "1" for value in values])
    return names, table


def read_partition(path: Path) -> list[tuple[str, int]]:
    """(file name, 0 train, 1 valid or 2 test) of each row of `list_eval_partition.txt`."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    for row in rows:
        if len(row) != 2 or row[1] not in ("0", "1", "2"):
            raise ValueError(f"{path}: the row of {row[0]} is not a file name and 0, 1 or 2")
    return [(file, int(part)) for file, part in rows]


def _pictures(root: Path) -> Path:
    """The folder with the pictures, else where the zip belongs."""
    folder = root / "img_align_celeba"
    return folder if folder.is_dir() else root / "img_align_celeba.zip"


def _cache_folder() -> Path:
    """Where the decoded pictures of these source files belong: celeba-<source>-<state of the source>."""
    root = data_root() / "celeba"
    pictures = _pictures(root)
    files = [root / name for name in FILES] + [pictures]
    state = hashlib.sha256(f"{SIZE} {CROP}".encode())
    for file in files:
        for entry in sorted(os.scandir(file), key=lambda e: e.name) if file.is_dir() else [file]:
            status = entry.stat()
            state.update(f"{entry.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    source = hashlib.sha256(str(root.resolve()).encode()).hexdigest()
    return cache_root() / f"celeba-{source[:8]}-{state.hexdigest()[:16]}"


def _decode_into(folder: Path) -> None:
    root = data_root() / "celeba"
    names, table = read_attributes(root / FILES[0])
    rows = [row for row in read_partition(root / FILES[1]) if row[0] in table]
    rows.sort(key=lambda row: row[1])  # each split in one piece, so that it is a slice of the memory map
    files = [file for file, _ in rows]
    bounds = np.searchsorted([part for _, part in rows], range(len(SPLITS) + 1)).tolist()
    splits = {split: (bounds[part], bounds[part + 1]) for part, split in enumerate(SPLITS)}
    attributes = np.array([table[file] for file in files], bool).reshape(-1, len(names))

    with _Reader(_pictures(root)) as read_bytes:
        shape = (len(files), SIZE, SIZE, 3)
        cache.write(folder, _blocks(files, read_bytes), shape, attributes, names, splits)
    for old in folder.parent.glob(folder.name.rsplit("-", 1)[0] + "-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)  # decoded from an earlier state of the same source


class _Reader:
    """file name -> bytes, from a folder or a zip, called by many threads at once."""

    def __init__(self, pictures: Path):
        self.pictures = pictures
        self.archive = None if pictures.is_dir() else zipfile.ZipFile(pictures)

    def __enter__(self) -> Callable[[str], bytes]:
        archive = self.archive
        if archive is None:
            return lambda file: (self.pictures / file).read_bytes()
        return lambda file: archive.read(f"img_align_celeba/{file}")  # ZipFile locks its file itself

    def __exit__(self, *_) -> None:
        if self.archive:
            self.archive.close()


def _blocks(files: list[str], read_bytes: Callable[[str], bytes]) -> Iterator[np.ndarray]:
    """Blocks uint8 (n, 64, 64, 3) of the files in order. Threads are enough: Pillow decodes without the GIL."""

    def decode(file: str) -> np.ndarray:
        try:
            return crop(Image.open(io.BytesIO(read_bytes(file))))
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise ValueError(f"CelebA's {file} is missing or damaged: fetch the pictures again") from error

    with ThreadPoolExecutor() as threads, tqdm(total=len(files), desc="celeba", unit="face") as progress:
        for start in range(0, len(files), BLOCK):
            block = np.stack(list(threads.map(decode, files[start : start + BLOCK])))
            progress.update(len(block))
            yield block
