"""Maps: links, places, lassos, directions, and what their honest readings say where the answer is known."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab.images import to_uint8
from gen_lab.latent import layouts
from gen_lab.models import vae
from pages.map import state as maps
from pages.map.state import CHOICES, CORNERS, RANGES, Map, Plane

coordinates = st.integers(-maps.FINE, 2 * maps.FINE).map(lambda steps: steps / maps.FINE)
lassos = st.one_of(
    st.just([]), st.integers(3, CORNERS).flatmap(lambda n: st.lists(coordinates, min_size=2 * n, max_size=2 * n))
)
names = st.lists(st.sampled_from(["Smiling", "Male", "5_o_Clock_Shadow"]), unique=True)
points = st.lists(st.integers(0, 99_999), min_size=1, max_size=1)
places = st.tuples(coordinates, coordinates).map(list)
views = st.builds(
    Map,
    model=st.just("vae-faces"),
    method=st.sampled_from(CHOICES["method"]),
    metric=st.sampled_from(CHOICES["metric"]),
    n_neighbors=st.integers(*RANGES["n_neighbors"]),
    min_dist=st.floats(*RANGES["min_dist"]).map(lambda value: round(value, 4)),
    perplexity=st.integers(*RANGES["perplexity"]),
    first=st.integers(*RANGES["first"]),
    second=st.integers(*RANGES["second"]),
    colour=st.sampled_from(["", "Male", "z12"]),
    having=names,
    lacking=names,
    place=st.one_of(st.just([]), points, places),
    a=lassos,
    b=lassos,
)


@settings(deadline=None)
@given(views)
def test_a_link_restores_the_map(view):
    assert Map.from_query(view.to_query()) == view


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*vars(Map("m")), "x"]), st.text(max_size=60)))
def test_any_link_gives_a_map(query):
    view = Map.from_query(query, "m")
    assert view.method in CHOICES["method"] and view.metric in CHOICES["metric"]
    assert all(low <= getattr(view, name) <= high for name, (low, high) in RANGES.items())
    assert len(view.place) <= 2 and all(not lasso or maps.is_lasso(lasso) for lasso in (view.a, view.b))


def test_hostile_links():
    query = {"n_neighbors": "9" * 99, "min_dist": "nan", "perplexity": "-5", "method": "magic", "metric": "../x",
             "place": "-3", "a": "1.2.3.4", "b": ".".join(["1"] * 1000), "first": "0x10"}  # fmt: skip
    assert Map.from_query(query, "m") == Map("m", n_neighbors=200, perplexity=5)


layouts_of_points = st.integers(2, 20).flatmap(
    lambda n: st.lists(st.tuples(*[st.floats(-1e3, 1e3, width=32)] * 2), min_size=n, max_size=n)
)


@given(layouts_of_points)
def test_a_plane_is_the_unit_square_and_leads_back(points):
    layout = np.array(points, np.float32)
    plane = Plane.of(layout)
    assert plane.positions.min() >= -1e-6 and plane.positions.max() <= 1 + 1e-6
    back = np.stack([plane.back(torch.from_numpy(place)) for place in plane.positions])
    assert np.allclose(back, layout, atol=1e-2)


def test_upwards_stays_upwards():
    assert Plane.of(np.array([[0.0, 0.0], [0.0, 2.0]])).positions.tolist() == [[0.5, 1.0], [0.5, 0.0]]


def test_what_lies_at_a_place():
    positions = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    latents = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert torch.allclose(maps.at_place(torch.tensor([0.5, 0.3]), positions, latents), torch.tensor([0.5, 0.5]))
    # a quarter of the way: the weights are 1 / 0.25 ** 2 = 16 and 1 / 0.75 ** 2 = 16 / 9
    assert torch.allclose(maps.at_place(torch.tensor([0.25, 0.0]), positions, latents), torch.tensor([0.9, 0.1]))
    assert torch.allclose(maps.at_place(positions[1], positions, latents), latents[1], atol=1e-5)


@given(st.integers(0, 99))
def test_a_place_is_a_blend_of_its_neighbours(seed):
    generator = torch.Generator().manual_seed(seed)
    positions, latents = torch.rand(30, 2, generator=generator), torch.randn(30, 3, generator=generator)
    found = maps.at_place(torch.rand(2, generator=generator), positions, latents)
    assert (found >= latents.min(0).values - 1e-5).all() and (found <= latents.max(0).values + 1e-5).all()


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return vae.VAE(vae.Config(latent_dim=2, widths=(8, 8), components=2)).eval().requires_grad_(False)


def test_a_scene_shows_points_and_places(model):
    latents = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    plane = Plane.of(latents)
    shown = maps.scene(model, plane, latents)
    assert np.array_equal(shown([7, 0, 0]), to_uint8(model.decode(torch.from_numpy(latents[7:8])))[0])
    x, y = plane.positions[7].tolist()
    assert np.abs(shown([-1, x, y]).astype(int) - shown([7, 0, 0])).max() <= 1
    itself = maps.scene(model, plane, latents, is_latent_plane=True)
    place = plane.back(torch.tensor([0.2, 0.9]))[None]
    assert np.array_equal(itself([-1, 0.2, 0.9]), to_uint8(model.decode(place))[0])


def test_who_is_inside_a_lasso():
    positions = np.array([[0.5, 0.5], [0.05, 0.5], [0.5, 0.95], [2.0, 0.5]], np.float32)
    assert maps.inside(positions, [0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9]).tolist() == [True, False, False, False]
    hollow = [0, 0, 1, 0, 1, 1, 0.9, 1, 0.9, 0.1, 0.1, 0.1, 0.1, 1, 0, 1]  # a U turned over
    assert maps.inside(positions, hollow).tolist() == [False, True, False, False]
    assert not maps.inside(positions, []).any()


@given(st.integers(0, 99), st.floats(0.05, 0.45))
def test_a_round_lasso_holds_what_is_near_its_centre(seed, radius):
    positions = np.random.default_rng(seed).random((200, 2)).astype(np.float32)
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    lasso = np.stack([0.5 + radius * np.cos(angles), 0.5 + radius * np.sin(angles)], 1).ravel().tolist()
    away = np.hypot(*(positions - 0.5).T)
    inside, inner = maps.inside(positions, lasso), radius * np.cos(np.pi / CORNERS)
    assert inside[away < inner - 1e-6].all() and not inside[away > radius + 1e-6].any()


def test_a_difference_leads_from_a_to_b_and_is_one_standard_deviation_long():
    latents = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32) * [4, 1, 1, 1, 1]
    latents = latents.astype(np.float32)
    a, b = latents[:, 0] < -2, latents[:, 0] > 2
    direction = maps.difference(latents, a, b)
    unit = direction / direction.norm()
    assert unit[0] > 0.99
    assert torch.isclose(direction.norm(), torch.from_numpy(latents @ unit.numpy()).std(), rtol=1e-4)
    assert torch.allclose(maps.difference(latents, b, a), -direction, atol=1e-4)


def test_groups_that_have_nothing_of_their_own_say_so():
    latents, half = np.ones((4, 2), np.float32), np.array([True, True, False, False])
    for a, b in ((half, half), (half, np.zeros(4, bool)), (half, np.array([True, False, False, False]))):
        with pytest.raises(ValueError, match="draw two lassos"):
            maps.difference(latents, a, b)


def test_readings_where_the_answer_is_known():
    random = np.random.default_rng(0)
    points = random.normal(size=(300, 2)).astype(np.float32)
    points[:150] += 20
    label = (np.arange(300) < 150)[:, None]
    same = maps.readings(points, points, label)
    assert same["latent"] == same["map"] == 1.0 and same["trustworthiness"] == 1.0 and same["chance"] == 0.5
    mixed = maps.readings(points, random.permutation(points), label)
    assert abs(mixed["map"] - 0.5) < 0.06 and mixed["latent"] == 1.0 and mixed["trustworthiness"] < 0.7
    assert maps.readings(points[:3], points[:3], label[:3])["points"] == 3


def test_readings_of_many_points_are_taken_on_some():
    points = np.random.default_rng(0).normal(size=(maps.READ + 500, 2)).astype(np.float32)
    assert maps.readings(points, points, points[:, :1] > 0)["points"] == maps.READ


def test_some_are_the_same_every_time():
    some = maps.some(100, 10)
    assert len(set(some.tolist())) == 10 and np.array_equal(some, maps.some(100, 10)) and (np.diff(some) > 0).all()
    assert maps.some(5, 10).tolist() == [0, 1, 2, 3, 4]


def test_pca_is_the_projection_on_the_widest_directions():
    latents = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32) * [1, 5, 1, 3, 1, 1]
    found = layouts.pca(latents, 1, 2)
    _, singular, directions = np.linalg.svd(latents - latents.mean(0), full_matrices=False)
    expected = (latents - latents.mean(0)) @ directions[:2].T
    assert np.allclose(np.abs(found), np.abs(expected), atol=1e-3)
    assert np.allclose(layouts.pca(latents, 2, 1), found[:, ::-1], atol=1e-4)
    with pytest.raises(ValueError, match="no component 7"):
        layouts.pca(latents, 1, 7)


LINES = {
    "Epochs completed:  57%| █████▋     283/500 [00:01]": 0.57,
    "[t-SNE] Iteration 250: error = 1.2, gradient norm = 0.1 (50 iterations in 0.1s)": 0.25,
    "[t-SNE] Computing 91 nearest neighbors...": None,
    "": None,
}


@pytest.mark.parametrize("line", LINES)
def test_progress_is_read_from_what_the_libraries_write(line):
    assert layouts.share(line) == LINES[line]
