"""A GAN that fails: a discriminator that learns fifty times as fast -> checkpoints/gan-digits-overwhelmed.

    python -m train gan_digits_overwhelmed

A lesson of the page Training replay. What ships are the last weights themselves, not their average.
"""

from dataclasses import dataclass, replace

from train.loop import setting
from train.recipes import gan_digits
from train.recipes.gan_digits import preview, setup, steps  # noqa: F401 - the same game with other rules


@dataclass(frozen=True)
class Settings(gan_digits.Settings):
    name: str = setting("gan-digits-overwhelmed", "name of the checkpoint")
    steps: int = setting(3000, "optimisation steps of generator and discriminator")
    batch_size: int = setting(64, "images per step, over all processes together")
    learning_rate: float = setting(2e-5, "of the generator's Adam")
    critic_rate: float = setting(1e-3, "of the critic's Adam")
    latent_dim: int = setting(32, "numbers in a latent vector")
    widths: tuple[int, ...] = setting((64, 128), "hidden layers of the dense generator")
    critic_widths: tuple[int, ...] = setting((192, 128), "hidden layers of the dense discriminator")
    ema: float = setting(0.0, "decay of the weights' moving average, which is what ships")
    log_every: int = setting(20, "steps between two lines of history.jsonl")
    snapshot_every: int = setting(100, "steps between two snapshots and previews")


def export(run, settings):
    result = gan_digits.export(run, settings)
    limits = ["It failed on purpose: its discriminator was always certain, and it has learnt next to nothing."]
    return replace(result, card=result.card | {"lesson": "overwhelming discriminator", "limits": limits})
