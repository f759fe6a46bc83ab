"""MNIST: handwritten digits in 28 x 28 grey pixels (LeCun, Cortes and Burges 1998).

Reads the four official IDX files, gzipped or not, in `$GEN_LAB_DATA/MNIST` or folders within it.
"""

from pathlib import Path

from gen_lab.data import Dataset, idx, reading

CLASS_NAMES = tuple("0123456789")
STAND_IN = "fake_digits"  # what a dry run takes in its place
LICENCE = "MNIST (Yann LeCun and Corinna Cortes): CC BY-SA 3.0"
DOWNLOAD = "12 MB"  # that `python -m train.data` fetches
MAY_SHIP = True  # a few of its pictures, with a checkpoint


def folder() -> Path:
    return reading.folder("MNIST")


def sources() -> reading.Sources:
    return idx.sources(folder())


def is_ready() -> bool:
    return all(sources().values())


def prepare() -> None:
    """Read all of it. Raises `MissingData` where a file is missing or damaged."""
    for split in idx.PARTS:
        load(split)


def load(split: str) -> Dataset:
    """55,000 digits to train on, 5,000 to validate (the end of the official 60,000) and 10,000 to test; the attributes
    are "0" to "9", one of which each digit has."""
    return idx.load("mnist", folder(), split, CLASS_NAMES, LICENCE)
