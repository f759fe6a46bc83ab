"""A GAN that fails: its generator runs ahead and gives one picture for all latents -> checkpoints/gan-digits-collapse.

    python -m train gan_digits_collapse

A lesson of the page Training replay. What ships are the last weights themselves, not their average.
"""

from dataclasses import dataclass, replace

from train.loop import setting
from train.recipes import gan_digits
from train.recipes.gan_digits import preview, setup, steps  # noqa: F401 - the same game with other rules


@dataclass(frozen=True)
class Settings(gan_digits.Settings):
    name: str = setting("gan-digits-collapse", "name of the checkpoint")
    steps: int = setting(5000, "optimisation steps of generator and discriminator")
    batch_size: int = setting(32, "images per step, over all processes together")
    learning_rate: float = setting(5e-4, "of the generator's Adam")
    critic_rate: float = setting(1e-4, "of the critic's Adam")
    betas: tuple[float, ...] = setting((0.9, 0.999), "of both")
    latent_dim: int = setting(16, "numbers in a latent vector")
    widths: tuple[int, ...] = setting((128, 256), "hidden layers of the dense generator")
    critic_widths: tuple[int, ...] = setting((128,), "hidden layers of the dense discriminator")
    ema: float = setting(0.0, "decay of the weights' moving average, which is what ships")
    log_every: int = setting(25, "steps between two lines of history.jsonl")
    snapshot_every: int = setting(125, "steps between two snapshots and previews")


def export(run, settings):
    result = gan_digits.export(run, settings)
    limits = ["It failed on purpose: whatever the latent, it draws about the same picture."]
    return replace(result, card=result.card | {"lesson": "mode collapse", "limits": limits})
