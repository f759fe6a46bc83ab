"""WGAN-GP on CelebA faces -> checkpoints/wgan_gp-faces.

    python -m train wgan_gp_faces
    python -m train wgan_gp_faces --preset textbook    # as published

What ships differs from the textbook in four things: the generator begins as the decoder of `vae-faces`,
the critic looks through a frozen ImageNet network, it sees augmented pictures, and the learning rates are annealed.
"""

from dataclasses import dataclass

from gen_lab.models import wgan_gp
from gen_lab.models.parts.adversarial import CriticKind
from gen_lab.values import Count, Decay, Name, NameOrNone, Natural, Positive, Width, Widths
from train import adversarial, loop
from train.loop import DataName, setting


@dataclass(frozen=True)
class Settings(adversarial.WassersteinSettings):
    name: Name = setting("wgan_gp-faces", "name of the checkpoint")
    data: DataName = setting("celeba", "data set: one that python -m train.data lists")
    steps: Count = setting(8000, "optimisation steps of the critic")
    batch_size: Count = setting(48, "images per step, over all processes together")
    latent_dim: Width = setting(128, "numbers in a latent vector")
    network: wgan_gp.Network = setting("stages", "generator: stages (residual), or textbook: DCGAN's")
    widths: Widths = setting((192, 128, 64, 32), "channels of the generator, from the coarsest map upwards")
    critic: CriticKind = setting("projected", "projected: through a frozen ImageNet network; pixels: convolutions")
    critic_widths: Widths = setting((64, 128, 256, 512), "channels of a critic of pixels after each halving")
    start: NameOrNone = setting("vae-faces", "checkpoint whose decoder the generator begins as; empty: random weights")
    critic_rate: Positive = setting(5e-4, "of the critic's Adam")
    head_start: Natural = setting(200, "steps that the critic makes before the generator's first")
    critic_steps: Count = setting(3, "steps of the critic for each step of the generator")
    betas: tuple[Decay, Decay] = setting((0.0, 0.99), "of both")
    anneal: bool = setting(True, "bring both learning rates to zero by a cosine")
    augment: bool = setting(True, "differentiable augmentation of all that the critic sees")
    judge: NameOrNone = setting("judge-faces", "checkpoint whose features the novelty check compares")


TEXTBOOK = Settings(
    name="wgan_gp-faces-textbook",
    network="textbook",
    widths=(512, 256, 128, 64),
    critic="pixels",
    start="",
    head_start=0,
    critic_steps=5,
    learning_rate=1e-4,
    critic_rate=1e-4,
    betas=(0.0, 0.9),
    anneal=False,
    augment=False,
)


def architecture(run, settings) -> dict:
    size, channels = run.data.images.shape[2:]
    fields = ("latent_dim", "network", "widths", "critic", "critic_widths")
    return {"image_size": size, "channels": channels} | {name: getattr(settings, name) for name in fields}


def setup(run, settings):
    model = wgan_gp.WGAN(wgan_gp.Config(**architecture(run, settings)))
    if settings.start:
        adversarial.begin_with(model, settings.start)
    return adversarial.setup(run, settings, model)


def steps(run, settings, parts):
    yield from adversarial.wasserstein_steps(run, settings, parts)


def preview(run, settings):
    return adversarial.preview(run, settings.latent_dim)


def export(run, settings):
    model = adversarial.averaged_model(run, wgan_gp.WGAN(wgan_gp.Config(**architecture(run, settings))))
    return loop.Export("wgan_gp", model, card(settings))


def card(settings) -> dict:
    use = "teaching and research on latent spaces; not for making pictures that pass for photos of people"
    return {"judge": settings.judge, "intended_use": use, "limits": LIMITS}


LIMITS = [
    "Its faces are of CelebA's kind: celebrities, mostly young, light-skinned, facing the camera.",
    "It has no encoder: it can draw faces, but not find the latent of a given one.",
]
