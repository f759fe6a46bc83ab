"""The page Lesson without a browser: arranging, copying, refusing."""

import pytest

from gen_lab.lessons import Lesson, Slide, pack
from gen_lab.ui.lesson import Desk
from pages.lesson.widgets import code, is_local
from tests.apptest import errors, link, open_page, press, run

pytestmark = pytest.mark.usefixtures("checkpoints")
OWN = Lesson("Own", (Slide("faces", {"seed": "7"}, "First"), Slide("digits", {}, "Second")))


def with_own(**query):
    app = open_page("lesson", **query)
    app.session_state["lesson desk"] = Desk(OWN)
    return run(app)


def own(app) -> Lesson:
    return app.session_state["lesson desk"].lesson


def test_an_empty_lesson_says_how_to_begin():
    app = open_page("lesson")
    assert "Your lesson is empty" in app.info[0].value
    assert not any(button.label == "Present" for button in app.button)


def test_slides_are_arranged_and_undone():
    app = with_own()
    app.text_area(key="lesson note 1").set_value("Changed")
    run(app)
    app.button(key="lesson step 1 -1").click()
    run(app)
    assert [slide.note for slide in own(app).slides] == ["Changed", "First"]
    app.button(key="lesson remove 0").click()
    run(app)
    assert [slide.page for slide in own(app).slides] == ["faces"]
    for _ in range(3):
        press(app, "Undo")
    assert own(app) == OWN and app.text_area(key="lesson note 0").value == "First"


def test_a_lesson_gets_a_title():
    app = with_own()
    app.text_input(key="lesson title").set_value("Faces first")
    assert own(run(app)).title == "Faces first"


def test_a_lesson_that_ships_is_copied():
    app = open_page("lesson", shipped="autoencoders")
    press(app, "Copy to my lesson")
    assert own(app).title == "Autoencoders" and link(app) == {}


def test_a_lesson_of_a_link_is_shown_and_added_to_ones_own():
    other = Lesson("Other", (Slide("gan", {"seed": "3"}, "*Look!*"),))
    app = with_own(lesson=pack(other))
    assert app.header[0].value == "Other" and app.text[0].value == "*Look!*" and own(app) == OWN
    press(app, "Add to my lesson")
    assert own(app).slides == OWN.slides + other.slides


def test_presenting_begins_with_the_first_slide():
    app = press(with_own(), "Present")
    desk = app.session_state["lesson desk"]
    assert desk.presented == OWN and desk.number == 0 and desk.target == OWN.slides[0]


@pytest.mark.parametrize("query", [{"lesson": "x"}, {"shipped": "![spy](http://example.com)"}])
def test_a_bad_link_is_refused_with_the_remedy(query):
    assert any(words in errors(open_page("lesson", **query)) for words in ("ask for the link again", "choose another"))


def test_a_qr_code_is_dark_on_light():
    svg = code("http://school.example/lesson?lesson=abc")
    assert svg.startswith("<svg") and "#17120f" in svg and "#fff" in svg


def test_only_this_computer_reaches_localhost():
    assert all(map(is_local, ["http://localhost:8501/lesson", "http://127.0.0.1/", "http://[::1]:8501/"]))
    assert not any(map(is_local, ["http://192.168.1.7:8501/lesson", "https://school.example/", ""]))
