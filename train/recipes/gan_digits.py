"""GAN of fully connected layers on MNIST -> checkpoints/gan-digits.

    python -m train gan_digits
    python -m train gan_digits --preset textbook

The textbook is the early convolutional network with tanh and 5x5 convolutions, trained by gradient descent on uniform
noise: a lesson in why DCGAN's recipe won.
"""

from dataclasses import dataclass

from gen_lab.models import gan
from gen_lab.values import Count, Name, NameOrNone, Width, Widths
from train import adversarial, loop
from train.loop import DataName, setting


@dataclass(frozen=True)
class Settings(adversarial.GameSettings):
    name: Name = setting("gan-digits", "name of the checkpoint")
    data: DataName = setting("mnist", "data set: one that python -m train.data lists")
    steps: Count = setting(20_000, "optimisation steps of generator and discriminator")
    batch_size: Count = setting(128, "images per step, over all processes together")
    latent_dim: Width = setting(512, "numbers in a latent vector")
    network: gan.Network = setting("dense", "dense: fully connected; textbook: the early convolutional one")
    widths: Widths = setting((256, 512, 1024), "hidden layers of the dense generator")
    critic_widths: Widths = setting((1024, 512, 256), "hidden layers of the dense discriminator")
    prior: gan.Prior = setting("normal", "latents: normal, or uniform in [-1, 1]")
    judge: NameOrNone = setting("judge-digits", "checkpoint that tells which digits it draws")


TEXTBOOK = Settings(
    name="gan-digits-textbook",
    network="textbook",
    latent_dim=100,
    prior="uniform",
    optimiser="sgd",
    learning_rate=5e-4,
    critic_rate=5e-4,
    batch_size=100,
)


def make(run, settings) -> gan.GAN:
    size, channels = run.data.images.shape[2:]
    fields = ("latent_dim", "network", "widths", "critic_widths", "prior")
    return gan.GAN(gan.Config(size, channels, **{name: getattr(settings, name) for name in fields}))


def setup(run, settings):
    return adversarial.setup(run, settings, make(run, settings))


def steps(run, settings, parts):
    yield from adversarial.cross_entropy_steps(run, settings, parts, mirror=False)


def preview(run, settings):
    return adversarial.preview(run, settings.latent_dim, settings.prior)


def export(run, settings):
    card = {"judge": settings.judge, "intended_use": "teaching and research on latent spaces", "limits": LIMITS}
    return loop.Export("gan", adversarial.averaged_model(run, make(run, settings)), card)


LIMITS = [
    "Fully connected layers know nothing of neighbouring pixels: strokes are speckled and frayed.",
    "Its game has no measure of progress: a lower loss of the generator does not mean better digits.",
]
