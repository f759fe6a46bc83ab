"""Models: every card, and the table."""

import pytest

from tests.apptest import open_page

pytestmark = pytest.mark.usefixtures("checkpoints")


def test_every_model_has_its_card():
    app = open_page("models")
    assert [expander.label.split("**")[1] for expander in app.expander if "**" in expander.label] == [
        "judge-avatars", "judge-faces", "vae-avatars", "vae-faces",
    ]  # fmt: skip
    assert "Side by side" not in [heading.value for heading in app.subheader]  # of these, nothing was measured


def test_the_generators_that_were_measured_are_compared(monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    app = open_page("models")
    assert {"cgan-faces", "vae-faces", "vae-avatars"} <= {*app.table[-1].value["model"]}
    assert any("It is not FID" in caption.value for caption in app.caption)


def test_without_models_the_page_says_how_to_train_one(tmp_path, monkeypatch):
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path / "none"))
    assert open_page("models").code[0].value == "python -m train vae_avatars"
