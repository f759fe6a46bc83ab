"""Layers and networks that several families share."""

import math
from collections.abc import Callable

from torch import nn
from torch.nn import functional as F


def group_norm(channels: int) -> nn.GroupNorm:
    """Group normalisation (Wu and He 2018): unlike a batch's statistics, the same on one process as on many. Raises
    ValueError for channels that 8 does not divide."""
    if channels % 8:
        raise ValueError(f"{channels} channels cannot be split into 8 groups: use widths that are multiples of 8")
    return nn.GroupNorm(8, channels)


def halved(side: int, times: int) -> int:
    """A picture's side after it was halved so often. Raises ValueError if that is no whole number."""
    if side % 2**times:
        raise ValueError(f"pictures of {side} pixels a side cannot be halved {times} times: use fewer widths")
    return side >> times


def leaky() -> nn.LeakyReLU:
    """The activation of adversarial networks since Radford et al. 2015."""
    return nn.LeakyReLU(0.2)


class ResidualBlock(nn.Module):
    """Pre-activation residual block (He et al. 2016b): x + conv(act(norm(conv(act(norm(x)))))). Shape is kept."""

    def __init__(self, channels: int):
        super().__init__()
        self.norm1, self.norm2 = group_norm(channels), group_norm(channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)  # every block starts as the identity: deep stacks train from the first step

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        return x + self.conv2(F.silu(self.norm2(h)))


def down_stages(channels: int, widths: tuple[int, ...]) -> nn.Sequential:
    """Stages that each halve the picture and end in a residual block: (B, channels, H, W) ->
    (B, widths[-1], H / 2^n, W / 2^n)."""
    stages = []
    for width in widths:
        stages += [nn.Conv2d(channels, width, 3, stride=2, padding=1), ResidualBlock(width)]
        channels = width
    return nn.Sequential(*stages)


def up_stages(widths: tuple[int, ...], channels: int) -> nn.Sequential:
    """The way back: (B, widths[0], h, w) -> (B, channels, h * 2^n, w * 2^n). The last doubling is a sub-pixel
    convolution (Shi et al. 2016), which spares a residual block at full resolution."""
    stages = [ResidualBlock(widths[0])]
    for width, narrower in zip(widths, widths[1:], strict=False):
        stages += [nn.ConvTranspose2d(width, narrower, 4, stride=2, padding=1), ResidualBlock(narrower)]
    stages += [group_norm(widths[-1]), nn.SiLU(), nn.Conv2d(widths[-1], channels * 4, 3, padding=1), nn.PixelShuffle(2)]
    return nn.Sequential(*stages)


def plain_down(channels: int, widths: tuple[int, ...]) -> nn.Sequential:
    """Like `down_stages`, of strided convolutions with batch normalisation alone."""
    layers = []
    for width in widths:
        layers += [nn.Conv2d(channels, width, 4, stride=2, padding=1), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]
        channels = width
    return nn.Sequential(*layers)


def plain_up(widths: tuple[int, ...], channels: int) -> nn.Sequential:
    """Like `up_stages`, of strided convolutions with batch normalisation alone."""
    layers = []
    for width, narrower in zip(widths, (*widths[1:], channels), strict=True):
        layers += [nn.ConvTranspose2d(width, narrower, 4, stride=2, padding=1)]
        layers += [nn.BatchNorm2d(narrower), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-2])


def dense(*widths: int, activation: Callable[[], nn.Module] = nn.SiLU) -> nn.Module:
    """Fully connected layers (B, widths[0]) -> (B, widths[-1]), with an activation between every two."""
    layers = []
    for width, following in zip(widths, widths[1:], strict=False):
        layers += [nn.Linear(width, following), activation()]
    return nn.Sequential(*layers[:-1]) if len(widths) > 2 else layers[0]


def encoder_and_decoder(config, outputs: int):
    """The networks of an autoencoder by its config, for `outputs` numbers per picture.

    Returns (encoder, head, from_latent, decoder, inner_shape): the encoder takes pictures (B, C, H, W) to feature maps
    (B, *inner_shape), the head those, flattened, to (B, outputs); from_latent takes latents (B, D) to flat feature
    maps, and the decoder feature maps to pictures. Without convolutions (no widths) the feature map is the picture.
    """
    if config.network == "textbook":
        return _textbook(config, outputs)
    if config.network != "stages":
        raise ValueError(f"no network is called {config.network!r}: use stages or textbook")
    if config.widths:
        down, up = (down_stages, up_stages) if config.residual else (plain_down, plain_up)
        side = halved(config.image_size, len(config.widths))
        inner_shape = (config.widths[-1], side, side)
        encoder, decoder = down(config.channels, config.widths), up(config.widths[::-1], config.channels)
    else:
        inner_shape = (config.channels, config.image_size, config.image_size)
        encoder, decoder = nn.Sequential(), nn.Sequential()
    inner = math.prod(inner_shape)
    head = dense(inner, *config.hidden, outputs)
    return encoder, head, dense(config.latent_dim, *config.hidden[::-1], inner), decoder, inner_shape


def _textbook(config, outputs: int):
    """The textbooks' network for 28 x 28 digits, layer by layer that of Keras' variational autoencoder (Chollet 2020,
    keras.io/examples/generative/vae): two strided convolutions, 16 hidden units, and back."""
    side = config.image_size // 4
    inner_shape = (64, side, side)
    inner = math.prod(inner_shape)
    encoder = nn.Sequential(
        nn.Conv2d(config.channels, 32, 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.ReLU(),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.ReLU(), nn.ConvTranspose2d(64, 64, 3, stride=2, padding=1, output_padding=1),
        nn.ReLU(), nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1),
        nn.ReLU(), nn.ConvTranspose2d(32, config.channels, 3, padding=1),
    )  # fmt: skip
    head = dense(inner, 16, outputs, activation=nn.ReLU)
    return encoder, head, dense(config.latent_dim, inner), decoder, inner_shape
