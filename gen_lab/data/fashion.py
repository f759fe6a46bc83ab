"""Fashion-MNIST: clothes in 28 x 28 grey pixels (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747).

Reads the four official IDX files, gzipped or not, in `$GEN_LAB_DATA/FashionMNIST` or folders within it, or where
Debian's package `dataset-fashion-mnist` puts them.
"""

from pathlib import Path

from gen_lab.data import Dataset, idx, reading

CLASS_NAMES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle_Boot")
STAND_IN = "fake_digits"  # what a dry run takes in its place
LICENCE = "Fashion-MNIST (Zalando SE): MIT"
DOWNLOAD = "31 MB"  # that `python -m train.data` fetches
MAY_SHIP = True  # a few of its pictures, with a checkpoint
DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def folder() -> Path:
    official = reading.folder("FashionMNIST", "fashion")
    return DEBIAN if DEBIAN.is_dir() and not official.is_dir() else official


def sources() -> reading.Sources:
    return idx.sources(folder())


def is_ready() -> bool:
    return all(sources().values())


def prepare() -> None:
    """Read all of it. Raises `MissingData` where a file is missing or damaged."""
    for split in idx.PARTS:
        load(split)


def load(split: str) -> Dataset:
    """55,000 pictures to train on, 5,000 to validate (the end of the official 60,000) and 10,000 to test; the
    attributes are the kinds of clothes, one of which each picture has."""
    return idx.load("fashion", folder(), split, CLASS_NAMES, LICENCE)
