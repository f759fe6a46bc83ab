"""A GAN that fails: its generator runs ahead and gives one picture for all latents -> checkpoints/gan-digits-collapse.

    python -m train gan_digits_collapse

A lesson of the page Training replay. Convolutions, because what a dense generator collapses to is a smudge and no
digit. What ships are the last weights themselves, not their average.
"""

from dataclasses import dataclass

from gen_lab.values import Count, Decay, Name, NameOrNone, Positive, Share, Width, Widths
from train import adversarial, loop
from train.loop import DataName, setting
from train.recipes import dcgan_bricks
from train.recipes.dcgan_bricks import preview, setup  # noqa: F401 - the same networks on other data


@dataclass(frozen=True)
class Settings(dcgan_bricks.Settings):
    name: Name = setting("gan-digits-collapse", "name of the checkpoint")
    data: DataName = setting("mnist", "data set: one that python -m train.data lists")
    steps: Count = setting(3000, "optimisation steps of generator and discriminator")
    learning_rate: Positive = setting(1e-3, "of the generator's Adam")
    critic_rate: Positive = setting(1e-4, "of the critic's Adam")
    betas: tuple[Decay, Decay] = setting((0.9, 0.999), "of both")
    anneal: bool = setting(False, "bring both learning rates to zero by a cosine")
    smoothing: Share = setting(0.0, "one-sided label smoothing: how far below 1 the target of real pictures lies")
    dropout: Share = setting(0.0, "in the discriminator")
    latent_dim: Width = setting(16, "numbers in a latent vector")
    widths: Widths = setting((64, 32), "channels of the generator, from the coarsest map upwards")
    critic_widths: Widths = setting((32, 64), "channels of the discriminator after each halving")
    ema: Decay = setting(0.0, "decay of the weights' moving average, which is what ships")
    log_every: Count = setting(25, "steps between two lines of history.jsonl")
    snapshot_every: Count = setting(75, "steps between two snapshots and previews")
    judge: NameOrNone = setting("judge-digits", "checkpoint that tells which digits it draws")


def steps(run, settings, parts):
    yield from adversarial.cross_entropy_steps(run, settings, parts, mirror=False)


def export(run, settings):
    card = {
        "judge": settings.judge,
        "intended_use": "teaching and research on latent spaces",
        "lesson": "mode collapse",
        "limits": ["It failed on purpose: whatever the latent, it draws about the same picture."],
    }
    return loop.Export("dcgan", adversarial.averaged_model(run, dcgan_bricks.make(run, settings)), card)
