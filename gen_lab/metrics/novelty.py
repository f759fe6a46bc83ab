"""Whether a generator as a whole repeats its training pictures.

Two answers, each in pixels and in a judge's features: the share of samples that are nearer to a training picture than
the nearest hundredth of held-out pictures, which is 0.01 where nothing was memorised, and the three-sample test of
Meehan, Chaudhuri and Dasgupta 2020 ("A Non-Parametric Test to Detect Data-Copying in Generative Models"). Both are
taken of a planted memoriser as well, which returns training pictures two pixels aside: what a check does not find
there, it cannot find at all.
"""

import math

import numpy as np
from tqdm import tqdm

from gen_lab import registry
from pages.novelty import state as novelty
from pages.novelty.state import SHIFT, SPACES, References, Space

COUNT = 1000  # samples, held-out pictures and training pictures, or all there are
CELLS = 5  # of the features, for the three-sample test
LEAST = 20  # samples in a cell for it to count: tau of the paper, where the normal approximation holds


def z_score(samples: np.ndarray, held_out: np.ndarray) -> float:
    """Z_U of Meehan et al. 2020, section 3: Mann and Whitney's U of distances (m,) and (n,), standardised.

    Below zero where the samples' distances are the smaller ones.
    """
    from scipy.stats import rankdata

    m, n = len(samples), len(held_out)
    u = rankdata(np.concatenate([samples, held_out]))[:m].sum() - m * (m + 1) / 2
    return float((u - m * n / 2) / math.sqrt(m * n * (m + n + 1) / 12))


def copying_test(
    train: np.ndarray, held_out: np.ndarray, samples: np.ndarray, cells: int = 1, least: int = LEAST
) -> dict:
    """C_T of Meehan et al. 2020, eq. 3, of embedded pictures (N, D), (n, D) and (m, D), and its p-value for copying.

    The space is split into `cells` by k-means on the training set; in each, `z_score` compares the distances to the
    nearest training picture of that cell; C_T is their mean, weighted by the share of held-out pictures, over the cells
    that have `least` samples. Far below zero the model copies, far above zero it underfits. In independent cells the
    scores are independent, each about N(0, 1) where nothing is copied; so C_T over the root of the summed squares of
    its weights is too, and "p" is the probability of a value as low.
    """
    groups = [np.zeros(len(each), int) for each in (train, held_out, samples)]
    if cells > 1:
        from sklearn.cluster import KMeans

        means = KMeans(cells, n_init=3, random_state=0).fit(train)
        groups = [means.predict(each) for each in (train, held_out, samples)]
    scores, weights = [], []
    for cell in range(cells):
        t, p, q = (each[group == cell] for each, group in zip((train, held_out, samples), groups, strict=True))
        if len(q) < least or not len(p) or not len(t):
            continue
        of_samples, of_held_out = (novelty.nearest(each, t, 1)[0][:, 0] for each in (q, p))
        scores.append(z_score(of_samples, of_held_out))
        weights.append(len(p))
    if not scores:
        raise ValueError(f"no cell has {least} samples: use more samples or fewer cells")
    return _weighed(scores, weights)


def global_test(samples: np.ndarray, held_out: np.ndarray) -> dict:
    """`copying_test` with one cell, the whole space, from distances (m,) and (n,) that are known already."""
    return _weighed([z_score(samples, held_out)], [1])


def _weighed(scores: list[float], weights: list[int]) -> dict:
    from scipy.stats import norm

    shares = np.array(weights) / sum(weights)
    c_t = float(shares @ scores)
    return {"c_t": c_t, "p": float(norm.cdf(c_t / np.sqrt(np.square(shares).sum()))), "cells": len(scores)}


def closer(samples: np.ndarray, held_out: np.ndarray) -> float:
    """The share of distances (m,) that are smaller than the first percentile of those of held-out pictures (n,)."""
    return float((samples < np.percentile(held_out, 1)).mean())


def others(space: Space, rows: np.ndarray) -> np.ndarray:
    """Distances (n,) of training pictures, by row (n,), to the nearest other training picture."""
    distances, indices = novelty.nearest(space.train[rows], space.train, 2)
    return np.where(indices[:, 0] == rows, distances[:, 1], distances[:, 0])


def spaces(checkpoint, train, log=print, progress=tqdm) -> dict[str, Space]:
    """In pixels, and in the features of the judge that the card names, if there is one. The features of all training
    pictures are kept in the cache (`data.cache_root`)."""
    found = {"pixels": Space.of_pixels(train.images)}
    judge = registry.load(checkpoint.card["judge"]) if checkpoint.card.get("judge") else None
    if judge is not None and judge.model.image_shape == checkpoint.model.image_shape:
        path = novelty.features_path(judge.card, train)
        features = novelty.read_features(path, len(train))
        if features is None:
            log("features of the training pictures ...")
            features = novelty.texture(judge.model, train.images, progress)
            novelty.write_features(path, features)
        found["features"] = Space.of_features(judge.model, features)
    return found


def measure(checkpoint, log=print, count: int = COUNT) -> tuple[dict, References]:
    """The card's entry "novelty", and the distances that the page shows. Raises `MissingData` and ValueError."""
    train, test = (novelty.pictures_of(checkpoint, split) for split in ("train", "test"))
    random = np.random.default_rng(0)
    some = np.sort(random.permutation(len(test))[:count])
    rows = np.sort(random.permutation(len(train))[:count])
    held_out = np.asarray(test.images[some])
    log(f"{count:,} samples ...")
    samples, memorised = novelty.sample(checkpoint.model, count), novelty.memorised(train.images, count, seed=0)
    entry = {"samples": count, "held_out": len(held_out), "train": len(train), "memoriser_shift": SHIFT}
    references = {}
    for name, space in spaces(checkpoint, train, log).items():
        log(f"by {SPACES[name]} ...")
        p, q, m = (space.embed(each) for each in (held_out, samples, memorised))
        of_held_out, of_samples, of_memorised = (novelty.nearest(each, space.train, 1)[0][:, 0] for each in (p, q, m))
        references[name] = {"held_out": of_held_out, "train": others(space, rows), "samples": of_samples}
        entry[name] = {"train_closer": round(closer(references[name]["train"], of_held_out), 4)}
        for who, embedded, distances in (("model", q, of_samples), ("memoriser", m, of_memorised)):
            if name == "pixels":  # k-means of pixels would take long and say little
                test_of = global_test(distances, of_held_out)
            else:
                test_of = copying_test(space.train, p, embedded, CELLS)
            entry[name][who] = {"closer": round(closer(distances, of_held_out), 4)} | {
                "c_t": round(test_of["c_t"], 2), "p": float(f"{test_of['p']:.2g}"), "cells": test_of["cells"]
            }  # fmt: skip
    return entry, references
