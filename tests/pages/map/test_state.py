"""Maps: links, scenes, and directions between groups."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab import links
from gen_lab.images import to_uint8
from gen_lab.latent import layouts
from gen_lab.latent.layouts import Plane
from gen_lab.models import vae
from pages.map import state
from pages.map.state import CORNERS, RANGES, Map

coordinates = st.integers(-state.FINE, 2 * state.FINE).map(lambda steps: steps / state.FINE)
lassos = st.one_of(st.just(()), st.integers(3, CORNERS).flatmap(lambda n: st.tuples(*[coordinates] * (2 * n))))
names = st.lists(st.sampled_from(["Smiling", "Male", "5_o_Clock_Shadow"]), unique=True).map(tuple)
points = st.tuples(st.integers(0, 99_999))
places = st.tuples(coordinates, coordinates)
views = st.builds(
    Map,
    model=st.just("vae-faces"),
    method=st.sampled_from([*state.METHODS]),
    metric=st.sampled_from(layouts.METRICS),
    n_neighbors=st.integers(*RANGES["n_neighbors"]),
    min_dist=st.floats(*RANGES["min_dist"]).map(lambda value: round(value, 4)),
    perplexity=st.integers(*RANGES["perplexity"]),
    first=st.integers(*RANGES["first"]),
    second=st.integers(*RANGES["second"]),
    colour=st.sampled_from(["", "Male", "z12"]),
    having=names,
    lacking=names,
    place=st.one_of(st.just(()), points, places),
    a=lassos,
    b=lassos,
)


@settings(deadline=None)
@given(views)
def test_a_link_restores_the_map(view):
    assert links.read(Map, links.write(view)) == view


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*vars(Map("m")), "x"]), st.text(max_size=60)))
def test_any_link_gives_a_map(query):
    view = links.read(Map, query, model="m")
    assert view.method in [*state.METHODS] and view.metric in layouts.METRICS
    assert all(low <= getattr(view, name) <= high for name, (low, high) in RANGES.items())
    assert len(view.place) <= 2 and all(not lasso or state.is_lasso(lasso) for lasso in (view.a, view.b))


def test_hostile_links():
    query = {"n_neighbors": "9" * 99, "min_dist": "nan", "perplexity": "-5", "method": "magic", "metric": "../x",
             "place": "-3", "a": "1.2.3.4", "b": ".".join(["1"] * 1000), "first": "0x10"}  # fmt: skip
    assert links.read(Map, query, model="m") == Map("m")


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return vae.VAE(vae.Config(latent_dim=2, widths=(8, 8), components=2)).eval().requires_grad_(False)


def test_a_scene_shows_points_and_places(model):
    latents = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    plane = Plane.of(latents)
    scene = state.scene(model, plane, latents)
    assert np.array_equal(scene([7, 0, 0]), to_uint8(model.decode(torch.from_numpy(latents[7:8])))[0])
    x, y = plane.positions[7].tolist()
    assert np.abs(scene([-1, x, y]).astype(int) - scene([7, 0, 0])).max() <= 1
    itself = state.scene(model, plane, latents, is_latent_plane=True)
    place = plane.back(torch.tensor([0.2, 0.9]))[None]
    assert np.array_equal(itself([-1, 0.2, 0.9]), to_uint8(model.decode(place))[0])


def test_thumbnails_are_the_points_pictures_in_rows(model):
    latents = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    values = [7.0, *[-1.0] * (state.THUMBNAILS - 2), 9.0]
    sheet, points = state.thumbnails(model, latents)(values)
    assert points == values
    side = sheet.shape[1] // state.ROW
    for point, corner in ((7, sheet[:side, :side]), (9, sheet[-side:, -side:])):
        picture = to_uint8(model.decode(torch.from_numpy(latents[point : point + 1])))[0]
        assert np.abs(corner.astype(int) - picture).max() <= 1
    assert not sheet[:side, side : 2 * side].any()


def test_a_difference_leads_from_a_to_b_and_is_one_standard_deviation_long():
    latents = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32) * [4, 1, 1, 1, 1]
    latents = latents.astype(np.float32)
    a, b = latents[:, 0] < -2, latents[:, 0] > 2
    direction = state.difference(latents, a, b)
    unit = direction / direction.norm()
    assert unit[0] > 0.99
    assert torch.isclose(direction.norm(), torch.from_numpy(latents @ unit.numpy()).std(), rtol=1e-4)
    assert torch.allclose(state.difference(latents, b, a), -direction, atol=1e-4)


def test_groups_that_have_nothing_of_their_own_say_so():
    latents, half = np.ones((4, 2), np.float32), np.array([True, True, False, False])
    for a, b in ((half, half), (half, np.zeros(4, bool)), (half, np.array([True, False, False, False]))):
        with pytest.raises(ValueError, match="draw two lassos"):
            state.difference(latents, a, b)
