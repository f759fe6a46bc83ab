"""Digit judge on MNIST -> checkpoints/judge-digits.

    python -m train judge_digits

The pictures are turned, stretched and shifted a little, so that the judge reads digits of many hands. A third is
blurred, as decoded ones are; a third is blended, each with another picture, and labelled with both in proportion
(mixup, Zhang et al. 2018), so that what is half of one digit and half of another leaves the judge unsure.
"""

from dataclasses import dataclass

from gen_lab.values import Count, Name, Positive, Widths
from train import judging, loop
from train.judging import blend, move, soften
from train.loop import DataName, setting
from train.recipes.judge_faces import preview  # noqa: F401 - judges have no pictures to show


@dataclass(frozen=True)
class Settings(loop.Settings):
    name: Name = setting("judge-digits", "name of the checkpoint")
    data: DataName = setting("mnist", "data set: one that python -m train.data lists")
    steps: Count = setting(6000, "optimisation steps of the whole run")
    batch_size: Count = setting(128, "images per step, over all processes together")
    widths: Widths = setting((24, 48, 72), "channels after each halving")
    learning_rate: Positive = setting(2e-3, "of AdamW, after a linear warm-up, annealed to zero by a cosine")


def setup(run, settings):
    return judging.setup(run, settings, exclusive=True)


def steps(run, settings, parts):
    parts[0].train()
    for images, classes in run.batches(mirror=False):
        images = move(soften(run, images), run.generator(3))
        images, classes = blend(images, classes, run.generator(4))
        yield judging.step(run, settings, parts, images, classes, exclusive=True)


def export(run, settings):
    card = {
        "intended_use": "measuring the digit models of this repository",
        "limits": ["It always names one of its classes, and may be sure of one where a person sees none: it never "
                   "saw anything but digits."],
    }  # fmt: skip
    return loop.Export("judge", run.averaged["model"], card)
