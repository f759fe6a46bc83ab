"""Recomputes the metrics of a checkpoint and writes them on its card.

    python -m train.evaluate NAME [NAME ...]
"""

import sys
import time

from gen_lab import checkpoint, registry
from gen_lab.metrics import adversarial, caption, judge, plane, vae
from train.commands import for_each

MEASURES = {  # ability -> what measures the models that have it; the first that a model has counts
    "score": adversarial.measure,
    "plane": plane.measure,
    "encode": vae.measure,
    "caption": caption.measure,
    "probabilities": judge.measure,
}


def evaluate(name: str) -> dict:
    """Measures one checkpoint as `MEASURES` says, and writes its card. Returns the metrics."""
    loaded = registry.load(name)
    start = time.monotonic()
    measure = next((measure for ability, measure in MEASURES.items() if registry.offers(loaded.card, ability)), None)
    if measure is None:
        raise ValueError(f"nothing measures what {name} does: train/evaluate.py lists what is measured")
    metrics = measure(loaded, log=lambda text: print(f"{name}: {text}", file=sys.stderr, flush=True))
    metrics["measured_by"] = f"python -m train.evaluate {name}"
    metrics["seconds"] = round(time.monotonic() - start)
    checkpoint.update_card(registry.folder(name), loaded.card, metrics=metrics)
    return metrics


def summary(name: str) -> str:
    """Evaluates a checkpoint; its metrics without the long ones."""
    return str({key: value for key, value in evaluate(name).items() if key not in ("sliders", "attributes")})


def main() -> int:
    return for_each("train.evaluate", __doc__, "checkpoint to measure", summary)


if __name__ == "__main__":
    sys.exit(main())
