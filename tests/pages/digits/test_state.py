"""The digits' plane: places, scenes, drawings and links."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gen_lab import links
from gen_lab.latent import Box
from pages.digits.control import _understand
from pages.digits.state import (
    BETAS,
    INK,
    Digits,
    album_scene,
    as_digit,
    checked_place,
    checked_view,
    drawing_scene,
    pack,
    plane_scene,
    point_scene,
    unpack,
)
from tests.apptest import heard

BOX = Box(torch.tensor([-2.0, 10.0]), torch.tensor([2.0, 30.0]))


class Echo(torch.nn.Module):
    """Decodes a latent (B, 2) to a picture of 1 x 2 pixels that says what it was, within the box."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))

    def decode(self, latents):
        return BOX.places(latents)[:, None, None, :]


def places(picture: np.ndarray) -> list[float]:
    return (picture.reshape(-1, 2).astype(float) / 127.5 - 1).round(2).tolist()


numbers = st.floats(-8, 8).map(lambda number: float(f"{number:g}"))
states = st.builds(
    Digits,
    data=st.sampled_from(["digits", "fashion"]),
    beta=st.sampled_from([*BETAS]),
    columns=st.integers(10, 30),
    points=st.booleans(),
    sure=st.booleans(),
    view=st.tuples(numbers, numbers, st.floats(-5, 2).map(lambda number: float(f"{number:g}"))),
    place=st.tuples(numbers, numbers),
    drawing=st.just(pack(np.eye(28, dtype=np.uint8) * 255)),
)


@given(states)
def test_a_link_brings_the_state_back(state):
    assert links.read(Digits, links.write(state)) == state


@given(st.dictionaries(st.sampled_from([*vars(Digits()), "junk"]), st.text(max_size=80)))
def test_any_link_gives_a_state_that_can_be_shown(query):
    state = links.read(Digits, query)
    assert checked_view(state.view) and checked_place(state.place)
    assert state.beta in BETAS and 10 <= state.columns <= 30
    assert not state.drawing or unpack(state.drawing).shape == (28, 28)


@pytest.mark.parametrize("query", [{"view": "nan,0,0"}, {"view": "0,0,99"}, {"place": "inf,1"}, {"place": "1"},
                                   {"beta": "nan"}, {"columns": "x"}, {"drawing": "eJwDAAAAAAE"}])  # fmt: skip
def test_what_is_malformed_is_left_at_its_default(query):
    assert links.read(Digits, query) == Digits()


def test_a_plane_is_read_like_a_picture_and_a_view_is_its_square():
    whole = plane_scene(Echo(), BOX, 2)
    assert places(whole([0, 0, 0])) == [[-0.5, 0.5], [0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]]  # y upwards
    closer = places(whole([0.5, 0, -1]))  # half as wide, around (0.5, 0)
    assert np.allclose(closer, [[0.25, 0.25], [0.75, 0.25], [0.25, -0.25], [0.75, -0.25]], atol=0.01)


def test_a_point_is_decoded_where_it_lies():
    assert np.allclose(places(point_scene(Echo(), BOX)([0.3, -0.7])), [[0.3, -0.7]], atol=0.01)


def test_an_album_shows_the_picture_of_a_number():
    pictures = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.full((1, 4, 4, 1), 50, np.uint8)
    scene = album_scene(pictures)
    assert all((scene([index]) == pictures[index]).all() for index in range(5))
    assert scene.high == 4


class Weigher(Echo):
    """Encodes a picture as the box's middle, moved by the share of its left half that is white."""

    def encode(self, pictures):
        left = (pictures[:, 0, :, :14].mean((1, 2)) + 1) / 2
        mean = BOX.latents(torch.stack([left, torch.zeros_like(left)], 1))
        return mean, torch.zeros_like(mean)


def test_a_drawing_is_encoded_where_it_lies_and_decoded_from_there():
    drawing = np.zeros((INK, INK), np.uint8)
    drawing[10:50, 10:20] = 255
    scene = drawing_scene(Weigher(), BOX)
    picture, place = scene((), drawing)
    assert place[0] > 0 and place[1] == pytest.approx(0) and places(picture)[0][0] == pytest.approx(place[0], abs=0.01)
    assert scene((), np.zeros((INK, INK), np.uint8))[1] == pytest.approx([0, 0])  # nothing is drawn: a black picture


def test_a_drawing_is_centred_by_its_mass_and_as_large_as_a_digit():
    drawing = np.zeros((56, 56), np.uint8)
    drawing[2:30, 4:8] = 255  # an upright stroke in a corner
    digit = as_digit(drawing)
    rows, columns = np.flatnonzero(digit.any(1)), np.flatnonzero(digit.any(0))
    assert len(rows) == 20 and abs(rows.mean() - 13.5) <= 0.5 and abs(columns.mean() - 13.5) <= 0.5
    assert as_digit(np.zeros((56, 56), np.uint8)) is None


@given(st.integers(0, 10_000))
def test_a_packed_drawing_keeps_sixteen_greys(seed):
    digit = np.random.default_rng(seed).integers(0, 16, (28, 28)).astype(np.uint8) * 17
    assert (unpack(pack(digit)) == digit).all()


@pytest.mark.parametrize("text", ["", "A", "!!!!", "eJwDAAAAAAE", "x" * 100_000, "ü"])
def test_a_damaged_drawing_says_so(text):
    with pytest.raises(ValueError, match="draw it again"):
        unpack(text)


def test_a_drawing_that_would_unpack_without_end_is_refused():
    import base64
    import zlib

    with pytest.raises(ValueError, match="draw it again"):
        unpack(base64.urlsafe_b64encode(zlib.compress(bytes(1_000_000))).decode())


RIGHT = {"view": [0, 0, -1], "place": [0.5, 0.5], "drawing": None}


@pytest.mark.parametrize("wrong", [
    {"view": [0, 0]}, {"view": [0, 0, float("nan")]}, {"view": "abc"}, {"place": [9, 0]}, {"place": None},
    {"drawing": "%%%"}, {"drawing": "AAAA"}, {"view": [0, 0, 10**400]},
])  # fmt: skip
def test_what_is_wrong_in_a_message_is_not_taken(wrong):
    assert heard(RIGHT | wrong, _understand) is None


def test_a_message_is_understood():
    import base64

    assert heard(RIGHT, _understand) == {"view": (0, 0, -1), "place": (0.5, 0.5)}
    assert heard(RIGHT | {"drawing": ""}, _understand)["drawing"] is None
    ink = base64.b64encode(bytes(INK * INK)).decode()
    assert heard(RIGHT | {"drawing": ink}, _understand)["drawing"].shape == (INK, INK)
    assert heard("junk", _understand) is None and heard(None, _understand) is None
