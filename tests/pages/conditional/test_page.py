"""Conditional in its states: a column a label, the judge, and on to Novelty."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gen_lab import checkpoint
from gen_lab.metrics.novelty import decode
from gen_lab.ui import models, navigation
from pages.conditional.widgets import accuracy
from pages.novelty.state import Novelty, picture
from tests.apptest import control, fresh_copy, open_page, run
from tests.tiny import make_adversarial


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    return make_adversarial(tmp_path_factory.mktemp("adversarial"))


@pytest.fixture
def folder(originals, tmp_path, monkeypatch) -> Path:
    return fresh_copy(originals, tmp_path, monkeypatch)


def text(app) -> str:
    kinds = ("markdown", "caption", "error", "warning", "code")
    return " ".join(each.value for kind in kinds for each in app.get(kind))


@pytest.mark.parametrize("model, columns", [("cgan-digits", 11), ("cgan-faces", 3)])
def test_every_label_has_a_column_and_the_mixture_one_more(folder, model, columns):
    app = open_page("conditional", model=model)
    message = control(app)
    assert len(message["labels"]) == columns and message["labels"][-1][0] == ("0→1" if columns > 3 else "Mix")
    mix = message["sliders"][0]
    assert (mix["low"], mix["high"]) == (0, 1) and message["values"] == [0.5, 0, 0, 0, 0]
    table = next(each.proto.body for each in app.get("html") if "readings" in each.proto.body)
    assert table.count("<tr>") == 1 + 4 and table.count("<td") == 4 * (columns - 1)
    assert "has not been measured" in text(app)


def test_what_the_card_says_of_label_accuracy():
    card = {"name": "cgan-digits", "metrics": {"label_accuracy": 0.987, "judge_on_real": 0.9957}}
    assert "98.7%" in accuracy(card) and "99.6%" in accuracy(card)
    assert accuracy({"metrics": {"label_accuracy": 0.987}}).endswith("98.7% of random samples.")
    assert "train.evaluate cgan-digits" in accuracy({"name": "cgan-digits", "metrics": ["odd"]})


@pytest.mark.parametrize("judge", ["judge-missing", "judge-faces", 7])
def test_without_a_judge_that_fits_the_grid_still_lives(folder, judge):
    card = checkpoint.read_card(folder / "cgan-digits")
    checkpoint.write_card(folder / "cgan-digits", card | {"judge": judge})
    app = open_page("conditional", model="cgan-digits")
    assert control(app)["picture"] and len(app.error) == 1


def test_the_first_picture_under_a_label_goes_on_to_novelty(folder, monkeypatch):
    changes = {}
    monkeypatch.setattr(navigation, "go", lambda page, **query: changes.update(query))
    app = open_page("conditional", model="cgan-digits", seed="7", a="3")
    (button,) = [each for each in app.button if "new?" in each.label]
    button.click()
    run(app)
    assert button.label == "Is the first “3” new?" and changes["label"] == "3" and changes["source"] == "latent"
    model, classes = models.load("cgan-digits").model, tuple("0123456789")
    pixels = picture(models.load("cgan-digits"), Novelty(**changes))
    expected = decode(model, model.sample(1, torch.Generator().manual_seed(7)), torch.eye(10)[[classes.index("3")]])
    assert np.abs(pixels.astype(int) - expected[0]).max() <= 2  # the latent travels at half precision


def test_only_a_page_without_a_link_opens_on_a_four_that_becomes_a_nine(folder):
    message = control(open_page("conditional"))
    assert message["labels"][-1][0] == "4→9" and "3 latents of cgan-digits" in message["alt"]
    assert "4 latents" in control(open_page("conditional", model="cgan-digits"))["alt"]


def test_the_labels_that_are_mixed_stand_above_their_column(folder):
    app = open_page("conditional", model="cgan-digits", a="3", b="8")
    assert control(app)["labels"][-1][0] == "3→8"
