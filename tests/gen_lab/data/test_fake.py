"""The fake data set: the same each time, and its attributes can be seen."""

import numpy as np

from gen_lab import data


def test_fake_is_the_same_each_time_and_different_in_each_split():
    once, again, other = data.load("fake", "train"), data.load("fake", "train"), data.load("fake", "test")
    assert once.images.shape == (64, 64, 64, 3) and once.images.dtype == np.uint8
    assert np.array_equal(once.images, again.images) and np.array_equal(once.attributes, again.attributes)
    assert not np.array_equal(once.images, other.images)
    assert (once.attributes.mean(0) == 0.5).all()


def test_fake_attributes_can_be_seen():
    fake = data.load("fake", "valid")
    colours = fake.images.astype(int).mean((1, 2))  # (64, 3)
    assert np.array_equal(colours[:, 0] > colours[:, 2], fake.attribute("Red"))
    assert (fake.images[fake.attribute("Bright_Background"), 0, 0] == 220).all()
