"""Judge of the kinds of toy brick -> checkpoints/judge-bricks.

    python -m train judge_bricks
    python -m train judge_bricks --data lego --name judge-lego    # of the public renders' 13 kinds

It is trained for measuring only. A brick's pose is not asked for: many kinds look alike from several sides, and the
public renders' names do not say it.
"""

from dataclasses import dataclass

from gen_lab.values import Count, Name, Widths
from train import loop
from train.loop import DataName, setting
from train.recipes import judge_digits
from train.recipes.judge_digits import preview, setup, steps  # noqa: F401 - the same recipe on other data


@dataclass(frozen=True)
class Settings(judge_digits.Settings):
    name: Name = setting("judge-bricks", "name of the checkpoint")
    data: DataName = setting("bricks", "data set: one that python -m train.data lists")
    steps: Count = setting(6000, "optimisation steps of the whole run")
    widths: Widths = setting((32, 48, 64, 96), "channels after each halving")


def export(run, settings):
    card = {
        "intended_use": "measuring the models of toy bricks of this repository",
        "limits": ["It always names one of its kinds, and confuses kinds that look alike from some sides."],
    }
    return loop.Export("judge", run.averaged["model"], card)
