"""Whether a generator as a whole repeats its training pictures.

Two answers, each in pixels and in a judge's features. The first is the share of samples that are nearer to a training
picture than the nearest hundredth of held-out pictures; it is 0.01 if nothing was memorised. The second is the
three-sample test of Meehan, Chaudhuri and Dasgupta 2020 ("A Non-Parametric Test to Detect Data-Copying in Generative
Models"). Both are also measured for a planted memoriser, which returns training pictures moved by two pixels: a check
that misses these can find no copies at all.

A `Demonstration` shows it for a few pictures, without the data.
"""

import math

import numpy as np
import torch
from tqdm import tqdm

from gen_lab import data, registry
from gen_lab.checkpoint import CheckpointError, demonstration, remedies
from gen_lab.checkpoint.demonstration import Demonstration
from gen_lab.checkpoint.usual_distances import Distances
from gen_lab.data import Dataset
from gen_lab.device import decode
from gen_lab.metrics.spaces import Space, features_path, nearest, read_features, texture, write_features

SHIFT = 2  # pixels by which the memoriser moves its pictures, to the right and down
MOST_SHIFT = 8  # by which the Novelty page moves them
NEAR, FAR = 0.01, 0.99  # shares of the held-out pictures that are nearer
MANY = 0.03  # share of near samples that chance does not explain
RARE = 0.001  # p-value that chance does not explain
COUNT = 1000  # samples, held-out pictures and training pictures, or all there are
CELLS = 5  # of the features, for the three-sample test
NEIGHBOURS = 5  # of a picture, that are shown
# Of these pictures they ship. The memoriser's second to fourth digit are caught; its first just escapes.
SEEDS = {"sample": (1, 2, 3, 4, 5, 6), "memoriser": (2, 3, 4)}
LEAST = 20  # samples in a cell for it to count: tau of the paper, where the normal approximation holds


def pictures_of(checkpoint, split: str) -> Dataset:
    """One split of the data that a model was trained on. Raises `MissingData`, also if it is not prepared yet, and
    ValueError if its pictures have another shape than the model's."""
    name = checkpoint.card["data"]["name"]
    if not data.is_ready(name):
        raise data.MissingData(name, f"the pictures of '{name}' are not ready on this machine")
    pictures = data.load(name, split)
    channels, height, width = checkpoint.model.image_shape
    if pictures.images.shape[1:] != (height, width, channels):
        raise ValueError(
            f"the pictures of '{name}' are {pictures.images.shape[1:]} and this model's {(height, width, channels)}: "
            "choose another model"
        )
    return pictures


def draw_labels(classes, count: int, generator: torch.Generator, label: str = "") -> torch.Tensor | None:
    """One-hot labels (count, L), of the class `label` or uniformly drawn; None for a model without classes."""
    if not classes:
        return None
    indices = torch.randint(len(classes), (count,), generator=generator)
    if label:
        indices = torch.full_like(indices, classes.index(label))
    return torch.eye(len(classes))[indices]


def sample(model, count: int, seed: int = 0) -> np.ndarray:
    """Random pictures, uint8 (count, H, W, C), with uniformly drawn labels if the model needs them."""
    generator = torch.Generator().manual_seed(seed)
    latents = model.sample(count, generator).float().cpu()
    return decode(model, latents, draw_labels(getattr(model, "classes", ()), count, generator))


def memorised(images: np.ndarray, count: int, seed: int, shift: int = SHIFT) -> np.ndarray:
    """The pictures of a generator that knows its training pictures (N, H, W, C) by heart: `count` of them, moved."""
    return shifted(np.asarray(images[memorised_rows(len(images), count, seed)]), shift)


def memorised_rows(total: int, count: int, seed: int) -> np.ndarray:
    """Which of its `total` training pictures the memoriser returns: rows (count,), ascending."""
    return np.sort(np.random.default_rng(seed).choice(total, count, replace=count > total))


def shifted(pictures: np.ndarray, by: int) -> np.ndarray:
    """Pictures (n, H, W, C), moved `by` pixels to the right and down; their edges are repeated."""
    height, width = pictures.shape[1:3]
    return np.pad(pictures, ((0, 0), (by, 0), (by, 0), (0, 0)), mode="edge")[:, :height, :width]


def rank(distance: float, held_out: np.ndarray) -> float:
    """The share of held-out pictures that are nearer to the training set than this distance: 0 .. 1."""
    return float((held_out < distance).mean())


