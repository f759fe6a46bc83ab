"""Bring a data set onto this machine: render it, decode it, or fetch it where its terms and the network allow.

    python -m train.data              lists the data sets
    python -m train.data avatars      renders 30,000 faces, in a minute or two
    python -m train.data celeba       decodes CelebA's files, or fetches them first
"""

import argparse
import signal
import sys

from gen_lab import data
from gen_lab.data import celeba

BY_HAND = f"""CelebA could not be fetched: {{reason}}

Fetch it by hand from https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html (folder "Align&Cropped Images": Img, Anno and
Eval), and put these files into {{folder}}:
  img_align_celeba.zip (or unpacked, as the folder img_align_celeba)
  {celeba.FILES[0]}
  {celeba.FILES[1]}
Then run python -m train.data celeba again. Its terms: {celeba.LICENCE}."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m train.data", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", choices=data.NAMES, help="without a name: list the data sets")
    name = parser.parse_args(arguments).name
    if name is None:
        print_list()
        return 0
    try:
        if name == "celeba" and not celeba.is_present():
            fetch_celeba()
        data.module(name).prepare()
    except (OSError, ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"{name} is ready: {sizes(name)}")
    return 0


def print_list() -> None:
    print(f"Data sets under {data.data_root()} (set GEN_LAB_DATA to change), prepared under {data.cache_root()}:\n")
    for name in data.NAMES:
        module = data.module(name)
        if data.is_ready(name):
            state = sizes(name)
        elif name == "celeba" and celeba.is_present():
            state = "there, not decoded yet: python -m train.data celeba"
        else:
            state = f"missing: python -m train.data {name}"
        print(f"{name:10}{state}\n{'':10}{module.__doc__.splitlines()[0]}\n{'':10}Licence: {module.LICENCE}\n")


def sizes(name: str) -> str:
    """The size of a data set that is ready, in words."""
    splits = [data.load(name, split) for split in data.SPLITS]
    height, width = splits[0].images.shape[1:3]
    counts = ", ".join(f"{len(part):,} {part.split}" for part in splits)
    megabytes = sum(part.images.nbytes for part in splits) / 1e6
    return f"{counts}; {width} x {height} pixels, {len(splits[0].attribute_names)} attributes, {megabytes:,.0f} MB"


def fetch_celeba() -> None:
    """Fetch CelebA (1.4 GB) with torchvision. Raises RuntimeError that says what to do by hand where that fails."""
    folder = data.data_root() / "celeba"
    print(f"fetching CelebA (1.4 GB) into {folder}. Its terms: {celeba.LICENCE}.", flush=True)
    try:
        from torchvision.datasets import CelebA  # takes seconds to import, and only this needs it

        CelebA(str(data.data_root()), download=True)
    except Exception as error:  # no network, no gdown, a quota of the host, a checksum: the remedy is the same
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RuntimeError(BY_HAND.format(reason=reason, folder=folder)) from error


if __name__ == "__main__":
    # A process that a script put into the background starts with Ctrl-C's signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
