"""Arithmetic with pictures: exemplars, presets, and the links that carry them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab import data, links
from gen_lab.checkpoint import Checkpoint
from gen_lab.data import avatars, fake
from gen_lab.images import to_uint8
from gen_lab.latent import analogy
from gen_lab.metrics.judge import probabilities
from gen_lab.models import judge, vae
from gen_lab.sources import from_token
from pages.arithmetic import state
from pages.arithmetic.state import LIMIT, MOST, Sum

filters = st.lists(st.sampled_from(["Male", "-Male", "Eyeglasses", "-5_o_Clock_Shadow", "9"]), max_size=4).map(tuple)
keys = st.lists(st.sampled_from(["s1", "d7", "pAAAA-_", "s999999"]), max_size=MOST).map(tuple)
amounts = st.floats(0, LIMIT).map(lambda value: float(f"{value:g}"))
states = st.builds(
    Sum, model=st.sampled_from(["a", "b"]), a=filters, b=filters, c=filters, a_keys=keys, b_keys=keys, c_keys=keys,
    strength=amounts, spread=amounts, pick=st.integers(1, 9),
)  # fmt: skip


@settings(deadline=None)
@given(states)
def test_a_link_restores_the_sum(formula):
    assert links.read(Sum, links.write(formula)) == formula


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*Sum.__dataclass_fields__, "x"]), st.text(max_size=60)))
def test_any_link_gives_a_sum(query):
    formula = links.read(Sum, query, model="m")
    assert 0 <= formula.strength <= LIMIT and 0 <= formula.spread <= LIMIT and 1 <= formula.pick <= 9
    assert all(len(getattr(formula, f"{term}_keys")) <= MOST for term in state.TERMS)


def test_hostile_links():
    query = {"a": "Male.../x.<b>.--y", "a_keys": "s1.q2." * 99, "strength": "nan", "spread": "-1", "pick": "5.5"}
    assert links.read(Sum, query, model="m") == Sum("m", a=("Male",), a_keys=("s1",) * MOST)


@pytest.fixture(scope="module")
def tiny() -> Checkpoint:
    torch.manual_seed(0)
    model = vae.VAE(vae.Config(latent_dim=4, widths=(8, 8), components=2)).eval().requires_grad_(False)
    return Checkpoint(model, {"family": "vae", "config": {}, "data": {"name": "fake"}}, None)


@pytest.fixture(scope="module")
def judging(tiny) -> judge.Judge:
    torch.manual_seed(1)
    model = judge.Judge(judge.Config(fake.ATTRIBUTE_NAMES, widths=(8, 8))).eval().requires_grad_(False)
    model.head.weight.mul_(200)
    model.head.bias.zero_()
    model.head.bias.copy_(-model(tiny.model.decode(tiny.model.sample(40, torch.Generator().manual_seed(0)))).mean(0))
    return model


def test_a_scene_has_the_result_in_its_middle(tiny):
    groups = [tiny.model.sample(count, torch.Generator().manual_seed(count)) for count in (1, 3, 5)]
    scene = state.scene(tiny, groups)
    picture = scene([1.5, 0.4])
    assert picture.shape == (3 * 66 - 2, 3 * 66 - 2, 3)
    expected = to_uint8(tiny.model.decode(analogy(*groups, 1.5)[None]))[0].astype(int)
    assert np.abs(picture[66:130, 66:130] - expected).max() <= 1
    assert torch.equal(state.neighbour(scene, [1.5, 0.4], 5), analogy(*groups, 1.5))


def test_the_neighbours_lie_within_the_spread(tiny):
    groups = [tiny.model.sample(2, torch.Generator().manual_seed(seed)) for seed in range(3)]
    scene = state.scene(tiny, groups)
    middle = state.neighbour(scene, [1.0, 0.5], 5)
    near = torch.stack([state.neighbour(scene, [1.0, 0.5], pick) - middle for pick in (1, 2, 3, 4, 6, 7, 8, 9)])
    far = torch.stack([state.neighbour(scene, [1.0, 1.0], pick) - middle for pick in (1, 2, 3, 4, 6, 7, 8, 9)])
    scale = tiny.model.sample(256, torch.Generator().manual_seed(0)).std(0)
    assert (near.abs() <= 0.5 * scale + 1e-6).all() and (near.norm(dim=1) > 0).all()
    assert torch.allclose(far, 2 * near, atol=1e-5)


def test_without_spread_all_nine_are_the_result(tiny):
    groups = [tiny.model.sample(2, torch.Generator().manual_seed(seed)) for seed in range(3)]
    scene = state.scene(tiny, groups)
    for pick in range(1, 10):
        assert torch.equal(state.neighbour(scene, [1.0, 0.0], pick), analogy(*groups))


def test_exemplars_are_found_by_filters_in_a_data_set(tiny):
    test = data.load("fake", "test")
    tokens = state.find(("Disc", "-Red"), tiny, test)
    assert 1 <= len(tokens) <= MOST
    for token in tokens:
        index = int(token.removeprefix("d"))
        assert test.attribute("Disc")[index] and not test.attribute("Red")[index]


def test_a_judge_puts_those_first_in_which_it_sees_the_traits(tiny, judging):
    test = data.load("fake", "test")
    tokens = state.find(("Disc", "-Red"), tiny, test, judging)
    passing = [f"d{index}" for index in test.having(["Disc"], ["Red"])[: state.CANDIDATES]]

    def certainty(token):
        painted = to_uint8(tiny.model.decode(from_token(tiny, token)[None]))
        disc, red = probabilities(judging, painted)[0, :2].tolist()
        return disc * (1 - red)

    assert set(tokens) <= set(passing) and len(tokens) == MOST
    best = sorted(map(certainty, passing), reverse=True)[:MOST]
    assert np.allclose(sorted(map(certainty, tokens), reverse=True), best, atol=1e-3)


def test_without_a_data_set_the_judge_finds_them_among_samples(tiny, judging):
    pictures = state.samples(tiny, judging)
    assert len(pictures) == state.SAMPLES and pictures.split == "samples"
    assert pictures.attribute("Disc").any() and not pictures.attribute("Disc").all()
    tokens = state.find(("Disc",), tiny, pictures, judging)
    assert tokens and all(token[0] == "s" for token in tokens)
    for token in tokens:
        painted = to_uint8(tiny.model.decode(tiny.model.sample(1, torch.Generator().manual_seed(int(token[1:])))))
        assert np.abs(pictures.images[int(token[1:])].astype(int) - painted[0]).max() <= 1
        assert probabilities(judging, painted)[0, 0] > 0.49


def test_without_data_set_and_judge_three_random_pictures_are_the_beginning(tiny):
    pictures = state.samples(tiny)
    assert pictures.attributes.shape == (state.SAMPLES, 0)
    formula = Sum("t", **state.first_fields(tiny, pictures))
    assert [len(group) for group in state.terms(tiny, formula)] == [1, 1, 1]


def test_what_nobody_has_is_not_found_and_says_so(tiny):
    test = data.load("fake", "test")
    assert state.find(("Disc", "-Disc"), tiny, test) == ()
    with pytest.raises(ValueError, match="no picture was found for B"):
        state.terms(tiny, Sum("t", a_keys=("s1",), c_keys=("s1",)))


@pytest.mark.parametrize("names", [avatars.ATTRIBUTE_NAMES, ("Male", "Eyeglasses"), tuple("0123456789")])
def test_every_kind_of_model_has_a_preset(names):
    pictures = data.Dataset("x", np.zeros((1, 1, 1, 1), np.uint8), np.zeros((1, len(names)), bool), names, "", "test")
    presets = state.presets(pictures)
    assert presets
    for preset in presets.values():
        assert {name.lstrip("-") for term in preset for name in term} <= set(names)


@pytest.mark.parametrize(
    ("name", "promises"),
    [
        ("smiling man", {"Male": True, "Smiling": True}),
        ("woman with glasses", {"Male": False, "Eyeglasses": True}),
        ("blond man", {"Male": True, "Blond_Hair": True}),
        ("digits", {"9": True, "4": False, "7": True}),
    ],
)
def test_the_filters_of_three_terms_promise_what_their_sum_should_have(name, promises):
    assert state.promise(state.PRESETS[name], {*promises, "Black_Hair"}) == promises


def test_a_promise_says_nothing_of_what_the_judge_does_not_know():
    assert state.promise(state.PRESETS["smiling man"], ["Smiling"]) == {"Smiling": True}


def test_a_promise_is_kept_if_the_judge_agrees_with_all_of_it():
    promises = {"Male": False, "Smiling": True}
    assert state.is_kept(promises, {"Male": 0.1, "Smiling": 0.9})
    assert not state.is_kept(promises, {"Male": 0.1, "Smiling": 0.4})
    assert not state.is_kept(promises, {"Male": 0.8, "Smiling": 0.9})
