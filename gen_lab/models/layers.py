"""Layers that several families share."""

from torch import nn
from torch.nn import functional as F


def group_norm(channels: int) -> nn.GroupNorm:
    """Group normalisation (Wu and He 2018): unlike a batch's statistics, the same on one process as on many."""
    return nn.GroupNorm(8, channels)


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


def count_parameters(module: nn.Module) -> int:
    """Trainable numbers in a module."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
