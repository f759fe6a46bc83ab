"""A tiny data set for tests in the manner of the toy bricks: the shapes of `fake`, 64 x 64, grey on black."""

import numpy as np

from gen_lab.data import Dataset, fake

CLASS_NAMES = ("Small_Square", "Small_Disc", "Large_Square", "Large_Disc")
LICENCE = fake.LICENCE


def is_ready() -> bool:
    return True


def prepare() -> None:
    """Nothing to do."""


def load(split: str) -> Dataset:
    """64 pictures uint8 (64, 64, 64, 1), 16 of each class: red shapes in light grey, blue ones in dark grey."""
    shapes = fake.load(split)
    shape = (shapes.images != shapes.images[:, :1, :1]).any(-1, keepdims=True)
    shade = np.where(shapes.attribute("Red"), 170, 110)[:, None, None, None]
    images = np.where(shape, shade, 0).astype(np.uint8)
    labels = shapes.attribute("Disc") + 2 * shapes.attribute("Large")
    return Dataset("fake_bricks", images, labels[:, None] == np.arange(4), CLASS_NAMES, LICENCE, split)
