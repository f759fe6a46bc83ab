"""IDX, the format of MNIST's files and of the data sets that follow it (LeCun, Cortes and Burges 1998).

A file is two zero bytes, the type of its numbers (8: uint8), the count of its dimensions, each dimension as a
big-endian uint32, and then the numbers. `load` serves the four official files of such a data set, gzipped or not,
anywhere in its folder, as `train-images-idx3-ubyte` or `train-images.idx3-ubyte`.
"""

import contextlib
import functools
import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from gen_lab.data import Dataset, MissingData, reading

PARTS = {"train": "train", "valid": "train", "test": "t10k"}  # split -> first part of the official files' names
VALID = 5000  # pictures at the end of the official training set that are kept for validation
PIECE = 1_000_000  # bytes that are read at once
MAX_BYTES = 200_000_000  # of one file: MNIST's largest has 47 MB, and a header is nothing to trust


def sources(folder: Path) -> reading.Sources:
    """Where the four files lie in a folder or those within it: images and labels of "train", then of "t10k"."""
    names = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
    spellings = {name: (name, name.replace("-idx", ".idx")) for name in names}
    return {
        name: reading.find_file(folder, *both, *(f"{spelling}.gz" for spelling in both))
        for name, both in spellings.items()
    }


def load(name: str, folder: Path, split: str, class_names: tuple[str, ...], licence: str) -> Dataset:
    """One split of the data set `name` in `folder`: grey pictures uint8 (N, H, W, 1), and each one's class as the one
    attribute that it has. The validation split is the end of the official training set.

    Raises `MissingData` where a file is missing or damaged, or is not of the same size as the others.
    """
    places = sources(folder)
    reading.require(name, places)
    paths = [path for file, path in places.items() if path and file.startswith(PARTS[split])]
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
    _require_one_size(name, [path for file, path in places.items() if path and "images" in file])
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
    with _opened(path) as file:
        shape = _header(file)
        size = 1
        for side in shape:
            size *= side
        if size > MAX_BYTES:
            raise ValueError(f"its header claims {size:,} bytes")
        numbers = np.frombuffer(_exactly(file, size), np.uint8).reshape(shape)
        numbers.flags.writeable = False
        if file.read(1):
            raise ValueError("it is longer than its header says")
    return numbers


def _require_one_size(name: str, paths: list[Path]) -> None:
    """Raises `MissingData` where the pictures to train with and those of the test are not of one size."""
    sizes = []
    for path in paths:
        try:
            with _opened(path) as file:
                sizes.append(_header(file)[1:])
        except ValueError as error:
            raise MissingData(name, f"{path} is damaged ({error}), delete it") from error
    if sizes[0] != sizes[1]:
        train, test = (" x ".join(map(str, size)) for size in sizes)
        problem = f"{paths[0]} has pictures of {train} pixels and {paths[1]} of {test}, delete the wrong files"
        raise MissingData(name, problem)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """An IDX file, unpacked as it is read. Broken compression becomes a ValueError."""
    with open(path, "rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    try:
        with (gzip.open if is_gzip else open)(path, "rb") as file:
            yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"its compression is broken: {error}") from error


def _header(file: IO[bytes] | gzip.GzipFile) -> tuple[int, ...]:
    """The shape of the numbers that follow."""
    zeros, kind, count = struct.unpack(">HBB", _exactly(file, 4))
    if zeros or kind != 8 or not 1 <= count <= 4:
        raise ValueError("no IDX file of uint8")
    return struct.unpack(f">{count}I", _exactly(file, 4 * count))


@functools.lru_cache(maxsize=8)
def _read(path: Path, stamp: int) -> np.ndarray:
    """`read`, once for all sessions as long as the file stays as it is: 55 MB for a whole data set."""
    return read(path)


def _exactly(file: IO[bytes] | gzip.GzipFile, size: int) -> bytearray:
    content = bytearray()
    while len(content) < size:  # in pieces: to read all at once takes the memory first, also if there is less
        piece = file.read(min(size - len(content), PIECE))
        if not piece:
            raise ValueError("it is truncated")
        content += piece
    return content
