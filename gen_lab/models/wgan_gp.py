"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017, "Improved Training of Wasserstein GANs").

`network="textbook"` is a DCGAN's generator; "stages" has residual blocks, as the decoder of this project's VAE has.
`critic="pixels"` sees pictures through strided convolutions; "projected" through the first blocks of a frozen ImageNet
network (Sauer et al. 2021), where the penalty holds the critic Lipschitz with respect to those features. Neither has
batch normalisation, which would make the penalty on single pictures meaningless (section 4).
"""

import math
from dataclasses import dataclass
from typing import Literal

from torch import nn

from gen_lab.models import dcgan
from gen_lab.models.parts.adversarial import Adversarial, Critic, CriticKind, Generator, ProjectedCritic
from gen_lab.models.parts.layers import halved, leaky, up_stages
from gen_lab.values import Channels, Side, Width, Widths

Network = Literal["stages", "textbook"]


@dataclass(frozen=True)
class Config:
    image_size: Side = 64
    channels: Channels = 3
    latent_dim: Width = 128
    network: Network = "stages"  # of the generator
    widths: Widths = (192, 128, 64, 32)  # channels of the generator, from the coarsest map upwards
    critic: CriticKind = "projected"
    critic_widths: Widths = (64, 128, 256, 512)  # channels of a critic of pixels after each halving


TEXTBOOK = Config(network="textbook", widths=(512, 256, 128, 64), critic="pixels")


class WGAN(Adversarial):
    """Latents (B, D), pictures (B, C, H, W) in [-1, 1]; the critic's value is unbounded."""

    is_critic = True

    def __init__(self, config: Config):
        generator = Generator(*generator_layers(config, config.latent_dim))
        critic = ProjectedCritic() if config.critic == "projected" else Critic(pixel_critic(config, config.channels))
        if config.network == "textbook":
            dcgan.paper_weights(generator, critic)
        super().__init__(config, generator, critic)


Model = WGAN


def generator_layers(config, inputs: int) -> tuple[nn.Module, nn.Module, nn.Module]:
    """First layer on so many numbers, its activation and the rest of a generator."""
    if config.network == "textbook":
        return dcgan.paper_generator(config, inputs)
    if config.network != "stages":
        raise ValueError(f"no network is called {config.network!r}: use stages or textbook")
    side = halved(config.image_size, len(config.widths))
    shape = (config.widths[0], side, side)
    first, *stages = up_stages(config.widths, config.channels)
    linear = nn.Linear(inputs, math.prod(shape))
    return linear, nn.Sequential(nn.Unflatten(1, shape), first), nn.Sequential(*stages)


def pixel_critic(config, channels: int) -> nn.Module:
    """Strided convolutions on pictures with so many channels: (B, channels, H, W) -> (B, 1)."""
    if config.critic != "pixels":
        raise ValueError(f"no critic is called {config.critic!r}: use projected or pixels")
    if config.network == "textbook":
        return dcgan.paper_critic(channels, config, normalise=False)
    layers, side = [], config.image_size >> len(config.critic_widths)
    for width in config.critic_widths:
        layers += [nn.Conv2d(channels, width, 4, stride=2, padding=1), leaky()]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * side * side, 1))
