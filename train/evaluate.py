"""Recomputes the metrics of a checkpoint and writes them on its card.

    python -m train.evaluate NAME [NAME ...]
"""

import argparse
import importlib
import sys
import time

from gen_lab import checkpoint, registry
from gen_lab.checkpoint import CheckpointError
from gen_lab.data import MissingData
from gen_lab.models.parts.adversarial import Adversarial


def evaluate(name: str) -> dict:
    """Measures one checkpoint by `gen_lab.metrics.<family>.measure`, or `.adversarial.measure` where it has a critic
    and `.plane.measure` where it has two latent numbers, and writes its card. Returns the metrics."""
    loaded = registry.load(name)
    started = time.monotonic()
    if isinstance(loaded.model, Adversarial):
        kind = "adversarial"
    else:
        kind = "plane" if loaded.card["config"].get("latent_dim") == 2 else loaded.card["family"]
    measure = importlib.import_module(f"gen_lab.metrics.{kind}").measure
    metrics = measure(loaded, log=lambda text: print(f"{name}: {text}", file=sys.stderr, flush=True))
    metrics["measured_by"] = f"python -m train.evaluate {name}"
    metrics["seconds"] = round(time.monotonic() - started)
    checkpoint.write_card(registry.folder(name), {**loaded.card, "metrics": metrics})
    return metrics


def main() -> int:
    parser = argparse.ArgumentParser("python -m train.evaluate", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help="checkpoint to measure")
    try:
        for name in parser.parse_args().names:
            summary = {key: value for key, value in evaluate(name).items() if key not in ("sliders", "attributes")}
            print(f"{name}: {summary}")
    except (CheckpointError, MissingData, ModuleNotFoundError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
