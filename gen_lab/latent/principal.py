"""A generator's latent space: its principal directions, and truncation.

    directions, shares = sefa(model.first_weight, count=6)
    images = model.decode(truncated(model.sample(4), threshold=1.5) + 2 * directions[0])
"""

import torch

from gen_lab.device import in_batches

ACTIVATIONS = 2**24  # numbers that a principal component analysis may hold


def truncated(latents: torch.Tensor, threshold: float | torch.Tensor) -> torch.Tensor:
    """Standard normal latents (..., D), truncated so that every number lies within +-threshold: same shape.

    The truncation trick (Marchesi 2017; Brock et al. 2019, section 3.1) draws a number again until it lies within.
    Here each number keeps its rank instead, F(z') = F(z) with F the distribution functions of the normal and of the
    truncated normal: the same distribution, but a latent moves smoothly with the threshold. At 0 all are 0.
    """
    wide, threshold = latents.double(), torch.as_tensor(threshold, dtype=torch.float64).clamp_min(0)
    low, high = torch.special.ndtr(-threshold), torch.special.ndtr(threshold)
    return torch.special.ndtri(low + (high - low) * torch.special.ndtr(wide)).to(latents.dtype)


def sefa(weight: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Directions in which the generator's first layer A (F, D) answers most: (count, D), and their shares (count,).

    Shen and Zhou 2021 ("Closed-Form Factorization of Latent Semantics in GANs", SeFa): the unit vectors n that make
    |A n| largest, one orthogonal to the other, are the first eigenvectors of A^T A. A share is the eigenvalue over the
    sum of all. The sign, which is arbitrary, makes the largest number positive.
    """
    values, vectors = torch.linalg.eigh(weight.double().T @ weight.double())  # ascending
    values, vectors = values.flip(0), vectors.flip(1).T
    return _upright(vectors[:count]).float(), (values[:count] / values.sum()).float()


def ganspace(latents: torch.Tensor, activations: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Directions in which early activations (N, F) of latents (N, D) vary most: (count, D), and their shares (count,).

    Härkönen et al. 2020 ("GANSpace", for generators whose latents are normal): x are the coordinates of the activations
    along their principal components, and U that which best predicts the latents from them, argmin sum |U x - z|^2. A
    direction is a column of U times the standard deviation of its x, so that one unit of it is one standard deviation;
    a share is that of the activations' variance. For a linear layer and many latents it is `sefa`.
    """
    from sklearn.decomposition import PCA

    # Its default, "auto", hides from pyright that the power is a number.
    analysis = PCA(count, svd_solver="randomized", iterated_power=4, random_state=0)  # pyright: ignore[reportArgumentType]
    places = torch.from_numpy(analysis.fit_transform(activations.numpy())).double()
    spreads = places.std(0, keepdim=True)
    columns = torch.linalg.lstsq(places / spreads, latents.double()).solution  # (count, D)
    return _upright(columns).float(), torch.from_numpy(analysis.explained_variance_ratio_).float()


def _upright(directions: torch.Tensor) -> torch.Tensor:
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return directions * largest.sign()


FACTORISATIONS = {"sefa": "SeFa, closed form", "pca": "PCA of activations"}


def principal(model, method: str, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Directions (count, D) of an unconditional model's generator by one of `FACTORISATIONS`, and their shares
    (count,), on the CPU."""
    if method == "sefa":
        return sefa(model.first_weight.cpu(), count)
    (activations,) = in_batches(model, model.early, model.sample(1, torch.Generator().manual_seed(0)))
    number = min(max(ACTIVATIONS // activations.shape[1], 1024), 16_384)
    latents = model.sample(number, torch.Generator().manual_seed(0)).cpu()
    (activations,) = in_batches(model, model.early, latents)
    return ganspace(latents, activations, count)
