"""Trains a model's sliders to move one thing each, on the frozen model.

    python -m train.sliders NAME [NAME ...]

First an attribute classifier is trained, on the training pictures and on what the model makes of them. It is not the
judge, which measures the sliders afterwards. Then, for each concept, a small network (`gen_lab.latent.learned`) bends
the direction of the line. What the classifier sees of the concept is to follow the slider, and what it sees of
everything else is to stay (in the manner of Yao et al. 2021, "A Latent Transformer for Disentangled Face Editing in
Images and Videos", eq. 2 to 5):

    concept      the classifier is undecided at one unit and sure at two; between, its logit follows the units
    others       Kullback-Leibler divergence of the other attributes from what they were
    steady       mean absolute change of the pixels, above all of those outside the concept's region
    near         squared length of what the network adds to the line
    backwards    how far the concept's logit falls where the slider rises

Some pictures are moved along two concepts at once. The networks are in the checkpoint afterwards, and on its card what
they and the lines move besides (`gen_lab.metrics.side_effects`).
"""

import math
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from gen_lab import checkpoint, data, registry
from gen_lab.checkpoint import CheckpointError, learned_sliders
from gen_lab.data import Dataset
from gen_lab.device import decode, device_name
from gen_lab.images import to_float
from gen_lab.latent.learned import LearnedSliders
from gen_lab.metrics import side_effects
from gen_lab.metrics.judge import probabilities
from gen_lab.metrics.side_effects import regions, watched
from gen_lab.metrics.vae import encode_all
from gen_lab.models import judge
from gen_lab.models.parts.layers import down_stages, group_norm, halved
from gen_lab.values import Count, Positive, Seed, Share, Weight, Width, check_fields
from train.commands import for_each

LIMIT = 3.0  # slider units, as on the page
SURE = 3.0  # the logit that is asked for at two units; one unit more asks for as much again
BOUND = 6.0  # of the logits that a picture starts from
RARELY = 0.3  # weight of an attribute that has no slider
WIDTHS = (32, 64, 96, 128)  # of the classifier
CLASSIFIER_RATE = 2e-3


@dataclass(frozen=True)
class Settings:
    steps: Count = field(default=600, metadata={"help": "optimisation steps of the sliders"})
    batch_size: Count = field(default=24, metadata={"help": "pictures per step, each of which is moved twice"})
    learning_rate: Positive = field(default=1e-3, metadata={"help": "of Adam, annealed to zero by a cosine"})
    width: Width = field(default=256, metadata={"help": "of the networks' hidden layer"})
    pool: Count = field(default=6000, metadata={"help": "latents that are moved; a third of them are samples"})
    others: Weight = field(default=1.5, metadata={"help": "weight of what the other attributes change, in nats"})
    steady: Weight = field(default=30.0, metadata={"help": "weight of what the pixels change"})
    within: Share = field(default=0.1, metadata={"help": "of that weight, for pixels within the concept's region"})
    near: Weight = field(default=0.02, metadata={"help": "weight of the squared length that is added to the line"})
    backwards: Weight = field(default=1.0, metadata={"help": "weight of a logit that falls where the slider rises"})
    both: Share = field(default=0.25, metadata={"help": "share of the pictures that are moved along two concepts"})
    pictures: Count = field(default=12_000, metadata={"help": "training pictures at most"})
    classifier_steps: Count = field(default=600, metadata={"help": "optimisation steps of the classifier"})
    classifier_batch: Count = field(default=96, metadata={"help": "its pictures per step, half of them decoded"})
    precision: Literal["bf16", "32"] = field(default="bf16", metadata={"help": "of the networks: bf16 or 32"})
    seed: Seed = field(default=0, metadata={"help": "every random number follows from it"})

    def __post_init__(self):
        check_fields(self, lambda name: "--" + name.replace("_", "-"))

    def autocast(self, device: torch.device):
        return torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def generator(self, purpose: int) -> torch.Generator:
        return torch.Generator().manual_seed(1000 * self.seed + purpose)


