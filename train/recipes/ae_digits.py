"""Autoencoder with two latent numbers on MNIST -> checkpoints/ae-digits.

    python -m train ae_digits

`train.vae_digits` is the same but for the noise and the KL term.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from gen_lab.images import to_float
from gen_lab.metrics.vae import encode_all
from gen_lab.models import ae, vae
from gen_lab.values import Count, Name, NameOrNone, Positive, Widths
from train import loop
from train.loop import DataName, setting


@dataclass(frozen=True)
class Settings(loop.Settings):
    name: Name = setting("ae-digits", "name of the checkpoint")
    data: DataName = setting("mnist", "data set: one that python -m train.data lists")
    steps: Count = setting(20_000, "optimisation steps of the whole run")
    batch_size: Count = setting(256, "images per step, over all processes together")
    network: vae.Network = setting("stages", "stages: fully connected, as hidden says; textbook: convolutions")
    hidden: Widths = setting((96, 128, 128), "widths of the layers between picture and latent")
    latent_dim: Count = setting(2, "numbers in a latent vector")
    learning_rate: Positive = setting(3e-3, "of AdamW, after a linear warm-up, annealed to zero by a cosine")
    judge: NameOrNone = setting("judge-digits", "checkpoint that measures how much of the plane is digits")


TEXTBOOK = Settings(name="ae-digits-textbook", network="textbook")


def architecture(run, settings) -> dict:
    """What the configs of AE and VAE have in common."""
    size, channels = run.data.images.shape[2:]
    network = {"network": settings.network, "widths": (), "hidden": settings.hidden}
    return {"image_size": size, "channels": channels, "latent_dim": settings.latent_dim, **network}


def optimiser(settings):
    return lambda parameters: torch.optim.AdamW(parameters, settings.learning_rate, weight_decay=0.01)


def setup(run, settings):
    return run.setup("model", ae.AE(ae.Config(**architecture(run, settings))), optimiser(settings))


def steps(run, settings, parts):
    model, _ = parts
    for images, _ in run.batches(mirror=False):
        losses = ae.loss(images, model(images))
        descend(run, settings, parts, losses["total"])
        yield losses


def descend(run, settings, parts, loss: torch.Tensor) -> None:
    """One step of the optimiser, at this step's learning rate."""
    model, optimiser = parts
    for group in optimiser.param_groups:
        group["lr"] = settings.learning_rate * run.anneal()
    optimiser.zero_grad()
    run.fabric.backward(loss)
    run.fabric.clip_gradients(model, optimiser, max_norm=200.0, error_if_nonfinite=False)
    optimiser.step()


def preview(run, settings):
    """Twelve points on an ellipse about the middle of the encoded pictures, one standard deviation away in the first
    two numbers."""
    model = run.averaged["model"]
    means, _ = model.encode(to_float(run.data.images[:500]).to(run.device))
    angles = torch.arange(12, device=run.device) * (2 * math.pi / 12)
    circle = F.pad(torch.stack([angles.cos(), angles.sin()], 1), (0, settings.latent_dim - 2))  # (12, 2) -> (12, D)
    return model.decode(means.mean(0) + means.std(0) * circle)


def export(run, settings):
    return loop.Export("ae", averaged_model(run), card(settings))


def averaged_model(run) -> torch.nn.Module:
    """The averaged model on the CPU, its prior fitted to the encoded training set."""
    model = run.averaged["model"]
    means, log_vars = encode_all(model, run.data.images)
    model.cpu().prior.fit(means, log_vars)
    return model


def card(settings) -> dict:
    limits = [PLANE if settings.latent_dim == 2 else MORE, *LIMITS]
    return {"judge": settings.judge, "intended_use": "teaching and research on latent spaces", "limits": limits}


PLANE = "Two numbers are too few for a picture: what they do not carry is blurred, and look-alikes share their place."
MORE = "A few numbers cannot carry a whole picture: what they do not carry is blurred."
LIMITS = [
    "Grey values are taken for probabilities, so the nats on this card compare only with figures of that convention.",
]
