"""`python -m train.sheet`: what a model makes, unpicked."""

import numpy as np
import pytest
import torch
from PIL import Image

from gen_lab import checkpoint, data, registry
from gen_lab.device import decode
from gen_lab.images import to_float
from train import sheet

pytestmark = pytest.mark.usefixtures("checkpoints")
STRIDE = 64 + sheet.GAP


def tile(pixels: np.ndarray, index: int) -> np.ndarray:
    top, left = (STRIDE * place for place in divmod(index, sheet.COLUMNS))
    return pixels[top : top + 64, left : left + 64]


def test_the_samples_are_those_of_seed_0():
    model, pixels = registry.load("vae-faces").model, sheet.sheet("vae-faces")
    assert pixels.shape == (8 * STRIDE - sheet.GAP, 8 * STRIDE - sheet.GAP, 3)
    expected = decode(model, model.sample(sheet.COUNT, torch.Generator().manual_seed(0)))
    assert (tile(pixels, 0) == expected[0]).all() and (tile(pixels, 63) == expected[63]).all()


def test_reconstructions_are_those_of_the_test_pictures_in_order():
    loaded = registry.load("vae-faces")
    checkpoint.update_card(registry.folder("vae-faces"), loaded.card, data={"name": "fake"})
    pixels = sheet.sheet("vae-faces", reconstructions=True)
    mean, _ = loaded.model.encode(to_float(data.load("fake", "test").images[9:10]))
    assert abs(tile(pixels, 9).astype(int) - decode(loaded.model, mean)[0]).max() <= 1


def test_the_command_writes_a_webp_file(tmp_path):
    assert sheet.main(["vae-faces", str(tmp_path / "sheet.webp")]) == 0
    with Image.open(tmp_path / "sheet.webp") as picture:
        assert picture.format == "WEBP" and picture.width == 8 * STRIDE - sheet.GAP


def test_a_model_without_random_pictures_is_refused_in_words(tmp_path, capsys):
    assert sheet.main(["judge-faces", str(tmp_path / "sheet.webp")]) == 1
    assert "judge-faces" in capsys.readouterr().err and not (tmp_path / "sheet.webp").exists()
