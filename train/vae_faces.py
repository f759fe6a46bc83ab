"""VAE on CelebA faces -> checkpoints/vae-faces.

    python -m train vae_faces

Loss: the ELBO of a Gaussian decoder, with beta steered so that the KL settles at a stated rate in nats (the capacity
of Burgess et al. 2018, held by dual ascent as in Rezende and Viola 2018), plus a perceptual distance (Hou et al. 2017,
"Deep Feature Consistent VAE"). After training the prior is fitted to the aggregate posterior and concept directions
are found from the labels.
"""

from dataclasses import dataclass

import torch

from gen_lab.latent import Directions
from gen_lab.metrics.perceptual import PerceptualDistance
from gen_lab.metrics.vae import encode_all
from gen_lab.models import vae
from train import loop
from train.loop import setting


@dataclass(frozen=True)
class Settings(loop.Settings):
    name: str = setting("vae-faces", "name of the checkpoint")
    data: str = setting("celeba", "data set: one that python -m train.data lists")
    steps: int = setting(8000, "optimisation steps of the whole run")
    batch_size: int = setting(96, "images per step, over all processes together")
    latent_dim: int = setting(128, "numbers in a latent vector")
    widths: tuple[int, ...] = setting((32, 64, 128, 192), "channels after each halving")
    residual: bool = setting(True, "residual blocks; --no-residual is the textbook's plain network")
    variance: float = setting(0.1, "variance of p(x | z) per pixel channel, images in [-1, 1]")
    beta: float = setting(1.0, "weight of the KL term; where it starts if a rate is asked for")
    rate: float = setting(268.0, "nats that the KL should settle at, by adapting beta; 0 keeps beta as it is")
    kl_warm_up: int = setting(500, "steps over which the KL's weight rises from zero")
    perceptual: float = setting(150.0, "weight of the perceptual distance, in nats per unit; 0 leaves it out")
    learning_rate: float = setting(6e-4, "of AdamW, after a linear warm-up, annealed to zero by a cosine")
    judge: str = setting("judge-faces", "checkpoint that measures the sliders")
    sliders: tuple[str, ...] = setting(
        ("Smiling", "Mouth_Slightly_Open", "Eyeglasses", "Male", "Young", "Heavy_Makeup")
        + ("Blond_Hair", "Brown_Hair", "Black_Hair", "Bangs", "Wavy_Hair", "No_Beard", "Pale_Skin"),
        "attributes that become sliders on the page, in this order",
    )


TEXTBOOK = Settings(
    name="vae-faces-textbook", widths=(32, 64, 128, 256), residual=False, rate=0.0, kl_warm_up=1, perceptual=0.0
)


def setup(run, settings):
    config = vae.Config(latent_dim=settings.latent_dim, widths=settings.widths, residual=settings.residual)
    model, optimiser = run.setup(
        "model", vae.VAE(config), lambda p: torch.optim.AdamW(p, settings.learning_rate, weight_decay=1e-4)
    )
    distance = PerceptualDistance().to(run.device, memory_format=torch.channels_last) if settings.perceptual else None
    log_beta = run.tensor("log_beta", torch.tensor(settings.beta).log())
    return model, optimiser, distance, log_beta


def steps(run, settings, parts):
    model, optimiser, distance, log_beta = parts
    for images, _ in run.batches():
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * run.anneal()
        reconstruction, mean, log_var = model(images, run.randn(settings.latent_dim))
        beta = log_beta.exp() * min(1.0, (run.step + 1) / settings.kl_warm_up)
        losses = vae.elbo(images, reconstruction, mean, log_var, settings.variance, beta)
        if distance:
            # Every other image: an unbiased estimate of the whole batch's mean at half of the cost.
            with run.fabric.autocast():
                losses["perceptual"] = distance(reconstruction[::2], images[::2]).mean()
            losses["total"] = losses["total"] + settings.perceptual * losses["perceptual"]
        optimiser.zero_grad()
        run.fabric.backward(losses["total"])
        run.fabric.clip_gradients(model, optimiser, max_norm=200.0, error_if_nonfinite=False)
        optimiser.step()
        if settings.rate and run.step >= settings.kl_warm_up:
            kl = run.fabric.all_reduce(losses["kl"].detach(), reduce_op="mean")
            log_beta += 0.02 * ((kl - settings.rate) / settings.rate).clamp(-1, 1)
        squared_error = (reconstruction.detach() - images).square().mean()
        yield {**losses, "squared_error": squared_error, "beta": beta}


def preview(run, settings):
    model = run.averaged["model"]
    latents = torch.randn(8, settings.latent_dim, generator=torch.Generator().manual_seed(0)).to(run.device)
    return model.decode(latents)


def export(run, settings):
    model = run.averaged["model"]
    means, log_vars = encode_all(model, run.data.images)
    model.cpu().prior.fit(means, log_vars)
    attributes = torch.from_numpy(run.data.attributes.copy())
    varied = attributes.any(0) & ~attributes.all(0)
    names = tuple(name for name, keep in zip(run.data.attribute_names, varied, strict=True) if keep)
    directions = Directions.fit(means, attributes[:, varied], names)
    card = {
        "judge": settings.judge,
        "sliders": [name for name in settings.sliders if name in names],
        "beta": round(float(run.tensors["log_beta"].exp()), 4),
        "intended_use": "teaching and research on latent spaces; not for recognising or judging people",
        "limits": LIMITS,
    }
    return loop.Export("vae", model, card, directions)


LIMITS = [
    "Fine detail (teeth, hair strands, patterns) is blurred: some 270 nats are too few to carry it.",
    "Attributes are annotators' opinions, and are correlated in this data; a direction shows the data's "
    "associations, not facts about people.",
    "Faces unlike the training set (children, profiles, rare hats) are drawn towards its average.",
]
