"""Spaces in which pictures are compared: pixels, by mean absolute difference, and statistics of a judge's first feature
maps, which a shift of the picture hardly changes.

    pixels = Space.of_pixels(data.load("celeba", "train").images)
    distances, indices = pixels.nearest(pictures, k=5)
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from gen_lab import data, files, neighbours
from gen_lab.data import Dataset, cache
from gen_lab.device import on_device
from gen_lab.images import to_float

BATCH = 256


@dataclass(frozen=True, eq=False)
class Space:
    """A space of pictures: `embed` takes uint8 (n, H, W, C) to (n, D), `train` (N, D) is the training set."""

    name: str  # "pixels" or "features"
    train: np.ndarray
    embed: Callable[[np.ndarray], np.ndarray]
    scale: np.ndarray | None = None  # (D,) of features: the unit of each

    @classmethod
    def of_pixels(cls, images: np.ndarray) -> "Space":
        """Pictures uint8 (N, H, W, C) as they are, memory-mapped or not: distances are mean absolute differences."""
        flat = images.reshape(len(images), -1)
        return cls("pixels", flat, lambda pictures: np.ascontiguousarray(pictures).reshape(-1, flat.shape[1]))

    @classmethod
    def of_features(cls, judge, features: np.ndarray, scale: np.ndarray | None = None) -> "Space":
        """Features (N, F) by `texture`, each in its unit of the `scale` (F,), by default its standard deviation:
        distances are Euclidean."""
        scale = features.std(0) + 1e-6 if scale is None else scale
        return cls("features", features / scale, lambda pictures: texture(judge, pictures) / scale, scale)

    def nearest(self, pictures: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances (n, k), ascending, of pictures uint8 (n, H, W, C) to training pictures, and their indices."""
        return nearest(self.embed(pictures), self.train, k)


def nearest(queries: np.ndarray, train: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances (n, k), ascending, and indices: mean absolute difference of uint8, Euclidean distance of floats."""
    if train.dtype == np.uint8:
        distances, indices = neighbours.nearest(queries, train, k)
        return distances / train.shape[1], indices
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(train).kneighbors(queries)


@torch.inference_mode()
def texture(judge, pictures: np.ndarray, progress: Callable = lambda batches: batches) -> np.ndarray:
    """`Judge.texture` of uint8 pictures (n, H, W, C): float32 (n, F). `progress` watches the batches, as tqdm does."""
    starts = progress(range(0, len(pictures), BATCH))
    batches = (to_float(np.asarray(pictures[i : i + BATCH])) for i in starts)
    return torch.cat([on_device(judge, lambda batch: judge.texture(batch).cpu(), batch) for batch in batches]).numpy()


def features_path(judge_card: dict, pictures: Dataset) -> Path:
    """The cache file of these pictures' `texture`, keyed by the judge's weights and the pictures."""
    images, key = pictures.images, hashlib.sha256(judge_card["sha256"].encode())
    key.update(f"{pictures.name} {pictures.split} {images.shape}".encode())
    for row in np.linspace(0, len(images) - 1, 64).astype(int):
        key.update(np.ascontiguousarray(images[row]).data)
    return data.cache_root() / "features" / f"{pictures.name}-{key.hexdigest()[:24]}.npy"


def read_features(path: Path, count: int) -> np.ndarray | None:
    """Features (count, F) from the cache; None if there are none, or damaged ones."""
    try:
        features = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    is_whole = features.dtype == np.float32 and features.ndim == 2 and len(features) == count
    return features if is_whole and np.isfinite(features).all() else None


def write_features(path: Path, features: np.ndarray) -> None:
    """Writes features to the cache. Raises `DiskFull`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.whole_file(path, cache.REMEDY) as file:
        np.save(file, features.astype(np.float32))
