"""Checks whether a generator repeats its training pictures, and writes the result on its card.

    python -m train.novelty NAME [NAME ...]
    python -m train.novelty --features NAME     only the judge's features of all training pictures, into the cache

Of 1,000 samples: the share that is nearer to a training picture than 99 of 100 held-out pictures, and the three-sample
test of Meehan et al. 2020, by pixels and by a judge's features; the same for a planted memoriser. The distances go into
checkpoints/NAME/novelty.npz, from which the Novelty page shows what is usual. Where the data's terms allow it, the
nearest training pictures of a few pictures go into checkpoints/NAME/demonstration.npz, with which the page works
without the data.
"""

import argparse
import signal
import sys
import time

from gen_lab import checkpoint, data, files, registry
from gen_lab.checkpoint import CheckpointError, demonstration, usual_distances
from gen_lab.metrics.novelty import demonstrate, measure, pictures_of, spaces


def check(name: str) -> dict:
    """Measures one checkpoint, and writes its novelty.npz, the card's entry "novelty", and demonstration.npz if its
    data may ship. Returns the entry."""

    def log(text: str) -> None:
        print(f"{name}: {text}", file=sys.stderr, flush=True)

    loaded = registry.load(name)
    registry.require(loaded, "decode", "sample", "data")
    start = time.monotonic()
    entry, usual = measure(loaded, log)
    entry |= {"measured_by": f"python -m train.novelty {name}", "seconds": round(time.monotonic() - start)}
    folder = registry.folder(name)
    usual_distances.save(folder, usual)
    if getattr(data.module(loaded.card["data"]["name"]), "MAY_SHIP", False):
        demonstration.save(folder, demonstrate(loaded, log))
    checkpoint.update_card(folder, loaded.card, novelty=entry)
    return entry


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m train.novelty", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help="checkpoint that makes pictures")
    parser.add_argument("--features", action="store_true", help="only fill the cache, which the Novelty page needs")
    options = parser.parse_args(arguments)
    try:
        for name in options.names:
            if options.features:
                loaded = registry.load(name)
                by_space = spaces(loaded, pictures_of(loaded, "train"))
                print(f"{name}: {len(by_space['pixels'].train):,} training pictures, by {' and '.join(by_space)}")
            else:
                print(f"{name}: {check(name)}")
    except (CheckpointError, data.MissingData, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    for number in files.STOPS:  # a process that a script put into the background starts with Ctrl-C's signal ignored
        signal.signal(number, signal.default_int_handler)
    sys.exit(main())
