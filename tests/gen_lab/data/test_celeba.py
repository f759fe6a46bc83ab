"""CelebA in its official layout, with stand-ins for its pictures."""

import os

import numpy as np
import pytest

from gen_lab import data
from gen_lab.data import celeba
from tests.sources import stand_in, write_celeba


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("size", [(178, 218), (128, 128)], ids=["official", "square"])
def test_celeba_reads_the_official_layout(root, size, packed):
    write_celeba(root, size, packed)
    assert not data.is_ready("celeba")
    for first, split in enumerate(data.SPLITS):
        part = data.load("celeba", split)
        assert part.images.shape == (3, 64, 64, 3) and part.images.dtype == np.uint8
        assert part.attribute_names == ("Smiling", "Bald")
        numbers = np.arange(first, 9, 3)
        assert np.array_equal(part.attributes, np.stack([numbers % 2 == 1, np.zeros(3, bool)], 1))
        for number, image in zip(numbers, part.images.astype(int), strict=True):
            assert np.abs(image[40:, 40:] - 20 * number).max() <= 6
            assert np.abs(image[:24, :24] - (255, 0, 0)).max() <= 12  # in the corner: nothing of the frame is left
            assert np.abs(image[40:, :24] - 20 * number).max() <= 6
    assert data.is_ready("celeba")


def test_celeba_is_decoded_once(root, monkeypatch):
    write_celeba(root)
    data.load("celeba", "train")
    monkeypatch.setattr(celeba, "crop", None)
    data.load("celeba", "test")


def test_celeba_notices_a_changed_source(root):
    folder = write_celeba(root, packed=False)
    data.load("celeba", "train")
    stand_in((178, 218), 12).save(folder / "img_align_celeba" / "000000.jpg", quality=100)
    assert not data.is_ready("celeba")
    assert abs(int(data.load("celeba", "train").images[0, 50, 50, 0]) - 240) <= 6
    assert len(list((root / "cache").iterdir())) == 1  # what was decoded before is gone


def test_celeba_rebuilds_a_truncated_cache(root):
    write_celeba(root)
    data.load("celeba", "train")
    os.truncate(celeba._cache_folder() / "images.npy", 5000)
    assert data.load("celeba", "train").images.shape == (3, 64, 64, 3)


def test_celeba_names_a_damaged_picture(root):
    folder = write_celeba(root, packed=False)
    (folder / "img_align_celeba" / "000004.jpg").write_bytes(b"\xff\xd8\xff, but no JPEG")
    with pytest.raises(ValueError, match="000004.jpg is missing or damaged"):
        data.load("celeba", "train")
    assert list((root / "cache").iterdir()) == []


def test_celeba_refuses_a_damaged_table(root):
    folder = write_celeba(root)
    (folder / "list_attr_celeba.txt").write_text("1\nSmiling Bald\n000000.jpg 1\n")
    with pytest.raises(ValueError, match="the row of 000000.jpg is not 2 values"):
        data.load("celeba", "train")


def test_a_read_only_data_folder_is_left_alone(root, tmp_path):
    write_celeba(root)
    root.chmod(0o555)  # root could write there nevertheless
    try:
        data.load("celeba", "train")
        assert [entry.name for entry in root.iterdir()] == ["celeba"]
        assert len(list((tmp_path / "home" / "gen_lab").iterdir())) == 1
    finally:
        root.chmod(0o755)
