"""Attribute judge on rendered avatars -> checkpoints/judge-avatars.

    python -m train judge_avatars
"""

from dataclasses import dataclass

from train import judge_faces
from train.judge_faces import export, preview, setup, steps  # noqa: F401 - the same recipe on other data
from train.loop import setting


@dataclass(frozen=True)
class Settings(judge_faces.Settings):
    name: str = setting("judge-avatars", "name of the checkpoint")
    data: str = setting("avatars", "data set: avatars, celeba or fake")
    steps: int = setting(1000, "optimisation steps of the whole run")
    widths: tuple[int, ...] = setting((24, 48, 64, 96), "channels after each halving")
