"""Measures what truncation gains and what it costs, and writes on a generator's card where the GAN page starts.

    python -m train.truncation NAME [NAME ...]

For each threshold of `gen_lab.latent.principal.truncated`: precision, recall and diversity of samples against as many
training pictures (`gen_lab.metrics.fidelity`). The page starts at the threshold with the highest precision that keeps
`KEPT` of the whole distribution's diversity; of equal ones, at the largest.
"""

import sys
import time

import torch

from gen_lab import checkpoint, data, registry
from gen_lab.device import decode
from gen_lab.images import batches
from gen_lab.latent.principal import truncated
from gen_lab.metrics.fidelity import halves, precision_recall, spread
from gen_lab.metrics.frechet import Lite0Features
from train.commands import for_each

WHOLE = 4.0  # cuts off next to nothing
THRESHOLDS = (WHOLE, 2.0, 1.5, 1.0, 0.7)
KEPT = 0.8  # of the diversity at `WHOLE`
COUNT = 500  # samples, and as many training pictures


def measure(name: str) -> dict:
    """Measures one checkpoint, and writes the card's entry "truncation". Returns the entry."""
    loaded = registry.load(name)
    registry.require(loaded, "decode", "sample", "score", "data", without=("classes",))
    start, model = time.monotonic(), loaded.model
    features = Lite0Features(next(model.parameters()).device)
    pictures, _ = halves(data.load(loaded.card["data"]["name"], "train").images)
    count = min(COUNT, len(pictures))
    real = features(batches(pictures[:count]))
    latents = model.sample(count, torch.Generator().manual_seed(0)).cpu()
    rows = []
    for threshold in THRESHOLDS:
        print(f"{name}: {threshold:g} ...", file=sys.stderr, flush=True)
        samples = features(batches(decode(model, truncated(latents, threshold))))
        precision, recall = precision_recall(real, samples)
        rows.append(
            {
                "threshold": threshold,
                "precision": round(precision, 4),
                "recall": round(recall, 4),
                "diversity": round(spread(samples) / spread(real), 4),
            }
        )
    entry = {
        "start": best(rows),
        "measured": rows,
        "counts": f"{count} samples against as many training pictures",
        "measured_by": f"python -m train.truncation {name}",
        "seconds": round(time.monotonic() - start),
    }
    checkpoint.update_card(registry.folder(name), loaded.card, truncation=entry)
    return entry


def best(rows: list[dict]) -> float:
    """The threshold to start from; `rows` as on the card, from the largest threshold on."""
    varied = [row for row in rows if row["diversity"] >= KEPT * rows[0]["diversity"]]
    return max(varied, key=lambda row: row["precision"])["threshold"]


def main(arguments: list[str] | None = None) -> int:
    kind = "generator with a discriminator or critic"
    return for_each("train.truncation", __doc__, kind, lambda name: str(measure(name)), arguments)


if __name__ == "__main__":
    sys.exit(main())
