"""Convolutional variational autoencoder with a prior fitted to the encoded data.

Kingma and Welling 2014, "Auto-Encoding Variational Bayes". Samples come from a Gaussian mixture fitted to the
encoded training set after training (Ghosh et al. 2020, "From Variational to Deterministic Autoencoders", ex-post
density estimation), because a trained encoder's aggregate posterior is not the standard normal that the ELBO asks
for: points drawn from N(0, 1) land where no face was ever encoded. Where it makes better samples, `python -m
train.prior` replaces the mixture by a flow (`gen_lab.models.parts.flow`). Train with `python -m train vae_faces`, or,
for digits on a plane, `vae_digits`.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import nn
from torch.nn import functional as F

from gen_lab.models.parts.flow import FlowPrior
from gen_lab.models.parts.layers import encoder_and_decoder
from gen_lab.values import Channels, Few, Side, Width, Widths

Network = Literal["stages", "textbook"]


@dataclass(frozen=True)
class Config:
    image_size: Side = 64  # pixels a side, divisible by 2 ** len(widths)
    channels: Channels = 3  # 3 colour, 1 grey
    latent_dim: Width = 128  # numbers in a latent vector
    widths: Widths = (32, 64, 128, 192)  # channels after each halving
    residual: bool = True  # False: the textbook's plain strided convolutions with batch normalisation
    components: Width = 10  # Gaussians of the fitted mixture
    network: Network = "stages"  # textbook: for 28 x 28 pixels, whatever widths and hidden say
    hidden: Widths = ()  # widths of fully connected layers between the convolutions and the latent
    likelihood: Literal["gaussian", "bernoulli"] = "gaussian"  # p(x | z); bernoulli: grey values are probabilities
    prior: Literal["mixture", "flow"] = "mixture"  # what samples are drawn from
    flow_width: Width = 512  # of the flow's residual blocks
    flow_blocks: Few = 4


class MixturePrior(nn.Module):
    """A Gaussian mixture with full covariances over the latent space. It is N(0, 1) until `fit` is called."""

    weights: torch.Tensor  # (K,)
    means: torch.Tensor  # (K, D)
    factors: torch.Tensor  # (K, D, D), Cholesky factors of the covariances, lower

    def __init__(self, components: int, dim: int):
        super().__init__()
        self.register_buffer("weights", torch.full((components,), 1 / components))
        self.register_buffer("means", torch.zeros(components, dim))
        factors = torch.zeros(components, dim, dim)  # torch.eye on the meta device would import half of torch
        factors.diagonal(dim1=1, dim2=2).fill_(1)
        self.register_buffer("factors", factors)

    def fit(self, means: torch.Tensor, log_vars: torch.Tensor, seed: int = 0) -> None:
        """Fits the mixture to the aggregate posterior q(z) = mean over the data of N(mean, exp(log_var)).

        means, log_vars (N, D) on the CPU. The mixture is fitted to one draw from every posterior.
        """
        from sklearn.mixture import GaussianMixture

        noise = torch.randn(means.shape, generator=torch.Generator().manual_seed(seed))
        draws = means + noise * torch.exp(0.5 * log_vars)
        mixture = GaussianMixture(len(self.weights), reg_covar=1e-3, max_iter=50, random_state=seed).fit(draws.numpy())
        self.weights.copy_(torch.from_numpy(mixture.weights_))
        self.means.copy_(torch.from_numpy(mixture.means_))
        self.factors.copy_(torch.linalg.cholesky(torch.from_numpy(mixture.covariances_)))

    def sample(self, count: int, generator: torch.Generator | None = None) -> torch.Tensor:
        """(count, D) on the module's device. The generator is on the CPU, so that a seed is the same everywhere."""
        which = torch.multinomial(self.weights.float().cpu(), count, replacement=True, generator=generator)
        noise = torch.randn(count, self.means.shape[1], generator=generator).to(self.means.device)
        which = which.to(self.means.device)
        return self.means[which] + torch.einsum("bij,bj->bi", self.factors[which], noise)


