"""Two-dimensional layouts of latent vectors: PCA, UMAP (McInnes et al. 2018), t-SNE (van der Maaten and Hinton 2008).

    python -m gen_lab.latent.layouts '{"method": "tsne", "perplexity": 30}' < latents.npy > layout.npy

PCA answers at once. The other two take up to minutes, so the pages run them as this command, a process that can be
stopped; its progress is on stderr.
"""

import io
import json
import re
import signal
import sys
from contextlib import redirect_stdout

import numpy as np

UMAP = {"n_neighbors": 15, "min_dist": 0.1, "metric": "euclidean"}  # what an atlas is made with
METRICS = ("euclidean", "cosine", "manhattan", "correlation")
STEPS = 1000  # iterations of t-SNE


def pca(latents: np.ndarray, first: int = 1, second: int = 2) -> np.ndarray:
    """Two principal components (counted from 1) of the latents (N, D): float32 (N, 2).

    Raises ValueError for a component that there is not.
    """
    from sklearn.decomposition import PCA

    if not (1 <= first <= min(latents.shape) and 1 <= second <= min(latents.shape)):
        raise ValueError(f"there is no component {max(first, second)}: choose from 1 to {min(latents.shape)}")
    found = PCA(max(first, second), random_state=0).fit_transform(latents)
    return found[:, [first - 1, second - 1]].astype(np.float32)


def umap(latents: np.ndarray, n_neighbors: int, min_dist: float, metric: str) -> np.ndarray:
    """UMAP's layout of the latents (N, D): float32 (N, 2). The same numbers on the same machine every time."""
    from umap import UMAP as Umap

    found = Umap(
        n_neighbors=min(n_neighbors, len(latents) - 1), min_dist=min_dist, metric=metric, random_state=0, n_jobs=1,
        verbose=True,
    ).fit_transform(latents)  # fmt: skip
    return np.asarray(found, np.float32)


def tsne(latents: np.ndarray, perplexity: float) -> np.ndarray:
    """t-SNE's layout (Barnes-Hut) of the latents (N, D): float32 (N, 2); started from PCA."""
    from sklearn.manifold import TSNE

    perplexity = min(perplexity, (len(latents) - 1) / 3)
    return TSNE(perplexity=perplexity, max_iter=STEPS, random_state=0, verbose=2).fit_transform(latents)


METHODS = {"pca": pca, "umap": umap, "tsne": tsne}


def share(line: str) -> float | None:
    """How far a computation is, by a line that it wrote: UMAP's progress bar, t-SNE's iterations. None: no news."""
    if percent := re.search(r"(\d+)%\|", line):
        return int(percent[1]) / 100
    if iteration := re.search(r"Iteration (\d+):", line):
        return min(int(iteration[1]) / STEPS, 1.0)
    return None


def main() -> None:
    chosen = json.loads(sys.argv[1])
    latents = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    with redirect_stdout(sys.stderr):  # where both libraries report
        found = METHODS[chosen.pop("method")](latents, **chosen)
    np.save(sys.stdout.buffer, found, allow_pickle=False)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    main()
