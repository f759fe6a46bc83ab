"""Directions in latent space that mean something: found from labelled latents, and made independent of each other.

    directions = Directions.fit(latents, attributes, names)
    images = model.decode(mean + 2 * directions["Smiling"])
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save

from gen_lab import files


def mean_difference(latents: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Unit vector (D,) from the mean of the latents (N, D) without a label to the mean of those with it."""
    return torch.nn.functional.normalize(latents[labels].mean(0) - latents[~labels].mean(0), dim=0)


def classifier_normal(latents: torch.Tensor, labels: torch.Tensor, strength: float = 0.01) -> torch.Tensor:
    """Unit normal (D,) of a logistic regression's plane between the classes (Shen et al. 2020, InterFaceGAN).

    latents (N, D), labels boolean (N,). Both classes weigh the same, however rare; `strength` is scikit-learn's C.
    """
    from sklearn.linear_model import LogisticRegression

    fit = LogisticRegression(C=strength, class_weight="balanced", max_iter=500).fit(latents.numpy(), labels.numpy())
    return torch.nn.functional.normalize(torch.from_numpy(fit.coef_[0]).float(), dim=0)


def project_out(direction: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """A direction (..., D) without its component in the span of others (k, D), so that it moves none of them.

    The length shrinks accordingly; a direction within the span becomes zero.
    """
    if len(others) == 0:
        return direction
    _, singular, basis = torch.linalg.svd(others, full_matrices=False)
    basis = basis[singular > 1e-5 * singular.max()]  # (r, D) orthonormal; locked directions may depend on each other
    return direction - direction @ basis.T @ basis


def cosines(directions: torch.Tensor) -> torch.Tensor:
    """Cosine of the angle between every two of the directions (k, D): (k, k)."""
    unit = torch.nn.functional.normalize(directions, dim=-1)
    return unit @ unit.T


def analogy(a: torch.Tensor, b: torch.Tensor, c: torch.Tensor, strength: float | torch.Tensor = 1.0) -> torch.Tensor:
    """A - B + C of three groups of latents (n, D) each: (D,), from the means of the groups.

    A single exemplar is too noisy, the mean of three is stable (Radford et al. 2015, DCGAN, section 6.3.2).
    `strength` times the difference C - B is what is added to A.
    """
    return a.mean(0) + strength * (c.mean(0) - b.mean(0))


ESTIMATORS = ("mean difference", "classifier")  # of a concept direction


@dataclass(frozen=True, eq=False)
class Directions(Mapping):
    """Concept directions by attribute name: `directions["Smiling"]` is (D,), and one times it is one standard
    deviation of the data along it. `using(method)` chooses the estimator."""

    names: tuple[str, ...]
    units: dict[str, torch.Tensor]  # method -> (A, D), unit length
    spreads: dict[str, torch.Tensor]  # method -> (A,), standard deviation of the encoded data along each
    centre: torch.Tensor  # (D,), mean of the encoded data
    covariance: torch.Tensor  # (D, D), of the encoded data
    group_means: torch.Tensor  # (A, D), mean of the encoded data that has the attribute
    method: str = ESTIMATORS[0]

    @classmethod
    def fit(cls, latents: torch.Tensor, attributes: torch.Tensor, names: tuple[str, ...]) -> "Directions":
        """Both methods for every attribute: latents (N, D), attributes boolean (N, A). Raises ValueError
        for an attribute that all or none of the data have: it has no direction."""
        for name, column in zip(names, attributes.T, strict=True):
            if column.all() or not column.any():
                raise ValueError(f"attribute {name} is the same in all of the data: there is no direction to find")
        latents = latents.float().cpu()
        finders = dict(zip(ESTIMATORS, (mean_difference, classifier_normal), strict=True))
        units = {
            method: torch.stack([find(latents, column) for column in attributes.T]) for method, find in finders.items()
        }
        spreads = {method: (latents @ unit.T).std(0) for method, unit in units.items()}
        group_means = torch.stack([latents[column].mean(0) for column in attributes.T])
        return cls(tuple(names), units, spreads, latents.mean(0), latents.T.cov(), group_means)

    def using(self, method: str) -> "Directions":
        """The same concepts by another of `ESTIMATORS`. Raises KeyError for an unknown one."""
        if method not in self.units:
            raise KeyError(f"no method is called {method!r}: use one of {', '.join(self.units)}")
        return replace(self, method=method)

    def __getitem__(self, name: str) -> torch.Tensor:
        index = self.names.index(name) if name in self.names else None
        if index is None:
            raise KeyError(f"no direction is called {name!r}: there are {', '.join(self.names)}")
        return self.units[self.method][index] * self.spreads[self.method][index]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def stack(self, names) -> torch.Tensor:
        """The directions of several concepts: (k, D)."""
        return torch.stack([self[name] for name in names]) if names else torch.zeros(0, self.centre.numel())

    def group_mean(self, name: str) -> torch.Tensor:
        """Mean latent (D,) of the data that has an attribute."""
        return self.group_means[self.names.index(name)]

    def locked(self, names, locked) -> torch.Tensor:
        """The directions of `names` (k, D), none of which moves the `locked` concepts other than itself.

        What a linear classifier says of a locked concept depends on the latent's component along the classifier's
        normal, so the normals are projected out (Shen et al. 2020, "conditional manipulation"), for directions of
        either method. The rest is scaled to one standard deviation of the data along it.
        """
        normals = self.using("classifier")
        return torch.stack(
            [self._without(self[name], normals.stack([lock for lock in locked if lock != name])) for name in names]
        )

    def _without(self, direction: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        remainder = project_out(direction, others)
        length = remainder.norm()
        if len(others) == 0 or length < 1e-4 * direction.norm():  # nothing was removed, or nothing remains
            return remainder
        unit = remainder / length
        return unit * (unit @ self.covariance @ unit).sqrt()

    def kept(self, names, locked) -> torch.Tensor:
        """For each of `names` the matrix, (k, D, D), by which a move (D,) is multiplied, so that it does not move the
        `locked` concepts other than itself: like `locked`, for moves that are not lines, and without the scaling."""
        normals, dim = self.using("classifier"), self.centre.numel()
        others = [normals.stack([lock for lock in locked if lock != name]) for name in names]
        return torch.stack([project_out(torch.eye(dim), normals) for normals in others])

    def with_own(self, name: str, direction: torch.Tensor) -> "Directions":
        """These and one more, (D,), found elsewhere and the same for every method. Its group mean is the mean of all
        data; its length is one unit."""
        unit, spread = torch.nn.functional.normalize(direction, dim=0), direction.norm()
        return replace(
            self,
            names=(*self.names, name),
            units={method: torch.cat([units, unit[None]]) for method, units in self.units.items()},
            spreads={method: torch.cat([spreads, spread[None]]) for method, spreads in self.spreads.items()},
            group_means=torch.cat([self.group_means, self.centre[None]]),
        )

    def save(self, path: Path) -> None:
        """Writes one safetensors file, names included, whole or not at all."""
        tensors = {"centre": self.centre, "covariance": self.covariance, "group_means": self.group_means}
        for method in self.units:
            tensors[f"units/{method}"] = self.units[method]
            tensors[f"spreads/{method}"] = self.spreads[method]
        contiguous = {key: value.contiguous() for key, value in tensors.items()}
        with files.whole_file(path) as file:
            file.write(save(contiguous, {"names": json.dumps(self.names)}))

    @classmethod
    def load(cls, path: Path) -> "Directions":
        """Reads what `save` wrote. Raises ValueError, KeyError or SafetensorError for a file that is not one."""
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            names = tuple(json.loads(file.metadata()["names"]))
        methods = [key.removeprefix("units/") for key in tensors if key.startswith("units/")]
        units = {method: tensors[f"units/{method}"] for method in sorted(methods, key=ESTIMATORS.index)}
        spreads = {method: tensors[f"spreads/{method}"] for method in units}
        rows = {len(names), len(tensors["group_means"]), *(len(unit) for unit in units.values())}
        if len(rows) != 1 or not all(tensor.isfinite().all() for tensor in tensors.values()):
            raise ValueError("names and directions do not fit each other, or are not finite")
        return cls(names, units, spreads, *(tensors[key] for key in ("centre", "covariance", "group_means")))
