"""Recomputes the metrics of a checkpoint and writes them on its card.

    python -m train.evaluate NAME [NAME ...]
"""

import argparse
import sys
import time

from gen_lab import checkpoint, registry
from gen_lab.checkpoint import CheckpointError
from gen_lab.data import MissingData
from gen_lab.metrics import adversarial, caption, judge, plane, vae

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


def main() -> int:
    parser = argparse.ArgumentParser("python -m train.evaluate", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help="checkpoint to measure")
    try:
        for name in parser.parse_args().names:
            summary = {key: value for key, value in evaluate(name).items() if key not in ("sliders", "attributes")}
            print(f"{name}: {summary}")
    except (CheckpointError, MissingData, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
