"""Conditional GAN on MNIST -> checkpoints/cgan-digits.

    python -m train cgan_digits
    python -m train cgan_digits --labels embedding --network dense --widths 256 512 1024 --critic-widths 1024 512 256

The second is the variant with an embedding of 50 numbers per label and fully connected layers.
"""

from dataclasses import dataclass

import torch

from gen_lab.models import cgan
from gen_lab.models.parts.adversarial import CriticKind
from gen_lab.values import Count, Name, NameOrNone, Positive, Share, Width, Widths
from train import adversarial, loop
from train.loop import DataName, setting


@dataclass(frozen=True)
class Settings(adversarial.WassersteinSettings):
    name: Name = setting("cgan-digits", "name of the checkpoint")
    data: DataName = setting("mnist", "data set: one that python -m train.data lists")
    steps: Count = setting(14_000, "optimisation steps of the critic")
    batch_size: Count = setting(64, "images per step, over all processes together")
    learning_rate: Positive = setting(1e-3, "of the generator's Adam")
    critic_rate: Positive = setting(1e-3, "of the critic's Adam")
    latent_dim: Width = setting(32, "numbers in a latent vector")
    labels: cgan.Labels = setting("one-hot", "how labels enter: one-hot, or embedding: 50 numbers each")
    network: cgan.Network = setting("stages", "stages (residual), dense, or textbook: DCGAN's, for 64 x 64 pixels")
    widths: Widths = setting((64, 32), "channels of the generator, from the coarsest map upwards")
    critic: CriticKind = setting("pixels", "pixels: convolutions; projected: through a frozen ImageNet network")
    critic_widths: Widths = setting((32, 64, 128), "channels of a critic of pixels after each halving")
    critic_steps: Count = setting(3, "steps of the critic for each step of the generator")
    mismatched: Share = setting(0.25, "share of the fakes that are real pictures under another's label")
    anneal: bool = setting(True, "bring both learning rates to zero by a cosine")
    judge: NameOrNone = setting("judge-digits", "checkpoint that tells whether a picture shows its label")


def make(run, settings, classes: tuple[str, ...]) -> cgan.CGAN:
    size, channels = run.data.images.shape[2:]
    fields = ("latent_dim", "network", "widths", "critic", "critic_widths", "labels")
    return cgan.CGAN(cgan.Config(size, channels, classes=classes, **{name: getattr(settings, name) for name in fields}))


def setup(run, settings):
    run.check_attributes(run.data.attribute_names)
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
