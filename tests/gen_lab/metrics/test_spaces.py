"""Where pictures are compared: distances in pixels, texture, and the cache of features."""

import numpy as np
import torch

from gen_lab import data
from gen_lab.metrics.spaces import Space, features_path, read_features, texture, write_features
from gen_lab.models import judge


def test_pixel_distances_are_mean_absolute_differences():
    images = np.random.default_rng(0).integers(0, 256, (20, 6, 6, 3), dtype=np.uint8)
    distances, indices = Space.of_pixels(images).nearest(images[3:4], 2)
    assert distances[0, 0] == 0 and indices[0, 0] == 3
    assert distances[0, 1] == np.abs(images[3].astype(int) - images[indices[0, 1]]).mean()


def test_texture_forgets_where_things_are_and_knows_what_they_are():
    torch.manual_seed(0)
    eye = judge.Judge(judge.Config(("a",), image_size=28, channels=1, widths=(8, 8))).eval()
    blank = np.zeros((3, 28, 28, 1), np.uint8)
    blank[0, 8:14, 8:14] = blank[1, 12:18, 12:18] = blank[2, 8:20, 10:12] = 255  # a square, moved, and a line
    square, moved, line = texture(eye, blank)
    assert texture(eye, blank).shape == (3, 16)
    assert np.linalg.norm(square - moved) < 0.1 * np.linalg.norm(square - line)


def test_features_are_kept_per_judge_and_pictures_and_damage_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CACHE", str(tmp_path))
    train, test = data.load("fake_digits", "train"), data.load("fake_digits", "test")
    path = features_path({"sha256": "one"}, train)
    assert path == features_path({"sha256": "one"}, data.load("fake_digits", "train"))
    others = features_path({"sha256": "two"}, train), features_path({"sha256": "one"}, test)
    assert len({path, *others}) == 3
    assert read_features(path, 64) is None
    features = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    write_features(path, features)
    assert np.array_equal(read_features(path, 64), features) and read_features(path, 63) is None
    path.write_bytes(path.read_bytes()[:500])
    assert read_features(path, 64) is None
