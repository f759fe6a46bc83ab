"""Attribute judge on rendered avatars -> checkpoints/judge-avatars.

    python -m train judge_avatars
"""

from dataclasses import dataclass

from train.loop import setting
from train.recipes import judge_faces
from train.recipes.judge_faces import export, preview, setup, steps  # noqa: F401 - the same recipe on other data


@dataclass(frozen=True)
class Settings(judge_faces.Settings):
    name: str = setting("judge-avatars", "name of the checkpoint")
    data: str = setting("avatars", "data set: one that python -m train.data lists")
    steps: int = setting(1000, "optimisation steps of the whole run")
    widths: tuple[int, ...] = setting((24, 48, 64, 96), "channels after each halving")
