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
    (folder / "Flickr8k.token.txt").write_text("2_b.jpg#0 no tab\n")
    with pytest.raises(ValueError, match="is not a picture, a tab and a caption"):
        data.load("flickr8k", "train")


@pytest.mark.parametrize("content", [b"", b"no picture", photo("red")[:200]])
def test_a_damaged_photo_is_named(root, content):
    folder = write_flickr8k(root, zipped=False) / "Flicker8k_Dataset"
    (folder / "1_a.jpg").write_bytes(content)
    with pytest.raises(ValueError, match="1_a.jpg in .* cannot be used, for this .*: fetch it again, or take it away"):
        data.load("flickr8k", "train").images[1]


def test_a_zip_that_is_none_is_named(root):
    folder = write_flickr8k(root)
    (folder / "Flicker8k_Dataset.zip").write_bytes(b"<html>quota exceeded</html>")
    with pytest.raises(ValueError, match="Flicker8k_Dataset.zip is damaged, or no zip: fetch it again"):
        data.load("flickr8k", "train")


def test_flickr8k_tells_what_it_leaves_out(root):
    folder = write_flickr8k(root, zipped=False)
    (folder / "Flickr_8k.devImages.txt").write_text("3_c.jpg\n9_z.jpg\n5_e.jpg\n")
    for name in ("5_e.jpg", "6_f.jpg"):
        (folder / "Flicker8k_Dataset" / name).write_bytes(photo("red"))
    dev = data.load("flickr8k", "valid")
    assert dev.images.files == ("3_c.jpg",)
    account = (
        "left out 1 named in the lists but not in Flicker8k_Dataset: 9_z.jpg; "
        "1 without a caption in Flickr8k.token.txt: 5_e.jpg; 1 in no list: 6_f.jpg"
    )
    assert dev.left_out == data.load("flickr8k", "train").left_out == account


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
def test_lists_of_windows_lose_no_photo(root, coding):
    folder = write_flickr8k(root)
    for path in folder.glob("*.txt"):
        path.write_bytes(path.read_text().replace("\n", "\r\n").encode(coding))
    train = data.load("flickr8k", "train")
    assert train.images.files == ("2_b.jpg", "1_a.jpg") and train.left_out == ""
    assert train.captions[1][4] == "Caption 4 of 1_a.jpg ."


def test_kaggles_layout_is_read_with_the_official_lists(root):
    folder = write_flickr8k(root, zipped=False)
    (folder / "Flicker8k_Dataset").rename(folder / "Images")
    (folder / "Flickr8k.token.txt").unlink()
    rows = [
        "image,caption",
        '1_a.jpg,"Red, said ""he"" ."',
        "1_a.jpg,A red , small one .",
        "2_b.jpg,Blue .",
        "3_c.jpg,C",
    ]
    (folder / "captions.txt").write_text("\n".join(rows) + "\n")
    train = data.load("flickr8k", "train")
    assert train.captions == (("Blue .",), ('Red, said "he" .', "A red , small one ."))
    assert train.images[1].getpixel((5, 5))[0] > 250
    (folder / "captions.txt").write_text("image,caption\n1_a.jpg\n")
    with pytest.raises(ValueError, match="captions.txt: line 2 is not a picture, a comma and a caption"):
        data.load("flickr8k", "train")


def test_a_list_that_is_not_there_is_named(root):
    (write_flickr8k(root) / "Flickr_8k.trainImages.txt").unlink()
    with pytest.raises(
        MissingData, match="has Flicker8k_Dataset.zip, Flickr8k.token.txt, but not Flickr_8k.trainImages"
    ):
        data.load("flickr8k", "train")
