"""Two-dimensional layouts of latent vectors: PCA, UMAP (McInnes et al. 2018), t-SNE (van der Maaten and Hinton 2008).

    python -m gen_lab.latent.layouts '{"method": "tsne", "perplexity": 30}' < latents.npy > layout.npy

PCA answers at once. The other two take up to minutes, so the pages run them as this command, a process that can be
stopped; its progress is on stderr.

    plane = Plane.of(pca(latents))

brings a layout into the unit square, x to the right, y downwards, both axes on one scale; places are in its units.

UMAP and t-SNE cannot lay out points that hardly differ: then they raise `Degenerate`, and PCA remains.
"""

import io
import json
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass

import numpy as np
import torch

UMAP = {"n_neighbors": 15, "min_dist": 0.1, "metric": "euclidean"}  # what an atlas is made with
METRICS = ("euclidean", "cosine", "manhattan", "correlation")
STEPS = 1000  # iterations of t-SNE
NEIGHBOURS = 8  # that are averaged at an empty place
LEAST = 4  # different points that UMAP and t-SNE need
SPREADS = (1e-12, 1e12)  # of the widest coordinate: beyond these, the squares of distances leave float32

NAMES = {"umap": "UMAP", "pca": "PCA", "tsne": "t-SNE"}


class Degenerate(ValueError):
    """The points differ too little, or too much, for a layout other than PCA."""


def check(latents: np.ndarray, method: str) -> None:
    """Raises `Degenerate` for latents (N, D) that this layout cannot take, and ValueError for those that none can.

    It has to be known beforehand: of equal points t-SNE's tree ends the process, and UMAP makes a map of pure chance.
    """
    if not np.isfinite(latents).all():
        raise ValueError("the latents are not all finite numbers: train the model again")
    if method == "pca":
        return
    spread = np.ptp(latents.astype(np.float64), axis=0).max()
    different = len(np.unique(latents, axis=0)) if spread > SPREADS[0] else 1
    if different < LEAST:
        count = f"these {len(latents):,} make only {different}"
        raise Degenerate(f"{NAMES[method]} needs at least {LEAST} different points, and {count}: use PCA")
    if spread > SPREADS[1]:
        raise Degenerate(f"{NAMES[method]} cannot lay out points as far apart as {spread:.0e}: use PCA")


def pca(latents: np.ndarray, first: int = 1, second: int = 2) -> np.ndarray:
    """Two principal components (counted from 1) of the latents (N, D): float32 (N, 2).

    Raises ValueError for a component that does not exist, and for latents that are not finite.
    """
    from sklearn.decomposition import PCA

    check(latents, "pca")
    if not (1 <= first <= min(latents.shape) and 1 <= second <= min(latents.shape)):
        raise ValueError(f"there is no component {max(first, second)}: choose from 1 to {min(latents.shape)}")
    with np.errstate(invalid="ignore"):  # equal points have no variance of which to give shares
        components = PCA(max(first, second), random_state=0).fit_transform(latents)
    return components[:, [first - 1, second - 1]].astype(np.float32)


def umap(latents: np.ndarray, n_neighbors: int, min_dist: float, metric: str) -> np.ndarray:
    """UMAP's layout of the latents (N, D): float32 (N, 2). Reproducible on the same machine. Raises as `check`."""
    check(latents, "umap")
    from umap import UMAP as Umap

    layout = Umap(
        n_neighbors=min(n_neighbors, len(latents) - 1), min_dist=min_dist, metric=metric, random_state=0, n_jobs=1,
        verbose=True,
    ).fit_transform(latents)  # fmt: skip
    return np.asarray(layout, np.float32)


def tsne(latents: np.ndarray, perplexity: float) -> np.ndarray:
    """t-SNE's layout (Barnes-Hut) of the latents (N, D): float32 (N, 2); started from PCA. Raises as `check`."""
    check(latents, "tsne")
    from sklearn.manifold import TSNE

    perplexity = min(perplexity, (len(latents) - 1) / 3)
    return TSNE(perplexity=perplexity, max_iter=STEPS, random_state=0, verbose=2).fit_transform(latents)


LAYOUTS = {"pca": pca, "umap": umap, "tsne": tsne}


@dataclass(frozen=True, eq=False)
class Plane:
    """A layout in map coordinates: `positions` float32 (N, 2) in [0, 1]; `centre` (2,) and `side` lead back."""

    positions: np.ndarray
    centre: np.ndarray
    side: float

    @classmethod
    def of(cls, layout: np.ndarray) -> "Plane":
        """Any layout (N, 2), y upwards, fitted to the unit square."""
        low, high = layout.min(0), layout.max(0)
        centre, side = (low + high) / 2, float(max((high - low).max(), 1e-12))
        return cls(((layout - centre) / side * [1, -1] + 0.5).astype(np.float32), centre, side)

    def back(self, place: torch.Tensor) -> torch.Tensor:
        """A place (2,) in the units of the layout."""
        away = (place - 0.5) * torch.tensor([1.0, -1.0]) * self.side
        return away + torch.as_tensor(self.centre, dtype=torch.float32)


def at_place(place: torch.Tensor, positions: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
    """The latent (D,) at a place (2,): the mean of its `NEIGHBOURS` nearest points', weighted by 1 / distance ** 2
    (Shepard 1968). positions (N, 2), latents (N, D). At a point itself it is that point's latent."""
    squared, nearest = (positions - place).square().sum(1).topk(min(NEIGHBOURS, len(positions)), largest=False)
    weights = 1 / squared.clamp_min(1e-12)
    return weights @ latents[nearest] / weights.sum()


def inside(positions: np.ndarray, lasso: Sequence[float]) -> np.ndarray:
    """Which positions (N, 2) lie within a polygon x, y, x, y, ...: bool (N,), by the even-odd rule."""
    mask = np.zeros(len(positions), bool)
    if not lasso:
        return mask
    corners = np.asarray(lasso, np.float64).reshape(-1, 2)
    x, y = positions.T.astype(np.float64)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (y1 > y) != (y2 > y)
        with np.errstate(divide="ignore", invalid="ignore"):  # a level edge crosses nothing
            mask ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return mask


def some(count: int, at_most: int) -> np.ndarray:
    """Sorted indices of all `count` rows, or of a fixed random choice of `at_most` of them."""
    return np.sort(np.random.default_rng(0).permutation(count)[:at_most])


def share(line: str) -> float | None:
    """How far a computation is, from a line of its output: UMAP's progress bar, t-SNE's iterations. None: no news."""
    if percent := re.search(r"(\d+)%\|", line):
        return int(percent[1]) / 100
    if iteration := re.search(r"Iteration (\d+):", line):
        return min(int(iteration[1]) / STEPS, 1.0)
    return None


def main() -> None:
    settings = json.loads(sys.argv[1])
    latents = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    try:
        with redirect_stdout(sys.stderr):  # where both libraries report
            layout = LAYOUTS[settings.pop("method")](latents, **settings)
    except ValueError as error:
        sys.exit(str(error))
    np.save(sys.stdout.buffer, layout, allow_pickle=False)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    main()
