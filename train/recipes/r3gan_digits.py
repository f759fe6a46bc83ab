"""R3GAN on MNIST -> checkpoints/r3gan-digits.

    python -m train r3gan_digits

The twin of `train.recipes.gan_digits` that leaves no digit out.
"""

from dataclasses import dataclass, replace

from gen_lab.values import Count, Name, NameOrNone, Positive, Width, Widths
from train import adversarial
from train.loop import DataName, setting
from train.recipes import r3gan_faces
from train.recipes.r3gan_faces import preview, setup  # noqa: F401 - the same recipe on other data


@dataclass(frozen=True)
class Settings(r3gan_faces.Settings):
    name: Name = setting("r3gan-digits", "name of the checkpoint")
    data: DataName = setting("mnist", "data set: one that python -m train.data lists")
    steps: Count = setting(10_000, "optimisation steps of critic and generator")
    batch_size: Count = setting(64, "images per step, over all processes together")
    latent_dim: Width = setting(64, "numbers in a latent vector")
    widths: Widths = setting((64, 32), "channels of the generator, from the coarsest map upwards")
    critic_widths: Widths = setting((32, 64), "channels of the critic after each halving")
    augment: bool = setting(False, "differentiable augmentation of all that the critic sees")
    penalty: Positive = setting(1.0, "weight of half of both gradient penalties, at the start")
    last_penalty: Positive = setting(0.1, "and at the end; between them it falls geometrically")
    judge: NameOrNone = setting("judge-digits", "checkpoint that tells which digits it draws")


def steps(run, settings, parts):
    yield from adversarial.relativistic_steps(run, settings, parts, mirror=False)


def export(run, settings):
    result = r3gan_faces.export(run, settings)
    use = "teaching and research on latent spaces"
    return replace(result, card=result.card | {"intended_use": use, "limits": LIMITS})


LIMITS = [
    "Some samples are between two digits.",
    "It has no encoder: it can draw digits, but not find the latent of a given one.",
]
