"""What is missing or unknown is named, with the command that brings it."""

import pytest

from gen_lab import data
from gen_lab.data import MissingData


@pytest.mark.parametrize("name", ["avatars", "celeba", "lego", "bricks", "flickr8k", "coco"])
def test_missing_data_names_the_command(name, root):
    assert not data.is_ready(name)
    with pytest.raises(MissingData) as caught:
        data.load(name, "train")
    assert str(caught.value) == f"no data set '{name}' under {root}: run python -m train.data {name}"
    assert isinstance(caught.value, FileNotFoundError)
    assert not root.exists()  # to ask leaves no trace


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=f"use one of {', '.join(data.NAMES)}"):
        data.load("../celeba", "train")
    with pytest.raises(ValueError, match="use one of train, valid, test"):
        data.load("fake", "training")
