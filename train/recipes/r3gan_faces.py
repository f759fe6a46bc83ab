"""R3GAN on CelebA faces -> checkpoints/r3gan-faces.

    python -m train r3gan_faces
"""

from dataclasses import dataclass

from gen_lab.models import r3gan
from gen_lab.values import Count, Name, NameOrNone, Width, Widths
from train import adversarial, loop
from train.loop import DataName, setting
from train.recipes import wgan_gp_faces


@dataclass(frozen=True)
class Settings(adversarial.RelativisticSettings):
    name: Name = setting("r3gan-faces", "name of the checkpoint")
    data: DataName = setting("celeba", "data set: one that python -m train.data lists")
    steps: Count = setting(20_000, "optimisation steps of critic and generator")
    batch_size: Count = setting(128, "images per step, over all processes together")
    latent_dim: Width = setting(128, "numbers in a latent vector")
    widths: Widths = setting((192, 192, 128, 96), "channels of the generator, from the coarsest map upwards")
    critic_widths: Widths = setting((64, 128, 192, 256), "channels of the critic after each halving")
    judge: NameOrNone = setting("judge-faces", "checkpoint whose features the novelty check compares")


def make(run, settings) -> r3gan.R3GAN:
    size, channels = run.data.images.shape[2:]
    fields = {name: getattr(settings, name) for name in ("latent_dim", "widths", "critic_widths")}
    return r3gan.R3GAN(r3gan.Config(size, channels, **fields))


def setup(run, settings):
    return adversarial.setup(run, settings, make(run, settings))


def steps(run, settings, parts):
    yield from adversarial.relativistic_steps(run, settings, parts)


def preview(run, settings):
    return adversarial.preview(run, settings.latent_dim)


def export(run, settings):
    return loop.Export("r3gan", adversarial.averaged_model(run, make(run, settings)), wgan_gp_faces.card(settings))
