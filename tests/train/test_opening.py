"""`python -m train.opening`: what pages open on, chosen by measure or by looking."""

import io

import pytest
from PIL import Image

from gen_lab import registry
from gen_lab.sources import opening
from train import opening as command

pytestmark = pytest.mark.usefixtures("checkpoints")


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(command, "SEEDS", 8)


def on_card(name: str) -> dict:
    return opening(registry.cards()[name], "seed", "keys")


def test_the_best_by_measure_goes_on_the_card():
    assert command.main(["vae-faces"]) == 0
    seeds = command.ranked(registry.load("vae-faces"))
    assert sorted(seeds) == list(range(8)) and on_card("vae-faces")["seed"] == seeds[0]
    assert len(set(on_card("vae-faces")["keys"])) == 3


def test_the_choice_by_looking_goes_on_the_card():
    assert command.main(["vae-faces", "--seed", "390", "--keys", "s249.s265.s77"]) == 0
    assert on_card("vae-faces") == {"seed": 390, "keys": ("s249", "s265", "s77")}


def test_a_sheet_shows_the_best_and_writes_nothing_else(tmp_path):
    assert command.main(["vae-faces", "--sheet", str(tmp_path / "best.png")]) == 0
    assert Image.open(io.BytesIO((tmp_path / "best.png").read_bytes())).width > 5 * 128
    assert on_card("vae-faces") == {}


@pytest.mark.parametrize("also", [["--seed", "-1", "--keys", "s1.s2"], ["--seed", "1", "--keys", "x.y"]])
def test_a_choice_that_is_none_is_refused_in_words(also, capsys):
    assert command.main(["vae-faces", *also]) == 1
    assert "a seed is a number" in capsys.readouterr().err and on_card("vae-faces") == {}
