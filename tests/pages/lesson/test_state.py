"""The lessons that ship, and which one the page shows."""

import pytest

from gen_lab.lessons import Lesson, Slide, pack
from pages.lesson.state import View, lesson

OWN = Lesson("Own", (Slide("faces"),))
OTHER = Lesson("Other", (Slide("digits", {"beta": "4"}, "Look!"),))
PAGES = {"digits", "faces", "paths", "map", "arithmetic", "gan", "conditional", "replay", "novelty", "captions"}


def test_the_page_shows_the_teachers_own_lesson_unless_a_link_says_otherwise():
    assert lesson(View(), OWN, PAGES) == OWN
    assert lesson(View(lesson=pack(OTHER)), OWN, PAGES) == OTHER
    assert lesson(View(shipped="autoencoders"), OWN, PAGES).title == "Autoencoders"


def test_a_lesson_that_does_not_ship_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="no lesson 'x' ships with gen_lab: choose another"):
        lesson(View(shipped="x"), OWN, PAGES)
