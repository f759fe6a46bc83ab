"""Home: every page in its chapter, and the way into the course."""

import pytest

from gen_lab.device import DeviceError
from gen_lab.ui.navigation import pages
from pages.home import widgets
from tests.apptest import errors, home

pytestmark = pytest.mark.usefixtures("checkpoints")


def test_home_shows_every_page_as_a_card():
    app = home()
    titles = [link.proto.label.strip("*") for link in app.main.get("page_link")]
    assert titles == ["Start here", *(page.title for page in pages() if page.name != "home")]
    assert not app.error and not app.warning


def test_the_course_begins_with_its_first_page():
    app = home()
    assert app.main.get("page_link")[0].proto.page == "digits"


def test_a_gpu_that_fails_is_told_on_any_page(monkeypatch):
    def fail(by_chapter):
        raise DeviceError("the GPU has failed: reload the page")

    monkeypatch.setattr(widgets, "chapters", fail)
    assert "the gpu has failed: reload the page" in errors(home())


def test_a_file_where_the_checkpoints_should_be_is_named_with_the_remedy(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path / "file"))
    assert "set gen_lab_checkpoints to a folder" in errors(home())
