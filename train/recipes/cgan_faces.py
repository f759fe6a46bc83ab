"""Conditional GAN on CelebA faces, blond or not -> checkpoints/cgan-faces.

    python -m train cgan_faces
    python -m train cgan_faces --preset textbook    # without what `train.wgan_gp_faces` adds

Like `train.wgan_gp_faces`, whose generator and critic it begins with, but for labels and a shorter latent.
"""

from dataclasses import dataclass

import torch

from train import adversarial, loop
from train.loop import setting
from train.recipes import wgan_gp_faces
from train.recipes.cgan_digits import make


@dataclass(frozen=True)
class Settings(wgan_gp_faces.Settings):
    name: str = setting("cgan-faces", "name of the checkpoint")
    steps: int = setting(4000, "optimisation steps of the critic")
    latent_dim: int = setting(32, "numbers in a latent vector")
    labels: str = setting("one-hot", "how labels enter the generator: one-hot, or embedding: 50 numbers each")
    attribute: str = setting("Blond_Hair", "what is to be so or not")
    mismatched: float = setting(0.25, "share of the fakes that are real pictures under another's label")
    start: str = setting("wgan_gp-faces", "checkpoint that generator and critic begin as; empty: random weights")


TEXTBOOK = Settings(**vars(wgan_gp_faces.TEXTBOOK) | {"name": "cgan-faces-textbook", "latent_dim": 32})


def classes(run, settings) -> tuple[str, str]:
    """Without and with the attribute; of data that do not know it (in a dry run) their first one."""
    names = run.data.attribute_names
    name = settings.attribute if settings.attribute in names else names[0]
    return f"not {name}", name


def setup(run, settings):
    model = make(run, settings, classes(run, settings))
    if settings.start:
        adversarial.begin_with(model, settings.start)
    return adversarial.setup(run, settings, model)


def steps(run, settings, parts):
    column = [run.data.attribute_names.index(classes(run, settings)[1])]

    def label(attributes: torch.Tensor) -> torch.Tensor:
        """Boolean (B, A) to one-hot (B, 2): without and with the attribute."""
        has = attributes[:, column].float()
        return torch.cat([1 - has, has], 1)

    yield from adversarial.wasserstein_steps(run, settings, parts, label)


def preview(run, settings):
    labels = torch.eye(2, device=run.device)[torch.arange(adversarial.STRIP) % 2]
    return adversarial.preview(run, settings.latent_dim, labels=labels)


def export(run, settings):
    model = adversarial.averaged_model(run, make(run, settings, classes(run, settings)))
    return loop.Export("cgan", model, wgan_gp_faces.card(settings))
