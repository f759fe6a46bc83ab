"""Atlases: what is saved is what is loaded, and what is broken says so."""

import io
import json
import zipfile

import numpy as np
import pytest
import torch

from gen_lab import checkpoint, registry
from gen_lab.checkpoint import CheckpointError, atlas
from gen_lab.checkpoint.atlas import Atlas
from gen_lab.models import vae
from tests.tiny import make_atlas
from train import atlas as recipe

NAMES = ("Disc", "Red")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    torch.manual_seed(0)
    card = {"name": "vae-tiny", "family": "vae", "recipe": "vae_tiny", "data": {"name": "fake"}}
    checkpoint.save(tmp_path / "vae-tiny", vae.VAE(vae.Config(latent_dim=4, widths=(8, 8), components=2)), card)
    return tmp_path / "vae-tiny"


def load(folder) -> Atlas:
    return atlas.load(folder, checkpoint.read_card(folder))


def test_what_is_saved_is_loaded(folder):
    made, found = make_atlas(folder, NAMES), load(folder)
    assert np.array_equal(found.latents, made.latents) and np.array_equal(found.umap, made.umap)
    assert np.array_equal(found.attributes, made.attributes) and found.attribute_names == NAMES
    assert (found.split, found.parameters, found.labels) == ("test", made.parameters, None)
    assert checkpoint.read_card(folder)["family"] == "vae"  # the rest of the card stays


def test_without_umap(folder):
    atlas.save(folder, Atlas(np.zeros((3, 4)), np.eye(3, dtype=bool), ("0", "1", "2"), "test", None, {}))
    found = load(folder)
    assert found.umap is None and found.parameters == {}
    assert found.labels.tolist() == [0, 1, 2]  # one attribute each: they are classes


def test_some_rows(folder):
    made = make_atlas(folder, NAMES)
    some = made.rows(np.array([5, 7]))
    assert len(some) == 2 and np.array_equal(some.umap, made.umap[[5, 7]])
    assert np.array_equal(some.attributes[1], made.attributes[7])


def write(folder, **changes):
    with np.load(folder / atlas.FILE) as arrays:
        found = {name: arrays[name] for name in arrays.files} | changes
    np.savez_compressed(folder / atlas.FILE, **{name: array for name, array in found.items() if array is not None})


def rewrite_entry(folder, **changes):
    card = json.loads((folder / "card.json").read_text())
    entry = {name: value for name, value in (card["atlas"] | changes).items() if value is not ...}
    (folder / "card.json").write_text(json.dumps(card | {"atlas": entry}))


def truncate(folder):
    path = folder / atlas.FILE
    path.write_bytes(path.read_bytes()[:700])


def lie_about_its_shape(folder):
    """A member whose header promises far more than the file holds."""
    member, header = io.BytesIO(), {"descr": "<f2", "fortran_order": False, "shape": (100_000_000_000, 4)}
    np.lib.format.write_array_header_1_0(member, header)
    with zipfile.ZipFile(folder / atlas.FILE, "w") as archive:
        archive.writestr("latents.npy", member.getvalue())
        archive.writestr("attributes.npy", member.getvalue())


def bomb(folder):
    with zipfile.ZipFile(folder / atlas.FILE, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("latents.npy", bytes(atlas.MAX_BYTES + 1))


NAN = np.full((60, 4), np.nan, np.float16)
BROKEN = {
    "empty": lambda folder: (folder / atlas.FILE).write_bytes(b""),
    "no archive": lambda folder: (folder / atlas.FILE).write_bytes(b"Dear diary"),
    "truncated": truncate,
    "a header that lies": lie_about_its_shape,
    "a bomb": bomb,
    "no latents": lambda folder: write(folder, latents=None),
    "a picture in it": lambda folder: write(folder, images=np.zeros((60, 8, 8, 3), np.uint8)),
    "a pickle in it": lambda folder: write(folder, latents=np.array([{"a": 1}] * 60, dtype=object)),
    "latents of another model": lambda folder: write(folder, latents=np.zeros((60, 5), np.float16)),
    "latents that are text": lambda folder: write(folder, latents=np.full((60, 4), "x")),
    "latents that are no numbers": lambda folder: write(folder, latents=NAN),
    "a single picture": lambda folder: write(folder, latents=NAN[:1]),
    "attributes of others": lambda folder: write(folder, attributes=np.zeros((59, 2), bool)),
    "attributes that are numbers": lambda folder: write(folder, attributes=np.zeros((60, 2))),
    "umap of others": lambda folder: write(folder, umap=np.zeros((59, 2), np.float32)),
    "umap without end": lambda folder: write(folder, umap=np.full((60, 2), np.inf, np.float32)),
    "more names": lambda folder: rewrite_entry(folder, attribute_names=["Disc", "Red", "Large"]),
    "names twice": lambda folder: rewrite_entry(folder, attribute_names=["Disc", "Disc"]),
    "names that are none": lambda folder: rewrite_entry(folder, attribute_names=[1, [2]]),
    "no names": lambda folder: rewrite_entry(folder, attribute_names=...),
    "no parameters": lambda folder: rewrite_entry(folder, umap=...),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_atlas_names_the_command_that_repairs_it(folder, what):
    make_atlas(folder, NAMES)
    BROKEN[what](folder)
    with pytest.raises(CheckpointError, match=r"atlas.npz cannot be used \(.*\): .*python -m train.atlas vae-tiny"):
        load(folder)


def test_a_missing_atlas_names_the_command(folder):
    with pytest.raises(CheckpointError, match="has no atlas yet: run python -m train.atlas vae-tiny"):
        load(folder)


def test_a_full_disk_leaves_the_old_atlas(folder, monkeypatch):
    made = make_atlas(folder, NAMES)

    def full(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="space"):
        atlas.save(folder, made)
    assert np.array_equal(load(folder).latents, made.latents)
    assert not list(folder.glob(".*"))


@pytest.mark.slow
def test_the_command_encodes_what_the_model_has_not_seen(folder):
    made = recipe.make("vae-tiny")
    found = load(folder)
    assert np.array_equal(found.latents, made.latents) and found.split == "test and valid"
    assert found.umap.shape == (128, 2) and found.attribute_names[0] == "Disc"
    from gen_lab import data
    from gen_lab.metrics.vae import encode_all

    test = data.load("fake", "test")
    means, _ = encode_all(registry.load("vae-tiny").model, test.images)
    assert np.allclose(found.latents[: len(test)], means.numpy(), atol=2e-3, rtol=2e-3)
    assert np.array_equal(found.attributes[: len(test)], test.attributes)
