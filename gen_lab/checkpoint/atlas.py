"""An atlas: the encodings of a few thousand pictures, stored beside the weights, so that a map opens without the data.

    atlas.npz                latents float16 (N, D), attributes bool (N, A), umap float32 (N, 2) where it was computed
    card.json                "atlas": {"split", "attribute_names", "umap": {the parameters}}

It holds posterior means and labels, and no picture. `python -m train.atlas NAME` makes it.
"""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gen_lab import checkpoint, files
from gen_lab.checkpoint import CheckpointError, remedies

FILE = "atlas.npz"
MAKER = "train.atlas"
MAX_BYTES = 128_000_000  # unpacked
MAX_POINTS = 200_000


@dataclass(frozen=True, eq=False)
class Atlas:
    """Encoded pictures of a data set with their labels."""

    latents: np.ndarray  # float32 (N, D), posterior means
    attributes: np.ndarray  # bool (N, A)
    attribute_names: tuple[str, ...]
    split: str  # of the data set that the card names
    umap: np.ndarray | None  # float32 (N, 2)
    parameters: dict  # UMAP's; empty if it was not computed

    def __len__(self) -> int:
        return len(self.latents)

    @property
    def labels(self) -> np.ndarray | None:
        """Where every picture has exactly one attribute (digits), its index (N,); None where attributes combine."""
        one_each = self.attributes.shape[1] > 1 and (self.attributes.sum(1) == 1).all()
        return self.attributes.argmax(1) if one_each else None

    def rows(self, indices: np.ndarray) -> "Atlas":
        """The same atlas with only some rows (n,)."""
        umap = None if self.umap is None else self.umap[indices]
        names, split, parameters = self.attribute_names, self.split, self.parameters
        return Atlas(self.latents[indices], self.attributes[indices], names, split, umap, parameters)


def save(folder: Path, atlas: Atlas) -> None:
    """Writes atlas.npz, then the card's entry, into a checkpoint folder. Raises `CheckpointError` and OSError."""
    card = checkpoint.read_card(folder)
    arrays = {"latents": atlas.latents.astype(np.float16), "attributes": atlas.attributes.astype(bool)}
    entry = {"split": atlas.split, "attribute_names": list(atlas.attribute_names)}
    if atlas.umap is not None:
        arrays["umap"] = atlas.umap.astype(np.float32)
        entry["umap"] = atlas.parameters
    with files.whole_file(Path(folder) / FILE) as file:
        np.savez_compressed(file, **arrays)
    checkpoint.write_card(folder, {**card, "atlas": entry})


# What zipfile and NumPy raise for damaged .npz files: NotImplementedError for a compression that zipfile does not know,
# RuntimeError for an encrypted file.
DAMAGED = (ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, NotImplementedError, RuntimeError,
           MemoryError, zipfile.BadZipFile, zlib.error)  # fmt: skip


def load(folder: Path, card: dict) -> Atlas:
    """The atlas of a checkpoint folder, whose card has been read. Whatever is wrong with the file or the card's entry,
    raises `CheckpointError` with the command that makes the atlas again."""
    path = Path(folder) / FILE
    if not path.is_file():
        raise CheckpointError(f"'{path.parent.name}' has no atlas yet", remedies.file(path, MAKER))
    try:
        return _read(path, card)
    except DAMAGED as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise CheckpointError(f"{path} cannot be used ({reason})", remedies.file(path, MAKER)) from error


def _read(path: Path, card: dict) -> Atlas:
    with zipfile.ZipFile(path) as archive:  # look before unpacking anything
        size, names = sum(member.file_size for member in archive.infolist()), archive.namelist()
    if size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES / 1e6:.0f} MB")
    if not {"latents.npy", "attributes.npy"} <= set(names) <= {"latents.npy", "attributes.npy", "umap.npy"}:
        raise ValueError("expected latents, attributes and perhaps umap")
    with np.load(path, allow_pickle=False) as arrays:
        contents = {name: arrays[name] for name in arrays.files}
    latents, attributes, umap = contents["latents"], contents["attributes"], contents.get("umap")
    entry = card["atlas"]
    attribute_names, dim = tuple(entry["attribute_names"]), card["config"]["latent_dim"]
    if not all(isinstance(name, str) for name in attribute_names) or len(set(attribute_names)) != len(attribute_names):
        raise ValueError("the card's attribute names are not in order")
    if latents.ndim != 2 or latents.shape[1] != dim or not 2 <= len(latents) <= MAX_POINTS:
        raise ValueError(f"latents {latents.shape} do not fit the card's {dim} numbers a picture")
    if attributes.shape != (len(latents), len(attribute_names)) or attributes.dtype != bool:
        raise ValueError(
            f"attributes {attributes.dtype} {attributes.shape} do not fit the latents and the card's names"
        )
    if umap is not None and umap.shape != (len(latents), 2):
        raise ValueError(f"umap {umap.shape} does not fit the latents")
    for name in ("latents", "umap"):
        if name in contents and (contents[name].dtype.kind != "f" or not np.isfinite(contents[name]).all()):
            raise ValueError(f"{name} holds something other than finite numbers")
    parameters = dict(entry["umap"]) if umap is not None else {}
    umap = None if umap is None else umap.astype(np.float32)
    return Atlas(latents.astype(np.float32), attributes, attribute_names, str(entry["split"]), umap, parameters)
