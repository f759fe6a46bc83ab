"""A data set on disk, as one folder: images.npy, attributes.npy and contents.json.

A folder is written whole or not at all (`gen_lab.files`), so that a kill, a full disk or a second process leaves
nothing half-written. The pictures are read memory-mapped.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from gen_lab import files
from gen_lab.data import Dataset, MissingData

REMEDY = "free some space, or set GEN_LAB_CACHE to a folder on another disk"  # for a full disk
Bounds = dict[str, tuple[int, int]]  # split -> first row, and the row after its last


def write(
    folder: Path,
    blocks: Iterable[np.ndarray],
    shape: tuple[int, int, int, int],
    attributes: np.ndarray,
    attribute_names: tuple[str, ...],
    splits: Bounds,
    left_out: str = "",
) -> None:
    """Write the pictures of `blocks` (uint8 (n, H, W, C) each, `shape` (N, H, W, C) together), their attributes, and
    what was left out, in words.

    A folder of the same name is replaced. Raises `DiskFull`, if possible before anything is written.
    """
    size = int(np.prod(shape)) + attributes.size + 4096
    with files.whole_folder(folder, REMEDY, size) as fresh:
        with open(fresh / "images.npy", "wb") as file:
            # Plain writes: on a full disk they raise, where writing to a memory map would kill the process.
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for block in blocks:
                file.write(np.ascontiguousarray(block, np.uint8).data)
        np.save(fresh / "attributes.npy", attributes.astype(bool), allow_pickle=False)
        contents = {"attribute_names": attribute_names, "splits": splits, "left_out": left_out}
        (fresh / "contents.json").write_text(json.dumps(contents, indent=1), "utf-8")


def read(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Images uint8 (N, H, W, C), memory-mapped, attributes bool (N, A) and their A names, of one split.

    Raises FileNotFoundError if there is no such folder, and ValueError if it is damaged.
    """
    contents = _contents(folder)
    # NumPy refuses to map a file that is shorter than its header says: so a truncated one raises here.
    images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
    attributes = np.load(folder / "attributes.npy", allow_pickle=False)
    names, splits = tuple(contents["attribute_names"]), contents["splits"]
    if attributes.shape != (len(images), len(names)) or max(end for _, end in splits.values()) != len(images):
        raise ValueError(f"{folder} is damaged: its files do not belong together")
    first, end = splits[split]
    return images[first:end], attributes[first:end], names


def _contents(folder: Path) -> dict:
    return json.loads((folder / "contents.json").read_text("utf-8"))  # a JSONDecodeError is a ValueError


def load(folder: Path, name: str, licence: str, split: str) -> Dataset:
    """One split as a data set of this name. Raises `MissingData` if the folder is missing or damaged."""
    try:
        return Dataset(name, *read(folder, split), licence, split, _contents(folder).get("left_out", ""))
    except FileNotFoundError:
        raise MissingData(name) from None
    except ValueError as error:
        raise MissingData(name, f"the data set under {folder} is damaged") from error


def remove_others(folder: Path) -> None:
    """Removes what was decoded from an earlier state of the same source: folders <name>-<source>-<another state>."""
    source = "-".join(folder.name.split("-")[:2])
    for old in folder.parent.glob(f"{source}-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)


def is_whole(folder: Path) -> bool:
    """Whether `read` finds a complete data set there."""
    try:
        read(folder, "train")
    except (OSError, ValueError):
        return False
    return True
