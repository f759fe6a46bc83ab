"""Conditional GAN on CelebA faces, blond or not -> checkpoints/cgan-faces.

    python -m train cgan_faces
    python -m train cgan_faces --preset textbook    # without what `train.wgan_gp_faces` adds

Like `train.wgan_gp_faces`, whose generator and critic it begins with, but for labels and a shorter latent.
"""

from dataclasses import dataclass

import torch

from gen_lab.models import cgan
from gen_lab.values import Count, Name, NameOrNone, Share, Width
from train import adversarial, loop
from train.loop import Attribute, setting
from train.recipes import wgan_gp_faces
from train.recipes.cgan_digits import make


@dataclass(frozen=True)
class Settings(wgan_gp_faces.Settings):
    name: Name = setting("cgan-faces", "name of the checkpoint")
    steps: Count = setting(4000, "optimisation steps of the critic")
    latent_dim: Width = setting(32, "numbers in a latent vector")
    labels: cgan.Labels = setting("one-hot", "how labels enter the generator: one-hot, or embedding: 50 numbers each")
    attribute: Attribute = setting("Blond_Hair", "what is to be so or not")
    mismatched: Share = setting(0.25, "share of the fakes that are real pictures under another's label")
    start: NameOrNone = setting("wgan_gp-faces", "checkpoint that generator and critic begin as; empty: random weights")


TEXTBOOK = Settings(**vars(wgan_gp_faces.TEXTBOOK) | {"name": "cgan-faces-textbook", "latent_dim": 32})


def classes(settings) -> tuple[str, str]:
    """Without and with the attribute."""
    return f"not {settings.attribute}", settings.attribute


def setup(run, settings):
    model = make(run, settings, classes(settings))
    if settings.start:
        adversarial.begin_with(model, settings.start)
    return adversarial.setup(run, settings, model)


def steps(run, settings, parts):
    column = [run.data.attribute_names.index(settings.attribute)]

    def label(attributes: torch.Tensor) -> torch.Tensor:
        """Boolean (B, A) to one-hot (B, 2): without and with the attribute."""
        has = attributes[:, column].float()
        return torch.cat([1 - has, has], 1)

    yield from adversarial.wasserstein_steps(run, settings, parts, label)


def preview(run, settings):
    labels = torch.eye(2, device=run.device)[torch.arange(adversarial.STRIP) % 2]
    return adversarial.preview(run, settings.latent_dim, labels=labels)


def export(run, settings):
    model = adversarial.averaged_model(run, make(run, settings, classes(settings)))
    return loop.Export("cgan", model, wgan_gp_faces.card(settings))
