"""Conditional GAN (Mirza and Osindero 2014) on the loss of WGAN-GP (Gulrajani et al. 2017).

A label is one-hot. `labels="one-hot"` joins it to the latent and gives the critic one constant plane per class;
"embedding" embeds it in 50 numbers, joins a dense mix of them to the latent, and gives the critic a dense label image
as a further channel. A projected critic takes it by projection instead (Miyato and Koyama 2018).
"""

import math
from dataclasses import dataclass
from typing import Literal

from torch import nn

from gen_lab.models import dcgan, wgan_gp
from gen_lab.models.parts.adversarial import EMBEDDING, Adversarial, Critic, Generator, ProjectedCritic
from gen_lab.models.parts.layers import dense, leaky
from gen_lab.values import Names

Labels = Literal["one-hot", "embedding"]
Network = Literal["stages", "textbook", "dense"]


@dataclass(frozen=True)
class Config(wgan_gp.Config):
    classes: Names = ()  # their names
    labels: Labels = "one-hot"
    network: Network = "stages"  # dense: the critic's layers too


class CGAN(Adversarial):
    """Latents (B, D) and labels (B, L) to pictures (B, C, H, W) in [-1, 1]; the critic's value is unbounded."""

    is_critic = True

    def __init__(self, config: Config):
        if not config.classes:
            raise ValueError("a conditional GAN needs classes: two names at least")
        if config.labels not in ("one-hot", "embedding"):
            raise ValueError(f"no form of labels is called {config.labels!r}: use one-hot or embedding")
        embeds, count = config.labels == "embedding", len(config.classes)
        inputs = config.latent_dim + (EMBEDDING if embeds else count)
        channels = config.channels + (1 if embeds else count)
        mix = label_layers(count, EMBEDDING) if embeds else nn.Identity()
        image = (config.image_size, config.image_size)
        label_image = nn.Sequential(label_layers(count, math.prod(image)), nn.Unflatten(1, (1, *image)))
        if config.network == "dense":
            first, *widths = config.widths
            shape = (config.channels, *image)
            body = nn.Sequential(
                dense(first, *widths, math.prod(shape), activation=leaky), nn.Tanh(), nn.Unflatten(1, shape)
            )
            layers = nn.Linear(inputs, first), leaky(), body
        else:
            layers = wgan_gp.generator_layers(config, inputs)
        generator = Generator(*layers, labels=mix)
        if config.critic == "projected":
            critic = ProjectedCritic(classes=count)
        else:
            if config.network == "dense":
                pixels = channels * math.prod(image)
                body = nn.Sequential(nn.Flatten(), dense(pixels, *config.critic_widths, 1, activation=leaky))
            else:
                body = wgan_gp.pixel_critic(config, channels)
            critic = Critic(body, label_image if embeds else None)
        if config.network == "textbook":
            dcgan.paper_weights(generator, critic)
        super().__init__(config, generator, critic, config.classes)


Model = CGAN


def label_layers(count: int, outputs: int) -> nn.Sequential:
    """One-hot labels (B, count), embedded in 50 numbers and mixed densely: (B, outputs)."""
    return nn.Sequential(nn.Linear(count, EMBEDDING, bias=False), nn.Linear(EMBEDDING, outputs))
