"""Autoencoder: the network of `vae` without noise and without a prior.

What remains is a bottleneck: pictures are squeezed into a few numbers and back, and nothing puts those numbers in
order (Hinton and Salakhutdinov 2006). Samples come from a mixture fitted to the encoded training set, as for the VAE.
Train with `python -m train ae_digits`.
"""

from dataclasses import dataclass

import torch
from torch import nn

from gen_lab.models.parts.layers import encoder_and_decoder
from gen_lab.models.vae import MixturePrior, Network, bernoulli_cross_entropy, mean_picture
from gen_lab.values import Channels, Side, Width, Widths

POINT = -12.0  # log-variance of a code that is a point: the VAE encoder's minimum


@dataclass(frozen=True)
class Config:
    image_size: Side = 28  # pixels a side, divisible by 2 ** len(widths)
    channels: Channels = 1  # 3 colour, 1 grey
    latent_dim: Width = 2  # numbers in a latent vector
    widths: Widths = ()  # channels after each halving
    residual: bool = True  # False: plain strided convolutions with batch normalisation
    components: Width = 10  # Gaussians of the fitted mixture
    network: Network = "stages"  # textbook: for 28 x 28 pixels, whatever widths and hidden say
    hidden: Widths = (96, 128, 128)  # widths of fully connected layers between the convolutions and the latent


class AE(nn.Module):
    """Encoder and decoder; images (B, C, H, W) in [-1, 1], latents (B, D) of any size."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.latent_dim = config.latent_dim
        self.image_shape = (config.channels, config.image_size, config.image_size)
        self.encoder, self.to_latent, self.from_latent, self.decoder, self.inner_shape = encoder_and_decoder(
            config, config.latent_dim
        )
        self.prior = MixturePrior(config.components, config.latent_dim)

    def encode(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents (B, D), and the log-variance of a point, so that an AE can replace a VAE."""
        latents = self.to_latent(self.encoder(images).flatten(1)).float()
        return latents, torch.full_like(latents, POINT)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Images (B, C, H, W) in [-1, 1]."""
        return mean_picture(self.pixel_parameters(latents), "bernoulli")

    def pixel_parameters(self, latents: torch.Tensor) -> torch.Tensor:
        """Logits of the pixels' probabilities of white: (B, C, H, W)."""
        hidden = self.from_latent(latents).unflatten(1, self.inner_shape)
        return self.decoder(hidden).float()

    def sample(self, count: int, generator: torch.Generator | None = None) -> torch.Tensor:
        """Latents (count, D) drawn from the fitted mixture; decode them for pictures."""
        return self.prior.sample(count, generator)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits of the reconstruction."""
        return self.pixel_parameters(self.encode(images)[0])


Model = AE


def loss(images: torch.Tensor, logits: torch.Tensor) -> dict:
    """The VAE's reconstruction term (`vae.bernoulli_elbo`) and nothing else, in nats per image."""
    reconstruction = bernoulli_cross_entropy(images, logits).mean()
    return {"reconstruction": reconstruction, "total": reconstruction}
