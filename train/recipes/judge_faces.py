"""Attribute judge on CelebA faces -> checkpoints/judge-faces.

    python -m train judge_faces

Some of the pictures are blurred or made noisy, so that the judge reads a generated picture, which is softer than a
photograph, as well as a photograph. Its settings are for a GPU, which sees each of the few faces two hundred times: so
that it does not learn them by heart, they are also turned, shifted and lit a little, and half of them are blended, each
with another face, and labelled with both in proportion (mixup, Zhang et al. 2018).
"""

from dataclasses import dataclass

from gen_lab.values import Count, Name, Positive, Share, Widths
from train import judging, loop
from train.judging import blend, light, move, soften
from train.loop import DataName, setting

SPREAD = (0.06, 0.06, 0.06)  # of `judging.move`: faces turned by about three degrees, shifted by two pixels of 64


@dataclass(frozen=True)
class Settings(loop.Settings):
    name: Name = setting("judge-faces", "name of the checkpoint")
    data: DataName = setting("celeba", "data set: one that python -m train.data lists")
    steps: Count = setting(10_000, "optimisation steps of the whole run")
    batch_size: Count = setting(256, "images per step, over all processes together")
    widths: Widths = setting((48, 96, 160, 256), "channels after each halving")
    learning_rate: Positive = setting(2e-3, "of AdamW, after a linear warm-up, annealed to zero by a cosine")
    augment: bool = setting(True, "move and light the pictures, and blend some of them")
    blended: Share = setting(0.5, "share of the pictures that are then blended, each with another")


def setup(run, settings):
    return judging.setup(run, settings)


def steps(run, settings, parts):
    parts[0].train()
    for images, attributes in run.batches():
        images = soften(run, images)
        if settings.augment:
            images = light(move(images, run.generator(3), SPREAD, "reflection"), run.generator(7))
            images, attributes = blend(images, attributes, run.generator(4), settings.blended)
        yield judging.step(run, settings, parts, images, attributes)


def preview(run, settings):
    return None


def export(run, settings):
    card = {
        "intended_use": "measuring the generative models of this repository; not for recognising or judging people",
        "limits": ["Its labels are annotators' opinions; its errors are on the card, and every figure that it "
                   "measures inherits them."],
    }
    return loop.Export("judge", run.averaged["model"], card)
