"""What sliders move besides what their name says, compared at equal success.

A slider is measured on encoded test pictures without its attribute, which are moved up, and on as many with it, which
are moved down; the judge says which are which, of the pictures as the model paints them. After each number of units:
the share of pictures whose attribute the judge sees flipped, and what that took. Either direction counts half.

    others      mean absolute change of the other attributes' probability
    most        the same of the attribute that changes most
    identity    distance in the judge's features, as a share of that between two different pictures
    pixels      mean absolute change outside the attribute's region, in units of [-1, 1], if it has one

A slider that does less also spoils less, so the figures to compare are those where as many pictures have flipped: 95%,
between two measured numbers of units in proportion.
"""

import numpy as np
import torch

from gen_lab import data
from gen_lab.device import decode, on_device
from gen_lab.images import to_float
from gen_lab.latent import ESTIMATORS, Directions
from gen_lab.latent.learned import LearnedSliders, Move, keeping, straight

UNITS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
FLIPPED = 0.95
COUNT = 48  # pictures at most, either way
PICTURES = 1000  # test pictures that they are taken from
TOLERANCE = 0.1  # fall of the logit, from one number of units to the next, that is none


def watched(card: dict, concepts, attributes) -> torch.Tensor:
    """Boolean (k, A): which attributes should stay as they are while a concept moves.

    All do but the concept itself, what the data set says belongs to it (`ASPECTS`), and those that exclude it, as the
    card's settings say: no picture has two colours of hair.
    """
    groups = [{*group.split("+")} for group in card.get("settings", {}).get("exclusive", ())]
    aspects = getattr(data.module(card["data"]["name"]), "ASPECTS", {})

    def follows(concept: str, other: str) -> bool:
        return other in (concept, *aspects.get(concept, ())) or any({concept, other} <= group for group in groups)

    return torch.tensor([[not follows(concept, other) for other in attributes] for concept in concepts])


def regions(dataset: str, concepts, size: int) -> torch.Tensor:
    """Boolean (k, H, W): where each concept shows, as the data set says (`region`); everywhere, if it does not."""
    region = getattr(data.module(dataset), "region", lambda _, size: np.ones((size, size), bool))
    return torch.from_numpy(np.stack([region(concept, size) for concept in concepts]))


def ways(directions: Directions, learned: LearnedSliders | None, names) -> dict[str, Move]:
    """Every method that sliders are moved by, by its name."""
    moves = {method: straight(directions.using(method).stack(names)) for method in ESTIMATORS}
    moves[f"{ESTIMATORS[0]}, others locked"] = straight(directions.locked(names, names))
    if learned is not None:
        networks, kept = learned.only(names), directions.kept(names, names)
        moves["learned"] = networks.moves
        moves["learned, others locked"] = keeping(networks.moves, kept)
    return moves


def measure(checkpoint, judge, learned: LearnedSliders | None, encoded: torch.Tensor, log=print) -> dict:
    """The card's figures: for each method and slider a curve over `UNITS`, and its place where `FLIPPED` have flipped.

    encoded (N, D) are test pictures' latents. A slider whose attribute all or none of the pictures have is left out.
    """
    names, attributes = checkpoint.card["sliders"], judge.config.attribute_names
    columns = torch.tensor([attributes.index(name) for name in names])
    pictures = decode(checkpoint.model, encoded)
    before = Seen.by(judge, pictures, columns)
    shuffled = torch.randperm(len(encoded), generator=torch.Generator().manual_seed(0))
    unit = float((before.features - before.features[shuffled]).norm(dim=1).mean())
    others = watched(checkpoint.card, names, names)
    outside = ~regions(checkpoint.card["data"]["name"], names, pictures.shape[1])
    curves: dict[str, dict] = {}
    for method, move in ways(checkpoint.directions, learned, names).items():
        log(f"  {method} ...")
        curves[method] = {}
        for at, name in enumerate(names):
            both = []
            for sign in (1, -1):
                rows = torch.nonzero((before.logits[:, at] < 0) == (sign > 0))[:COUNT, 0]
                if len(rows):
                    both.append(_curve(checkpoint.model, judge, move, sign, at, encoded[rows], pictures[rows],
                                       before.of(rows), outside[at], columns))  # fmt: skip
            if len(both) == 2:
                curves[method][name] = _figures(both, names, others[at], unit, bool(outside[at].any()))
    return {
        "units": list(UNITS),
        "flipped": FLIPPED,
        "pictures": COUNT,
        "tolerance": TOLERANCE,
        "curves": curves,
    }


