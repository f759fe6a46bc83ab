"""Generative adversarial network of fully connected layers (Goodfellow et al. 2014), as it all began.

`network="textbook"` is the early convolutional one for MNIST with tanh, up-sampling and 5x5 convolutions, which was
trained by plain gradient descent on uniform noise (Gao 2015, github.com/jacobgil/keras-dcgan).
"""

import math
from dataclasses import dataclass
from typing import Literal

from torch import nn

from gen_lab.models.parts.adversarial import Adversarial, Critic, Generator
from gen_lab.models.parts.layers import dense, leaky
from gen_lab.values import Channels, Side, Width, Widths

Network = Literal["dense", "textbook"]
Prior = Literal["normal", "uniform"]


@dataclass(frozen=True)
class Config:
    image_size: Side = 28
    channels: Channels = 1
    latent_dim: Width = 512
    network: Network = "dense"  # textbook: the early convolutional one
    widths: Widths = (256, 512, 1024)  # hidden layers of the dense generator
    critic_widths: Widths = (1024, 512, 256)  # and of the dense discriminator
    prior: Prior = "normal"


class GAN(Adversarial):
    """Latents (B, D), pictures (B, C, H, W) in [-1, 1]."""

    def __init__(self, config: Config):
        if config.network not in ("dense", "textbook"):
            raise ValueError(f"no network is called {config.network!r}: use dense or textbook")
        parts = (_textbook if config.network == "textbook" else _dense)(config)
        super().__init__(config, *parts)
        self.prior = config.prior


Model = GAN


def _dense(config: Config):
    shape = (config.channels, config.image_size, config.image_size)
    pixels, first, *widths = math.prod(shape), *config.widths
    body = nn.Sequential(dense(first, *widths, pixels, activation=leaky), nn.Tanh(), nn.Unflatten(1, shape))
    generator = Generator(nn.Linear(config.latent_dim, first), leaky(), body)
    return generator, Critic(nn.Sequential(nn.Flatten(), dense(pixels, *config.critic_widths, 1, activation=leaky)))


def _textbook(config: Config):
    side = config.image_size // 4
    body = nn.Sequential(
        nn.Linear(1024, 128 * side * side), nn.BatchNorm1d(128 * side * side), nn.Tanh(),
        nn.Unflatten(1, (128, side, side)),
        nn.Upsample(scale_factor=2), nn.Conv2d(128, 64, 5, padding=2), nn.Tanh(),
        nn.Upsample(scale_factor=2), nn.Conv2d(64, config.channels, 5, padding=2), nn.Tanh(),
    )  # fmt: skip
    inner = (config.image_size // 2 - 4) // 2
    critic = nn.Sequential(
        nn.Conv2d(config.channels, 64, 5, padding=2), nn.Tanh(), nn.MaxPool2d(2),
        nn.Conv2d(64, 128, 5), nn.Tanh(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(128 * inner * inner, 1024), nn.Tanh(), nn.Linear(1024, 1),
    )  # fmt: skip
    return Generator(nn.Linear(config.latent_dim, 1024), nn.Tanh(), body), Critic(critic)
