"""Convolutional variational autoencoder with a prior fitted to what the encoder does.

Kingma and Welling 2014, "Auto-Encoding Variational Bayes". Samples come from a Gaussian mixture fitted to the
encoded training set after training (Ghosh et al. 2020, "From Variational to Deterministic Autoencoders", ex-post
density estimation), because a trained encoder's aggregate posterior is not the standard normal that the ELBO asks
for: points drawn from N(0, 1) land where no face was ever encoded. Train with `python -m train vae_faces`.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn

from gen_lab.models.layers import down_stages, up_stages


@dataclass(frozen=True)
class Config:
    image_size: int = 64  # pixels a side, divisible by 2 ** len(widths)
    channels: int = 3  # 3 colour, 1 grey
    latent_dim: int = 128  # numbers in a latent vector
    widths: tuple[int, ...] = (32, 64, 128, 192)  # channels after each halving
    residual: bool = True  # False: the textbook's plain strided convolutions with batch normalisation
    components: int = 10  # Gaussians of the fitted prior


class MixturePrior(nn.Module):
    """A Gaussian mixture with full covariances over the latent space. It is N(0, 1) until `fit` is called."""

    def __init__(self, components: int, dim: int):
        super().__init__()
        self.register_buffer("weights", torch.full((components,), 1 / components))
        self.register_buffer("means", torch.zeros(components, dim))
        factors = torch.zeros(components, dim, dim)  # torch.eye on the meta device would import half of torch
        factors.diagonal(dim1=1, dim2=2).fill_(1)
        self.register_buffer("factors", factors)  # Cholesky factors, lower

    def fit(self, means: torch.Tensor, log_vars: torch.Tensor, seed: int = 0) -> None:
        """Fits the mixture to the aggregate posterior q(z) = mean over the data of N(mean, exp(log_var)).

        means, log_vars (N, D) on the CPU: one draw of every posterior is what the mixture sees.
        """
        from sklearn.mixture import GaussianMixture

        noise = torch.randn(means.shape, generator=torch.Generator().manual_seed(seed))
        draws = means + noise * torch.exp(0.5 * log_vars)
        mixture = GaussianMixture(len(self.weights), reg_covar=1e-3, max_iter=50, random_state=seed).fit(draws.numpy())
        self.weights.copy_(torch.from_numpy(mixture.weights_))
        self.means.copy_(torch.from_numpy(mixture.means_))
        self.factors.copy_(torch.linalg.cholesky(torch.from_numpy(mixture.covariances_)))

    def sample(self, count: int, generator: torch.Generator | None = None) -> torch.Tensor:
        """(count, D) on the module's device; the generator is a CPU one, so that a seed means the same anywhere."""
        which = torch.multinomial(self.weights.float().cpu(), count, replacement=True, generator=generator)
        noise = torch.randn(count, self.means.shape[1], generator=generator).to(self.means.device)
        which = which.to(self.means.device)
        return self.means[which] + torch.einsum("bij,bj->bi", self.factors[which], noise)


def _plain_down(channels: int, widths: tuple[int, ...]) -> nn.Sequential:
    layers = []
    for width in widths:
        layers += [nn.Conv2d(channels, width, 4, stride=2, padding=1), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]
        channels = width
    return nn.Sequential(*layers)


def _plain_up(widths: tuple[int, ...], channels: int) -> nn.Sequential:
    layers = []
    for width, narrower in zip(widths, (*widths[1:], channels), strict=True):
        layers += [nn.ConvTranspose2d(width, narrower, 4, stride=2, padding=1)]
        layers += [nn.BatchNorm2d(narrower), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-2])


class VAE(nn.Module):
    """Encoder and decoder; images (B, C, H, W) in [-1, 1], latents (B, D)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.latent_dim = config.latent_dim
        self.image_shape = (config.channels, config.image_size, config.image_size)
        side = config.image_size >> len(config.widths)
        self.inner_shape = (config.widths[-1], side, side)
        inner = math.prod(self.inner_shape)
        down, up = (down_stages, up_stages) if config.residual else (_plain_down, _plain_up)
        self.encoder = down(config.channels, config.widths)
        self.to_posterior = nn.Linear(inner, 2 * config.latent_dim)
        self.from_latent = nn.Linear(config.latent_dim, inner)
        self.decoder = up(config.widths[::-1], config.channels)
        self.prior = MixturePrior(config.components, config.latent_dim)

    def encode(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log-variance of q(z | x), each (B, D)."""
        hidden = self.encoder(images)  # (B, C, H, W) -> (B, widths[-1], side, side)
        mean, log_var = self.to_posterior(hidden.flatten(1)).float().chunk(2, dim=1)
        return mean, log_var.clamp(-12, 6)  # beyond this float16 and exp are of no use

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Mean of p(x | z): images (B, C, H, W), in [-1, 1] up to small overshoots that `images.to_uint8` clips."""
        hidden = self.from_latent(latents).unflatten(1, self.inner_shape)
        return self.decoder(hidden).float()

    def sample(self, count: int, generator: torch.Generator | None = None) -> torch.Tensor:
        """Latents (count, D) drawn from the fitted prior; decode them for pictures."""
        return self.prior.sample(count, generator)

    def forward(self, images: torch.Tensor, noise: torch.Tensor):
        """Reconstruction, mean and log-variance; `noise` (B, D) is the standard normal draw of the posterior."""
        mean, log_var = self.encode(images)
        return self.decode(reparameterise(mean, log_var, noise)), mean, log_var


Model = VAE


def reparameterise(mean, log_var, noise) -> torch.Tensor:
    """z = mean + sigma * noise (Kingma and Welling 2014, section 2.4): gradients reach mean and log_var."""
    return mean + torch.exp(0.5 * log_var) * noise


def kl_divergence(mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
    """KL(N(mean, exp(log_var)) || N(0, 1)) in nats, per image and latent unit: (B, D) (appendix B)."""
    return 0.5 * (mean.square() + log_var.exp() - 1 - log_var)


def elbo(images, reconstruction, mean, log_var, variance: float, beta: float | torch.Tensor = 1.0) -> dict:
    """The negative evidence lower bound in nats: summed over pixels and latent units, averaged over the batch.

    p(x | z) is Gaussian with the stated variance; `reconstruction` below includes its normalising constant.
    Returns {"reconstruction", "kl", "total"}; total = reconstruction + beta * kl.
    """
    pixels = images[0].numel()
    squared = (images - reconstruction).square().flatten(1).sum(1).mean()
    log_likelihood = squared / (2 * variance) + 0.5 * pixels * math.log(2 * math.pi * variance)
    kl = kl_divergence(mean, log_var).sum(1).mean()
    return {"reconstruction": log_likelihood, "kl": kl, "total": log_likelihood + beta * kl}
