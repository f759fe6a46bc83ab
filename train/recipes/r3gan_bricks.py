"""R3GAN on toy bricks -> checkpoints/r3gan-bricks.

    python -m train r3gan_bricks
"""

from dataclasses import dataclass, replace

from gen_lab.values import Count, Name, NameOrNone, Width, Widths
from train.loop import DataName, setting
from train.recipes import r3gan_faces
from train.recipes.r3gan_faces import preview, setup, steps  # noqa: F401 - the same recipe on other data


@dataclass(frozen=True)
class Settings(r3gan_faces.Settings):
    name: Name = setting("r3gan-bricks", "name of the checkpoint")
    data: DataName = setting("bricks", "data set: one that python -m train.data lists")
    steps: Count = setting(12_000, "optimisation steps of critic and generator")
    latent_dim: Width = setting(64, "numbers in a latent vector")
    widths: Widths = setting((128, 128, 96, 64), "channels of the generator, from the coarsest map upwards")
    critic_widths: Widths = setting((48, 96, 128, 192), "channels of the critic after each halving")
    judge: NameOrNone = setting("judge-bricks", "checkpoint whose features the novelty check compares")


def export(run, settings):
    result = r3gan_faces.export(run, settings)
    use = "teaching and research on latent spaces"
    return replace(result, card=result.card | {"intended_use": use, "limits": LIMITS})


LIMITS = [
    "Some samples are two kinds of brick at once.",
    "It has no encoder: it can draw bricks, but not find the latent of a given one.",
]