def z_score(samples: np.ndarray, held_out: np.ndarray) -> float:
    """Z_U of Meehan et al. 2020, section 3: Mann and Whitney's U of distances (m,) and (n,), standardised.

    Below zero if the samples' distances are smaller.
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
    groups = [np.zeros(len(points), int) for points in (train, held_out, samples)]
    if cells > 1:
        from sklearn.cluster import KMeans

        # Its default, "auto", hides from pyright that it is a number.
        means = KMeans(cells, n_init=3, random_state=0).fit(train)  # pyright: ignore[reportArgumentType]
        groups = [means.predict(points) for points in (train, held_out, samples)]
    scores, weights = [], []
    for cell in range(cells):
        t, p, q = (points[group == cell] for points, group in zip((train, held_out, samples), groups, strict=True))
        if len(q) < least or not len(p) or not len(t):
            continue
        of_samples, of_held_out = (nearest(points, t, 1)[0][:, 0] for points in (q, p))
        scores.append(z_score(of_samples, of_held_out))
        weights.append(len(p))
    if not scores:
        raise ValueError(f"no cell has {least} samples: use more samples or fewer cells")
    return _weighed(scores, weights)


def global_test(samples: np.ndarray, held_out: np.ndarray) -> dict:
    """`copying_test` with one cell, the whole space, from distances (m,) and (n,)."""
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
    distances, indices = nearest(space.train[rows], space.train, 2)
    return np.where(indices[:, 0] == rows, distances[:, 1], distances[:, 0])


def spaces(checkpoint, train: Dataset, log=print, progress=tqdm) -> dict[str, Space]:
    """In pixels, and in the features of the judge that the card names, if there is one. The features of all training
    pictures are kept in the cache (`data.cache_root`)."""
    by_name = {"pixels": Space.of_pixels(train.images)}
    judge = registry.load(checkpoint.card["judge"]) if checkpoint.card.get("judge") else None
    if judge is not None and judge.model.image_shape == checkpoint.model.image_shape:
        path = features_path(judge.card, train)
        features = read_features(path, len(train))
        if features is None:
            log("features of the training pictures ...")
            features = texture(judge.model, train.images, progress)
            write_features(path, features)
        by_name["features"] = Space.of_features(judge.model, features)
    return by_name


def measure(checkpoint, log=print, count: int = COUNT) -> tuple[dict, Distances]:
    """The card's entry "novelty", and the distances that the page shows. Raises `MissingData` and ValueError."""
    train, test = (pictures_of(checkpoint, split) for split in ("train", "test"))
    random = np.random.default_rng(0)
    held_out = np.asarray(test.images[np.sort(random.permutation(len(test))[:count])])
    rows = np.sort(random.permutation(len(train))[:count])
    log(f"{count:,} samples ...")
    samples, copies = sample(checkpoint.model, count), memorised(train.images, count, seed=0)
    entry: dict = {"samples": count, "held_out": len(held_out), "train": len(train), "memoriser_shift": SHIFT}
    distances = {}
    for name, space in spaces(checkpoint, train, log).items():
        log(f"by {name} ...")
        entry[name], distances[name] = _measure_in(space, held_out, rows, samples, copies)
    return entry, distances


def demonstrate(checkpoint, log=print) -> Demonstration:
    """The training pictures that are nearest to the pictures of `SEEDS`, the memoriser's moved by 0 to `MOST_SHIFT`.
    Raises `MissingData` and ValueError."""
    train = pictures_of(checkpoint, "train")
    by_space = spaces(checkpoint, train, log)
    originals = np.concatenate([memorised_rows(len(train), 1, seed) for seed in SEEDS["memoriser"]])
    moved = [shifted(np.asarray(train.images[originals]), by) for by in range(MOST_SHIFT + 1)]
    queries = np.concatenate([*(sample(checkpoint.model, 1, seed) for seed in SEEDS["sample"]), *moved])
    nearby = [space.nearest(queries, min(NEIGHBOURS, len(train)))[1].ravel() for space in by_space.values()]
    rows = np.unique(np.concatenate([originals, *nearby]))
    judge, scale = "", None
    if "features" in by_space:
        judge, scale = registry.load(checkpoint.card["judge"]).card["sha256"], by_space["features"].scale
    pictures = np.ascontiguousarray(train.images[rows])
    return Demonstration(pictures, rows, len(train), SEEDS, checkpoint.card["sha256"], judge, scale)


def handful_spaces(checkpoint, handful: Demonstration, judge) -> dict[str, Space]:
    """`spaces` of a demonstration's pictures. `judge` is the loaded checkpoint that the card names, or None.

    Raises `CheckpointError` if the demonstration was made with another judge.
    """
    by_name = {"pixels": Space.of_pixels(handful.pictures)}
    if judge is None or handful.scale is None:
        return by_name
    features = texture(judge.model, handful.pictures)
    if judge.card["sha256"] != handful.judge or features.shape[1] != len(handful.scale):
        path = registry.folder(checkpoint.card["name"]) / demonstration.FILE
        raise CheckpointError(f"{path} was made with another judge", remedies.file(path, demonstration.MAKER))
    return by_name | {"features": Space.of_features(judge.model, features, handful.scale)}


def _measure_in(space: Space, held_out, rows, samples, copies) -> tuple[dict, dict[str, np.ndarray]]:
    """The card's entry for one space, and the distances of its sets; pictures uint8 (n, H, W, C), rows (n,) of the
    training set."""
    embeddings = [space.embed(pictures) for pictures in (held_out, samples, copies)]
    of_held_out, of_samples, of_copies = (nearest(points, space.train, 1)[0][:, 0] for points in embeddings)
    of_train = others(space, rows)
    entry: dict = {"train_closer": round(closer(of_train, of_held_out), 4)}
    for who, points, distances in (("model", embeddings[1], of_samples), ("memoriser", embeddings[2], of_copies)):
        if space.name == "pixels":  # k-means of pixels would take long and say little
            test = global_test(distances, of_held_out)
        else:
            test = copying_test(space.train, embeddings[0], points, CELLS)
        entry[who] = {
            "closer": round(closer(distances, of_held_out), 4),
            "c_t": round(test["c_t"], 2),
            "p": float(f"{test['p']:.2g}"),
            "cells": test["cells"],
        }
    return entry, {"held_out": of_held_out, "train": of_train, "samples": of_samples}
