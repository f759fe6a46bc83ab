"""Home: every page, and every card."""

import pytest

from gen_lab.device import DeviceError
from gen_lab.metrics import table
from gen_lab.ui.navigation import pages
from tests.apptest import errors, home

pytestmark = pytest.mark.usefixtures("checkpoints")


def test_home_shows_every_page_and_every_card():
    app = home()
    assert [expander.label.split("**")[1] for expander in app.expander if "**" in expander.label] == [
        "judge-avatars", "judge-faces", "vae-avatars", "vae-faces",
    ]  # fmt: skip
    assert len(app.get("page_link")) == len(pages()) - 1 and not app.error and not app.warning
    assert not app.table  # of these, nothing was measured


def test_a_gpu_that_fails_is_told_on_any_page(monkeypatch):
    def fail():
        raise DeviceError("the GPU has failed: reload the page")

    monkeypatch.setattr(table, "columns", fail)
    assert "the gpu has failed: reload the page" in errors(home())


def test_home_compares_the_generators_that_were_measured(monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    app = home()
    assert app.table[0].value["model"].tolist()[:2] == ["cgan-faces", "vae-faces"]
    assert any("It is not FID" in caption.value for caption in app.caption)


def test_a_file_where_the_checkpoints_should_be_is_named_with_the_remedy(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path / "file"))
    assert "set gen_lab_checkpoints to a folder" in errors(home())
