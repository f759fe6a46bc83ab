"""What the Novelty page can show without the data: a few pictures, and the training pictures that are nearest to them.

    demonstration.npz   pictures uint8 (n, H, W, C), the training pictures; rows int (n,), where they stand in the
                        training set; count (), how many that has; sample and memoriser int, the seeds of the pictures
                        whose neighbours these are; model, the SHA-256 of the weights that drew the samples; and where
                        there is a judge, its SHA-256 `judge`, and `scale` (F,), the unit of each of its features

`python -m train.novelty NAME` writes it for data whose pictures may be passed on.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gen_lab import files
from gen_lab.checkpoint import Checkpoint, CheckpointError, remedies
from gen_lab.checkpoint.atlas import DAMAGED

FILE = "demonstration.npz"
MAKER = "train.novelty"
MAX_BYTES = 16_000_000  # unpacked
SOURCES = ("sample", "memoriser")
NEEDED = {"pictures", "rows", "count", "model", *SOURCES}
OF_JUDGE = {"judge", "scale"}


@dataclass(frozen=True, eq=False)
class Demonstration:
    """The training pictures that are nearest to a few pictures, which are known by their source and seed."""

    pictures: np.ndarray  # uint8 (n, H, W, C)
    rows: np.ndarray  # int64 (n,), ascending: where they stand in the training set
    count: int  # of the training set
    seeds: dict[str, tuple[int, ...]]  # one of SOURCES -> seeds
    model: str  # SHA-256 of its weights
    judge: str = ""  # the same; empty without a judge
    scale: np.ndarray | None = None  # float32 (F,), the unit of each feature


def save(folder: Path, handful: Demonstration) -> None:
    """Writes demonstration.npz into a checkpoint folder. Raises OSError."""
    arrays: dict[str, Any] = {name: getattr(handful, name) for name in ("pictures", "rows", "count", "model")}
    arrays |= {source: np.array(seeds, np.int64) for source, seeds in handful.seeds.items()}
    if handful.scale is not None:
        arrays |= {"judge": handful.judge, "scale": handful.scale.astype(np.float32)}
    with files.whole_file(Path(folder) / FILE) as file:
        np.savez_compressed(file, **arrays)


def load(folder: Path, loaded: Checkpoint) -> Demonstration | None:
    """The demonstration in the folder of a checkpoint that has been loaded; None where it has none.

    Raises `CheckpointError`, with the command that makes it again, for a damaged one and for one of other weights.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    try:
        handful = _read(path)
        channels, height, width = loaded.model.image_shape
        if handful.pictures.shape[1:] != (height, width, channels):
            raise ValueError(f"pictures of {handful.pictures.shape[1:]} do not fit the model")
        if handful.model != loaded.card["sha256"]:
            raise ValueError("it was made with other weights")
    except DAMAGED as error:
        raise CheckpointError(f"{path} cannot be used ({error})", remedies.file(path, MAKER)) from error
    return handful


def _read(path: Path) -> Demonstration:
    with zipfile.ZipFile(path) as archive:  # look before unpacking anything
        size, members = sum(member.file_size for member in archive.infolist()), archive.namelist()
    if size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES / 1e6:.0f} MB")
    names = {name.removesuffix(".npy") for name in members}
    if names not in (NEEDED, NEEDED | OF_JUDGE):
        raise ValueError(f"expected {', '.join(sorted(NEEDED))} and perhaps {', '.join(sorted(OF_JUDGE))}")
    with np.load(path, allow_pickle=False) as arrays:
        contents = {name: arrays[name] for name in names}
    pictures, rows, count, scale = contents["pictures"], contents["rows"], contents["count"], contents.get("scale")
    if pictures.dtype != np.uint8 or pictures.ndim != 4 or not pictures.size:
        raise ValueError(f"{pictures.dtype} {pictures.shape} are no pictures")
    if any(contents[name].dtype.kind != "i" for name in ("rows", "count", *SOURCES)):
        raise ValueError("its numbers are no whole numbers")
    if rows.shape != (len(pictures),) or (np.diff(rows) <= 0).any() or not 0 <= rows[0] <= rows[-1] < count:
        raise ValueError("its rows are not in order")
    if any(contents[source].ndim != 1 for source in SOURCES):
        raise ValueError("its seeds are not in order")
    if scale is not None:
        is_list = scale.ndim == 1 and len(scale) and scale.dtype.kind == "f"
        if not is_list or not (np.isfinite(scale) & (scale > 0)).all():
            raise ValueError("its scale does not hold units")
    seeds = {source: tuple(contents[source].tolist()) for source in SOURCES}
    judge = str(contents["judge"]) if scale is not None else ""
    return Demonstration(pictures, rows, int(count), seeds, str(contents["model"]), judge, scale)
