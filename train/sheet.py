"""Draws what a model makes, unpicked: 64 random pictures, or the first 64 test pictures as a VAE gives them back.

    python -m train.sheet vae-avatars docs/pictures/samples.webp
    python -m train.sheet vae-avatars docs/pictures/reconstructions.webp --reconstructions

A sheet of reconstructions shows the data's pictures, nearly: publish one only if they may be published.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from gen_lab import data, files, registry
from gen_lab.checkpoint import CheckpointError
from gen_lab.data import MissingData
from gen_lab.device import decode
from gen_lab.images import encode, grid
from gen_lab.metrics.vae import encode_all

COUNT, COLUMNS = 64, 8
GAP = 2  # pixels between two pictures


def sheet(name: str, reconstructions: bool = False) -> np.ndarray:
    """The pictures of a checkpoint as one, uint8 (H, W, 3). Samples are those of the prior's generator at seed 0.

    Raises `CheckpointError` for a model that has none, and `MissingData`.
    """
    loaded = registry.load(name)
    if reconstructions:
        registry.require(loaded, "encode", "decode", "data")
        latents, _ = encode_all(loaded.model, data.load(loaded.card["data"]["name"], "test").images[:COUNT])
    else:
        registry.require(loaded, "decode", "sample", without=("classes",))
        latents = loaded.model.sample(COUNT, torch.Generator().manual_seed(0))
    return grid(decode(loaded.model, latents), COLUMNS, GAP)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m train.sheet", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", metavar="NAME", help="checkpoint with random pictures")
    parser.add_argument("file", type=Path, metavar="FILE", help="WebP file to write")
    parser.add_argument("--reconstructions", action="store_true", help="of test pictures, instead of samples")
    options = parser.parse_args(arguments)
    try:
        pixels = sheet(options.name, options.reconstructions)
        with files.whole_file(options.file) as file:
            file.write(encode(pixels, "WEBP", quality=90, method=6))
    except (CheckpointError, MissingData, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
