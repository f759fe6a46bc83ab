"""The card's figures of a model with two latent numbers: its bound in nats, how much of its plane is digits, and how
good and varied its samples are."""

import numpy as np
import torch
from torch.nn import functional as F

from gen_lab import data, registry
from gen_lab.device import decode
from gen_lab.images import batches
from gen_lab.latent.planes import INSIDE, Box
from gen_lab.metrics.fidelity import compare, sample_count
from gen_lab.metrics.judge import probabilities
from gen_lab.metrics.vae import encode_all, squared_error
from gen_lab.models.ae import POINT
from gen_lab.models.vae import bernoulli_cross_entropy, kl_divergence, reparameterise

BATCH = 256
SIDE = 100  # points a side of the grid that coverage is measured on
SURE = 0.9  # how sure the judge has to be


def certainty(model, judge, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """How sure the judge is of the decoded latents (N, 2), (N,) in [0, 1], and of which class, (N,)."""
    return probabilities(judge, decode(model, latents)).max(1)


def coverage(model, judge, latents: torch.Tensor, side: int = SIDE, sure: float = SURE) -> dict:
    """The share of the plane that decodes to a digit of which the judge is at least 90 % sure.

    A plane has no end, so the figure depends on where one looks: around `latents` (N, 2), the encoded test set. "box"
    is the page's picture, a grid of 100 x 100 over the `Box` around them. "ellipse" is a similar grid in the ellipse
    (mean and covariance of the latents) that holds 99 % of them: it leaves out the box's corners, which a round cloud
    never reaches. Both scale with the model, so that no model gains from a small or a large plane.

    It does not count the kinds of digits. An autoencoder may give most of its plane to a few of them, crowd the rest
    into a corner, and still be covered better than a VAE.
    """
    latents = latents.float()
    of_box = certainty(model, judge, Box.around(latents).grid(side))[0] >= sure
    centre, inverse = latents.mean(0), torch.linalg.inv(torch.cov(latents.T))

    def distance(points):  # squared, of Mahalanobis
        return torch.einsum("ni,ij,nj->n", points - centre, inverse, points - centre)

    reach = torch.quantile(distance(latents), INSIDE)
    half = (torch.diagonal(torch.cov(latents.T)) * reach).sqrt()  # the ellipse's extent along each axis
    points = Box(centre - half, centre + half).grid(side)
    of_ellipse = certainty(model, judge, points[distance(points) <= reach])[0] >= sure
    return {"box": round(float(of_box.float().mean()), 4), "ellipse": round(float(of_ellipse.float().mean()), 4)}


@torch.inference_mode()
def nats(model, images, latents: torch.Tensor) -> float:
    """Mean cross-entropy in nats per image between uint8 (N, H, W, C) and the decoded latents (N, 2)."""
    device = next(model.parameters()).device
    pairs = zip(batches(images, BATCH), latents.split(BATCH), strict=True)
    total = sum(
        float(bernoulli_cross_entropy(batch.to(device), model.pixel_parameters(z.to(device))).sum())
        for batch, z in pairs
    )
    return total / len(images)


def floor(images) -> float:
    """The least that `nats` can be: the entropy of grey values as probabilities, in nats per image."""
    total = 0.0
    for batch in batches(images):
        white = (batch + 1) / 2
        total += float(F.binary_cross_entropy(white, white, reduction="sum"))
    return total / len(images)


def measure(checkpoint, log=print) -> dict:
    """Every figure of the card, on the test split of the data that the card names."""
    model, card = checkpoint.model, checkpoint.card
    test = data.load(card["data"]["name"], "test")
    log("reconstruction ...")
    means, log_vars = encode_all(model, test.images)
    reconstructions = decode(model, means)
    metrics = {
        "test_images": len(test),
        "squared_error": round(squared_error(reconstructions, test.images), 5),
        "reconstruction_nats_at_mean": round(nats(model, test.images, means), 2),
        "floor_nats": round(floor(test.images), 2),
    }
    if (log_vars > POINT).any():  # an autoencoder's codes are points, without a bound
        noise = torch.randn(means.shape, generator=torch.Generator().manual_seed(0))
        reconstruction = nats(model, test.images, reparameterise(means, log_vars, noise))
        kl = float(kl_divergence(means, log_vars).sum(1).mean())
        metrics |= {
            "elbo_nats": round(-reconstruction - kl, 2),
            "reconstruction_nats": round(reconstruction, 2),
            "kl_nats": round(kl, 2),
        }
    if card.get("judge"):
        log("coverage ...")
        judge = registry.load(card["judge"], next(model.parameters()).device).model
        truth = torch.from_numpy(np.asarray(test.attributes).argmax(1))
        predictions = probabilities(judge, reconstructions).argmax(1)
        metrics["recognised"] = round(float((predictions == truth).float().mean()), 4)
        metrics["coverage"] = coverage(model, judge, means)
    log("samples ...")
    train = data.load(card["data"]["name"], "train")
    latents = model.sample(sample_count(train.images), torch.Generator().manual_seed(0))
    samples, device = decode(model, latents), next(model.parameters()).device
    return metrics | compare(samples, train.name, card.get("judge") or "", device)
