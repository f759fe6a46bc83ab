"""The same latents under every label: links, mixtures, the grid, and the judge's classes."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gen_lab import links
from gen_lab.device import decode
from gen_lab.latent.principal import sefa
from pages.conditional.state import (
    COUNT,
    LIMIT,
    Conditional,
    header,
    mixture,
    pairings,
    scene,
    sweep,
)
from tests.tiny import ADVERSARIAL

numbers = st.floats(-LIMIT, LIMIT).map(lambda number: float(f"{number:g}"))
states = st.builds(
    Conditional,
    model=st.just("cgan-digits"),
    seed=st.integers(0, 999_999),
    rows=st.integers(1, 6),
    a=st.integers(0, 9),
    b=st.integers(0, 9),
    mix=st.floats(0, 1).map(lambda number: float(f"{number:g}")),
    moves=st.tuples(*[numbers] * COUNT),
)


def model_of(name: str):
    family, config, _ = ADVERSARIAL[name]
    torch.manual_seed(0)
    return family.Model(config).eval().requires_grad_(False)


@given(states)
def test_a_link_brings_the_state_back(state):
    assert links.read(Conditional, links.write(state)) == state


@given(st.dictionaries(st.sampled_from([*vars(Conditional("")), "junk"]), st.text(max_size=80)))
def test_any_link_gives_a_state_that_can_be_shown(query):
    state = links.read(Conditional, query, model="")
    assert 1 <= state.rows <= 6 and 0 <= state.mix <= 1 and max(state.pair(2)) < 2
    assert len(state.values) == 1 + COUNT and max(map(abs, state.moves)) <= LIMIT


@pytest.mark.parametrize("query", [{"rows": "0"}, {"rows": "7"}, {"a": "-1"}, {"mix": "inf,1"}, {"moves": "1"}])
def test_what_is_malformed_is_left_at_its_default(query):
    assert links.read(Conditional, query, model="") == Conditional("")


def test_labels_that_a_model_lacks_are_its_first_two():
    assert Conditional("", a=9, b=4).pair(10) == (9, 4) and Conditional("", a=9, b=4).pair(2) == (0, 1)


@given(st.floats(0, 1), st.integers(0, 4), st.integers(0, 4))
def test_a_mixture_sums_to_one_and_ends_at_its_labels(mix, a, b):
    labels = mixture(a, b, torch.tensor([0, mix, 1]), 5)
    assert torch.allclose(labels.sum(1), torch.ones(3)) and (labels >= 0).all()
    assert torch.equal(labels[[0, 2]], torch.eye(5)[[a, b]])


@pytest.mark.parametrize("name", ["cgan-digits", "cgan-faces"])
def test_a_row_is_one_latent_under_every_label_and_the_mixture(name):
    model, state = model_of(name), Conditional(name, rows=2, mix=1.0, moves=(1, 0, 0, -2))
    directions, classes = sefa(model.first_weight, COUNT)[0], len(model.classes)
    grid = scene(model, state, directions)
    picture = grid(state.values)
    side, top = model.image_shape[1], header(model)
    step = side + 3
    assert picture.shape[:2] == (top + 2 * step - 3, (classes + 1) * step - 3)
    z = torch.stack([model.sample(1, torch.Generator().manual_seed(seed))[0] for seed in (1, 2)])
    z = z + directions[0] - 2 * directions[3]
    expected = decode(model, z[1:].expand(classes, -1), torch.eye(classes))
    for column in range(classes):
        cell = picture[top + step : top + step + side, column * step : column * step + side].astype(int)
        assert np.abs(cell - expected[column]).max() <= 1
    mixed = picture[top : top + side, classes * step :].astype(int)
    assert np.abs(mixed - picture[top : top + side, step : step + side]).max() <= 1  # all of the second label
    assert not np.array_equal(grid([0.0, *state.moves])[:, classes * step :], picture[:, classes * step :])


def test_the_way_between_two_labels_begins_and_ends_at_them():
    model, state = model_of("cgan-digits"), Conditional("", rows=3, a=4, b=9)
    directions = sefa(model.first_weight, COUNT)[0]
    transition = [part.unflatten(0, (-1, 3)) for part in sweep(model, state, directions)]
    ends = [part.unflatten(0, (3, 10)) for part in pairings(model, state, directions)]
    for path, corners in zip(transition, ends, strict=True):  # latents, labels
        assert torch.equal(path[0], corners[:, 4]) and torch.equal(path[-1], corners[:, 9])
