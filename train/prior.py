"""Fits a flow to a VAE's encodings, as its prior, and keeps it if its samples are better than the mixture's.

    python -m train.prior NAME [NAME ...]

A rectified flow (`gen_lab.models.parts.flow`) learns the encodings of the training pictures: their posteriors' means,
each with a fresh share of its posterior's noise, so that the flow learns no points. The rest of the model stays as it
is. Of either prior, samples are decoded and compared with training pictures by `fd_lite0`. The better prior is in the
checkpoint afterwards, and both figures are on its card.

What was measured on, or chosen from, samples of the old prior leaves the checkpoint with it; the commands that make it
again are printed.
"""

import copy
import math
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from gen_lab import checkpoint, data, registry
from gen_lab.checkpoint import CheckpointError, demonstration, usual_distances
from gen_lab.device import decode, device_name
from gen_lab.images import batches
from gen_lab.metrics.frechet import Lite0Features, frechet_distance
from gen_lab.metrics.vae import encode_all
from gen_lab.models.parts.flow import FlowPrior, flow_loss
from gen_lab.models.vae import MixturePrior
from gen_lab.values import Count, Decay, Few, Natural, Positive, Seed, Share, check_fields
from train.commands import for_each

OF_SAMPLES = ("novelty", "opening")  # entries of the card
FILES_OF_SAMPLES = (usual_distances.FILE, demonstration.FILE)
MEASURES = ("evaluate", "opening", "novelty")  # the commands that make them again


@dataclass(frozen=True)
class Settings:
    steps: Count = field(default=6000, metadata={"help": "optimisation steps"})
    batch_size: Count = field(default=512, metadata={"help": "latents per step"})
    learning_rate: Positive = field(default=1e-3, metadata={"help": "of Adam, annealed to zero by a cosine"})
    ema: Decay = field(default=0.999, metadata={"help": "decay of the weights' moving average, which is kept"})
    noise: Share = field(default=0.3, metadata={"help": "share of the posteriors' noise that the data keep"})
    width: Natural = field(default=0, metadata={"help": "of the flow; 0: by the latent's, from 128 to 512"})
    blocks: Few = field(default=4, metadata={"help": "residual blocks of the flow"})
    seed: Seed = field(default=0, metadata={"help": "every random number follows from it"})
    pictures: Natural = field(
        default=3000, metadata={"help": "samples of each prior that are compared; 0: keep the flow, and compare none"}
    )

    def __post_init__(self):
        check_fields(self, lambda name: "--" + name.replace("_", "-"))