def some(dataset: Dataset, count: int) -> Dataset:
    """At most `count` pictures of a data set, from all over it."""
    rows = slice(None, None, -(-len(dataset) // count))
    return replace(dataset, images=dataset.images[rows], attributes=dataset.attributes[rows])


def set_learning_rate(optimiser, rate: float, step: int, steps: int) -> None:
    """A short linear warm-up, then a cosine down to zero."""
    for group in optimiser.param_groups:
        group["lr"] = rate * min(1.0, (step + 1) / 20) * 0.5 * (1 + math.cos(math.pi * step / steps))


class Classifier(nn.Module):
    """Images (B, C, H, W) in [-1, 1] to one logit per attribute (B, A). Unlike a judge it knows where in a picture it
    sees something, and so it learns faster: faces are aligned."""

    def __init__(self, size: int, channels: int, attributes: int):
        super().__init__()
        layers = down_stages(channels, WIDTHS), group_norm(WIDTHS[-1]), nn.SiLU(), nn.Flatten(), nn.Dropout(0.2)
        self.layers = nn.Sequential(*layers, nn.Linear(WIDTHS[-1] * halved(size, len(WIDTHS)) ** 2, attributes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layers(images).float()

    def probabilities(self, images: torch.Tensor) -> torch.Tensor:
        """(B, A) in [0, 1]."""
        return self(images).sigmoid()


def train_classifier(model, dataset: Dataset, means: torch.Tensor, settings: Settings, log) -> Classifier:
    """A classifier of all attributes of the data, whose latents are `means` (N, D). Frozen, on the model's device."""
    device, generator = means.device, settings.generator(1)
    size, channels = dataset.images.shape[2:]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed + 1)
        classifier = Classifier(size, channels, len(dataset.attribute_names)).train()
        classifier = classifier.to(device).to(memory_format=torch.channels_last)
        optimiser = torch.optim.AdamW(classifier.parameters(), CLASSIFIER_RATE, weight_decay=0.05)
        truth = torch.from_numpy(dataset.attributes.astype(np.float32))
        half = settings.classifier_batch // 2
        for step in range(settings.classifier_steps):
            set_learning_rate(optimiser, CLASSIFIER_RATE, step, settings.classifier_steps)
            rows = torch.randint(len(dataset), (settings.classifier_batch,), generator=generator)
            with torch.no_grad(), settings.autocast(device):
                painted = model.decode(means[rows[:half].to(device)]).float()
            images = torch.cat([painted, to_float(dataset.images[rows[half:].numpy()]).to(device)])
            mirrored = (torch.rand(len(images), generator=generator) < 0.5).to(device)[:, None, None, None]
            images = torch.where(mirrored, images.flip(3), images)
            images += 0.03 * torch.randn(images.shape, generator=generator).to(device)
            with settings.autocast(device):
                logits = classifier(images)
            loss = judge.loss(logits, truth[rows].to(device))["total"]
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if (step + 1) % 100 == 0:
                log(f"classifier, step {step + 1}: {float(loss.detach()):.3f}")
    return classifier.eval().requires_grad_(False)


class Pool(NamedTuple):
    """Latents to move, and what the model paints and the classifier sees before."""

    latents: torch.Tensor  # (N, D), on the device like the logits
    pictures: np.ndarray  # uint8 (N, H, W, C)
    logits: torch.Tensor  # (N, A), within +-BOUND

    @classmethod
    def of(cls, model, classifier, means: torch.Tensor, settings: Settings) -> "Pool":
        """Two thirds encoded pictures, one third samples."""
        generator = settings.generator(2)
        rows = torch.randperm(len(means), generator=generator)[: 2 * settings.pool // 3]
        samples = model.sample(settings.pool - len(rows), generator)
        latents = torch.cat([means[rows.to(means.device)], samples.to(means.device)])
        pictures = decode(model, latents)
        logits = probabilities(classifier, pictures).logit(1e-6).clamp(-BOUND, BOUND)
        return cls(latents, pictures, logits.to(means.device))


class Moves(NamedTuple):
    """A batch: which latents of the pool are moved, and how far, twice each."""

    rows: torch.Tensor  # (B,)
    which: torch.Tensor  # (B,): the concept
    signs: torch.Tensor  # (B,)
    values: torch.Tensor  # (2, B, k) slider units, of the concept the lesser ones first; of a second one the same


def draw(present: torch.Tensor, settings: Settings, generator: torch.Generator) -> Moves:
    """Moves of latents of which `present` (N, k) says what they show. Three in four begin where there is something to
    do: at a picture without the attribute, if it is to come, and with it, if it is to go."""
    count, batch = present.shape[1], settings.batch_size

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator)

    which = torch.randint(count, (batch,), generator=generator)
    signs = torch.where(uniform(batch) < 0.5, 1.0, -1.0)
    fits = present.T[which] != (signs > 0)[:, None]  # (B, N)
    fits |= (torch.arange(batch) % 4 == 0)[:, None] | ~fits.any(1, keepdim=True)
    rows = torch.multinomial(fits.float(), 1, generator=generator)[:, 0]
    values = torch.zeros(2, batch, count)
    lengths = (LIMIT * uniform(2, batch)).sort(0).values
    values[:, torch.arange(batch), which] = signs * lengths
    if count > 1:
        second = (which + torch.randint(1, count, (batch,), generator=generator)) % count
        lengths = LIMIT * (2 * uniform(batch) - 1) * (uniform(batch) < settings.both)
        values[:, torch.arange(batch), second] = lengths
    return Moves(rows, which, signs, values)


def wanted(before: torch.Tensor, units: torch.Tensor) -> torch.Tensor:
    """The logit that a concept should have after so many units, from what it was: zero at one unit, `SURE` at two, and
    never less than before."""
    start, length, sign = before * units.sign(), units.abs(), units.sign()
    rising = torch.where(length < 1, start * (1 - length), SURE * (length - 1))
    return sign * torch.where(start < 0, rising, torch.maximum(start, SURE * (length - 1)))


def divergence(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Kullback-Leibler divergence in nats of yes-or-no probabilities from the target's, given both as logits."""
    cross_entropy = F.binary_cross_entropy_with_logits
    shares = target.sigmoid()
    return cross_entropy(logits, shares, reduction="none") - cross_entropy(target, shares, reduction="none")


@dataclass(frozen=True, eq=False)
class Concepts:
    """The k sliders as the losses see them."""

    columns: torch.Tensor  # (k,): of their attributes, among the A of the data
    weights: torch.Tensor  # (k, A): of each attribute, while one concept moves
    pixels: torch.Tensor  # (k, H, W): of each pixel

    @classmethod
    def of(cls, card: dict, dataset: Dataset, settings: Settings, device) -> "Concepts":
        names, attributes = card["sliders"], dataset.attribute_names
        rank = torch.tensor([1.0 if name in names else RARELY for name in attributes])
        pixels = torch.where(regions(dataset.name, names, dataset.images.shape[1]), settings.within, 1.0)
        columns = torch.tensor([attributes.index(name) for name in names])
        weights = watched(card, names, attributes) * rank
        return cls(columns.to(device), weights.to(device), pixels.to(device))


def losses(moves: Moves, concepts: Concepts, pool: Pool, added, pictures, logits) -> dict[str, torch.Tensor]:
    """The named losses of moved pictures (2 B, C, H, W) in [-1, 1] and their logits (2 B, A); `added` (2 B, k, D) is
    what the networks add to the lines' moves."""
    device = logits.device
    values = moves.values.flatten(0, 1).to(device)  # (2 B, k)
    rows, which, signs = (tensor.to(device) for tensor in moves[:3])
    before = pool.logits[rows].repeat(2, 1)
    unmoved = to_float(pool.pictures[moves.rows.numpy()]).to(device).repeat(2, 1, 1, 1)
    moving = values != 0
    seen, seen_before = logits[:, concepts.columns], before[:, concepts.columns]
    # What two moving concepts both leave in peace counts, and what one of them is about counts little.
    weights = torch.where(moving[..., None], concepts.weights, 1.0).amin(1)  # (2 B, A)
    pixels = torch.where(moving[..., None, None], concepts.pixels, 1.0).amin(1)  # (2 B, H, W)
    path = torch.cat([seen_before, seen]).unflatten(0, (-1, len(rows)))[[0, 2, 3]]  # (3, B, k): before, nearer, farther
    path = path.gather(2, which.expand(3, -1)[..., None])[..., 0] * signs
    return {
        "concept": (divergence(seen, wanted(seen_before, values)) * moving).sum(1).mean(),
        "others": (divergence(logits, before) * weights).sum(1).mean(),
        "steady": ((pictures - unmoved).abs().mean(1) * pixels).mean(),
        "near": added.square().sum((1, 2)).mean(),
        "backwards": F.relu(-path.diff(dim=0)).mean(),
    }


def fit(loaded, classifier, pool: Pool, dataset: Dataset, settings: Settings, log) -> LearnedSliders:
    """The networks, trained on the latents of the pool; frozen, on the CPU."""
    model, names, device = loaded.model, loaded.card["sliders"], pool.latents.device
    concepts = Concepts.of(loaded.card, dataset, settings, device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        learned = LearnedSliders(tuple(names), loaded.directions.stack(names), settings.width).to(device)
    optimiser = torch.optim.Adam(learned.parameters(), settings.learning_rate, (0.9, 0.99))
    generator, present = settings.generator(3), (pool.logits[:, concepts.columns] > 0).cpu()
    sums: dict[str, float] = {}
    for step in range(settings.steps):
        set_learning_rate(optimiser, settings.learning_rate, step, settings.steps)
        moves = draw(present, settings, generator)
        latents, values = pool.latents[moves.rows.to(device)].repeat(2, 1), moves.values.flatten(0, 1).to(device)
        moved = learned.moves(latents, values)
        with settings.autocast(device):
            pictures = model.decode(latents + moved.sum(1))
            logits = classifier(pictures)
        added = moved - values[..., None] * learned.lines
        terms = losses(moves, concepts, pool, added, pictures.float(), logits)
        total = terms["concept"] + sum(getattr(settings, name) * terms[name] for name in terms if name != "concept")
        optimiser.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(learned.parameters(), 5.0)
        optimiser.step()
        for name, term in terms.items():
            sums[name] = sums.get(name, 0.0) + float(term.detach()) / 50
        if (step + 1) % 50 == 0:
            log(f"step {step + 1}: " + ", ".join(f"{name} {value:.3f}" for name, value in sums.items()))
            sums.clear()
    return learned.cpu().eval().requires_grad_(False)


def learn(name: str, settings: Settings) -> dict:
    """Trains the sliders of one checkpoint, measures and stores them. Returns the card's entry "learned"."""
    start = time.monotonic()

    def log(text: str) -> None:
        print(f"{name}, {time.monotonic() - start:.0f} s: {text}", file=sys.stderr, flush=True)

    loaded = registry.load(name)
    registry.require(loaded, "encode", "decode", "sample", "data", "sliders", "judge")
    model, folder = loaded.model, registry.folder(name)
    device = next(model.parameters()).device
    train, test = (data.load(loaded.card["data"]["name"], split) for split in ("train", "test"))
    dataset = some(train, settings.pictures)
    judging = judge_of(loaded, dataset, device)
    with settings.autocast(device):
        means = encode_all(model, dataset.images)[0].float().to(device)
    classifier = train_classifier(model, dataset, means, settings, log)
    accuracy = float(((probabilities(classifier, test.images) > 0.5).numpy() == test.attributes).mean())
    log(f"classifier: {accuracy:.1%} right on test pictures")
    learned = fit(loaded, classifier, Pool.of(model, classifier, means, settings), dataset, settings, log)
    entry = {
        "settings": asdict(settings),
        "parameters": sum(parameter.numel() for parameter in learned.parameters()),
        "classifier_accuracy": round(accuracy, 4),
        "seconds": round(time.monotonic() - start),
        "device": device_name(),
        "measured_by": f"python -m train.sliders {name}",
    }
    log("side effects ...")
    encoded = encode_all(model, test.images[: side_effects.PICTURES])[0]
    figures = side_effects.measure(loaded, judging, learned, encoded, log)
    store(folder, loaded, learned, entry, figures)
    return entry


def judge_of(loaded, dataset: Dataset, device) -> Any:
    """The judge of a checkpoint. Raises ValueError if it, or the data, does not know the sliders' attributes."""
    judging = registry.load(loaded.card["judge"], device).model
    for place, attributes in (("judge", judging.config.attribute_names), ("data", dataset.attribute_names)):
        if missing := [name for name in loaded.card["sliders"] if name not in attributes]:
            raise ValueError(f"the {place} of '{loaded.card['name']}' does not know {', '.join(missing)}")
    return judging


def store(folder, loaded, learned: LearnedSliders, entry: dict, figures: dict) -> None:
    """Writes the networks and the card, on which other figures stay."""
    card = checkpoint.read_card(folder)
    if card["sha256"] != loaded.card["sha256"]:
        raise CheckpointError(f"{folder} was written anew meanwhile: run the same command again")
    learned_sliders.save(folder, learned)
    metrics = {**card.get("metrics", {}), "side_effects": figures}
    checkpoint.update_card(folder, loaded.card, learned=entry, metrics=metrics)


def main(arguments: list[str] | None = None) -> int:
    def told(name: str, settings: Settings) -> str:
        return str(learn(name, settings))

    return for_each("train.sliders", __doc__, "model with an encoder and sliders", told, arguments, Settings)


if __name__ == "__main__":
    sys.exit(main())
