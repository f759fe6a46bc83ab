"""Checkpoints: what is saved is what is loaded, and what is broken says so."""

import errno
import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gen_lab import checkpoint, files, registry
from gen_lab.checkpoint import CheckpointError
from gen_lab.checkpoint.weights import sha256
from gen_lab.latent import Directions
from gen_lab.models import vae
from gen_lab.models.parts.flow import FlowPrior

CONFIG = vae.Config(image_size=16, latent_dim=4, widths=(8, 16), components=2)
CARD = {"name": "vae-tiny", "family": "vae", "recipe": "vae_faces", "settings": {"name": "vae-tiny", "steps": 10}}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    torch.manual_seed(0)
    model = vae.VAE(CONFIG)
    directions = Directions.fit(torch.randn(50, 4), torch.randn(50, 2) > 0, ("Smiling", "Male"))
    checkpoint.save(tmp_path / "vae-tiny", model, CARD, {"samples.webp": b"picture"}, directions)
    return tmp_path / "vae-tiny"


def rewrite_card(folder, **changes):
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **changes}))


def test_saving_what_was_loaded_changes_nothing(folder, tmp_path):
    loaded = registry.load("vae-tiny", device="cpu")
    checkpoint.save(tmp_path / "again", loaded.model, loaded.card, directions=loaded.directions)
    again = registry.load("again", device="cpu")
    latents = torch.randn(3, 4)
    assert torch.equal(again.model.decode(latents), loaded.model.decode(latents))
    assert torch.equal(again.directions["Smiling"], loaded.directions["Smiling"])
    assert again.card["sha256"] == loaded.card["sha256"]


def test_models_are_frozen_and_in_eval_mode(folder):
    model = registry.load("vae-tiny").model
    assert not model.training and not any(parameter.requires_grad for parameter in model.parameters())
    assert (folder / "samples.webp").read_bytes() == b"picture"


def test_a_flow_is_saved_and_loaded_with_its_model(folder, tmp_path):
    model = vae.VAE(CONFIG)
    model.use(FlowPrior(4, 16, 2))
    torch.nn.init.normal_(model.prior.leave.weight)
    checkpoint.save(tmp_path / "flow", model, CARD)
    loaded = checkpoint.load(tmp_path / "flow").model
    draws = [each.sample(5, torch.Generator().manual_seed(0)) for each in (model, loaded)]
    assert draws[1].dtype == torch.float32 and torch.allclose(*draws, atol=0.02)  # its weights were float16 meanwhile


def test_large_values_are_kept_in_float32(tmp_path):
    model = vae.VAE(CONFIG)
    with torch.no_grad():
        model.to_posterior.bias.fill_(1e6)
    checkpoint.save(tmp_path / "large", model, CARD)
    assert (checkpoint.load(tmp_path / "large").model.to_posterior.bias == 1e6).all()


def test_a_failed_save_leaves_the_old_checkpoint(folder, monkeypatch):
    before = (folder / "card.json").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.folder, "write_card", full)
    with pytest.raises(OSError, match="space"):
        checkpoint.save(folder, vae.VAE(CONFIG), CARD)
    assert (folder / "card.json").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir()] == ["vae-tiny"]


def test_a_full_disk_is_said_in_a_sentence(folder, monkeypatch):
    def full(*_):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(files.DiskFull, match="^the disk is full: .*vae-tiny cannot be written; free some space$"):
        checkpoint.save(folder, vae.VAE(CONFIG), CARD)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_not_saved(folder, value):
    before, model = sha256(folder / "model.safetensors"), vae.VAE(CONFIG)
    with torch.no_grad():
        model.to_posterior.bias[0] = value
    with pytest.raises(ArithmeticError, match="tensor to_posterior.bias holds infinity, or what is not a number"):
        checkpoint.save(folder, model, CARD)
    assert sha256(folder / "model.safetensors") == before


def test_a_file_is_not_replaced(tmp_path):
    (tmp_path / "thesis").write_text("all of it", "utf-8")
    with pytest.raises(CheckpointError, match="thesis is no checkpoint, so it is not replaced: choose another name"):
        checkpoint.save(tmp_path / "thesis", vae.VAE(CONFIG), CARD)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_only_a_checkpoint_is_replaced(tmp_path):
    folder = tmp_path / "thesis"
    folder.mkdir()
    checkpoint.save(folder, vae.VAE(CONFIG), CARD)  # in place of an empty folder
    checkpoint.save(folder, vae.VAE(CONFIG), CARD)
    (folder / "card.json").rename(folder / "chapter.txt")
    with pytest.raises(CheckpointError, match="thesis is no checkpoint, so it is not replaced: choose another name"):
        checkpoint.save(folder, vae.VAE(CONFIG), CARD)
    assert (folder / "chapter.txt").is_file()


def test_what_came_onto_the_card_meanwhile_stays(folder):
    card = checkpoint.read_card(folder)
    checkpoint.update_card(folder, card, atlas={"split": "test"})
    checkpoint.update_card(folder, card, metrics={"elbo": 1})
    assert checkpoint.read_card(folder) == card | {"atlas": {"split": "test"}, "metrics": {"elbo": 1}}
    with pytest.raises(CheckpointError, match="was written anew meanwhile: run the same command again"):
        checkpoint.update_card(folder, card | {"sha256": "of other weights"}, metrics={})


