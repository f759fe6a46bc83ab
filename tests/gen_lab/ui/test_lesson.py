"""Lessons on every page, without a browser: what a session's desk does, and the entry in the sidebar."""

import pytest
from streamlit.testing.v1 import AppTest

from gen_lab.lessons import Lesson, Slide, to_json
from gen_lab.ui.lesson import Desk
from tests.apptest import ROOT, home, link, press, run

OWN = Lesson("Own", (Slide("faces", {"seed": "7"}), Slide("digits")))


def test_what_the_browser_kept_is_taken_once():
    desk = Desk()
    desk.remember({"gen_lab lesson": to_json(OWN)})
    assert desk.lesson == OWN and desk.is_news
    desk.remember({"gen_lab lesson": to_json(Lesson("Other"))})
    assert desk.lesson == OWN


def test_a_slide_that_was_collected_before_the_browser_was_heard_is_the_last_one():
    desk = Desk()
    desk.change(Lesson().adding(Slide("map")))
    desk.remember({"gen_lab lesson": to_json(OWN)})
    assert desk.lesson == OWN.adding(Slide("map"))
    desk.undo()
    assert desk.lesson == OWN


@pytest.mark.parametrize("text", ["", "{", '{"slides": [{"page": "attic"}]}'])
def test_what_the_browser_kept_may_be_damaged(text):
    desk = Desk()
    desk.remember({"gen_lab lesson": text, "gen_lab room": text})
    assert desk == Desk(is_heard=True)


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


def test_a_teacher_who_reloads_still_teaches_and_a_student_still_follows():
    room = Desk().teach()
    teacher, student = Desk(), Desk()
    teacher.remember({"gen_lab room": room.key})
    student.remember({"gen_lab class": room.code})
    assert teacher.teach() is room and student.code == room.code
    teacher.stop()
    assert not room.is_open and teacher.key == ""


@pytest.mark.usefixtures("checkpoints")
def test_a_code_that_nobody_teaches_under_says_so():
    app = AppTest.from_file(str(ROOT / "gen_lab/ui/main.py"), default_timeout=60)
    app.query_params["follow"] = "nobody"
    run(app)
    assert "Nobody teaches the class NOBOD now" in app.toast[0].value and link(app) == {}