class Seen:
    """What a judge sees in pictures: features (N, F), and the k sliders' logits and probabilities, (N, k) each."""

    def __init__(self, features: torch.Tensor, logits: torch.Tensor):
        self.features, self.logits, self.probabilities = features, logits, logits.sigmoid()

    @classmethod
    def by(cls, judge, pictures: np.ndarray, columns: torch.Tensor) -> "Seen":
        def look(batch):
            features = judge.features(batch)
            return features.float().cpu(), judge.head(features).float().cpu()

        with torch.inference_mode():
            parts = [on_device(judge, look, to_float(pictures[i : i + 64])) for i in range(0, len(pictures), 64)]
        features, logits = (torch.cat(column) for column in zip(*parts, strict=True))
        return cls(features, logits[:, columns])

    def of(self, rows: torch.Tensor) -> "Seen":
        return Seen(self.features[rows], self.logits[rows])


def _curve(model, judge, move, sign, at, latents, pictures, before, outside, columns) -> dict[str, np.ndarray]:
    """One slider in one direction, at each of `UNITS`: the figures before they are summed up, (U, ...) each."""
    results: dict[str, list] = {key: [] for key in ("flipped", "changes", "identity", "pixels", "falls")}
    last = sign * before.logits[:, at]
    for units in UNITS:
        values = torch.zeros(len(latents), len(columns))
        values[:, at] = sign * units
        moved = decode(model, latents + move(latents, values).sum(1))
        after = Seen.by(judge, moved, columns)
        logits = sign * after.logits[:, at]
        change = np.abs(moved.astype(np.float32) - pictures).mean((0, 3)) / 127.5  # (H, W)
        results["flipped"].append(float((logits > 0).float().mean()))
        results["changes"].append((after.probabilities - before.probabilities).abs().mean(0).numpy())
        results["identity"].append(float((after.features - before.features).norm(dim=1).mean()))
        results["pixels"].append(float(change[outside.numpy()].mean()) if outside.any() else 0.0)
        results["falls"].append(float((logits < last - TOLERANCE).float().mean()))
        last = logits
    return {key: np.array(values) for key, values in results.items()}


def _figures(both, names, watched, unit: float, has_region: bool) -> dict:
    """The mean of both directions, as the card has it."""
    mean = {key: np.mean([curve[key] for curve in both], 0) for key in both[0]}
    changes = mean["changes"][:, watched.numpy()]  # (U, of the others)
    series = {
        "flipped": mean["flipped"],
        "others": changes.mean(1),
        "most": changes.max(1),
        "identity": mean["identity"] / unit,
        **({"pixels": mean["pixels"]} if has_region else {}),
    }
    figures = {key: [round(float(value), 4) for value in values] for key, values in series.items()}
    others = [name for name, counts in zip(names, watched.tolist(), strict=True) if counts]
    return figures | {"falls": round(float(mean["falls"].mean()), 4), "at": where_flipped(series, changes, others)}


def where_flipped(series: dict[str, np.ndarray], changes: np.ndarray, others: list[str]) -> dict | None:
    """A curve's figures where `FLIPPED` of the pictures have flipped; None if that many never do.

    `series` has (U,) numbers, of which all are zero at zero units; `changes` (U, O) are of the `others`, by name.
    """
    flipped = np.concatenate([[0.0], series["flipped"]])
    reached = np.flatnonzero(flipped >= FLIPPED)
    if not len(reached):
        return None
    after = reached[0]
    share = (FLIPPED - flipped[after - 1]) / (flipped[after] - flipped[after - 1])

    def there(values: np.ndarray) -> np.ndarray:
        values = np.concatenate([np.zeros_like(values[:1]), values])
        return values[after - 1] + share * (values[after] - values[after - 1])

    each = there(changes)
    figures = {key: round(float(there(values)), 4) for key, values in series.items() if key not in ("flipped", "most")}
    most = [others[int(each.argmax())], round(float(each.max()), 4)]
    return {"units": round(float(there(np.array(UNITS))), 2), **figures, "most": most}
