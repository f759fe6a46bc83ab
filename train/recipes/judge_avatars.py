"""Attribute judge on rendered avatars -> checkpoints/judge-avatars.

    python -m train judge_avatars
"""

from dataclasses import dataclass

from gen_lab.values import Count, Name, Widths
from train.loop import DataName, setting
from train.recipes import judge_faces
from train.recipes.judge_faces import export, preview, setup, steps  # noqa: F401 - the same recipe on other data


@dataclass(frozen=True)
class Settings(judge_faces.Settings):
    name: Name = setting("judge-avatars", "name of the checkpoint")
    data: DataName = setting("avatars", "data set: one that python -m train.data lists")
    steps: Count = setting(1000, "optimisation steps of the whole run")
    batch_size: Count = setting(128, "images per step, over all processes together")
    widths: Widths = setting((24, 48, 64, 96), "channels after each halving")
    augment: bool = setting(False, "move and light the pictures, and blend some of them")
