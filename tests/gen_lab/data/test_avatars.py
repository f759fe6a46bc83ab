"""Avatars: the drawings are what their attributes say; splits are disjoint; a damaged cache is noticed."""

import os

import numpy as np
import pytest

from gen_lab import data
from gen_lab.data import MissingData, avatars


@pytest.fixture(scope="module")
def drawn():
    """Images uint8 (300, 64, 64, 3) and attributes bool (300, 11)."""
    return avatars.render(300, processes=1)


def column(attributes, name):
    return attributes[:, avatars.ATTRIBUTE_NAMES.index(name)]


@pytest.mark.slow
def test_avatars_depend_on_seed_and_index_only(drawn):
    images, attributes = avatars.render(520, processes=2)
    assert np.array_equal(images[:300], drawn[0])
    assert np.array_equal(attributes[:300], drawn[1])
    assert not np.array_equal(avatars.render(8, seed=1, processes=1)[0], images[:8])


def test_dicebear_is_left_no_choice():
    for index in range(50):
        options, _ = avatars.draw(index)
        # What DiceBear settled on, whatever its own seed is.
        first, second = (
            avatars.Avatar(avatars._style(), options | {"seed": seed}).to_json()["options"] for seed in "ab"
        )
        assert first == second


@pytest.fixture(scope="module")
def many_attributes():
    return np.stack([avatars.draw(index)[1] for index in range(10_000)])  # (10000, 11)


def test_each_attribute_is_common_enough_to_learn(many_attributes):
    share = many_attributes.mean(0)
    assert (share >= 0.15).all() and (share <= 0.85).all()


def test_attributes_are_independent_but_for_logic(many_attributes):
    hair = ["Black_Hair", "Blond_Hair", "Brown_Hair"]
    exclusive = [{a, b} for a in hair for b in hair if a < b]
    exclusive += [{"Bald", other} for other in [*hair, "Long_Hair"]] + [{"Pale_Skin", "Dark_Skin"}]
    phi = np.corrcoef(many_attributes.T)
    for row, first in enumerate(avatars.ATTRIBUTE_NAMES):
        for second in avatars.ATTRIBUTE_NAMES[:row]:
            both = column(many_attributes, first) & column(many_attributes, second)
            if {first, second} in exclusive:
                assert not both.any()
            else:
                value = phi[row, avatars.ATTRIBUTE_NAMES.index(second)]
                assert abs(value) < 0.05, f"{first} and {second} go together: {value:.3f}"


@pytest.mark.parametrize("name", ["Black_Hair", "Blond_Hair", "Brown_Hair"])
def test_hair_is_seen_even_below_a_hat(drawn, name):
    images, attributes = drawn
    wanted = np.array([int(avatars.HAIR_COLOURS[name][i : i + 2], 16) for i in (1, 3, 5)])
    chosen = column(attributes, name) & ~column(attributes, "Facial_Hair") & ~column(attributes, "Eyeglasses")
    pixels = (np.abs(images[chosen].astype(int) - wanted).max(-1) < 24).sum((1, 2))
    assert pixels.min() >= 30


@pytest.mark.parametrize(
    ("name", "option", "values"),
    [
        ("Smiling", "mouthVariant", avatars.SMILING),
        ("Long_Hair", "topVariant", avatars.LONG_HAIR),
        ("Wearing_Hat", "hatProbability", {100}),
        ("Eyeglasses", "accessoriesProbability", {100}),
        ("Facial_Hair", "facialHairProbability", {100}),
        ("Bald", "topProbability", {0}),
        ("Pale_Skin", "skinColor", avatars.SKIN_COLOURS["Pale_Skin"]),
        ("Dark_Skin", "skinColor", avatars.SKIN_COLOURS["Dark_Skin"]),
    ],
)
def test_attributes_are_the_drawing(name, option, values):
    for index in range(200):
        options, attributes = avatars.draw(index)
        shown = options[option] in values and not (name == "Long_Hair" and options["topProbability"] == 0)
        assert attributes[avatars.ATTRIBUTE_NAMES.index(name)] == shown


def test_avatars_are_kept_and_split(drawn):
    avatars.prepare(300, processes=1)
    parts = [avatars.load(split, 300) for split in data.SPLITS]
    assert [len(part) for part in parts] == [270, 15, 15]
    assert isinstance(parts[0].images, np.memmap) and not parts[0].images.flags.writeable
    assert np.array_equal(np.concatenate([part.images for part in parts]), drawn[0])  # so no picture is in two parts
    assert np.array_equal(np.concatenate([part.attributes for part in parts]), drawn[1])
    assert np.array_equal(parts[0].attribute("Bald"), column(drawn[1][:270], "Bald"))


@pytest.mark.parametrize("file", ["images.npy", "attributes.npy", "contents.json"])
def test_a_truncated_cache_is_noticed_and_rendered_again(file):
    avatars.prepare(40, processes=1)
    whole = np.array(avatars.load("train", 40).images)
    path = avatars._cache_folder(40, 0) / file
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(MissingData, match="damaged: run python -m train.data avatars"):
        avatars.load("train", 40)
    avatars.prepare(40, processes=1)
    assert np.array_equal(avatars.load("train", 40).images, whole)
