"""Learned sliders beside a model."""

import pytest
import torch

from gen_lab import registry
from gen_lab.checkpoint import CheckpointError, learned_sliders
from gen_lab.latent.learned import LearnedSliders


@pytest.fixture
def folder(checkpoints):
    return registry.folder("vae-avatars")


@pytest.fixture
def loaded(folder):
    return registry.load("vae-avatars", "cpu")


def networks(loaded, names=None, dim: int = 0) -> LearnedSliders:
    names = names or [*reversed(loaded.card["sliders"])]
    return LearnedSliders(tuple(names), torch.ones(len(names), dim or loaded.model.latent_dim), width=4)


def test_a_model_may_have_none(folder, loaded):
    assert learned_sliders.load(folder, loaded) is None


def test_they_come_in_the_order_of_the_card(folder, loaded):
    learned_sliders.save(folder, networks(loaded))
    learned = learned_sliders.load(folder, loaded)
    assert learned is not None and list(learned.names) == loaded.card["sliders"]


def test_a_damaged_file_names_the_command_that_makes_it_again(folder, loaded):
    (folder / learned_sliders.FILE).write_bytes(b"junk")
    with pytest.raises(CheckpointError, match="sliders.safetensors") as error:
        learned_sliders.load(folder, loaded)
    assert "python -m train.sliders vae-avatars" in error.value.commands
    registry.load("vae-avatars", "cpu")  # which that command must be able to do


def test_another_models_are_refused(folder, loaded):
    for others in (networks(loaded, dim=3), networks(loaded, names=["Smiling"])):
        learned_sliders.save(folder, others)
        with pytest.raises(CheckpointError):
            learned_sliders.load(folder, loaded)
