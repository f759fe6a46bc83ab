"""The guided steps as their pages describe them."""

import json

import pytest

from gen_lab.ui import guide, navigation
from gen_lab.ui.guide import Step
from tests.apptest import home

GUIDED = [page.name for page in navigation.pages() if guide.steps(page.name)]


def test_a_widget_is_selected_by_its_key():
    assert guide.widget("faces compare") == ".st-key-faces-compare"
    assert guide.widget("faces history Undo") == ".st-key-faces-history-Undo"


def test_every_page_has_a_guide():
    assert [page.name for page in navigation.pages()] == GUIDED


def test_a_page_without_steps_has_no_guide(tmp_path, monkeypatch):
    monkeypatch.setattr(guide, "FOLDER", tmp_path)
    assert guide.steps("faces") == []


@pytest.mark.parametrize("page", GUIDED)
def test_a_guide_has_three_to_five_short_steps(page):
    steps = guide.steps(page)
    assert 3 <= len(steps) <= 5
    assert all(len(step.words.replace("**", "")) <= 70 and step.words.count("**") % 2 == 0 for step in steps)
    assert any(step.changes or step.press for step in steps)


def test_the_browser_is_told_the_steps_of_the_page_that_is_open(checkpoints, monkeypatch):
    monkeypatch.setattr(guide, "steps", lambda page: [Step(f"Look at {page}.", "h1")])
    (message,) = [each for each in home().get("bidi_component") if "Guided steps" in each.proto.json]
    assert json.loads(message.proto.json)["steps"][0]["words"] == "Look at home."
