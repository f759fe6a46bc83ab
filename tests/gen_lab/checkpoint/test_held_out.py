"""The pictures of the test split that come with a model."""

import numpy as np
import pytest
from PIL import Image

from gen_lab.checkpoint import held_out


@pytest.mark.parametrize("channels", [1, 3])
def test_what_was_saved_is_loaded(tmp_path, channels):
    pictures = np.random.default_rng(0).integers(0, 256, (5, 8, 8, channels), dtype=np.uint8)
    held_out.save(tmp_path, pictures)
    assert np.array_equal(held_out.load(tmp_path), pictures)


def test_a_folder_may_have_none(tmp_path):
    assert held_out.load(tmp_path) is None


@pytest.mark.parametrize("size", [(8, 20), (4000, 4000)])
def test_another_picture_is_refused(tmp_path, size):
    Image.new("L", size).save(tmp_path / held_out.FILE)
    with pytest.raises(ValueError, match="square pictures"):
        held_out.load(tmp_path)


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / held_out.FILE).write_bytes(b"junk")
    with pytest.raises(OSError):
        held_out.load(tmp_path)
