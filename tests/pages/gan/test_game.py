"""The game against the critic: its rounds, where its pictures come from, and what gives a generator away."""

import numpy as np
import pytest
import torch

from gen_lab import registry
from gen_lab.checkpoint import held_out
from gen_lab.metrics.adversarial import verdicts
from pages.gan import game
from pages.gan.control import giveaway, reading, words
from pages.gan.game import ROUNDS, Game
from pages.gan.state import FAVOURITE, opening, start
from tests.apptest import fresh_copy
from tests.tiny import make_adversarial


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    return make_adversarial(tmp_path_factory.mktemp("adversarial"))


@pytest.fixture
def folder(originals, tmp_path, monkeypatch):
    return fresh_copy(originals, tmp_path, monkeypatch)


@pytest.fixture
def bricks(folder):
    return registry.load("dcgan-bricks")


def pictures_for(checkpoint, count=12):
    channels, height, width = checkpoint.model.image_shape
    return np.random.default_rng(0).integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def of(real: np.ndarray, fake: np.ndarray) -> Game:
    """A game with the real pictures on the left."""
    sides = np.zeros(ROUNDS, int)
    return Game(np.stack([real, fake], 1), sides, np.stack([np.ones(ROUNDS), np.zeros(ROUNDS)], 1))


def test_each_round_has_one_of_the_real_pictures(bricks):
    reals = pictures_for(bricks)
    played = game.play(bricks.model, reals, seed=3, truncation=1.0)
    known = {picture.tobytes() for picture in reals}
    isreal = np.array([[picture.tobytes() in known for picture in pair] for pair in played.pictures])
    assert (isreal.sum(1) == 1).all() and (isreal.argmax(1) == played.sides).all()


def test_the_critic_judges_the_bytes_that_the_player_sees(bricks):
    played = game.play(bricks.model, pictures_for(bricks), seed=3, truncation=1.0)
    values = verdicts(bricks.model, played.pictures.reshape(-1, *played.pictures.shape[2:]))
    assert torch.allclose(torch.from_numpy(played.values).flatten(), values)
    assert (played.choices == played.values.argmax(1)).all()


def test_a_seed_is_a_game(bricks):
    first, same, other = (game.play(bricks.model, pictures_for(bricks), seed, 1.0) for seed in (3, 3, 4))
    assert np.array_equal(first.pictures, same.pictures) and not np.array_equal(first.pictures, other.pictures)


def test_without_data_the_real_pictures_are_those_that_came_with_the_model(bricks, folder):
    assert game.reals(bricks) is None and game.substitute(registry.having("score")) is None
    pictures = pictures_for(bricks)
    held_out.save(folder / "dcgan-bricks", pictures)
    assert np.array_equal(game.reals(bricks), pictures)
    assert game.substitute(registry.having("score")) == "dcgan-bricks"


def test_too_few_real_pictures_or_of_another_size_are_none(bricks, folder):
    held_out.save(folder / "dcgan-bricks", pictures_for(bricks, ROUNDS - 1))
    assert game.reals(bricks) is None
    held_out.save(folder / "dcgan-bricks", np.zeros((ROUNDS, 8, 8, 1), np.uint8))
    assert game.reals(bricks) is None


@pytest.mark.parametrize(("change", "hint"), [
    (lambda x: x // 2, ("sharp", True)), (lambda x: np.full_like(x, x.mean()), ("sharp", True)),
    (lambda x: x // 2 + 127, ("sharp", True)),
])  # fmt: skip
def test_what_gives_a_generator_away_is_measured(change, hint):
    real = np.random.default_rng(0).integers(0, 256, (ROUNDS, 8, 8, 1), dtype=np.uint8)
    assert game.tell(of(real, change(real))) == (*hint, ROUNDS)
    assert giveaway(of(real, change(real))) == "What gave it away: the real picture was sharper in 10 of 10 rounds."


def test_where_nothing_simple_gives_it_away_it_says_so():
    real = np.random.default_rng(0).integers(0, 128, (ROUNDS, 8, 8, 1), dtype=np.uint8)
    fake = real.copy()
    fake[::2] *= 2  # half of them sharper and brighter
    assert giveaway(of(real, fake)).endswith("is true of only 5 rounds.")


def test_the_surest_round_has_the_verdicts_furthest_apart():
    played = of(*np.zeros((2, ROUNDS, 8, 8, 1), np.uint8))
    played.values[4] = (-3.0, 2.0)
    assert game.surest(played) == 4 and "round 5" in words(played, is_critic=True)["surest"]


def test_a_verdict_is_a_probability_or_a_value():
    assert reading(0.834, is_critic=False) == "83%" and reading(-0.834, is_critic=True) == "−0.83"


def test_a_page_without_a_link_opens_on_the_favourite_at_its_truncation():
    cards = {"dcgan-bricks": {}, FAVOURITE: {"truncation": {"start": 0.7}}}
    assert opening(cards)["model"] == FAVOURITE and opening(cards)["truncation"] == 0.7
    assert opening({"dcgan-bricks": {}}) == {"model": "dcgan-bricks", "seed": 1, "truncation": 4.0}


@pytest.mark.parametrize("entry", [None, 3, {}, {"start": "x"}, {"start": 0}, {"start": 9}])
def test_a_card_without_a_start_leaves_the_distribution_whole(entry):
    assert start({"truncation": entry}) == 4.0
