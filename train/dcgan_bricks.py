"""DCGAN on toy bricks -> checkpoints/dcgan-bricks.

    python -m train dcgan_bricks --preset pixels      # first: against a discriminator of pixels
    python -m train dcgan_bricks                      # then: against one that looks through a frozen network
    python -m train dcgan_bricks --preset textbook    # as published: twice as wide, without what was added since
    python -m train dcgan_bricks --preset faces       # Keras' DCGAN of CelebA faces
"""

from dataclasses import dataclass

from gen_lab import registry
from gen_lab.checkpoint import CheckpointError
from gen_lab.models import dcgan
from train import adversarial, loop
from train.loop import setting


@dataclass(frozen=True)
class Settings(adversarial.GameSettings):
    name: str = setting("dcgan-bricks", "name of the checkpoint")
    data: str = setting("bricks", "data set: one that python -m train.data lists")
    start: str = setting("dcgan-bricks-pixels", "checkpoint that the generator begins as; empty: from random weights")
    steps: int = setting(3000, "optimisation steps of generator and discriminator")
    batch_size: int = setting(32, "images per step, over all processes together")
    latent_dim: int = setting(100, "numbers in a latent vector")
    network: str = setting("paper", "paper: Radford et al.; faces: Keras' DCGAN of faces")
    widths: tuple[int, ...] = setting((256, 128, 64, 32), "channels of the generator, from the coarsest map upwards")
    critic: str = setting("projected", "pixels: the paper's; projected: through a frozen ImageNet network")
    critic_widths: tuple[int, ...] = setting((32, 64, 128, 256), "channels of the discriminator after each halving")
    dropout: float = setting(0.3, "in the discriminator")
    learning_rate: float = setting(4e-4, "of the generator's Adam")
    augment: bool = setting(True, "differentiable augmentation of all that the discriminator sees")
    anneal: bool = setting(True, "bring both learning rates to zero by a cosine")


PIXELS = Settings(
    name="dcgan-bricks-pixels", start="", steps=20_000, critic="pixels", smoothing=0.1, augment=False
)  # fmt: skip

TEXTBOOK = Settings(
    name="dcgan-bricks-textbook",
    start="",
    steps=20_000,
    batch_size=128,
    critic="pixels",
    widths=(512, 256, 128, 64),
    critic_widths=(64, 128, 256, 512),
    label_noise=0.1,
    learning_rate=2e-4,
    augment=False,
    anneal=False,
)

FACES = Settings(
    name="dcgan-faces",
    data="celeba",
    start="",
    steps=20_000,
    batch_size=64,
    critic="pixels",
    network=dcgan.FACES.network,
    latent_dim=dcgan.FACES.latent_dim,
    widths=dcgan.FACES.widths,
    critic_widths=dcgan.FACES.critic_widths,
    dropout=dcgan.FACES.dropout,
    label_noise=0.05,
    learning_rate=2e-4,
    augment=False,
    anneal=False,
)


def make(run, settings) -> dcgan.DCGAN:
    size, channels = run.data.images.shape[2:]
    fields = ("latent_dim", "network", "widths", "critic", "critic_widths", "dropout")
    return dcgan.DCGAN(dcgan.Config(size, channels, **{name: getattr(settings, name) for name in fields}))


def setup(run, settings):
    model = make(run, settings)
    if settings.start:
        try:
            before = registry.load(settings.start).model
        except CheckpointError as error:
            raise CheckpointError(f"{error}, or first python -m train dcgan_bricks --preset pixels") from error
        if before.config.widths != settings.widths or before.latent_dim != settings.latent_dim:
            raise CheckpointError(f"{settings.start} has other widths or latents than this run: set them to its own")
        model.generator.load_state_dict(before.generator.state_dict())
    return adversarial.setup(run, settings, model)


def steps(run, settings, parts):
    yield from adversarial.cross_entropy_steps(run, settings, parts)


def preview(run, settings):
    return adversarial.preview(run, settings.latent_dim)


def export(run, settings):
    card = {"intended_use": "teaching and research on latent spaces", "limits": LIMITS, "tried": TRIED}
    return loop.Export("dcgan", adversarial.fitted(run, make(run, settings)), card)


TRIED = [
    "Half of the paper's width, for the size of the file and the time on a CPU; --preset textbook is the paper's.",
    "A discriminator that looks through a frozen ImageNet network (--critic projected), from random weights: it was "
    "certain after 150 steps (0.02 for fakes on average), and the generator learnt nothing in 700; dropped.",
]
LIMITS = ["Fine parts, such as the studs' edges, are smeared or doubled; some pictures mix two kinds of brick."]
