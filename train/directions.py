"""Fits concept directions in the latent space of a generator without an encoder, so that it has sliders.

    python -m train.directions NAME [NAME ...]

The generator draws pictures from its prior, and the judge that its card names says what is on them (Shen et al. 2020,
InterFaceGAN, section 3). All of them count: with only those of which the judge is sure, too few are left of what is
rare, and its sliders are weaker. The latents are not truncated, because pages start from such ones. A move is a
straight line: to bring it back to the sample's length changes nothing that the judge would see.

A direction becomes a slider if two units of it, either way, bring most of some fresh samples to the asked side. The
directions are in the checkpoint afterwards, and their figures on its card.
"""

import sys
import time
from dataclasses import asdict, dataclass, field

import torch

from gen_lab import checkpoint, files, registry
from gen_lab.device import decode, device_name
from gen_lab.latent import Directions
from gen_lab.metrics.judge import probabilities
from gen_lab.metrics.table import entry
from gen_lab.values import Count, Seed, Share, check_fields
from train.commands import for_each

UNITS = 2.0  # that fresh samples are moved either way
PART = 1000  # pictures that are in memory at a time


@dataclass(frozen=True)
class Settings:
    samples: Count = field(default=20_000, metadata={"help": "samples that the judge labels"})
    fewest: Count = field(default=200, metadata={"help": "samples that must have an attribute, and that must lack it"})
    fresh: Count = field(default=500, metadata={"help": "samples that are moved, to measure the directions"})
    success: Share = field(default=0.5, metadata={"help": "share of them that a slider must bring to either side"})
    seed: Seed = field(default=0, metadata={"help": "every random number follows from it"})

    def __post_init__(self):
        check_fields(self, lambda name: "--" + name.replace("_", "-"))


def attributes(card: dict, judge) -> tuple[str, ...]:
    """What may become a slider: what is one in a model of the same data that was fitted to their labels; without such a
    model, all that the judge knows."""
    others = registry.having("encode", "sliders").values()
    others = [other for other in others if entry(other, "data", "name") == entry(card, "data", "name")]
    sliders = {name: None for other in others for name in other["sliders"]}  # in order, each once
    return tuple(name for name in sliders if name in judge.config.attribute_names) or judge.config.attribute_names


@torch.inference_mode()
def judged(model, judge, latents: torch.Tensor, names: tuple[str, ...]) -> torch.Tensor:
    """The judge's probabilities (N, A) of these attributes in what a model makes of latents (N, D)."""
    columns = [judge.config.attribute_names.index(name) for name in names]
    return torch.cat([probabilities(judge, decode(model, part))[:, columns] for part in latents.split(PART)])


def fit(latents: torch.Tensor, labels: torch.Tensor, names: tuple[str, ...], fewest: int) -> Directions:
    """Directions of those attributes that at least `fewest` of the latents (N, D) have, and as many lack, by boolean
    labels (N, A). Raises ValueError if there is none."""
    counts = labels.sum(0)
    columns = [index for index, count in enumerate(counts.tolist()) if fewest <= count <= len(labels) - fewest]
    if not columns:
        raise ValueError(f"no attribute is seen in {fewest} of {len(labels)} samples, and missing in as many")
    return Directions.fit(latents, labels[:, columns], tuple(names[index] for index in columns))


def effects(model, judge, directions: Directions, latents: torch.Tensor) -> dict[str, dict]:
    """What `UNITS` of each direction do to the pictures of latents (N, D), as the judge sees them.

    By name: the share that has the attribute after a move up, and that lacks it after one down; how much the
    probability of another attribute changes, on average over all others, and of which it changes most.
    """
    names, by_name = tuple(directions), {}
    before = judged(model, judge, latents, names)
    for index, name in enumerate(names):
        up, down = (judged(model, judge, latents + sign * UNITS * directions[name], names) for sign in (1, -1))
        change = ((up - before).abs() + (down - before).abs()).mean(0) / 2
        change[index] = 0
        most = int(change.argmax())
        by_name[name] = {
            "up": round(float((up[:, index] > 0.5).float().mean()), 4),
            "down": round(float((down[:, index] < 0.5).float().mean()), 4),
            "others": round(float(change.sum()) / max(len(names) - 1, 1), 4),
            "most": [names[most], round(float(change[most]), 4)],
        }
    return by_name


def choose(name: str, settings: Settings) -> dict:
    """Fits the directions of one checkpoint, and writes them, and the card's entries "sliders" and "directions", of
    which it returns the latter."""
    loaded = registry.load(name)
    registry.require(loaded, "decode", "sample", "judge", without=("classes", "encode"))
    start, judge = time.monotonic(), registry.load(loaded.card["judge"])
    names, generator = attributes(loaded.card, judge.model), torch.Generator().manual_seed(settings.seed)
    latents = loaded.model.sample(settings.samples, generator).cpu()
    print(f"{name}: {settings.samples} samples ...", file=sys.stderr, flush=True)
    labels = judged(loaded.model, judge.model, latents, names) > 0.5
    directions = fit(latents, labels, names, settings.fewest)
    print(f"{name}: {len(directions)} directions ...", file=sys.stderr, flush=True)
    measured = effects(loaded.model, judge.model, directions, loaded.model.sample(settings.fresh, generator).cpu())
    sliders = [name for name, effect in measured.items() if min(effect["up"], effect["down"]) >= settings.success]
    figures = {
        "settings": asdict(settings),
        "judge": loaded.card["judge"],
        "judge_sha256": judge.card["sha256"],
        "units": UNITS,
        "seen": {name: int(count) for name, count in zip(names, labels.sum(0), strict=True)},
        "effects": measured,
        "measured_by": f"python -m train.directions {name}",
        "seconds": round(time.monotonic() - start),
        "device": device_name(),
    }
    with files.held_back():
        checkpoint.update_card(registry.folder(name), loaded.card, sliders=sliders, directions=figures)
        directions.save(registry.folder(name) / "directions.safetensors")
    return figures


def told(name: str, settings: Settings) -> str:
    """Finds the directions, and says what their sliders do and what comes next."""
    effects = choose(name, settings)["effects"]
    return f"{effects}\nnow choose what it opens on: python -m train.opening {name}"


def main(arguments: list[str] | None = None) -> int:
    kind = "generator with a judge, and without an encoder"
    return for_each("train.directions", __doc__, kind, told, arguments, Settings)


if __name__ == "__main__":
    sys.exit(main())
