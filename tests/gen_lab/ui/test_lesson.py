"""Lessons on every page, without a browser: what a session's desk does, and the entry in the sidebar."""

import pytest

from gen_lab.lessons import Lesson, Slide, to_json
from gen_lab.ui.lesson import Desk
from tests.apptest import home, press

OWN = Lesson("Own", (Slide("faces", {"seed": "7"}), Slide("digits")))


def test_what_the_browser_kept_is_taken_once_and_never_over_a_lesson():
    desk = Desk()
    desk.remember(to_json(OWN))
    assert desk.lesson == OWN and desk.is_news
    desk.remember(to_json(Lesson("Other")))
    assert desk.lesson == OWN


@pytest.mark.parametrize("text", ["", "{", '{"slides": [{"page": "attic"}]}'])
def test_what_the_browser_kept_may_be_damaged(text):
    desk = Desk()
    desk.remember(text)
    assert desk == Desk()


def test_slides_are_turned_within_the_lesson():
    desk = Desk()
    desk.present(OWN)
    desk.turn(1)
    assert desk.target == OWN.slides[1]
    for number in (2, -1):
        desk.turn(number)
        assert desk.number == 1
    desk.turn(None)
    desk.turn(0)
    assert desk.presented is None


@pytest.mark.usefixtures("checkpoints")
def test_a_page_becomes_a_slide_with_its_note():
    app = home()
    app.text_area(key="lesson note").set_value("Welcome!")
    press(app, "Add this page as a slide")
    assert app.session_state["lesson desk"].lesson.slides == (Slide("home", {}, "Welcome!"),)
    assert app.text_area(key="lesson note").value == ""
