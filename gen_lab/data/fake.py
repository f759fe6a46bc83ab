"""A tiny data set for tests: coloured shapes, computed in a moment, the same each time, never on disk."""

import numpy as np

from gen_lab.data import SPLITS, Dataset

COUNT = 64  # pictures in each split: each of the 16 combinations of attributes four times
SIZE = 64  # pixels a side
ATTRIBUTE_NAMES = ("Disc", "Red", "Large", "Bright_Background")  # their opposites: square, blue, small, dark
LICENCE = "made by gen_lab: no rights reserved"


def is_ready() -> bool:
    return True


def prepare() -> None:
    """Nothing to do."""


def load(split: str) -> Dataset:
    """One split; its shapes lie elsewhere than those of the others."""
    random = np.random.default_rng(SPLITS.index(split))
    combinations = np.arange(COUNT) % 2 ** len(ATTRIBUTE_NAMES)
    attributes = (combinations[:, None] >> np.arange(len(ATTRIBUTE_NAMES))) & 1 == 1
    images = np.stack([_shape(random, *row) for row in attributes])
    return Dataset("fake", images, attributes, ATTRIBUTE_NAMES, LICENCE, split)


def _shape(random: np.random.Generator, disc: bool, red: bool, large: bool, bright: bool) -> np.ndarray:
    """uint8 (64, 64, 3)."""
    centre_x, centre_y = random.integers(24, 40, 2)
    radius = 20 if large else 10
    y, x = np.ogrid[:SIZE, :SIZE]
    dx, dy = np.abs(x - centre_x), np.abs(y - centre_y)
    inside = dx**2 + dy**2 <= radius**2 if disc else np.maximum(dx, dy) <= radius
    image = np.full((SIZE, SIZE, 3), 220 if bright else 40, np.uint8)
    image[inside] = (200, 60, 60) if red else (60, 60, 200)
    return image
