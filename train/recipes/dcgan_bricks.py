"""DCGAN on toy bricks -> checkpoints/dcgan-bricks.

    python -m train dcgan_bricks
    python -m train dcgan_bricks --preset textbook    # as published: twice as wide, without what was added since
    python -m train dcgan_bricks --preset faces       # Keras' DCGAN of CelebA faces
"""

from dataclasses import dataclass

from gen_lab.models import dcgan
from gen_lab.models.parts.adversarial import CriticKind
from gen_lab.values import Count, Name, NameOrNone, Share, Width, Widths
from train import adversarial, loop
from train.loop import DataName, setting


@dataclass(frozen=True)
class Settings(adversarial.GameSettings):
    name: Name = setting("dcgan-bricks", "name of the checkpoint")
    data: DataName = setting("bricks", "data set: one that python -m train.data lists")
    steps: Count = setting(6000, "optimisation steps of generator and discriminator")
    batch_size: Count = setting(64, "images per step, over all processes together")
    latent_dim: Width = setting(100, "numbers in a latent vector")
    network: dcgan.Network = setting("paper", "paper: Radford et al.; faces: Keras' DCGAN of faces")
    widths: Widths = setting((256, 128, 64, 32), "channels of the generator, from the coarsest map upwards")
    critic: CriticKind = setting("pixels", "pixels: the paper's; projected: through a frozen ImageNet network")
    critic_widths: Widths = setting((32, 64, 128, 256), "channels of the discriminator after each halving")
    dropout: Share = setting(0.3, "in the discriminator")
    smoothing: Share = setting(0.1, "one-sided label smoothing: how far below 1 the target of real pictures lies")
    anneal: bool = setting(True, "bring both learning rates to zero by a cosine")
    judge: NameOrNone = setting("judge-bricks", "checkpoint whose features samples are measured in")


TEXTBOOK = Settings(
    name="dcgan-bricks-textbook",
    widths=(512, 256, 128, 64),
    critic_widths=(64, 128, 256, 512),
    label_noise=0.1,
    smoothing=0.0,
    anneal=False,
)

FACES = Settings(
    name="dcgan-faces",
    data="celeba",
    network=dcgan.FACES.network,
    latent_dim=dcgan.FACES.latent_dim,
    widths=dcgan.FACES.widths,
    critic_widths=dcgan.FACES.critic_widths,
    dropout=dcgan.FACES.dropout,
    label_noise=0.05,
    smoothing=0.0,
    anneal=False,
    judge="judge-faces",
)


def make(run, settings) -> dcgan.DCGAN:
    size, channels = run.data.images.shape[2:]
    fields = ("latent_dim", "network", "widths", "critic", "critic_widths", "dropout")
    return dcgan.DCGAN(dcgan.Config(size, channels, **{name: getattr(settings, name) for name in fields}))


def setup(run, settings):
    return adversarial.setup(run, settings, make(run, settings))


def steps(run, settings, parts):
    yield from adversarial.cross_entropy_steps(run, settings, parts)


def preview(run, settings):
    return adversarial.preview(run, settings.latent_dim)


def export(run, settings):
    card = {"judge": settings.judge, "intended_use": "teaching and research on latent spaces", "limits": LIMITS}
    return loop.Export("dcgan", adversarial.averaged_model(run, make(run, settings)), card)


LIMITS = ["Fine parts, such as the studs' edges, are smeared or doubled; some pictures mix two kinds of brick."]