class VAE(nn.Module):
    """Encoder and decoder; images (B, C, H, W) in [-1, 1], latents (B, D)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.latent_dim = config.latent_dim
        self.image_shape = (config.channels, config.image_size, config.image_size)
        self.encoder, self.to_posterior, self.from_latent, self.decoder, self.inner_shape = encoder_and_decoder(
            config, 2 * config.latent_dim
        )
        self.prior: MixturePrior | FlowPrior
        if config.prior == "flow":
            self.prior = FlowPrior(config.latent_dim, config.flow_width, config.flow_blocks)
        else:
            self.prior = MixturePrior(config.components, config.latent_dim)

    def use(self, prior: MixturePrior | FlowPrior) -> None:
        """Draws samples from another prior, fitted to this model's encodings, from now on."""
        if isinstance(prior, FlowPrior):
            kind, size = "flow", {"flow_width": prior.enter.out_features, "flow_blocks": len(prior.blocks)}
        else:
            kind, size = "mixture", {"components": len(prior.weights)}
        self.config, self.prior = replace(self.config, prior=kind, **size), prior

    def encode(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log-variance of q(z | x), each (B, D)."""
        hidden = self.encoder(images)  # (B, C, H, W) -> (B, widths[-1], side, side)
        mean, log_var = self.to_posterior(hidden.flatten(1)).float().chunk(2, dim=1)
        return mean, log_var.clamp(-12, 6)  # beyond this float16 and exp are of no use

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Mean of p(x | z): images (B, C, H, W), in [-1, 1] up to small overshoots that `images.to_uint8` clips."""
        return mean_picture(self.pixel_parameters(latents), self.config.likelihood)

    def pixel_parameters(self, latents: torch.Tensor) -> torch.Tensor:
        """The parameters of p(x | z), (B, C, H, W): the pixels' means, or their logits for a Bernoulli likelihood."""
        hidden = self.from_latent(latents).unflatten(1, self.inner_shape)
        return self.decoder(hidden).float()

    def sample(self, count: int, generator: torch.Generator | None = None) -> torch.Tensor:
        """Latents (count, D) drawn from the fitted prior; decode them for pictures."""
        return self.prior.sample(count, generator)

    def forward(self, images: torch.Tensor, noise: torch.Tensor):
        """`pixel_parameters` of the reconstruction, mean and log-variance; `noise` (B, D) is the standard normal
        draw of the posterior."""
        mean, log_var = self.encode(images)
        return self.pixel_parameters(reparameterise(mean, log_var, noise)), mean, log_var


Model = VAE


def reparameterise(mean, log_var, noise) -> torch.Tensor:
    """z = mean + sigma * noise (Kingma and Welling 2014, section 2.4): gradients reach mean and log_var."""
    return mean + torch.exp(0.5 * log_var) * noise


def kl_divergence(mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
    """KL(N(mean, exp(log_var)) || N(0, 1)) in nats, per image and latent unit: (B, D) (appendix B)."""
    return 0.5 * (mean.square() + log_var.exp() - 1 - log_var)


def mean_picture(parameters: torch.Tensor, likelihood: str) -> torch.Tensor:
    """The mean of p(x | z), (B, C, H, W): for a Bernoulli likelihood with logits l it is 2 sigmoid(l) - 1."""
    return torch.tanh(parameters / 2) if likelihood == "bernoulli" else parameters


def elbo(images, reconstruction, mean, log_var, variance: float, beta: float | torch.Tensor = 1.0) -> dict:
    """The negative evidence lower bound in nats: summed over pixels and latent units, averaged over the batch.

    p(x | z) is Gaussian with the stated variance; `reconstruction` below includes its normalising constant.
    Returns {"reconstruction", "kl", "total"}; total = reconstruction + beta * kl.
    """
    pixels = images[0].numel()
    squared_error = (images - reconstruction).square().flatten(1).sum(1).mean()
    log_likelihood = squared_error / (2 * variance) + 0.5 * pixels * math.log(2 * math.pi * variance)
    kl = kl_divergence(mean, log_var).sum(1).mean()
    return {"reconstruction": log_likelihood, "kl": kl, "total": log_likelihood + beta * kl}


def bernoulli_elbo(images, logits, mean, log_var, beta: float | torch.Tensor = 1.0) -> dict:
    """The negative evidence lower bound of a Bernoulli decoder, in nats per image, averaged over the batch.

    Images in [-1, 1] stand for probabilities of white, (x + 1) / 2, as is usual for MNIST's grey values. So their
    cross-entropy to sigmoid(logits) is the expected negative log-likelihood of the binary images that would be drawn
    from them (Kingma and Welling 2014, appendix C.1, on grey values). Terms as of `elbo`.
    """
    reconstruction = bernoulli_cross_entropy(images, logits).mean()
    kl = kl_divergence(mean, log_var).sum(1).mean()
    return {"reconstruction": reconstruction, "kl": kl, "total": reconstruction + beta * kl}


def bernoulli_cross_entropy(images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Nats per image, summed over pixels: (B, C, H, W) each -> (B,)."""
    return F.binary_cross_entropy_with_logits(logits, (images + 1) / 2, reduction="none").flatten(1).sum(1)
