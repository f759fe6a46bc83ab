"""How far pictures usually lie from the nearest training picture: the file that the Novelty page reads.

    novelty.npz     float (n,): `pixels_held_out`, `pixels_train`, `pixels_samples`, and the same for features

`python -m train.novelty NAME` measures the distances, of up to 1,000 pictures of each set, and writes the file.
"""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from gen_lab import files
from gen_lab.checkpoint import CheckpointError, remedies
from gen_lab.checkpoint.atlas import DAMAGED

FILE = "novelty.npz"
MAKER = "train.novelty"
MAX_BYTES = 4_000_000  # unpacked
SPACES = ("pixels", "features")  # of distances; features only if there is a judge
SETS = ("held_out", "train", "samples")

Distances = dict[str, dict[str, np.ndarray]]  # space -> one of SETS -> distances (n,)


def save(folder: Path, distances: Distances) -> None:
    """Writes novelty.npz into a checkpoint folder. Raises OSError."""
    arrays: dict[str, Any] = {
        f"{space}_{name}": sets[name].astype(np.float32) for space, sets in distances.items() for name in sets
    }
    with files.whole_file(Path(folder) / FILE) as file:
        np.savez_compressed(file, **arrays)


def load(folder: Path) -> Distances:
    """The distances in a checkpoint folder's novelty.npz. Raises `CheckpointError` with the command that makes it."""
    path = Path(folder) / FILE
    if not path.is_file():
        problem = f"what distances are usual for '{path.parent.name}' was not measured yet"
        raise CheckpointError(problem, remedies.file(path, MAKER))
    try:
        return _read(path)
    except DAMAGED as error:
        raise CheckpointError(f"{path} cannot be used ({error})", remedies.file(path, MAKER)) from error


def _read(path: Path) -> Distances:
    with zipfile.ZipFile(path) as archive:  # look before unpacking anything
        size, names = sum(member.file_size for member in archive.infolist()), set(archive.namelist())
    if size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES / 1e6:.0f} MB")
    members = {space: {f"{space}_{name}.npy" for name in SETS} for space in SPACES}
    if names not in (members["pixels"], members["pixels"] | members["features"]):
        raise ValueError(f"expected {', '.join(SETS)} for pixels and perhaps for features")
    with np.load(path, allow_pickle=False) as arrays:
        distances = {
            space: {name: arrays[f"{space}_{name}"] for name in SETS} for space in SPACES if members[space] <= names
        }
    for of_space in distances.values():
        for name, values in of_space.items():
            is_list = values.ndim == 1 and len(values) and values.dtype.kind == "f"
            if not is_list or not np.isfinite(values).all():
                raise ValueError(f"{name} does not hold distances")
    return distances
