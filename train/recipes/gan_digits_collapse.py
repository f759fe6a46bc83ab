"""A GAN that fails: its generator runs ahead and gives one picture for all latents -> checkpoints/gan-digits-collapse.

    python -m train gan_digits_collapse

A lesson of the page Training replay. What ships are the last weights themselves, not their average.
"""

from dataclasses import dataclass, replace

from gen_lab.values import Count, Decay, Name, Positive, Width, Widths
from train.loop import setting
from train.recipes import gan_digits
from train.recipes.gan_digits import preview, setup, steps  # noqa: F401 - the same game with other rules


@dataclass(frozen=True)
class Settings(gan_digits.Settings):
    name: Name = setting("gan-digits-collapse", "name of the checkpoint")
    steps: Count = setting(5000, "optimisation steps of generator and discriminator")
    batch_size: Count = setting(32, "images per step, over all processes together")
    learning_rate: Positive = setting(5e-4, "of the generator's Adam")
    critic_rate: Positive = setting(1e-4, "of the critic's Adam")
    betas: tuple[Decay, Decay] = setting((0.9, 0.999), "of both")
    latent_dim: Width = setting(16, "numbers in a latent vector")
    widths: Widths = setting((128, 256), "hidden layers of the dense generator")
    critic_widths: Widths = setting((128,), "hidden layers of the dense discriminator")
    ema: Decay = setting(0.0, "decay of the weights' moving average, which is what ships")
    log_every: Count = setting(25, "steps between two lines of history.jsonl")
    snapshot_every: Count = setting(125, "steps between two snapshots and previews")


def export(run, settings):
    result = gan_digits.export(run, settings)
    limits = ["It failed on purpose: whatever the latent, it draws about the same picture."]
    return replace(result, card=result.card | {"lesson": "mode collapse", "limits": limits})
