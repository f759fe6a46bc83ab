"""Digit judge on MNIST -> checkpoints/judge-digits.

    python -m train judge_digits

The pictures are turned, stretched and shifted a little, so that the judge reads digits of many hands. A third is
blurred, as decoded ones are; a third is blended, each with another picture, and labelled with both in proportion
(mixup, Zhang et al. 2018), so that what is half of one digit and half of another leaves the judge unsure.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from gen_lab.models import judge
from gen_lab.values import Count, Name, Positive, Widths
from train import loop
from train.loop import DataName, setting
from train.recipes.judge_faces import preview, soften  # noqa: F401 - judges have no pictures to show


@dataclass(frozen=True)
class Settings(loop.Settings):
    name: Name = setting("judge-digits", "name of the checkpoint")
    data: DataName = setting("mnist", "data set: one that python -m train.data lists")
    steps: Count = setting(6000, "optimisation steps of the whole run")
    batch_size: Count = setting(128, "images per step, over all processes together")
    widths: Widths = setting((24, 48, 72), "channels after each halving")
    learning_rate: Positive = setting(2e-3, "of AdamW, after a linear warm-up, annealed to zero by a cosine")


def setup(run, settings):
    run.check_attributes(run.data.attribute_names)
    size, channels = run.data.images.shape[2:]
    config = judge.Config(run.data.attribute_names, size, channels, settings.widths, exclusive=True)
    return run.setup(
        "model", judge.Judge(config), lambda p: torch.optim.AdamW(p, settings.learning_rate, weight_decay=0.05)
    )


def steps(run, settings, parts):
    model, optimiser = parts
    model.train()
    for images, classes in run.batches(mirror=False):
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * run.anneal()
        pictures, classes = blend(move(soften(run, images), run.generator(3)), classes, run.generator(4))
        losses = judge.loss(model(pictures), classes, exclusive=True)
        optimiser.zero_grad()
        run.fabric.backward(losses["total"])
        optimiser.step()
        yield losses


def move(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each picture under an affine map of its own near the identity: its matrix's entries off by 0.1, its place by 0.08
    (about one pixel of 28), in standard deviations. What comes in from outside is black."""
    noise = torch.randn(len(images), 2, 3, generator=generator) * torch.tensor([0.1, 0.1, 0.08])
    maps = (torch.eye(2, 3) + noise).to(images.device)
    grid = F.affine_grid(maps, list(images.shape), align_corners=False)
    return F.grid_sample(images + 1, grid, align_corners=False) - 1


def blend(images: torch.Tensor, classes: torch.Tensor, generator: torch.Generator):
    """The last third of the batch mixed with itself in another order, images and classes in the same proportions."""
    start = len(images) - len(images) // 3
    share = torch.rand(len(images) - start, generator=generator).to(images.device)
    images, classes = images.clone(), classes.float()
    for rows in (images, classes):
        others = rows[start:].flip(0)
        rows[start:] = others.lerp(rows[start:], share.view(-1, *[1] * (rows.ndim - 1)))
    return images, classes


def export(run, settings):
    card = {
        "intended_use": "measuring the digit models of this repository",
        "limits": ["It always names one of its classes, and may be sure of one where a person sees none: it never "
                   "saw anything but digits."],
    }  # fmt: skip
    return loop.Export("judge", run.averaged["model"], card)
