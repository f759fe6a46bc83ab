"""What the readings of a map say where the answer is known."""

import numpy as np

from gen_lab.metrics.trustworthiness import READ, readings


def test_readings_where_the_answer_is_known():
    random = np.random.default_rng(0)
    points = random.normal(size=(300, 2)).astype(np.float32)
    points[:150] += 20
    label = (np.arange(300) < 150)[:, None]
    same = readings(points, points, label)
    assert same["latent"] == same["map"] == 1.0 and same["trustworthiness"] == 1.0 and same["chance"] == 0.5
    mixed = readings(points, random.permutation(points), label)
    assert abs(mixed["map"] - 0.5) < 0.06 and mixed["latent"] == 1.0 and mixed["trustworthiness"] < 0.7
    for few in (2, 3):
        assert readings(points[:few], points[:few], label[:few])["trustworthiness"] == 1.0


def test_readings_of_many_points_are_taken_on_some():
    points = np.random.default_rng(0).normal(size=(READ + 500, 2)).astype(np.float32)
    assert readings(points, points, points[:, :1] > 0)["points"] == READ
