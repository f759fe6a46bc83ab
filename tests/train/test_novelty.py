"""python -m train.novelty: it finds a planted memoriser, and writes the card and novelty.npz."""

import json

import numpy as np
import pytest

from gen_lab import checkpoint, data
from gen_lab.checkpoint import demonstration, usual_distances
from gen_lab.data import fake_digits
from tests.tiny import make_memorable
from train import novelty as command


@pytest.fixture(autouse=True)
def checkpoints(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)
    return make_memorable(tmp_path / "checkpoints")


def test_the_command_finds_the_planted_memoriser_and_writes_the_card(checkpoints, capsys):
    assert command.main(["vae-shapes"]) == 0
    entry = checkpoint.read_card(checkpoints / "vae-shapes")["novelty"]
    usual = usual_distances.load(checkpoints / "vae-shapes")
    assert entry["samples"] == 1000 and entry["held_out"] == entry["train"] == 64
    for space in ("pixels", "features"):
        assert [len(usual[space][name]) for name in ("held_out", "train", "samples")] == [64, 64, 1000]
        limit = np.percentile(usual[space]["held_out"], 1)
        assert entry[space]["model"]["closer"] == round(float((usual[space]["samples"] < limit).mean()), 4)
    assert entry["features"]["memoriser"]["c_t"] < entry["pixels"]["memoriser"]["c_t"]
    assert len(list((data.cache_root() / "features").glob("fake_digits-*.npy"))) == 1
    assert command.main(["--features", "vae-shapes"]) == 0 and "features" in capsys.readouterr().out


def test_a_demonstration_is_written_only_if_the_data_may_ship(checkpoints, monkeypatch):
    assert command.main(["vae-shapes"]) == 0
    (checkpoints / "vae-shapes" / demonstration.FILE).unlink()
    monkeypatch.delattr(fake_digits, "MAY_SHIP")
    assert command.main(["vae-shapes"]) == 0 and not (checkpoints / "vae-shapes" / demonstration.FILE).exists()


def test_without_a_judge_there_are_pixels_alone(checkpoints):
    card = json.loads((checkpoints / "vae-shapes" / "card.json").read_text())
    (checkpoints / "vae-shapes" / "card.json").write_text(json.dumps(card | {"judge": ""}))
    assert command.main(["vae-shapes"]) == 0 and set(usual_distances.load(checkpoints / "vae-shapes")) == {"pixels"}


@pytest.mark.parametrize("name", ["judge-shapes", "ghost", "../x"])
def test_what_cannot_be_checked_is_explained(name, capsys):
    assert command.main([name]) == 1 and capsys.readouterr().err.strip()


def test_missing_data_are_explained(checkpoints, capsys):
    card = json.loads((checkpoints / "vae-shapes" / "card.json").read_text())
    (checkpoints / "vae-shapes" / "card.json").write_text(json.dumps(card | {"data": card["data"] | {"name": "mnist"}}))
    assert command.main(["vae-shapes"]) == 1 and "python -m train.data mnist" in capsys.readouterr().err
