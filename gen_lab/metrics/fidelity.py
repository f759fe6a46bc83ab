"""How good and how varied samples are, compared with real pictures: Fréchet distance, precision and recall, density and
coverage, diversity. They are measured in the features of two networks, `fd_judge`'s and `fd_lite0`'s (`frechet`).

Precision and recall are those of Kynkäänniemi et al. 2019 ("Improved Precision and Recall Metric for Assessing
Generative Models"). Around each picture of a set lies a ball that reaches to its third nearest neighbour in the set.
Precision is the share of samples within a ball of the real pictures, recall the share of real pictures within a ball of
the samples.

Density and coverage are those of Naeem et al. 2020 ("Reliable Fidelity and Diversity Metrics for Generative Models"),
with balls that reach to the fifth neighbour. Density is in how many balls of real pictures a sample lies, divided by
five, and may exceed 1; coverage is the share of real pictures whose ball holds a sample. A single odd picture, whose
ball is large, spoils them less.

Like the distances, all figures compare only with each other, at equal counts, and not with those in other features.
"""

from functools import lru_cache

import numpy as np
import torch

from gen_lab import checkpoint, data, registry
from gen_lab.images import batches
from gen_lab.metrics.frechet import COUNT, JudgeFeatures, Lite0Features, frechet_distance

NEIGHBOURS = 3  # k of section 3 of Kynkäänniemi et al.
DENSITY_NEIGHBOURS = 5  # k of section 4 of Naeem et al.
ROWS = 500  # of a matrix of distances, that are in memory at a time


