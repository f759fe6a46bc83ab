"""What judges' recipes share: their network and optimiser, and pictures that are changed a little before they see them,
so that they read generated pictures, which are softer, as well as photographs."""

import torch
from torch.nn import functional as F

from gen_lab.models import judge


def setup(run, settings, exclusive: bool = False):
    """A judge of all attributes of the data, or of its classes, and its optimiser."""
    if exclusive:
        run.check_attributes(run.data.attribute_names)
    size, channels = run.data.images.shape[2:]
    config = judge.Config(run.data.attribute_names, size, channels, settings.widths, exclusive)
    return run.setup(
        "model", judge.Judge(config), lambda p: torch.optim.AdamW(p, settings.learning_rate, weight_decay=0.05)
    )


def step(run, settings, parts, images: torch.Tensor, attributes: torch.Tensor, exclusive: bool = False) -> dict:
    """One step of the optimiser on images (B, C, H, W) and attributes (B, A). Returns the losses."""
    model, optimiser = parts
    for group in optimiser.param_groups:
        group["lr"] = settings.learning_rate * run.anneal()
    losses = judge.loss(model(images), attributes, exclusive)
    optimiser.zero_grad()
    run.fabric.backward(losses["total"])
    optimiser.step()
    return losses


def soften(run, images: torch.Tensor) -> torch.Tensor:
    """About a third of the batch at half to three quarters of its resolution, and a little noise on all of it."""
    generator, side = run.generator(5), images.shape[-1]
    scale = 0.5 + 0.25 * float(torch.rand((), generator=generator))
    mask = run.mine(torch.rand(run.settings.batch_size, generator=generator) < 1 / 3).to(images.device)
    small = F.interpolate(images, size=int(side * scale), mode="bilinear", antialias=True)
    soft = F.interpolate(small, size=side, mode="bicubic")
    return torch.where(mask[:, None, None, None], soft, images) + 0.03 * run.randn(*images.shape[1:], purpose=6)


def move(images: torch.Tensor, generator: torch.Generator, spread=(0.1, 0.1, 0.08), outside="zeros") -> torch.Tensor:
    """Each picture under an affine map of its own near the identity.

    `spread` has the standard deviations of the matrix's rows: two entries, and the place, in halves of the side (0.08
    is about one pixel of 28). What comes in from outside is black, or as `grid_sample`'s padding "reflection" says.
    """
    noise = torch.randn(len(images), 2, 3, generator=generator) * torch.tensor(spread)
    maps = (torch.eye(2, 3) + noise).to(images.device)
    grid = F.affine_grid(maps, list(images.shape), align_corners=False)
    return F.grid_sample(images + 1, grid, padding_mode=outside, align_corners=False) - 1


def light(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each picture with another contrast and brightness, off by a tenth (standard deviations)."""
    contrast, brightness = (0.1 * torch.randn(2, len(images), 1, 1, 1, generator=generator)).to(images.device)
    return images * (1 + contrast) + brightness


def blend(images: torch.Tensor, attributes: torch.Tensor, generator: torch.Generator, share: float = 1 / 3):
    """The last `share` of the batch mixed with itself in another order, images and attributes in the same proportions
    (mixup, Zhang et al. 2018)."""
    start = len(images) - int(len(images) * share)
    part = torch.rand(len(images) - start, generator=generator).to(images.device)
    images, attributes = images.clone(), attributes.float()
    for rows in (images, attributes):
        others = rows[start:].flip(0)
        rows[start:] = others.lerp(rows[start:], part.view(-1, *[1] * (rows.ndim - 1)))
    return images, attributes
