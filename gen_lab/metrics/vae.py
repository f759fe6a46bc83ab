"""The figures of a VAE's card: reconstruction, KL, active units, Fréchet distances and slider efficacy."""

import numpy as np
import torch

from gen_lab import data, registry
from gen_lab.checkpoint import learned_sliders
from gen_lab.data import celeba
from gen_lab.device import decode
from gen_lab.images import batches
from gen_lab.latent import ESTIMATORS
from gen_lab.metrics import side_effects
from gen_lab.metrics.fidelity import features_of_halves, fidelity, fidelity_by_judge, four_digits, halves, network
from gen_lab.metrics.frechet import COUNT, frechet_distance, inception_fid
from gen_lab.metrics.judge import probabilities
from gen_lab.models.vae import kl_divergence, reparameterise

STEP = 2.0  # slider units at which efficacy is measured
EDITED = 500  # encoded test pictures, and as many samples, that the sliders are measured on


@torch.inference_mode()
def encode_all(model, images) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and log-variance of uint8 (N, H, W, C), on the CPU: (N, D) each."""
    device = next(model.parameters()).device
    posteriors = [model.encode(batch.to(device)) for batch in batches(images)]
    return torch.cat([mean for mean, _ in posteriors]).cpu(), torch.cat([log_var for _, log_var in posteriors]).cpu()


def squared_error(a: np.ndarray, b: np.ndarray) -> float:
    """Mean squared difference of uint8 pictures, in units of [-1, 1]."""
    return float(np.mean([np.square((x.astype(np.float32) - y) / 127.5).mean() for x, y in zip(a, b, strict=True)]))


def active_units(means: torch.Tensor) -> int:
    """Latent units whose mean varies over the data by more than 0.01 (Burda et al. 2016, section 5.2)."""
    return int((means.var(0) > 0.01).sum())


def measure(checkpoint, log=print) -> dict:
    """Every figure of the card, on the test split of the data that the card names."""
    model, card = checkpoint.model, checkpoint.card
    train, test = data.load(card["data"]["name"], "train"), data.load(card["data"]["name"], "test")
    generator = torch.Generator().manual_seed(0)

    log("reconstruction ...")
    means, log_vars = encode_all(model, test.images)
    latents = reparameterise(means, log_vars, torch.randn(means.shape, generator=generator))
    reconstructions = decode(model, means)
    metrics = {
        "test_images": len(test),
        "squared_error": round(squared_error(reconstructions, test.images), 5),
        "squared_error_drawn": round(squared_error(decode(model, latents), test.images), 5),
        "kl_nats": round(float(kl_divergence(means, log_vars).sum(1).mean()), 2),
        "active_units": active_units(means),
        "latent_dim": model.latent_dim,
    }

    log("Fréchet distances ...")
    samples = decode(model, model.sample(COUNT, generator))
    standard_normal = decode(model, torch.randn(COUNT, model.latent_dim, generator=generator))
    device = next(model.parameters()).device
    pictures = {
        "samples": samples, "standard_normal": standard_normal,
        "test": test.images[:COUNT], "reconstructions": reconstructions[:COUNT],
    }  # fmt: skip
    if card.get("judge"):
        metrics |= distances(pictures, train.name, card["judge"], device)
    metrics |= distances(pictures, train.name, "", device)
    fid = inception_fid(samples, halves(train.images)[0])
    metrics["inception_fid"] = round(fid, 1) if fid is not None else "not measured: its weights were not reachable"

    if checkpoint.directions is not None:
        log("sliders ...")
        judge = registry.load(card["judge"], device).model
        some = model.sample(EDITED, torch.Generator().manual_seed(1))
        metrics["sliders"] = slider_efficacy(checkpoint, judge, means[:EDITED], some.cpu(), log)
        log("side effects ...")
        learned = learned_sliders.load(registry.folder(card["name"]), checkpoint)
        metrics["side_effects"] = side_effects.measure(checkpoint, judge, learned, means[: side_effects.PICTURES], log)
    if card["data"]["name"] == "celeba":
        metrics["change_elsewhere"] = change_elsewhere(checkpoint, means[:EDITED])
    return metrics


def distances(pictures: dict[str, np.ndarray], name: str, judge: str, device) -> dict:
    """`fidelity_by_judge`, or `fidelity` if the judge's name is empty, of the "samples", beside the training pictures
    of a data set; also the distances of what a VAE alone makes.

    `pictures` has also samples of "standard_normal" latents, "test" pictures and their "reconstructions".
    """
    features = network(judge, device)
    of = {kind: features(batches(images)) for kind, images in pictures.items()}
    reference, others = features_of_halves(name, device, judge)
    if judge:
        figures = fidelity_by_judge(of["samples"], reference, others, judge)
    else:
        figures = fidelity(of["samples"], reference, others)
    count, distance = len(of["test"]), figures["fd_judge" if judge else "fd_lite0"]

    def between(a: np.ndarray, b: np.ndarray) -> float:
        return four_digits(frechet_distance(a, b)) if judge else round(frechet_distance(a, b), 1)

    distance |= {
        "samples_standard_normal": between(of["standard_normal"], reference),
        "reconstructions": between(of["reconstructions"], of["test"]),
        "reconstructions_floor": between(others[:count], of["test"]),
        "counts": f"{distance['counts']}; "
        f"reconstructions of {count} test images against those images, floor {count} training images",
    }
    return figures


def change_elsewhere(checkpoint, encoded: torch.Tensor) -> dict:
    """Mean absolute change of pixel channels, in units of [-1, 1], by +-2 units of two sliders, outside the region
    that they are about: the mouth for Smiling, the hair for Blond_Hair."""
    before = decode(checkpoint.model, encoded).astype(np.float32)
    changes = {}
    for name in ("Smiling", "Blond_Hair"):
        region = celeba.region(name, before.shape[1])
        edits = [decode(checkpoint.model, encoded + sign * STEP * checkpoint.directions[name]) for sign in (1, -1)]
        change = np.mean([np.abs(after - before).mean((0, 3)) for after in edits], 0) / 127.5  # (H, W)
        changes[name] = round(float(change[~region].mean()), 4)
    return changes


def slider_efficacy(checkpoint, judge, encoded: torch.Tensor, samples: torch.Tensor, log=print) -> dict:
    """How well each slider does what its name says, by the judge.

    For each method, with and without all other sliders locked, on encoded test pictures and on samples: the share of
    edits by +-2 units after which the judge sees the attribute (+2) or no longer sees it (-2), and how much the
    probability of every slider's attribute moves: the mean of the absolute move over pictures and both signs
    ("moves"), and of the move in the slider's direction ("signed_moves").
    """
    directions, names = checkpoint.directions, checkpoint.card["sliders"]
    columns = [judge.config.attribute_names.index(name) for name in names]
    efficacy = {"units": STEP, "pictures": {"encoded": len(encoded), "samples": len(samples)}}
    for method in ESTIMATORS:
        concepts = directions.using(method)
        for lock in (False, True):
            key = f"{method}, others locked" if lock else method
            log(f"  {key} ...")
            moves = concepts.locked(names, names if lock else [])
            efficacy[key] = {
                "encoded": _efficacy(checkpoint.model, judge, encoded, moves, names, columns, full=True),
                "samples": _efficacy(checkpoint.model, judge, samples, moves, names, columns, full=False),
            }
    return efficacy


def _efficacy(model, judge, latents, moves, names, columns, full: bool) -> dict:
    before = probabilities(judge, decode(model, latents))[:, columns]
    rows = {}
    for index, (name, move) in enumerate(zip(names, moves, strict=True)):
        up, down = (probabilities(judge, decode(model, latents + sign * STEP * move))[:, columns] for sign in (1, -1))
        success = torch.cat([up[:, index] > 0.5, down[:, index] < 0.5]).float().mean()
        absolute = torch.cat([(up - before).abs(), (down - before).abs()]).mean(0)
        signed = ((up - before).mean(0) - (down - before).mean(0)) / 2
        others = [i for i in range(len(names)) if i != index]
        worst = max(others, key=lambda i: absolute[i])
        rows[name] = {
            "success": round(float(success), 4),
            "worst_side_effect": [names[worst], round(float(absolute[worst]), 3)],
        }
        if full:
            rows[name]["moves"] = {names[i]: round(float(absolute[i]), 3) for i in range(len(names))}
            rows[name]["signed_moves"] = {names[i]: round(float(signed[i]), 3) for i in range(len(names))}
    return rows