def precision_recall(real: np.ndarray, samples: np.ndarray, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Precision and recall (eq. 2) of samples (M, F) against real (N, F): shares in [0, 1].

    A picture is not its own neighbour, but a copy of it in the same set is. Raises ValueError for sets of k or fewer.
    """
    _refuse_few(k, real, samples)
    true, sampled = _tensor(real), _tensor(samples)
    return _share_within(sampled, true, _radii(true, k)), _share_within(true, sampled, _radii(sampled, k))


def density_coverage(real: np.ndarray, samples: np.ndarray, k: int = DENSITY_NEIGHBOURS) -> tuple[float, float]:
    """Density (eq. 3), at least 0, and coverage (eq. 4), in [0, 1], of samples (M, F) against real (N, F).

    Raises ValueError for sets of k or fewer.
    """
    _refuse_few(k, real, samples)
    true, sampled = _tensor(real), _tensor(samples)
    radii = _radii(true, k)
    inside, covered = 0, torch.zeros(len(true), dtype=torch.bool)
    for part in sampled.split(ROWS):
        within = torch.cdist(part, true) <= radii
        inside += int(within.sum())
        covered |= within.any(0)
    return inside / (k * len(sampled)), float(covered.double().mean())


def spread(features: np.ndarray) -> float:
    """The mean distance between two different pictures of features (N, F)."""
    points = _tensor(features)
    total = sum(float(torch.cdist(part, points).sum()) for part in points.split(ROWS))
    return total / (len(points) * (len(points) - 1))


def sample_count(images) -> int:
    """How many samples to compare with a training set of pictures (N, ...): as many as each of its `halves`."""
    return min(COUNT, len(images) // 2)


def halves(images) -> tuple[np.ndarray, np.ndarray]:
    """Two disjoint sets of training pictures uint8 (N, H, W, C): the reference for samples, and others, whose distance
    to the reference is the least that can be expected."""
    count, order = sample_count(images), np.random.default_rng(0).permutation(len(images))
    return images[np.sort(order[:count])], images[np.sort(order[count : 2 * count])]


def compare(samples: np.ndarray, name: str, judge: str = "", device="cpu") -> dict:
    """A card's figures of samples uint8 (M, H, W, C) beside the training pictures of a data set.

    They are `fidelity_by_judge`, unless the judge's name is empty, and `fidelity`.
    """
    figures = {}
    if judge:
        seen = network(judge, device)(batches(samples))
        figures = fidelity_by_judge(seen, *features_of_halves(name, device, judge), judge)
    return figures | fidelity(network("", device)(batches(samples)), *features_of_halves(name, device))


def network(judge: str, device):
    """What turns pictures into features: the judge of this name, or the ImageNet network if it is empty."""
    return JudgeFeatures(registry.load(judge, device).model) if judge else Lite0Features(device)


@lru_cache(maxsize=4)
def features_of_halves(name: str, device, judge: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Features (N, F) of the two `halves` of a data set's training pictures, cached for several models."""
    features = network(judge, device)
    reference, others = halves(data.load(name, "train").images)
    return features(batches(reference)), features(batches(others))


def fidelity_by_judge(samples: np.ndarray, reference: np.ndarray, others: np.ndarray, judge: str) -> dict:
    """A card's figures of samples, from features (N, F) of as many samples, real pictures and other real pictures, as
    this judge sees them.

    The card says which weights the judge had: the figures of a judge that was trained anew are others.
    """

    def shares(pictures: np.ndarray) -> dict:
        figures = (*precision_recall(reference, pictures), *density_coverage(reference, pictures))
        names = ("precision", "recall", "density", "coverage")
        return {name: round(figure, 4) for name, figure in zip(names, figures, strict=True)}

    return {
        "fd_judge": {
            "samples": four_digits(frechet_distance(samples, reference)),
            "real_floor": four_digits(frechet_distance(others, reference)),
            "counts": _counts(samples, reference, others),
        },
        "judge_features": {
            "judge": judge,
            "judge_sha256": checkpoint.read_card(registry.folder(judge))["sha256"],
            **shares(samples),
            "real": shares(others),
        },
    }


def four_digits(figure: float) -> float:
    """A figure, whose unit is a judge's own, with four significant digits."""
    return float(f"{figure:.4g}")


def fidelity(samples: np.ndarray, reference: np.ndarray, others: np.ndarray) -> dict:
    """The same in the features of the ImageNet network.

    Diversity is `spread` of the samples over that of the real pictures: 1 is as varied, 0 always the same picture.
    The score of the other real pictures is the best that a generator can reach.
    """
    precision, recall = precision_recall(reference, samples)
    of_real = precision_recall(reference, others)
    return {
        "fd_lite0": {
            "samples": round(frechet_distance(samples, reference), 1),
            "real_floor": round(frechet_distance(others, reference), 1),
            "counts": _counts(samples, reference, others),
        },
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "diversity": round(spread(samples) / spread(reference), 4),
        "real": {
            "precision": round(of_real[0], 4),
            "recall": round(of_real[1], 4),
            "diversity": round(spread(others) / spread(reference), 4),
        },
    }


def _counts(samples: np.ndarray, reference: np.ndarray, others: np.ndarray) -> str:
    return f"samples {len(samples)} and floor {len(others)} against {len(reference)} training images"


def _refuse_few(k: int, real: np.ndarray, samples: np.ndarray) -> None:
    if min(len(real), len(samples)) <= k:
        raise ValueError(f"{k} neighbours need more than {k} pictures: there are {len(real)} and {len(samples)}")


def _tensor(features: np.ndarray) -> torch.Tensor:
    # Distances come from products of matrices: float32 would not tell a copy from a near neighbour.
    return torch.from_numpy(np.asarray(features, np.float64))


def _radii(features: torch.Tensor, k: int) -> torch.Tensor:
    """(N,): the distance of each of features (N, F) to the k-th nearest of the others."""
    radii = []
    for start in range(0, len(features), ROWS):
        distances = torch.cdist(features[start : start + ROWS], features)
        rows = torch.arange(len(distances))
        distances[rows, start + rows] = torch.inf
        radii.append(distances.kthvalue(k, dim=1).values)
    return torch.cat(radii)


def _share_within(points: torch.Tensor, centres: torch.Tensor, radii: torch.Tensor) -> float:
    """The share of points (M, F) that lie within the ball of any of the centres (N, F)."""
    inside = [(torch.cdist(part, centres) <= radii).any(1) for part in points.split(ROWS)]
    return float(torch.cat(inside).double().mean())
