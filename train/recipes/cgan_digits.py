"""Conditional GAN on MNIST -> checkpoints/cgan-digits.

    python -m train cgan_digits
    python -m train cgan_digits --labels embedding --network dense --widths 256 512 1024 --critic-widths 1024 512 256

The second is the variant with an embedding of 50 numbers per label and fully connected layers.
"""

from dataclasses import dataclass

import torch

from gen_lab.models import cgan
from train import adversarial, loop
from train.loop import setting


@dataclass(frozen=True)
class Settings(adversarial.WassersteinSettings):
    name: str = setting("cgan-digits", "name of the checkpoint")
    data: str = setting("mnist", "data set: one that python -m train.data lists")
    steps: int = setting(14_000, "optimisation steps of the critic")
    batch_size: int = setting(64, "images per step, over all processes together")
    learning_rate: float = setting(1e-3, "of the generator's Adam")
    critic_rate: float = setting(1e-3, "of the critic's Adam")
    latent_dim: int = setting(32, "numbers in a latent vector")
    labels: str = setting("one-hot", "how labels enter: one-hot, or embedding: 50 numbers each")
    network: str = setting("stages", "generator: stages (residual), dense, or textbook: DCGAN's, for 64 x 64 pixels")
    widths: tuple[int, ...] = setting((64, 32), "channels of the generator, from the coarsest map upwards")
    critic: str = setting("pixels", "pixels: convolutions on pixels; projected: through a frozen ImageNet network")
    critic_widths: tuple[int, ...] = setting((32, 64, 128), "channels of a critic of pixels after each halving")
    critic_steps: int = setting(3, "steps of the critic for each step of the generator")
    mismatched: float = setting(0.25, "share of the fakes that are real pictures under another's label")
    anneal: bool = setting(True, "bring both learning rates to zero by a cosine")
    judge: str = setting("judge-digits", "checkpoint that tells whether a picture shows its label")


def make(run, settings, classes: tuple[str, ...]) -> cgan.CGAN:
    size, channels = run.data.images.shape[2:]
    fields = ("latent_dim", "network", "widths", "critic", "critic_widths", "labels")
    return cgan.CGAN(cgan.Config(size, channels, classes=classes, **{name: getattr(settings, name) for name in fields}))


def setup(run, settings):
    return adversarial.setup(run, settings, make(run, settings, run.data.attribute_names))


def steps(run, settings, parts):
    yield from adversarial.wasserstein_steps(run, settings, parts, label=torch.Tensor.float, mirror=False)


def preview(run, settings):
    count = len(run.data.attribute_names)
    labels = torch.eye(count, device=run.device)[torch.arange(adversarial.STRIP) % count]
    return adversarial.preview(run, settings.latent_dim, labels=labels)


def export(run, settings):
    model = adversarial.averaged_model(run, make(run, settings, run.data.attribute_names))
    use = "teaching and research on latent spaces"
    card = {"judge": settings.judge, "intended_use": use, "limits": LIMITS}
    return loop.Export("cgan", model, card)


LIMITS = ["Between two labels it was never trained: what it draws there is its own invention."]
