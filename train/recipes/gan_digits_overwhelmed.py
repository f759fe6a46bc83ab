"""A GAN that fails: a discriminator that learns fifty times as fast -> checkpoints/gan-digits-overwhelmed.

    python -m train gan_digits_overwhelmed

A lesson of the page Training replay. What ships are the last weights themselves, not their average.
"""

from dataclasses import dataclass, replace

from gen_lab.values import Count, Decay, Name, Positive, Width, Widths
from train.loop import setting
from train.recipes import gan_digits
from train.recipes.gan_digits import preview, setup, steps  # noqa: F401 - the same game with other rules


@dataclass(frozen=True)
class Settings(gan_digits.Settings):
    name: Name = setting("gan-digits-overwhelmed", "name of the checkpoint")
    steps: Count = setting(3000, "optimisation steps of generator and discriminator")
    batch_size: Count = setting(64, "images per step, over all processes together")
    learning_rate: Positive = setting(2e-5, "of the generator's Adam")
    critic_rate: Positive = setting(1e-3, "of the critic's Adam")
    latent_dim: Width = setting(32, "numbers in a latent vector")
    widths: Widths = setting((64, 128), "hidden layers of the dense generator")
    critic_widths: Widths = setting((192, 128), "hidden layers of the dense discriminator")
    ema: Decay = setting(0.0, "decay of the weights' moving average, which is what ships")
    log_every: Count = setting(20, "steps between two lines of history.jsonl")
    snapshot_every: Count = setting(100, "steps between two snapshots and previews")


def export(run, settings):
    result = gan_digits.export(run, settings)
    limits = ["It failed on purpose: its discriminator was always certain, and it has learnt next to nothing."]
    return replace(result, card=result.card | {"lesson": "overwhelming discriminator", "limits": limits})
