"""Puts a few pictures of the test split beside a model, so that the GAN page's game needs no data set.

    python -m train.held_out NAME [NAME ...]

They go into checkpoints/NAME/held_out.png. Only for data whose terms allow it.
"""

import sys

import numpy as np

from gen_lab import data, registry
from gen_lab.checkpoint import held_out
from train.commands import for_each

COUNT = 60


def ship(name: str) -> int:
    """Writes the file of one checkpoint, and returns how many pictures it holds. Raises ValueError for data that may
    not ship, and `MissingData`."""
    dataset = registry.load(name).card["data"]["name"]
    if not getattr(data.module(dataset), "MAY_SHIP", False):
        raise ValueError(f"pictures of '{dataset}' may not be passed on: the game with '{name}' needs the data set")
    pictures = np.asarray(data.load(dataset, "test").images[:COUNT])
    held_out.save(registry.folder(name), pictures)
    return len(pictures)


def main(arguments: list[str] | None = None) -> int:
    kind = "generator with a discriminator or critic"
    return for_each("train.held_out", __doc__, kind, lambda name: f"{ship(name)} pictures", arguments)


if __name__ == "__main__":
    sys.exit(main())
