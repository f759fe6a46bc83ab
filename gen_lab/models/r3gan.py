"""R3GAN: relativistic pairing with gradient penalties on real and generated pictures, and networks without tricks.

Huang et al. 2024, "The GAN is dead; long live the GAN! A Modern GAN Baseline". Each real picture is compared with a
generated one (`relativistic_loss`), and `zero_centred_penalty` holds the critic smooth at both. The critic is a
residual network without normalisation, whose blocks begin as the identity, as the paper's Fix-up initialisation has it
(section 3.2). The generator is not the paper's but the residual one that this project's VAE has as a decoder. Train
with `python -m train r3gan_faces`.
"""

from dataclasses import dataclass
from typing import ClassVar, cast

import torch
from torch import nn
from torch.nn import functional as F

from gen_lab.models import wgan_gp
from gen_lab.models.parts.adversarial import Adversarial, Critic, Generator
from gen_lab.models.parts.layers import halved
from gen_lab.values import Channels, Side, Width, Widths


@dataclass(frozen=True)
class Config:
    network: ClassVar[str] = "stages"  # of the generator, which `wgan_gp.generator_layers` makes

    image_size: Side = 64
    channels: Channels = 3
    latent_dim: Width = 128
    widths: Widths = (192, 192, 128, 96)  # channels of the generator, from the coarsest map upwards
    critic_widths: Widths = (64, 128, 192, 256)  # channels of the critic after each halving


class R3GAN(Adversarial):
    """Latents (B, D), pictures (B, C, H, W) in [-1, 1]; only differences between a critic's values have a meaning."""

    is_critic = True

    def __init__(self, config: Config):
        generator = Generator(*wgan_gp.generator_layers(config, config.latent_dim))
        super().__init__(config, generator, Critic(residual_critic(config)))


Model = R3GAN


class SmoothBlock(nn.Module):
    """x + conv(act(conv(act(x)))) without normalisation; it starts as the identity. Shape is kept."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        if not self.conv1.weight.is_meta:  # on the meta device it would import half of torch
            nn.init.kaiming_normal_(self.conv1.weight, 0.2)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(cast(nn.Parameter, self.conv2.bias))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv2(F.leaky_relu(self.conv1(F.leaky_relu(x, 0.2)), 0.2))


def residual_critic(config: Config) -> nn.Sequential:
    """Pictures (B, C, H, W) to (B, 1). The first halving moves pixels into channels and loses none."""
    side = halved(config.image_size, len(config.critic_widths))
    channels, *others = config.critic_widths
    layers = [nn.PixelUnshuffle(2), nn.Conv2d(4 * config.channels, channels, 3, padding=1), SmoothBlock(channels)]
    for width in others:
        layers += [nn.AvgPool2d(2), nn.Conv2d(channels, width, 1), SmoothBlock(width)]
        channels = width
    whole = nn.Conv2d(channels, channels, side, groups=channels)  # one number a channel, as the paper's last layer
    return nn.Sequential(*layers, nn.LeakyReLU(0.2), whole, nn.Flatten(), nn.Linear(channels, 1))
