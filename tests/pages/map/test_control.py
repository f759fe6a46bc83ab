"""The map control without a browser: its colours, and messages that nobody's browser sends."""

import math

import numpy as np
import pytest

from gen_lab.checkpoint.atlas import Atlas
from pages.map.control import FADED, STEPS, _understand, cluster_names, colouring
from tests.apptest import heard


def atlas(attributes, names) -> Atlas:
    latents = np.linspace(-1, 1, 3 * len(attributes), dtype=np.float32).reshape(-1, 3)
    return Atlas(latents, np.array(attributes, bool), names, "test", None, {})


FACES = atlas([[1, 1], [0, 1], [0, 0]], ("Smiling", "Blond_Hair"))
DIGITS = atlas(np.eye(3), ("0", "1", "2"))
ALL = np.ones(3, bool)


def test_an_attribute_has_two_colours_with_names():
    colours = colouring(FACES, "Smiling", ALL)
    assert colours.levels.tolist() == [1, 0, 0] and colours.names == ["not smiling", "smiling"]
    assert [entry[0] for entry in colours.legend["entries"]] == colours.names and len(set(colours.palette)) == 2


def test_classes_have_a_colour_each():
    colours = colouring(DIGITS, "", ALL)
    assert colours.levels.tolist() == [0, 1, 2] and len(set(colours.palette)) == 3 and colours.names == ["0", "1", "2"]


def test_a_latent_coordinate_is_a_scale():
    colours = colouring(FACES, "z2", ALL)
    assert (np.diff(colours.levels) > 0).all() and len(colours.palette) == STEPS and colours.names == []
    assert colours.legend["title"] == "Latent coordinate 2" and colours.legend["low"].startswith("−")


def test_what_the_filter_leaves_out_is_faded():
    selection = np.array([False, True, False])
    for colour, points in (("Smiling", FACES), ("z1", FACES), ("", DIGITS)):
        assert ((colouring(points, colour, selection).levels == FADED) == ~selection).all()


def test_a_cluster_is_named_where_its_points_are_by_themselves():
    random = np.random.default_rng(0)
    labels = np.arange(300) % 3
    centres = np.array([[0.2, 0.2], [0.8, 0.8], [0.8, 0.8]])  # the last two lie over each other
    positions = centres[labels] + random.normal(0, 0.02, (300, 2))
    colours = colouring(atlas(np.eye(3)[labels], ("0", "1", "2")), "", np.ones(300, bool))
    ((name, x, y),) = cluster_names(positions, colours)
    assert name == "0" and abs(x - 0.2) < 0.02 and abs(y - 0.2) < 0.02


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
