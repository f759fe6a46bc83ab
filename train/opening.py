"""Chooses what pages open on for a model, and writes it on its card.

    python -m train.opening NAME [NAME ...]              the best by measure
    python -m train.opening NAME --sheet best.png        draws the best, to look at, and writes nothing
    python -m train.opening NAME --seed 390 --keys s249.s265.s77     what was chosen by looking at them

Faces opens on the seed: of many random pictures, the one that follows its sliders best from both ends, while what
nobody asked for stays, as the judge sees it. Paths opens on the keys: of the best seeds, those between which the
straight line and the arc differ most.
"""

import argparse
import sys
from itertools import combinations, permutations

import numpy as np
import torch

from gen_lab import checkpoint, registry
from gen_lab.checkpoint import CheckpointError
from gen_lab.device import decode, in_batches
from gen_lab.images import encode, enlarge, grid, to_float
from gen_lab.latent import lerp, slerp
from gen_lab.metrics.judge import probabilities
from gen_lab.sources import opening, sample

SEEDS = 400  # random pictures that are compared
BEST = 60  # of them, for a sheet
KEYS = 16  # of these, for the keys
UNITS = 2.0  # that a slider is moved either way


def judge_of(loaded):
    """The judge that a model's card names, or None."""
    name = loaded.card.get("judge")
    return registry.load(name).model if name else None


def ranked(loaded) -> list[int]:
    """The seeds below `SEEDS`, best first; as they come for a model without sliders or without a judge."""
    judge, sliders = judge_of(loaded), loaded.card.get("sliders", ())
    if judge is None or not sliders:
        return list(range(SEEDS))
    columns = [judge.config.attribute_names.index(name) for name in sliders]
    latents = torch.stack([sample(loaded.model, seed) for seed in range(SEEDS)])

    def judged(latents: torch.Tensor) -> np.ndarray:  # (SEEDS, sliders)
        return probabilities(judge, decode(loaded.model, latents)).numpy()[:, columns]

    start, scores = judged(latents), np.zeros(SEEDS)
    for column, name in enumerate(sliders):
        low, high = (judged(latents + units * loaded.directions[name]) for units in (-UNITS, UNITS))
        unasked = np.delete((abs(low - start) + abs(high - start)) / 2, column, axis=1)
        scores += high[:, column] - low[:, column] - unasked.mean(1)
    return np.argsort(-scores, kind="stable").tolist()


@torch.inference_mode()
def keys(loaded, seeds: list[int]) -> list[str]:
    """Three of the seeds, as tokens, that make a path: halfway between each and the next, line and arc differ most."""
    judge, latents = judge_of(loaded), torch.stack([sample(loaded.model, seed) for seed in seeds])
    pairs = list(combinations(range(len(seeds)), 2))
    starts, ends = (latents[list(side)] for side in zip(*pairs, strict=True))
    line, arc = (to_float(decode(loaded.model, between(starts, ends, 0.5))) for between in (lerp, slerp))
    apart = (line - arc).flatten(1).norm(dim=1)
    if judge is not None and judge.image_shape == loaded.model.image_shape:
        of_line, of_arc = (in_batches(judge, judge.features, pictures)[0] for pictures in (line, arc))
        features = (of_line - of_arc).norm(dim=1)
        apart = apart / apart.mean() + features / features.mean()
    by_pair = dict(zip(pairs, apart.tolist(), strict=True))

    def least(triple: tuple[int, ...]) -> float:
        return min(by_pair[min(leg), max(leg)] for leg in (triple[:2], triple[1:]))

    return [f"s{seeds[place]}" for place in max(permutations(range(len(seeds)), 3), key=least)]


def sheet(loaded, seeds: list[int]) -> bytes:
    """The pictures of these seeds as a PNG, ten in a row."""
    latents = torch.stack([sample(loaded.model, seed) for seed in seeds])
    return encode(grid(np.stack([enlarge(picture, 2) for picture in decode(loaded.model, latents)]), 10, gap=4))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m train.opening", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help="checkpoint with random pictures")
    parser.add_argument("--seed", type=int, help="the random picture, instead of the best by measure")
    parser.add_argument("--keys", help="the path's pictures, such as s249.s265.s77, instead of the best by measure")
    parser.add_argument("--sheet", metavar="FILE", help="draw the best pictures into a PNG, and write nothing else")
    options = parser.parse_args(arguments)
    try:
        for name in options.names:
            loaded = registry.load(name)
            registry.require(loaded, "decode", "sample", without=("classes",))
            seeds = [] if options.seed is not None and options.keys else ranked(loaded)
            if options.sheet:
                with open(options.sheet, "wb") as file:
                    file.write(sheet(loaded, seeds[:BEST]))
                print(f"{name}: {' '.join(map(str, seeds[:BEST]))}")
                continue
            entry = {
                "seed": seeds[0] if options.seed is None else options.seed,
                "keys": options.keys.split(".") if options.keys else keys(loaded, seeds[:KEYS]),
            }
            if opening({"opening": entry}, *entry).keys() != entry.keys():
                raise ValueError("a seed is a number below a million; keys are two or more, such as s249.s265.s77")
            checkpoint.update_card(registry.folder(name), loaded.card, opening=entry)
            print(f"{name}: {entry}")
    except (CheckpointError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