def test_a_card_is_parsed_once_until_it_changes(folder, monkeypatch):
    parsed = []
    monkeypatch.setattr(json, "loads", lambda text, loads=json.loads: parsed.append(text) or loads(text))
    for _ in range(3):
        assert checkpoint.read_card(folder)["name"] == "vae-tiny"
    assert len(parsed) == 1
    checkpoint.write_card(folder, checkpoint.read_card(folder) | {"limits": ["tiny"]})
    assert checkpoint.read_card(folder)["limits"] == ["tiny"]


def test_the_folder_names_the_checkpoint(folder):
    folder.rename(folder.with_name("mine"))
    assert registry.load("mine").card["name"] == "mine"


def broken(text: str):
    return pytest.raises(CheckpointError, match=text)


def test_a_missing_checkpoint_names_the_command(folder):
    with broken("^no checkpoint 'vae-faces': run python -m train vae_faces$"):
        registry.load("vae-faces")


def test_a_missing_checkpoint_that_no_recipe_makes_names_no_command(folder):
    with broken("^no checkpoint 'vae-other', and no recipe that makes it: choose another one$") as caught:
        registry.load("vae-other")
    assert caught.value.commands == ()


def test_missing_weights(folder):
    (folder / "model.safetensors").unlink()
    with broken("model.safetensors is missing: run python -m train vae_faces --name vae-tiny --steps 10$"):
        registry.load("vae-tiny")


@pytest.mark.parametrize("size", [0, 7, 1000])
def test_truncated_weights(folder, size):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    with broken("SHA-256 differs"):
        registry.load("vae-tiny")


def test_truncated_weights_with_a_hash_that_agrees(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    rewrite_card(folder, sha256=sha256(path))
    with broken("cannot be loaded"):
        registry.load("vae-tiny")


def test_altered_weights(folder):
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with broken("SHA-256 differs"):
        registry.load("vae-tiny")


DEEP = '{"a":' * 30 + "0" + "}" * 30


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"name": 1}', "[" * 100_000,
                                  '{"name": {}, "family": "vae", "config": {}, "sha256": ""}',
                                  '{"name": "a/b", "family": "vae", "config": {}, "sha256": ""}',
                                  '{"name": "a", "family": "vae", "config": {}, "sha256": "\\ud800"}',
                                  '{"name": "a", "family": "", "sha256": "", "config": ' + DEEP + "}",
                                  '{"name": "a", "family": "vae", "config": [], "sha256": ""}'])  # fmt: skip
def test_a_card_that_is_none(folder, text):
    (folder / "card.json").write_text(text)
    with broken("card.json is broken"):
        registry.load("vae-tiny")
    assert isinstance(registry.cards()["vae-tiny"], CheckpointError)


@pytest.mark.parametrize("family", ["gan9", "../vae", "os", "layers", "", None, 3, "vae.Config"])
def test_a_card_of_no_family(folder, family):
    rewrite_card(folder, family=family)
    with broken("no model family"):
        registry.load("vae-tiny")


@pytest.mark.parametrize(
    "config",
    [
        {"latent_dim": 8}, {"latent_dim": 10**9}, {"widths": [10**6, 10**6]}, {"latent_dim": -1}, {"latent_dim": "x"},
        {"unknown": 1}, {"widths": None}, {"image_size": 0}, {"components": 10**12}, {"widths": [1] * 100_000},
        {"hidden": [1] * 100_000}, {"widths": [[8], 16]}, {"network": ["stages"]}, {"residual": 1},
        {"prior": "flow"}, {"prior": "other"}, {"prior": "flow", "flow_width": 10**9}, {"flow_blocks": 65},
    ],
)  # fmt: skip
def test_a_hostile_config_takes_no_memory(folder, config):
    card = json.loads((folder / "card.json").read_text())
    rewrite_card(folder, config={**card["config"], **config})
    with broken("cannot be loaded"):
        registry.load("vae-tiny")


def rewrite_weights(folder, name: str, change):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors[name] = change(tensors[name])
    save_file(tensors, path)
    rewrite_card(folder, sha256=sha256(path))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("share", ["all", "one"])
def test_weights_that_are_not_finite(folder, value, share):
    rows = slice(None) if share == "all" else 0
    rewrite_weights(folder, "to_posterior.bias", lambda bias: bias.index_fill(0, torch.arange(8)[rows], value))
    with broken("to_posterior.bias holds infinity, or what is not a number.*: run python -m train vae_faces"):
        registry.load("vae-tiny")


def test_large_weights_are_finite_though_their_sum_is_not(folder):
    rewrite_weights(folder, "to_posterior.bias", lambda bias: torch.full_like(bias, 3e38, dtype=torch.float32))
    assert (registry.load("vae-tiny").model.to_posterior.bias > 2e38).all()


def test_weights_of_another_type(folder):
    rewrite_weights(folder, "to_posterior.bias", torch.Tensor.long)
    with broken("to_posterior.bias is of another type: torch.int64"):
        registry.load("vae-tiny")


def test_weights_of_another_model(folder):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["to_posterior.bias"] = torch.zeros(3)
    save_file(tensors, path)
    rewrite_card(folder, sha256=sha256(path))
    with broken("to_posterior.bias"):
        registry.load("vae-tiny")


def test_broken_directions(folder):
    (folder / "directions.safetensors").write_bytes(b"nonsense")
    with broken("directions.safetensors cannot be loaded"):
        registry.load("vae-tiny")


@pytest.mark.parametrize("name", ["../vae-tiny", "/etc", "", ".", "..", ".hid", "-x", "my run", "a/b", "é", {}, None])
def test_a_name_cannot_leave_the_folder(folder, name):
    with broken("not the name of a checkpoint"):
        registry.load(name)
