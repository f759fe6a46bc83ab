"""Attribute judge on CelebA faces -> checkpoints/judge-faces.

    python -m train judge_faces

Some of the pictures are blurred or made noisy, so that the judge reads a generated picture, which is softer than a
photograph, as well as a photograph.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from gen_lab.models import judge
from gen_lab.values import Count, Name, Positive, Widths
from train import loop
from train.loop import DataName, setting


@dataclass(frozen=True)
class Settings(loop.Settings):
    name: Name = setting("judge-faces", "name of the checkpoint")
    data: DataName = setting("celeba", "data set: one that python -m train.data lists")
    steps: Count = setting(1600, "optimisation steps of the whole run")
    batch_size: Count = setting(128, "images per step, over all processes together")
    widths: Widths = setting((32, 64, 96, 128), "channels after each halving")
    learning_rate: Positive = setting(2e-3, "of AdamW, after a linear warm-up, annealed to zero by a cosine")


def setup(run, settings):
    size, channels = run.data.images.shape[2:]
    config = judge.Config(run.data.attribute_names, size, channels, settings.widths)
    return run.setup(
        "model", judge.Judge(config), lambda p: torch.optim.AdamW(p, settings.learning_rate, weight_decay=0.05)
    )


def steps(run, settings, parts):
    model, optimiser = parts
    model.train()
    for images, attributes in run.batches():
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * run.anneal()
        losses = judge.loss(model(soften(run, images)), attributes)
        optimiser.zero_grad()
        run.fabric.backward(losses["total"])
        optimiser.step()
        yield losses


def soften(run, images: torch.Tensor) -> torch.Tensor:
    """About a third of the batch at half to three quarters of its resolution, and a little noise on all of it."""
    generator, side = run.generator(5), images.shape[-1]
    scale = 0.5 + 0.25 * float(torch.rand((), generator=generator))
    mask = run.mine(torch.rand(run.settings.batch_size, generator=generator) < 1 / 3).to(images.device)
    small = F.interpolate(images, size=int(side * scale), mode="bilinear", antialias=True)
    soft = F.interpolate(small, size=side, mode="bicubic")
    noise = run.randn(*images.shape[1:], purpose=6)
    return torch.where(mask[:, None, None, None], soft, images) + 0.03 * noise


def preview(run, settings):
    return None


def export(run, settings):
    card = {
        "intended_use": "measuring the generative models of this repository; not for recognising or judging people",
        "limits": ["Its labels are annotators' opinions; its errors are on the card, and every figure that it "
                   "measures inherits them."],
    }
    return loop.Export("judge", run.averaged["model"], card)
