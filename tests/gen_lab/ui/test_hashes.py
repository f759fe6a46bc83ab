"""Caches know a model, an atlas and pictures by what they are, not by which object holds them."""

from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
import torch

from gen_lab import data
from gen_lab.checkpoint import Checkpoint
from gen_lab.checkpoint.atlas import Atlas
from gen_lab.ui.hashes import HASHES


@pytest.fixture
def calls():
    """A cached function that counts how often it runs: `calls(thing) -> int`."""
    runs = []

    @st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=HASHES)
    def counted(thing) -> None:
        runs.append(thing)

    def count(thing) -> int:
        counted(thing)
        return len(runs)

    yield count
    counted.clear()


def checkpoint(name: str = "vae-faces", sha256: str = "one") -> Checkpoint:
    return Checkpoint(torch.nn.Identity(), {"name": name, "sha256": sha256}, None)


def test_a_checkpoint_that_was_loaded_again_is_the_same(calls):
    assert calls(checkpoint()) == calls(checkpoint()) == 1


def test_a_checkpoint_that_was_trained_again_is_another(calls):
    calls(checkpoint())
    assert calls(checkpoint(sha256="two")) == 2


def test_two_checkpoints_with_equal_weights_are_two(calls):
    calls(checkpoint())
    assert calls(checkpoint("vae-avatars")) == 2


def test_an_atlas_with_another_umap_is_another(calls):
    atlas = Atlas(np.zeros((3, 2), np.float32), np.zeros((3, 1), bool), ("Smiling",), "test", None, {})
    calls(atlas)
    assert calls(replace(atlas)) == 1
    assert calls(replace(atlas, umap=np.ones((3, 2), np.float32))) == 2


def test_the_two_splits_of_a_data_set_are_two(calls, tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path))
    calls(data.load("fake_digits", "train"))
    assert calls(data.load("fake_digits", "train")) == 1
    assert calls(data.load("fake_digits", "test")) == 2
