"""A judge: a small classifier that says which attributes a picture shows, or which one of several classes.

It measures the generative models (does *Smiling* make a face smile?): its features are `fd_judge`'s, and serve as a
perceptual distance. No generator is trained through it. Train with `python -m train judge_faces`, `judge_avatars`,
`judge_digits` or `judge_bricks`.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import nn
from torch.nn import functional as F

from gen_lab.models.parts.layers import down_stages, group_norm
from gen_lab.values import Channels, Names, Side, Widths


@dataclass(frozen=True)
class Config:
    attribute_names: Names  # one output each
    image_size: Side = 64
    channels: Channels = 3
    widths: Widths = (32, 64, 96, 128)  # channels after each halving
    exclusive: bool = False  # True: a picture has exactly one of the attributes, its class


class Judge(nn.Module):
    """Images (B, C, H, W) in [-1, 1] to one logit per attribute (B, A)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.image_shape = (config.channels, config.image_size, config.image_size)
        self.body = nn.Sequential(down_stages(config.channels, config.widths), group_norm(config.widths[-1]), nn.SiLU())
        self.head = nn.Linear(config.widths[-1], len(config.attribute_names))

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """(B, widths[-1]): the last layer's input, averaged over the picture."""
        return self.body(images).mean(dim=(2, 3))

    def texture(self, images: torch.Tensor) -> torch.Tensor:
        """(B, 2 * widths[0]): mean and standard deviation over the picture of the first stage's feature maps.

        Positions are averaged out, so they hardly change when a picture is moved. `features` change more than pixels.
        """
        stages = cast(nn.Sequential, self.body[0])
        maps = stages[:2](images)
        return torch.cat([maps.mean((2, 3)), maps.std((2, 3))], 1).float()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(F.dropout(self.features(images), 0.2, self.training)).float()

    def probabilities(self, images: torch.Tensor) -> torch.Tensor:
        """(B, A) in [0, 1]; for exclusive attributes the rows sum to one."""
        logits = self(images)
        return logits.softmax(1) if self.config.exclusive else logits.sigmoid()


Model = Judge


def loss(logits: torch.Tensor, attributes: torch.Tensor, exclusive: bool = False) -> dict:
    """Cross-entropy in nats, averaged over the batch; attributes (B, A) are boolean, or shares in [0, 1].

    Binary and averaged over attributes; or, if exclusive, of a softmax over them.
    """
    if exclusive:
        return {"total": F.cross_entropy(logits, attributes.float())}
    return {"total": F.binary_cross_entropy_with_logits(logits, attributes.float())}