def fit_flow(means: torch.Tensor, log_vars: torch.Tensor, settings: Settings, log=None) -> FlowPrior:
    """A flow fitted to posteriors N(means, exp(log_vars)), (N, D) each, on their device; it is returned on the CPU.

    `log`, if there is one, is called with a line of text now and then.
    """
    device, (_, dim) = means.device, means.shape
    generator = torch.Generator().manual_seed(settings.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)  # the first weights
        flow = FlowPrior(dim, settings.width or min(512, max(128, 4 * dim)), settings.blocks).to(device)
    deviations = settings.noise * torch.exp(0.5 * log_vars)
    flow.mean.copy_(means.mean(0))
    flow.std.copy_((means.var(0) + deviations.square().mean(0)).sqrt().clamp(min=1e-4))
    averaged = copy.deepcopy(flow)
    optimiser = torch.optim.Adam(flow.parameters(), settings.learning_rate)
    total = torch.zeros((), device=device)
    for step in range(settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * 0.5 * (1 + math.cos(math.pi * step / settings.steps))
        rows = torch.randint(len(means), (settings.batch_size,), generator=generator).to(device)
        draws = torch.randn(2, settings.batch_size, dim, generator=generator).to(device)
        times = torch.rand(settings.batch_size, generator=generator).to(device)
        encoded = (means[rows] + deviations[rows] * draws[0] - flow.mean) / flow.std
        loss = flow_loss(flow, draws[1], encoded, times)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        decay = min(settings.ema, (step + 1) / (step + 11))  # the first weights are noise: forget them fast
        with torch.no_grad():
            for mean, weight in zip(averaged.parameters(), flow.parameters(), strict=True):
                mean.lerp_(weight, 1 - decay)
            total += loss.detach()
        if (step + 1) % 500 == 0:
            if log:
                log(f"step {step + 1}: {float(total) / 500:.4f}")
            total.zero_()
    return averaged.cpu().eval().requires_grad_(False)


def distances(model, priors: dict, pictures: np.ndarray) -> dict[str, float]:
    """`fd_lite0` of as many decoded samples of each prior as there are pictures (N, H, W, C), against these."""
    device = next(model.parameters()).device
    features = Lite0Features(device)
    real, by_name = features(batches(pictures)), {}
    for name, prior in priors.items():
        latents = prior.to(device).sample(len(pictures), torch.Generator().manual_seed(0))
        by_name[name] = round(frechet_distance(features(batches(decode(model, latents))), real), 1)
    return by_name


def choose(name: str, settings: Settings) -> dict:
    """Fits a flow for one checkpoint, keeps the better prior, and writes the card's entry "prior", which it returns."""

    def log(text: str) -> None:
        print(f"{name}: {text}", file=sys.stderr, flush=True)

    loaded = registry.load(name)
    registry.require(loaded, "encode", "decode", "sample", "data")
    model, folder = loaded.model, registry.folder(name)
    if not hasattr(model, "use"):
        raise ValueError(f"'{name}' has no prior that can be replaced: choose a VAE")
    start = time.monotonic()
    if settings.pictures:
        Lite0Features()  # which may be missing: not after minutes
    images = data.load(loaded.card["data"]["name"], "train").images
    means, log_vars = encode_all(model, images)
    device = next(model.parameters()).device
    flow = fit_flow(means.to(device), log_vars.to(device), settings, log)
    priors: dict[str, FlowPrior | MixturePrior] = {"flow": flow}
    entry = {
        "kind": "flow",
        "settings": asdict(settings),
        "parameters": sum(parameter.numel() for parameter in flow.parameters()),
    }
    if settings.pictures:
        some = np.asarray(images[:: max(1, len(images) // settings.pictures)][: settings.pictures])
        priors["mixture"] = model.prior
        if model.config.prior != "mixture":
            log("a mixture, to compare with ...")
            priors["mixture"] = MixturePrior(model.config.components, model.latent_dim)
            priors["mixture"].fit(means, log_vars)
        log("Fréchet distances ...")
        entry["fd_lite0"] = distances(model, priors, some)
        entry["counts"] = f"{len(some)} samples of each against as many training pictures"
        entry["kind"] = min(entry["fd_lite0"], key=entry["fd_lite0"].__getitem__)
    entry |= {
        "seconds": round(time.monotonic() - start),
        "device": device_name(),
        "measured_by": f"python -m train.prior {name}",
    }
    winner = priors[entry["kind"]]
    if winner is model.prior:
        checkpoint.update_card(folder, loaded.card, prior=entry)
    else:
        model.use(winner)
        replace(folder, loaded, entry)
    return entry


def replace(folder: Path, loaded: checkpoint.Checkpoint, entry: dict) -> None:
    """Writes a checkpoint anew, whose model has another prior, without what came from the old one's samples."""
    card = checkpoint.read_card(folder)
    if card["sha256"] != loaded.card["sha256"]:
        raise CheckpointError(f"{folder} was written anew meanwhile: run the same command again")
    card = {key: value for key, value in card.items() if key not in OF_SAMPLES} | {"metrics": {}, "prior": entry}
    written = ("card.json", "model.safetensors", "directions.safetensors", *FILES_OF_SAMPLES)
    contents = {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in written}
    checkpoint.save(folder, loaded.model, card, contents, loaded.directions)


def told(name: str, settings: Settings) -> str:
    """Chooses the prior, and says what came of it and what is to be measured again."""
    before = registry.load(name).card
    entry = choose(name, settings)
    if checkpoint.read_card(registry.folder(name))["sha256"] == before["sha256"]:
        return str(entry)
    return f"{entry}\nnow measure it: " + "; ".join(f"python -m train.{command} {name}" for command in MEASURES)


def main(arguments: list[str] | None = None) -> int:
    return for_each("train.prior", __doc__, "VAE that is trained", told, arguments, Settings)


if __name__ == "__main__":
    sys.exit(main())
