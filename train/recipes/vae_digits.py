"""VAE with two latent numbers on MNIST -> checkpoints/vae-digits.

    python -m train vae_digits
    python -m train vae_digits --name vae-digits-beta4 --beta 4    # and beta0, beta0.5: the lesson on beta
    python -m train vae_digits --name vae-digits-16 --latent-dim 16 --hidden 384 192 --steps 3000    # the map's

Loss: the ELBO of a Bernoulli decoder on grey values, with a weight beta on its KL term (Higgins et al. 2017, eq. 4).
"""

from dataclasses import dataclass

from gen_lab.models import vae
from gen_lab.values import Name, Weight
from train import loop
from train.loop import setting
from train.recipes import ae_digits
from train.recipes.ae_digits import architecture, averaged_model, card, descend, optimiser, preview  # noqa: F401 - preview is for the loop


@dataclass(frozen=True)
class Settings(ae_digits.Settings):
    name: Name = setting("vae-digits", "name of the checkpoint")
    beta: Weight = setting(1.0, "weight of the KL term")


TEXTBOOK = Settings(name="vae-digits-textbook", network="textbook")


def setup(run, settings):
    config = vae.Config(**architecture(run, settings), likelihood="bernoulli")
    return run.setup("model", vae.VAE(config), optimiser(settings))


def steps(run, settings, parts):
    model, _ = parts
    for images, _ in run.batches(mirror=False):
        logits, mean, log_var = model(images, run.randn(settings.latent_dim))
        losses = vae.bernoulli_elbo(images, logits, mean, log_var, settings.beta)
        descend(run, settings, parts, losses["total"])
        yield losses


def export(run, settings):
    return loop.Export("vae", averaged_model(run), card(settings) | {"beta": settings.beta})
