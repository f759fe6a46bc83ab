"""Flickr8k in its official layout, three photos of it."""

import os

import pytest

from gen_lab import data
from gen_lab.data import MissingData
from tests.sources import photo, write_flickr8k


@pytest.mark.parametrize("zipped", [True, False])
def test_flickr8k_is_read_in_the_order_of_its_lists(root, zipped):
    write_flickr8k(root, zipped)
    assert data.is_ready("flickr8k")
    train, dev = data.load("flickr8k", "train"), data.load("flickr8k", "valid")
    assert train.images.files == ("2_b.jpg", "1_a.jpg") and len(train) == 2 and len(dev) == 1
    assert train.images[0].size == (20, 60) and train.images[0].mode == "RGB"
    assert train.images[1].getpixel((5, 5))[0] > 250 and dev.images[0].getpixel((5, 5))[1] > 250
    assert train.captions[0] == tuple(f"Caption {number} of 2_b.jpg ." for number in range(5))
    assert "may not be redistributed" in train.licence and train.split == "train"
    with pytest.raises(MissingData, match="Flickr_8k.testImages.txt"):
        data.load("flickr8k", "test")


def test_a_changed_source_is_another_state(root):
    folder = write_flickr8k(root)
    before = data.load("flickr8k", "train").images.state
    assert data.load("flickr8k", "train").images.state == before
    os.utime(folder / "Flicker8k_Dataset.zip", (1, 1))
    assert data.load("flickr8k", "train").images.state != before


def test_what_does_not_fit_in_flickr8k_is_named(root):
    folder = write_flickr8k(root)
    (folder / "Flickr_8k.devImages.txt").write_text("3_c.jpg\n9_z.jpg\n")
    with pytest.raises(ValueError, match="no caption of 9_z.jpg"):
        data.load("flickr8k", "valid")
    (folder / "Flickr8k.token.txt").write_text("2_b.jpg#0 no tab\n")
    with pytest.raises(ValueError, match="is not a picture, a tab and a caption"):
        data.load("flickr8k", "train")


@pytest.mark.parametrize("content", [None, b"", b"no picture", photo("red")[:200]])
def test_a_damaged_photo_is_named(root, content):
    folder = write_flickr8k(root, zipped=False) / "Flicker8k_Dataset"
    if content is None:
        (folder / "1_a.jpg").unlink()
    else:
        (folder / "1_a.jpg").write_bytes(content)
    with pytest.raises(ValueError, match="1_a.jpg in .* is missing or damaged"):
        data.load("flickr8k", "train").images[1]


def test_a_zip_that_is_none_is_named(root):
    folder = write_flickr8k(root)
    (folder / "Flicker8k_Dataset.zip").write_bytes(b"<html>quota exceeded</html>")
    with pytest.raises(ValueError, match="missing or damaged: fetch the pictures again"):
        data.load("flickr8k", "train").images[0]
