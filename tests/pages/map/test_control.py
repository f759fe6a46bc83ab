"""The map control without a browser: its colours, and messages that nobody's browser sends."""

import math

import numpy as np
import pytest

from gen_lab.checkpoint.atlas import Atlas
from pages.map.control import FADED, STEPS, _understand, colouring
from tests.apptest import heard


def atlas(attributes, names) -> Atlas:
    latents = np.linspace(-1, 1, 3 * len(attributes), dtype=np.float32).reshape(-1, 3)
    return Atlas(latents, np.array(attributes, bool), names, "test", None, {})


FACES = atlas([[1, 1], [0, 1], [0, 0]], ("Smiling", "Blond_Hair"))
DIGITS = atlas(np.eye(3), ("0", "1", "2"))
ALL = np.ones(3, bool)


def test_an_attribute_has_two_colours_with_names():
    found = colouring(FACES, "Smiling", ALL)
    assert found.levels.tolist() == [1, 0, 0] and found.names == ["not smiling", "smiling"]
    assert [entry[0] for entry in found.legend["entries"]] == found.names and len(set(found.palette)) == 2


def test_classes_have_a_colour_each():
    found = colouring(DIGITS, "", ALL)
    assert found.levels.tolist() == [0, 1, 2] and len(set(found.palette)) == 3 and found.names == ["0", "1", "2"]


def test_a_latent_coordinate_is_a_scale():
    found = colouring(FACES, "z2", ALL)
    assert (np.diff(found.levels) > 0).all() and len(found.palette) == STEPS and found.names == []
    assert found.legend["title"] == "Latent coordinate 2" and found.legend["low"].startswith("−")


def test_what_the_filter_leaves_out_is_faded():
    for colour, known in (("Smiling", FACES), ("z1", FACES), ("", DIGITS)):
        assert (colouring(known, colour, np.array([False, True, False])).levels == FADED).tolist() == [
            True,
            False,
            True,
        ]


RIGHT = {"place": [2], "a": [0, 0, 1, 0, 1, 1], "b": [], "wanted": [-1, 0.5, 0.5]}
WRONG = [
    {"place": [3]}, {"place": [-1]}, {"place": [0.5, math.nan]}, {"place": [0.5, 9]}, {"place": [1, 2, 3]},
    {"place": None}, {"place": ["x"]}, {"place": [10**400]}, {"a": [0, 0, 1, 1]}, {"a": [0] * 999},
    {"a": [0, 0, 1, 0, 1]}, {"b": [0, 0, 1, 0, 1, 99]}, {"b": "lasso"},
    {"wanted": []}, {"wanted": [3, 0, 0]}, {"wanted": [0, math.inf, 0]},
]  # fmt: skip


@pytest.mark.parametrize("message", [None, [], {}, "x", *({**RIGHT, **wrong} for wrong in WRONG)])
def test_a_tampered_message_changes_nothing(message):
    assert heard(RIGHT, lambda message: _understand(message, 3)) == RIGHT
    assert heard(message, lambda message: _understand(message, 3)) is None
