"""IDX, the format of MNIST's files and of the data sets that follow it (LeCun, Cortes and Burges 1998).

A file is two zero bytes, the type of its numbers (8: uint8), the count of its dimensions, each dimension as a
big-endian uint32, and then the numbers. `load` serves the four official files of such a data set, gzipped or not.
"""

import functools
import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from gen_lab.data import Dataset, MissingData

PARTS = {"train": "train", "valid": "train", "test": "t10k"}  # split -> first part of the official files' names
VALID = 5000  # pictures at the end of the official training set that are kept for validation
MAX_BYTES = 200_000_000  # of one file: MNIST's largest has 47 MB, and a header is nothing to trust


def find(folder: Path, part: str) -> tuple[Path, Path] | None:
    """The files with the images and the labels of "train" or "t10k", unpacked or gzipped; None where one is missing."""
    paths = []
    for name in (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"):
        candidates = [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]
        paths += candidates[:1]
    return tuple(paths) if len(paths) == 2 else None


def load(name: str, folder: Path, split: str, class_names: tuple[str, ...], licence: str) -> Dataset:
    """One split of the data set `name` in `folder`: grey pictures uint8 (N, H, W, 1), and each one's class as the one
    attribute that it has. The validation split is the end of the official training set.

    Raises `MissingData` where a file is missing or damaged.
    """
    paths = find(folder, PARTS[split])
    if paths is None:
        raise MissingData(name)
    arrays = []
    for path in paths:
        try:
            arrays.append(_read(path, path.stat().st_mtime_ns))
        except ValueError as error:
            raise MissingData(name, f"{path} is damaged ({error}), delete it") from error
    images, labels = arrays
    fits = images.ndim == 3 and labels.shape == images.shape[:1] and images.size and labels.max() < len(class_names)
    if not fits:
        raise MissingData(name, f"{paths[0]} and {paths[1].name} do not belong together, delete both")
    if split != "test":
        valid = max(len(images) - VALID, len(images) // 2)  # a small data set of the same format is halved
        rows = slice(valid, None) if split == "valid" else slice(valid)
        images, labels = images[rows], labels[rows]
    classes = labels[:, None] == np.arange(len(class_names))  # (N, 10)
    return Dataset(name, images[..., None], classes, class_names, licence, split)


def read(path: Path) -> np.ndarray:
    """The numbers of an IDX file, gzipped or not: uint8, of its own shape, read-only.

    Raises ValueError, which says what is wrong, for anything else. No more memory is taken than the file's own
    numbers need, whatever its header claims and however far it would unpack.
    """
    with open(path, "rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    try:
        with (gzip.open if is_gzip else open)(path, "rb") as file:
            zeros, kind, count = struct.unpack(">HBB", _exactly(file, 4))
            if zeros or kind != 8 or not 1 <= count <= 4:
                raise ValueError("no IDX file of uint8")
            shape = struct.unpack(f">{count}I", _exactly(file, 4 * count))
            size = 1
            for side in shape:
                size *= side
            if size > MAX_BYTES:
                raise ValueError(f"its header claims {size:,} bytes")
            numbers = np.frombuffer(_exactly(file, size), np.uint8).reshape(shape)
            if file.read(1):
                raise ValueError("it is longer than its header says")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"its compression is broken: {error}") from error
    return numbers


@functools.lru_cache(maxsize=8)
def _read(path: Path, stamp: int) -> np.ndarray:
    """`read`, once for all sessions as long as the file stays as it is: 55 MB for a whole data set."""
    return read(path)


def _exactly(file, size: int) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise ValueError("it is truncated")
    return content
