"""The grid of a generator's samples: links, arrangement, scores, and what a click does."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab import links
from gen_lab.latent.principal import FACTORISATIONS, truncated
from gen_lab.sources import sample
from pages.gan.state import COUNT, FILL, LIMIT, ROWS, TICK, WHOLE, Samples, bars, latents, scene


class Echo(torch.nn.Module):
    """A generator of pictures of 2 x 12 pixels, whose rows have the first two numbers of a latent, divided by eight."""

    latent_dim, image_shape, is_critic = COUNT, (1, 2, 12), False

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))

    def sample(self, count, generator=None):
        return torch.randn(count, COUNT, generator=generator)

    def decode(self, latents):
        return (latents[:, None, :2, None] / 8).expand(-1, 1, 2, 12)

    def score(self, images):
        return images[:, 0, 0, 0] * 1e6  # all but sure: real where the first number is positive


numbers = st.floats(-LIMIT, LIMIT).map(lambda number: float(f"{number:g}"))
states = st.builds(
    Samples,
    model=st.sampled_from(["gan-digits", "dcgan-bricks"]),
    seed=st.integers(0, 999_999),
    plane=st.booleans(),
    rows=st.sampled_from(ROWS),
    scores=st.booleans(),
    method=st.sampled_from([*FACTORISATIONS]),
    pair=st.integers(0, 2),
    truncation=st.floats(0, WHOLE).map(lambda number: float(f"{number:g}")),
    moves=st.tuples(*[numbers] * COUNT),
)


@given(states)
def test_a_link_brings_the_state_back(state):
    assert links.read(Samples, links.write(state)) == state


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from([*vars(Samples("")), "junk"]), st.text(max_size=80)))
def test_any_link_gives_a_state_that_can_be_shown(query):
    state = links.read(Samples, query, model="gan-digits")
    assert scene(Echo(), state, torch.eye(COUNT))(state.values).dtype == np.uint8


@pytest.mark.parametrize("query", [
    {"seed": "x"}, {"rows": "4"}, {"rows": "9999999"}, {"method": "lda"}, {"pair": "3"}, {"truncation": "nan"},
    {"moves": "1,2"}, {"moves": "nan,0,0,0,0,0"}, {"plane": "yes"}, {"scores": ""},
])  # fmt: skip
def test_what_is_malformed_is_left_at_its_default(query):
    assert links.read(Samples, query, model="") == Samples("")


def numbers_in(picture: np.ndarray, state: Samples) -> np.ndarray:
    """The first two numbers of every latent (rows, columns, 2), from the picture of an unscored grid."""
    corners = picture[::5, ::15, 0], picture[1::5, ::15, 0]
    return (np.stack(corners, -1) / 127.5 - 1) * 8


def test_many_samples_are_those_of_consecutive_seeds_and_all_move_alike():
    state = Samples("", seed=5, scores=False)
    model = Echo()
    still = numbers_in(scene(model, state, torch.eye(COUNT))(state.values), state)
    expected = torch.stack([sample(model, 5 + index)[:2] for index in range(15)]).reshape(3, 5, 2)
    assert np.allclose(still, expected, atol=0.05)
    moved = numbers_in(scene(model, state, torch.eye(COUNT))([WHOLE, 1.5, -1, 0, 0, 0, 0]), state)
    assert np.allclose(moved - still, [1.5, -1], atol=0.1)


def test_a_plane_has_its_sample_in_the_middle_and_the_dragged_directions_as_its_axes():
    state, model = Samples("", seed=5, plane=True, scores=False), Echo()
    grid = numbers_in(scene(model, state, torch.eye(COUNT))(state.values), state)
    middle = sample(model, 5)[:2].numpy()
    assert np.allclose(grid[1, 2], middle, atol=0.05)
    assert np.allclose(grid[1, 4], middle + [2, 0], atol=0.05) and np.allclose(grid[0, 2], middle + [0, 1], atol=0.05)
    assert torch.allclose(latents(model, state, torch.eye(COUNT))[7, :2], torch.tensor(middle), atol=1e-3)


def test_truncation_comes_before_the_moves():
    state, model = Samples("", truncation=0.0, moves=(2.0, 0, 0, 0, 0, 0), scores=False), Echo()
    assert np.allclose(numbers_in(scene(model, state, torch.eye(COUNT))(state.values), state), [2, 0], atol=0.05)
    half = Samples("", truncation=0.5)
    expected = truncated(sample(model, 1), 0.5)
    assert torch.allclose(latents(model, half, torch.eye(COUNT))[0], expected, atol=1e-5)


def test_a_click_puts_a_picture_in_the_middle():
    many = Samples("", seed=10)
    assert many.around(0.5, 0.4) == {"plane": True, "seed": 10 + 5 + 2}
    assert many.around(1.0, 1.0) == {"plane": True, "seed": 24}
    plane = Samples("", seed=10, plane=True, pair=1, moves=(1, 0, 2.5, 0, 0, 0))
    assert plane.around(0.99, 0.01) == {"moves": (1, 0, LIMIT, 1, 0, 0)}
    assert plane.around(0.5, 0.5) == {"moves": plane.moves}


def test_what_is_clicked_is_then_in_the_middle():
    model, directions = Echo(), torch.eye(COUNT)
    before = Samples("", seed=3, truncation=1.0, moves=(0.5, -0.5, 0, 0, 0, 0))
    clicked = latents(model, before, directions)[1 * 5 + 3]
    after = Samples("", truncation=1.0, moves=before.moves, **before.around(3.5 / 5, 1.5 / 3))
    assert torch.equal(latents(model, after, directions)[7], clicked)


def test_each_score_is_a_bar_below_its_picture():
    state, model = Samples("", seed=5), Echo()
    picture = scene(model, state, torch.eye(COUNT))(state.values)
    first = [sample(model, 5 + column)[0] > 0 for column in range(5)]
    full = [(picture[3, 15 * column + 11] == FILL).all() for column in range(5)]
    assert picture.shape == (3 * (2 + 3 + 3) - 3, 5 * 15 - 3, 3)
    assert full == first and any(first) and not all(first)


def test_a_critics_bar_is_its_rank_among_random_samples():
    state, model = Samples("", seed=5), Echo()
    model.is_critic = True
    values = model.score(model.decode(latents(model, state, torch.eye(COUNT))))
    picture = scene(model, state, torch.eye(COUNT), values.sort().values)(state.values)
    lengths = picture[3::8].reshape(3, -1, 3)[:, :, 0] == FILL[0]
    lengths = np.stack([lengths[:, 15 * column : 15 * column + 12].sum(1) for column in range(5)], 1).flatten()
    ranks = values.argsort().argsort().numpy() / len(values)
    assert np.abs(lengths - ranks * 12).max() <= 1


def test_a_bar_is_as_long_as_its_share():
    pixels = bars(np.array([0.0, 0.25, 1.0]), 64)
    filled = (pixels[:, 2] == FILL).all(-1).sum(1)
    assert filled.tolist() == [0, 16, 64]
    assert (pixels[:, 0, 32] == TICK).all()
