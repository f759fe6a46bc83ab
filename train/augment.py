"""Differentiable augmentation: it lets a critic see a small data set many times without learning it by heart.

Real and generated pictures pass the same random changes of colour, place and completeness before the critic sees them,
and gradients pass back through them (Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training",
policy "color,translation,cutout").
"""

import torch
from torch.nn import functional as F

SHIFT = 1 / 8  # of the picture's side, at most, either way
HOLE = 1 / 2  # of the picture's side


DRAWS = 7  # uniform numbers that a picture's augmentation takes


def augment(images: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
    """Images (B, C, H, W) in [-1, 1], each changed according to its `draws` (B, 7), uniform in [0, 1)."""
    channels, height, width = images.shape[1:]
    brightness, saturation, contrast, down, right, top, left = draws.T[..., None, None, None].to(images)
    images = images + (brightness - 0.5)
    if channels > 1:
        grey = images.mean(1, keepdim=True)
        images = (images - grey) * (saturation * 2) + grey
    mean = images.mean((1, 2, 3), keepdim=True)
    images = (images - mean) * (contrast + 0.5) + mean
    rows = torch.arange(height, device=images.device).view(1, 1, -1, 1)
    columns = torch.arange(width, device=images.device).view(1, 1, 1, -1)
    images = _shifted(images, _whole(down, -SHIFT * height, SHIFT * height), rows, 2)
    images = _shifted(images, _whole(right, -SHIFT * width, SHIFT * width), columns, 3)
    tall, wide = int(HOLE * height), int(HOLE * width)
    from_top = rows - _whole(top, -tall / 2, height - tall / 2)
    from_left = columns - _whole(left, -wide / 2, width - wide / 2)
    hole = (from_top >= 0) & (from_top < tall) & (from_left >= 0) & (from_left < wide)
    return images.masked_fill(hole, 0.0)


def _whole(draws: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """Uniform draws in [0, 1) as whole numbers from low to high."""
    return (draws.float() * (high - low + 1) + low).floor().long()


def _shifted(images: torch.Tensor, by: torch.Tensor, places: torch.Tensor, axis: int) -> torch.Tensor:
    """Images moved along an axis by `by` (B, 1, 1, 1) pixels; the gap is filled with 0, mid grey."""
    size = images.shape[axis]
    pads = [0, 0, 1, 1] if axis == 2 else [1, 1]
    sources = (places - by + 1).clamp(0, size + 1).expand(-1, images.shape[1], *images.shape[2:])
    return F.pad(images, pads).gather(axis, sources)
