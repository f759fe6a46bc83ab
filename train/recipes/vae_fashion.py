"""VAE with two latent numbers on Fashion-MNIST -> checkpoints/vae-fashion.

    python -m train vae_fashion
"""

from dataclasses import dataclass

from gen_lab.values import Name, NameOrNone
from train.loop import DataName, setting
from train.recipes import vae_digits
from train.recipes.vae_digits import export, preview, setup, steps  # noqa: F401 - the same recipe on other data


@dataclass(frozen=True)
class Settings(vae_digits.Settings):
    name: Name = setting("vae-fashion", "name of the checkpoint")
    data: DataName = setting("fashion", "data set: one that python -m train.data lists")
    judge: NameOrNone = setting("", "checkpoint that measures how much of the plane is clothes; none by default")
