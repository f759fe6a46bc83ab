"""Data sets: pictures, and boolean attributes or captions that travel with them.

    faces = load("avatars", "train")
    faces.images[0]                                                    # uint8 (64, 64, 3)
    faces.attributes[:, faces.attribute_names.index("Smiling")]        # bool (N,)
    load("flickr8k", "train").captions[0]                              # five sentences: see `data.captions`

Each data set is one module of this package with `LICENCE`, `load(split)`, `prepare()` (fetch, render or decode, with
a progress bar) and `is_ready()` (`load` answers at once); those that are not made here also have `sources()` (where
their files lie on this machine), and those whose terms let a few pictures go with a checkpoint have `MAY_SHIP`.
`python -m train.data` lists and prepares them.
"""

import importlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from gen_lab import environment
from gen_lab.errors import Repairable

NAMES = (
    "avatars", "celeba", "mnist", "fashion", "lego", "bricks", "flickr8k", "coco",
    "fake", "fake_digits", "fake_bricks", "fake_captions",
)  # fmt: skip
SPLITS = ("train", "valid", "test")


class MissingData(Repairable, FileNotFoundError):
    """A data set is not on this machine; the command brings it, unless `commands` are others or none."""

    def __init__(self, name: str, problem: str | None = None, commands: Sequence[str] | None = None):
        problem = problem or f"no data set '{name}' under {data_root()}"
        super().__init__(problem, [f"python -m train.data {name}"] if commands is None else commands)
        self.name = name


@dataclass(frozen=True, eq=False)
class Dataset:
    """One split of a data set."""

    name: str
    images: np.ndarray  # uint8 (N, H, W, C), memory-mapped and read-only where it comes from disk
    attributes: np.ndarray  # bool (N, A)
    attribute_names: tuple[str, ...]  # A names
    licence: str
    split: str
    left_out: str = ""  # what its reader left out of the files and why, in words

    def __len__(self) -> int:
        return len(self.images)

    def attribute(self, name: str) -> np.ndarray:
        """One column of the attributes by name, bool (N,)."""
        return self.attributes[:, self.attribute_names.index(name)]

    def having(self, present=(), absent=()) -> np.ndarray:
        """Indices of the pictures with all attributes in `present` and none in `absent`, ascending."""
        fits = np.ones(len(self), bool)
        for name in present:
            fits &= self.attribute(name)
        for name in absent:
            fits &= ~self.attribute(name)
        return np.flatnonzero(fits)


def data_root() -> Path:
    """Where data sets lie: `$GEN_LAB_DATA`, by default ./data."""
    return environment.folder("DATA", Path("data"))


def cache_root() -> Path:
    """Where rendered and decoded pictures are kept: `$GEN_LAB_CACHE`, else `cache` within the data folder.

    A data folder without write permission (shared by a whole class) is left alone, even by root, who could write
    there. The cache is then in the user's own cache folder.
    """
    root = data_root()
    default = root / "cache"
    if root.is_dir() and not (root.stat().st_mode & 0o222 and os.access(root, os.W_OK)):
        default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gen_lab"
    return environment.folder("CACHE", default)


def module(name: str) -> ModuleType:
    """The module of a data set. Raises ValueError for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"no data set is called '{name}': use one of {', '.join(NAMES)}")
    return importlib.import_module(f"gen_lab.data.{name}")


def load(name: str, split: str):
    """One split ("train", "valid" or "test") of a data set: a `Dataset`, or a `CaptionData` of pictures with captions.

    Raises `MissingData` if it is not on this machine, or has no picture in this split, and ValueError for files that
    are damaged. CelebA's and Lego's pictures are decoded on the first call, which takes a while (`is_ready` tells);
    after that, every data set opens at once.
    """
    if split not in SPLITS:
        raise ValueError(f"no split is called '{split}': use one of {', '.join(SPLITS)}")
    part = module(name).load(split)
    if not len(part):
        why = f" ({part.left_out})" if part.left_out else ""
        problem = f"the data set '{name}' under {data_root()} has no picture in the split '{split}'{why}: add some"
        raise MissingData(name, problem, commands=())
    return part


def is_ready(name: str) -> bool:
    """Whether `load` answers at once: everything is there, rendered and decoded."""
    return module(name).is_ready()
