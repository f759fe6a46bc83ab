"""Edits and the links that carry them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab import links
from gen_lab.checkpoint import Checkpoint
from gen_lab.images import to_uint8
from gen_lab.latent import ESTIMATORS, Directions
from gen_lab.latent.learned import LearnedSliders
from gen_lab.models import vae
from gen_lab.sources import pack
from pages.faces.state import LIMIT, OWN, STARTS, WAYS, Edit, directions, latent_at, moves, scene, start, strip

names = st.sampled_from(["Smiling", "Male", "Blond_Hair", "5_o_Clock_Shadow"])
units = st.floats(-LIMIT, LIMIT).map(lambda value: float(f"{value:g}")).filter(bool)
edits = st.builds(
    Edit,
    model=st.sampled_from(["vae-faces", "vae-avatars"]),
    start=st.sampled_from(list(STARTS)),
    seed=st.integers(0, 999_999),
    index=st.integers(0, 999_999),
    group=st.sampled_from(["", "Male"]),
    photo=st.sampled_from(["", "AAAA-_"]),
    noise=st.integers(0, 999_999),
    direction=st.sampled_from(["", "AAAA-_"]),
    way=st.sampled_from(WAYS),
    method=st.sampled_from(ESTIMATORS),
    compare=st.booleans(),
    locked=st.lists(names, unique=True).map(tuple),
    values=st.dictionaries(names, units),
)


@settings(deadline=None)
@given(edits)
def test_a_link_restores_the_edit(edit):
    assert links.read(Edit, links.write(edit)) == edit


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40)))
def test_any_link_gives_an_edit(query):
    edit = links.read(Edit, query, model="vae-faces")
    assert edit.start in STARTS and edit.method in ESTIMATORS
    assert all(-LIMIT <= value <= LIMIT and value == value for value in edit.values.values())


def test_hostile_links():
    query = {"Smiling": "nan", "Male": "1e999", "Young": "-99", "Bald": "-2", "seed": "-5", "index": "9" * 500}
    edit = links.read(Edit, query | {"start": "root", "compare": "x"}, model="vae-faces")
    assert edit == Edit("vae-faces", values={"Bald": -2.0})


def test_only_the_models_own_concepts_remain():
    edit = Edit("m", locked=("Male", "Nose"), values={"Smiling": 1.0, "Nose": 2.0}).fitted(["Smiling", "Male"])
    assert edit == Edit("m", locked=("Male",), values={"Smiling": 1.0})


@pytest.fixture(scope="module")
def tiny() -> Checkpoint:
    torch.manual_seed(0)
    model = vae.VAE(vae.Config(latent_dim=4, widths=(8, 8), components=2)).eval().requires_grad_(False)
    directions = Directions.fit(torch.randn(50, 4), torch.randn(50, 2) > 0, ("Smiling", "Male"))
    return Checkpoint(
        model, {"family": "vae", "config": {}, "data": {"name": "fake"}, "sliders": ["Smiling", "Male"]}, directions
    )


def test_a_scene_is_the_library_in_one_line(tiny):
    edit = Edit("tiny", seed=3)
    picture = scene(tiny, edit, ["Smiling", "Male"])([2.0, 0.0])
    start = tiny.model.sample(1, torch.Generator().manual_seed(3))
    assert np.array_equal(picture, to_uint8(tiny.model.decode(start + 2 * tiny.directions["Smiling"]))[0])


def test_a_comparison_shows_the_unedited_picture_on_the_left(tiny):
    plain, both = (scene(tiny, Edit("tiny", compare=compare), ["Smiling"]) for compare in (False, True))
    picture = both([3.0]).astype(int)
    for half, values in ((picture[:, :64], [0.0]), (picture[:, -64:], [3.0])):
        assert np.abs(half - plain(values)).max() <= 1  # two pictures in one pass are rounded as two passes, or nearly


PHOTO = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


def test_a_comparison_of_a_photo_shows_the_photo_its_reconstruction_and_the_edit(tiny):
    edit = Edit("tiny", start="photo", photo=pack(torch.ones(4)))
    plain, both = scene(tiny, edit, ["Smiling"]), scene(tiny, replace(edit, compare=True), ["Smiling"], PHOTO)
    picture = both([3.0]).astype(int)
    assert picture.shape == (64, 196, 3) and np.array_equal(picture[:, :64], PHOTO)
    for part, values in ((picture[:, 66:130], [0.0]), (picture[:, -64:], [3.0])):
        assert np.abs(part - plain(values)).max() <= 1


def test_z_is_the_mean_until_it_is_drawn(tiny):
    edit = Edit("tiny", start="photo", photo=pack(torch.ones(4)))
    begin, drawn = start(tiny, edit, PHOTO), start(tiny, replace(edit, noise=7), PHOTO)
    noise = torch.randn(4, generator=torch.Generator().manual_seed(7))
    assert torch.equal(begin.latent, begin.mean) and (begin.spread > 0).all()
    assert torch.allclose(drawn.latent, drawn.mean + drawn.spread * noise)


def test_a_random_start_was_not_encoded(tiny):
    begin = start(tiny, Edit("tiny", seed=3, noise=7))
    assert begin.mean is None and torch.equal(begin.latent, tiny.model.sample(1, torch.Generator().manual_seed(3))[0])


def test_a_strip_moves_one_concept_and_leaves_the_others():
    rows = strip(Edit("t", values={"Male": 1.0, "Smiling": 2.5}), ["Smiling", "Male"], "Smiling")
    assert list(rows) == [-3, -2, -1, 0, 1, 2, 3]
    assert rows[-3.0] == [-3.0, 1.0] and rows[0.0] == [0.0, 1.0]


def test_a_direction_of_ones_own_is_a_slider_like_the_others(tiny):
    own = torch.tensor([0.5, -1.0, 0.25, 2.0])  # exact at half precision
    edit = Edit("t", seed=3, direction=pack(own))
    picture = scene(tiny, edit, ["Smiling", OWN])([0.0, 2.0])
    start = tiny.model.sample(1, torch.Generator().manual_seed(3))
    assert np.array_equal(picture, to_uint8(tiny.model.decode(start + 2 * own))[0])
    for method in ESTIMATORS:
        assert torch.allclose(directions(tiny, edit).using(method)[OWN], own, atol=1e-5)


def test_a_direction_of_ones_own_locks_and_is_locked(tiny):
    own = torch.tensor([0.5, -1.0, 0.25, 2.0])
    moves = directions(tiny, Edit("t", direction=pack(own)))
    names = ["Smiling", "Male", OWN]
    rows = moves.locked(names, ["Smiling"])
    assert abs(float(rows[2] @ moves.using("classifier")["Smiling"])) < 1e-4
    rows = moves.locked(names, [OWN])
    assert (rows[:2] @ own).abs().max() < 1e-4 and torch.allclose(rows[2], own, atol=1e-5)


@pytest.mark.parametrize(
    "direction", ["A", "AAAA", "!!!!", "ä", pack(torch.ones(6)), pack(torch.full((4,), torch.nan))]
)
def test_a_damaged_direction_says_what_to_do(tiny, direction):
    with pytest.raises(ValueError, match="this link's direction .*: leave it out, or draw it on the map again"):
        scene(tiny, Edit("t", direction=direction), ["Smiling", OWN])


def test_a_direction_that_leads_nowhere_moves_nothing(tiny):
    still = scene(tiny, Edit("t", direction=pack(torch.zeros(4)), locked=(OWN,)), ["Smiling", OWN])
    assert np.array_equal(still([0.0, 3.0]), still([0.0, 0.0]))


@pytest.fixture(scope="module")
def learned(tiny) -> LearnedSliders:
    networks = LearnedSliders(("Smiling", "Male"), torch.ones(2, 4), width=4)
    networks.out.data += torch.randn(networks.out.shape, generator=torch.Generator().manual_seed(0))
    return networks.requires_grad_(False)


def test_a_learned_scene_decodes_what_the_networks_move(tiny, learned):
    edit, values = Edit("m", seed=3, way="learned"), torch.tensor([2.0, -1.0])
    latent = start(tiny, edit).latent
    place = latent_at(scene(tiny, edit, ["Smiling", "Male"], learned=learned), values)
    assert torch.allclose(place, latent + learned.move(latent[None], values[None])[0])
    assert torch.equal(latent_at(scene(tiny, edit, ["Smiling", "Male"], learned=learned), [0, 0]), latent)


def test_the_line_does_not_ask_the_networks(tiny, learned):
    edit, names = Edit("m"), ["Smiling", "Male"]
    places = [latent_at(scene(tiny, edit, names, learned=networks), [1, 2]) for networks in (learned, None)]
    assert torch.equal(*places)


def test_a_lock_holds_a_learned_move_off_the_locked_normal(tiny, learned):
    latents, values = torch.randn(5, 4), torch.ones(5, 2)
    free, locked = (
        moves(tiny, Edit("m", way="learned", locked=locked), ["Smiling", "Male"], learned)(latents, values)
        for locked in ((), ("Male",))
    )
    normal = tiny.directions.using("classifier")["Male"]
    assert torch.allclose(locked[:, 0] @ normal, torch.zeros(5), atol=1e-5) and (free[:, 0] @ normal).abs().min() > 1e-3
    assert torch.allclose(locked[:, 1], free[:, 1], atol=1e-6)


def test_a_direction_of_ones_own_stays_a_line_beside_learned_sliders(tiny, learned):
    edit, latents = Edit("m", way="learned", direction=pack(torch.tensor([1.0, 2, 3, 4]))), torch.randn(5, 4)
    names, values = ["Smiling", "Male", OWN], torch.tensor([[1.0, 0, 2]] * 5)
    each = moves(tiny, edit, names, learned)(latents, values)
    assert torch.allclose(each[:, 2], torch.tensor([2.0, 4, 6, 8]).expand(5, -1), atol=0.02)
    assert torch.allclose(each[:, :2], learned.moves(latents, values[:, :2]))
