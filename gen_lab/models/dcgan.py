"""Deep convolutional GAN (Radford et al. 2015, "Unsupervised Representation Learning with DCGANs").

`network="paper"` takes a latent through transposed convolutions without biases, with batch normalisation, to 64 x 64
pixels; its discriminator mirrors it and adds dropout. `network="faces"` starts from a dense layer and has neither batch
normalisation nor tanh, as in Keras' DCGAN of faces (Chollet 2021, keras.io/examples/generative).
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from gen_lab.models.parts.adversarial import Adversarial, Critic, CriticKind, Generator, ProjectedCritic
from gen_lab.models.parts.layers import halved, leaky
from gen_lab.values import Channels, Share, Side, Width, Widths

Network = Literal["paper", "faces"]


@dataclass(frozen=True)
class Config:
    image_size: Side = 64
    channels: Channels = 1
    latent_dim: Width = 100
    network: Network = "paper"
    widths: Widths = (512, 256, 128, 64)  # channels of the generator, from 4 x 4 (faces: from 8 x 8) upwards
    critic: CriticKind = "pixels"  # projected: through a frozen ImageNet network
    critic_widths: Widths = (64, 128, 256, 512)  # channels of one of pixels after each halving
    dropout: Share = 0.3  # in the discriminator


FACES = Config(
    channels=3, latent_dim=128, network="faces", widths=(128, 128, 256, 512), critic_widths=(64, 128, 128), dropout=0.2
)


class DCGAN(Adversarial):
    """Latents (B, D), pictures (B, C, H, W) in [-1, 1]."""

    def __init__(self, config: Config):
        if config.network not in ("paper", "faces"):
            raise ValueError(f"no network is called {config.network!r}: use paper or faces")
        generator, critic = (_faces if config.network == "faces" else _paper)(config)
        if config.critic == "projected":
            critic = ProjectedCritic(spectral=True)
        super().__init__(config, generator, critic)


Model = DCGAN


class ZeroToOne(nn.Module):
    """Sigmoid pixels in [0, 1], brought to [-1, 1]."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.sigmoid() * 2 - 1


def up(channels: int, outputs: int, bias: bool = False) -> nn.ConvTranspose2d:
    """A transposed convolution that doubles the picture."""
    return nn.ConvTranspose2d(channels, outputs, 4, stride=2, padding=1, bias=bias)


def paper_generator(config, inputs: int | None = None) -> tuple[nn.Module, nn.Module, nn.Module]:
    """First layer, its activation and the rest, for a latent of so many numbers (of the config's, unless told)."""
    inputs = inputs or config.latent_dim
    first, *widths = config.widths
    side = halved(config.image_size, len(config.widths))
    linear = nn.Sequential(nn.Unflatten(1, (inputs, 1, 1)), nn.ConvTranspose2d(inputs, first, side, bias=False))
    layers, channels = [], first
    for width in widths:
        layers += [up(channels, width), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    body = nn.Sequential(*layers, up(channels, config.channels), nn.Tanh())
    return linear, nn.Sequential(nn.BatchNorm2d(first), nn.ReLU()), body


def paper_critic(channels: int, config, dropout: float = 0.0, normalise: bool = True) -> nn.Sequential:
    """Pictures with so many channels to (B, 1, 1, 1)."""
    layers = []
    for index, width in enumerate(config.critic_widths):
        layers.append(nn.Conv2d(channels, width, 4, stride=2, padding=1, bias=False))
        if index and normalise:  # not after the first layer, as the paper has it (section 3)
            layers.append(nn.BatchNorm2d(width))
        layers += [leaky(), nn.Dropout(dropout)]
        channels = width
    side = halved(config.image_size, len(config.critic_widths))
    return nn.Sequential(*layers, nn.Conv2d(channels, 1, side, bias=False))


def paper_weights(*modules: nn.Module) -> None:
    """The paper's first weights (section 4)."""
    for module in (module for network in modules for module in network.modules()):
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d)):
            mean = 1.0 if isinstance(module, nn.BatchNorm2d) else 0.0
            if not module.weight.is_meta:  # on the meta device it would import half of torch
                nn.init.normal_(module.weight, mean, 0.02)


def _paper(config: Config):
    generator = Generator(*paper_generator(config))
    critic = Critic(paper_critic(config.channels, config, config.dropout))
    paper_weights(generator, critic)
    return generator, critic


def _faces(config: Config):
    first, *widths = config.widths
    side = halved(config.image_size, len(widths))
    layers, channels = [nn.Unflatten(1, (first, side, side))], first
    for width in widths:
        layers += [up(channels, width, bias=True), leaky()]
        channels = width
    body = nn.Sequential(*layers[1:], nn.Conv2d(channels, config.channels, 5, padding=2), ZeroToOne())
    generator = Generator(nn.Linear(config.latent_dim, first * side * side), layers[0], body)

    layers, channels = [], config.channels
    for width in config.critic_widths:
        layers += [nn.Conv2d(channels, width, 4, stride=2, padding=1), leaky()]
        channels = width
    inner = channels * halved(config.image_size, len(config.critic_widths)) ** 2
    critic = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(config.dropout), nn.Linear(inner, 1))
    return generator, Critic(critic)
