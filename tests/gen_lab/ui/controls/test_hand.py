"""What Python and the browser know of each other's side of a control, without a browser."""

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gen_lab.live import scenes
from gen_lab.scenes import edit
from gen_lab.ui.controls.hand import Hand
from tests.apptest import control, run

APP = """
import streamlit as st
from gen_lab.ui.controls import hand

component = st.components.v2.component("test.hand", js="export default () => {}")
state = st.session_state
state.setdefault("value", 1)


def draw(known):
    return {"drawn": (known.dragged or known.state)["value"]}


def released(changes):
    state["value"] = min(changes["value"], 5)


if not state.get("away"):
    control = hand.control(component, {"value": state["value"]}, draw, understand=dict, on_release=released, key="it")
"""


def understand(message):
    return {"value": message["value"] + 0}


def say(hand: Hand, on_release=lambda changes: None, **message):
    hand.hear({"dragging": False, "at": 7, **message}, understand, on_release)


@pytest.fixture
def hand() -> Hand:
    hand = Hand()
    hand.tell({"value": 1})
    return hand


def test_what_the_browser_set_itself_is_no_news(hand):
    told = hand.message
    say(hand, value=2)
    hand.tell({"value": 2})
    assert hand.message is told and hand.state == {"value": 2} and hand.released


def test_what_the_page_set_is_a_new_revision_and_says_what_was_heard(hand):
    before = hand.message["revision"]
    say(hand, value=2)
    hand.tell({"value": 1})  # undone
    assert hand.message["revision"] != before and hand.message["value"] == 1 and hand.message["heard"] == 7


def test_a_release_is_told_to_the_page_and_a_drag_is_not(hand):
    released = []
    say(hand, released.append, value=2, dragging=True)
    assert not released and not hand.released and hand.dragged == {"value": 2} and hand.state == {"value": 1}
    say(hand, released.append, value=3)
    assert released == [{"value": 3}] and hand.dragged is None


def test_a_drag_ends_where_the_page_sets_something_else(hand):
    say(hand, value=2, dragging=True)
    hand.tell({"value": 1})
    assert hand.dragged == {"value": 2}
    hand.tell({"value": 5})
    assert hand.dragged is None


@pytest.mark.parametrize("value", [None, [], "x"])
def test_what_is_not_understood_is_answered_with_the_pages_state(hand, value):
    before = hand.message["revision"]
    say(hand, value=value)
    hand.tell({"value": 1})
    assert not hand.released and hand.message["revision"] != before and hand.message["heard"] == 7


@pytest.mark.parametrize("message", [None, [], "text", 3])
def test_what_is_no_message_changes_nothing(hand, message):
    hand.hear(message, understand, pytest.fail)
    assert hand.state == {"value": 1} and hand.heard == 0


def test_a_scene_keeps_its_token_while_it_is_held(monkeypatch):
    monkeypatch.setattr("gen_lab.ui.controls.hand._owner", lambda: "tester")
    one, other = (edit(torch.nn.Identity(), torch.zeros(2), torch.eye(2)) for _ in range(2))
    hand = Hand()
    hand.show([one, other])
    first = hand.tokens
    hand.show([other])
    assert hand.tokens == first[1:] and scenes.get(first[1]) is other
    scenes.release("tester")
    hand.show([other])
    assert hand.tokens != first[1:] and scenes.get(hand.tokens[0]) is other
    scenes.release("tester")


def test_a_drag_over_another_scene_is_forgotten(monkeypatch):
    monkeypatch.setattr("gen_lab.ui.controls.hand._owner", lambda: "tester")
    one, other = (edit(torch.nn.Identity(), torch.zeros(2), torch.eye(2)) for _ in range(2))
    hand = Hand(dragged={"value": 2})
    hand.show([one])
    hand.dragged = {"value": 2}
    hand.show([one])
    assert hand.dragged == {"value": 2}
    hand.show([other])
    assert hand.dragged is None
    scenes.release("tester")


def test_the_message_stays_the_same_until_the_page_has_news():
    app = run(AppTest.from_string(APP))
    first = control(app)
    assert first["value"] == first["drawn"] == 1 and control(run(app)) == first
    app.session_state["value"] = 4
    assert control(run(app))["value"] == 4


def test_a_control_that_comes_back_is_told_where_it_stood():
    app = run(AppTest.from_string(APP))
    hand = app.session_state["it hand"]
    hand.hear({"value": 3, "at": 1}, dict, lambda changes: None)
    app.session_state["value"] = 3
    assert control(run(app))["value"] == 1  # the browser knows better
    app.session_state["away"] = True
    run(app)
    app.session_state["away"] = False
    assert control(run(app))["value"] == 3


def test_a_scenes_picture_is_an_address():
    from gen_lab.ui.controls.hand import data_url

    assert data_url(np.zeros((2, 2, 3), np.uint8)).startswith("data:image/png;base64,")
