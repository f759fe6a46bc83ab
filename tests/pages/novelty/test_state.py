"""How new a picture is: states and links, and the verdict."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab import data, links, registry
from gen_lab.data import MissingData
from gen_lab.metrics.novelty import MOST_SHIFT, demonstrate
from gen_lab.sources import pack, pack_picture
from pages.novelty.state import SOURCES, Novelty, is_demonstrated, overall, picture, power_of, verdict
from tests.tiny import make_memorable


@pytest.fixture(autouse=True)
def checkpoints(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)
    return make_memorable(tmp_path / "checkpoints")


# A picture as a link


@given(
    st.builds(
        Novelty, model=st.sampled_from(["vae-faces", "gan-digits"]), source=st.sampled_from(SOURCES),
        seed=st.integers(0, 999_999), label=st.sampled_from(["", "7", "Blond_Hair"]), shift=st.integers(0, 8),
        latent=st.sampled_from(["", pack(torch.ones(3))]), index=st.integers(0, 999_999), photo=st.just("a"),
    )
)  # fmt: skip
def test_a_link_restores_the_state(state):
    assert links.read(Novelty, links.write(state)) == state


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["model", "source", "seed", "shift", "index", "label", "x"]), st.text()))
def test_a_strangers_link_never_raises(query):
    state = links.read(Novelty, query, model="m")
    assert state.source in SOURCES and 0 <= state.seed <= 999_999 and 0 <= state.shift <= MOST_SHIFT


def test_the_pictures_of_each_source():
    checkpoint = registry.load("vae-shapes")
    train, test = data.load("fake_digits", "train"), data.load("fake_digits", "test")
    pixels = picture(checkpoint, Novelty("vae-shapes", seed=5))
    latent = checkpoint.model.sample(1, torch.Generator().manual_seed(5))[0]
    unpacked = picture(checkpoint, Novelty("vae-shapes", source="latent", latent=pack(latent)))
    assert np.abs(pixels.astype(int) - unpacked).max() <= 1  # half precision
    assert np.array_equal(picture(checkpoint, Novelty("", "data", index=len(test) + 3)), test.images[3])
    copy = picture(checkpoint, Novelty("", "memoriser", seed=2, shift=0))
    assert any(np.array_equal(copy, original) for original in train.images)
    photo = picture(checkpoint, Novelty("", "photo", photo=pack_picture(test.images[0])))
    assert photo.shape == pixels.shape and np.abs(photo.astype(int) - test.images[0]).mean() < 12


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (Novelty("", "latent", latent=pack(torch.ones(4))), "another model"),
        (Novelty("", "latent", latent="AAAA"), "picture is damaged"),
        (Novelty("", "photo"), "upload"),
        (Novelty("", "photo", photo="AAAA"), "damaged"),
        (Novelty("", "photo", photo=pack_picture(np.zeros((5, 5, 3), np.uint8))), "another model"),
        (Novelty("", label="Seven"), "no class"),
    ],
)
def test_what_a_link_cannot_mean_is_explained(state, says):
    with pytest.raises(ValueError, match=says):
        picture(registry.load("vae-shapes"), state)


def test_a_demonstration_has_the_pictures_of_its_seeds_and_the_memorisers_originals():
    checkpoint = registry.load("vae-shapes")
    handful = demonstrate(checkpoint)
    state = Novelty("vae-shapes", "memoriser", seed=3, shift=4)
    assert np.array_equal(picture(checkpoint, state, handful), picture(checkpoint, state))
    assert is_demonstrated(state, handful) and is_demonstrated(Novelty("", seed=6), handful)
    for other in (replace(state, seed=1), Novelty("", seed=7), Novelty("", label="x"), Novelty("", "data")):
        assert not is_demonstrated(other, handful)
    assert not is_demonstrated(state, None) and not is_demonstrated(state, replace(handful, count=10**6))


def test_missing_data_are_explained(checkpoints):
    card = json.loads((checkpoints / "vae-shapes" / "card.json").read_text())
    (checkpoints / "vae-shapes" / "card.json").write_text(json.dumps(card | {"data": card["data"] | {"name": "mnist"}}))
    with pytest.raises(MissingData):
        picture(registry.load("vae-shapes"), Novelty("", "data"))


# The verdict

NEAR, LOW, USUAL, FAR = 0.0, 0.03, 0.5, 1.0


@pytest.mark.parametrize(
    ("ranks", "decision"),
    [
        ({"pixels": NEAR, "features": NEAR}, "copy"),
        ({"pixels": USUAL, "features": NEAR}, "moved"),
        ({"pixels": FAR, "features": NEAR}, "moved"),
        ({"pixels": NEAR, "features": USUAL}, "near"),
        ({"pixels": USUAL, "features": LOW}, "undecided"),
        ({"pixels": LOW, "features": USUAL}, "undecided"),
        ({"pixels": USUAL, "features": FAR}, "strange"),
        ({"pixels": FAR, "features": USUAL}, "new"),  # as far away as a copy that was moved
        ({"pixels": USUAL, "features": USUAL}, "new"),
        ({"pixels": NEAR}, "pixels near"),
        ({"pixels": LOW}, "pixels"),
        ({"pixels": USUAL}, "pixels"),
        ({"pixels": FAR}, "pixels"),
    ],
)
def test_the_verdict_follows_from_the_ranks(ranks, decision):
    assert verdict(dict.fromkeys(ranks, 3.0), ranks, power=0.9) == decision


@pytest.mark.parametrize("power", [0.0, 0.49, float("nan")])
@pytest.mark.parametrize("rank", [USUAL, FAR])
def test_a_check_that_misses_most_of_a_memorisers_pictures_acquits_none(power, rank):
    ranks = {"pixels": USUAL, "features": rank}
    assert verdict(dict.fromkeys(ranks, 3.0), ranks, power) == "powerless"


def test_a_training_picture_is_called_one():
    assert verdict({"pixels": 0.0}, {"pixels": 0.0}, power=0.0) == "same"


def test_the_power_of_a_check_is_what_the_card_says():
    assert power_of({"novelty": {"features": {"memoriser": {"closer": 0.6}}}}) == 0.6
    assert power_of({}) == power_of({"novelty": {"pixels": {}}}) == power_of({"novelty": []}) == 0.0


# The whole model

INNOCENT, CAUGHT = {"closer": 0.01, "p": 0.5}, {"closer": 0.6, "p": 0.0}


@pytest.mark.parametrize(
    ("entry", "decision"),
    [
        ({"features": {"model": INNOCENT, "memoriser": CAUGHT}}, "new"),
        ({"features": {"model": INNOCENT, "memoriser": INNOCENT}}, "powerless"),
        ({"features": {"model": CAUGHT, "memoriser": CAUGHT}}, "many"),
        ({"features": {"model": INNOCENT | {"p": 0.0}, "memoriser": CAUGHT}}, "rule"),
        ({}, "pixels"),
    ],
)
def test_a_whole_model_is_acquitted_only_by_what_could_convict_it(entry, decision):
    assert overall({"pixels": {"model": INNOCENT, "memoriser": CAUGHT}} | entry) == decision
