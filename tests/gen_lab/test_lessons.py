"""Lessons as data: what is packed and saved comes back, and nothing else comes in."""

import base64
import json
import zlib
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab import lessons
from gen_lab.lessons import Lesson, Slide, from_json, pack, to_json, unpack

PAGES = ("faces", "digits")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SLIDE = st.builds(Slide, st.sampled_from(PAGES), st.dictionaries(TEXT, TEXT, max_size=4), TEXT)
LESSON = st.builds(Lesson, TEXT, st.lists(SLIDE, max_size=4).map(tuple))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "faces", "x" * 3000]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
)
ONE = Lesson("One", (Slide("faces", {"Smiling": "2"}, "Why?"),))


def packed(content) -> str:
    parts = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(zlib.compress(parts, 9)).decode().rstrip("=")


@given(LESSON)
def test_a_packed_lesson_comes_back(lesson):
    assert unpack(pack(lesson), PAGES) == lesson


@given(LESSON)
def test_a_saved_lesson_comes_back(lesson):
    assert from_json(to_json(lesson), PAGES) == lesson


def test_a_file_is_for_people():
    assert json.loads(to_json(ONE)) == {
        "title": "One",
        "slides": [{"page": "faces", "query": {"Smiling": "2"}, "note": "Why?"}],
    }


def is_sound(lesson: Lesson) -> bool:
    return (
        len(lesson.slides) <= lessons.SLIDES
        and all(slide.page in PAGES and lessons.is_query(slide.query) for slide in lesson.slides)
        and bool(to_json(lesson).encode())
    )


@settings(deadline=None)
@given(st.text() | st.binary().map(packed) | JSON.map(packed) | st.lists(JSON, min_size=2, max_size=2).map(packed))
def test_a_hostile_link_is_a_sound_lesson_or_refused(letters):
    try:
        assert is_sound(unpack(letters, PAGES))
    except ValueError as error:
        assert ": " in str(error) and str(error).encode()


@given(st.text() | st.binary() | JSON.map(json.dumps) | st.builds(
    lambda page, query, note: json.dumps({"slides": [{"page": page, "query": query, "note": note}]}), JSON, JSON, JSON
))  # fmt: skip
def test_a_hostile_file_is_a_sound_lesson_or_refused(text):
    try:
        assert is_sound(from_json(text, PAGES))
    except ValueError as error:
        assert ": " in str(error) and str(error).encode()


@pytest.mark.parametrize(
    ("slides", "remedy"),
    [
        ([["attic", {}, ""]], "slide 1 shows a page 'attic' that is not here"),
        ([["faces", {}, ""], ["\ud800", {}, ""]], "slide 2 shows a page that is not here"),
        ([["faces", {"seed": 7}, ""]], "the query of slide 1 is not a page's: copy it from the page's link"),
        ([["faces", {"seed": "7" * 50_000}, ""]], "the query of slide 1"),
        ([["faces", dict.fromkeys(map(str, range(200)), ""), ""]], "the query of slide 1"),
        ([["faces", {}, "x" * 3000]], "the note of slide 1 is not text of 2,000 characters or fewer: shorten it"),
        ([["faces", {}, ""]] * 61, "this lesson has 61 slides: leave at most 60"),
        ([["faces", {}]], "damaged or cut short"),
        ("faces", "damaged or cut short"),
    ],
)
def test_what_is_refused_is_named_with_the_remedy(slides, remedy):
    with pytest.raises(ValueError, match="^" + remedy if not remedy.startswith("damaged") else remedy):
        unpack(packed(["", slides]), PAGES)


@pytest.mark.parametrize(
    "letters",
    [
        pack(ONE)[:-3],
        pack(ONE) + "*",
        packed(b"[" * 100_000),
        packed(b" " * 4_000_001),
        packed(["", [], "more"]),
        "é",
        "A" * 10_000,
        "",
    ],
)
def test_a_damaged_link_is_refused_with_the_remedy(letters):
    with pytest.raises(ValueError, match="ask for the link again"):
        unpack(letters, PAGES)


def test_a_lesson_too_long_for_a_link_is_refused_when_it_is_packed():
    notes = [Slide("faces", {}, Random(number).randbytes(900).hex()) for number in range(60)]
    with pytest.raises(ValueError, match="leave the notes out, or send it as a file"):
        pack(Lesson("", tuple(notes)))
    assert pack(Lesson("", tuple(notes)).without_notes())


def test_slides_are_added_moved_noted_and_removed():
    a, b, c = (Slide("faces", {"seed": seed}) for seed in "123")
    lesson = Lesson().adding(a).adding(b, c)
    assert lesson.moving(2, -1).slides == (a, c, b)
    assert lesson.moving(0, -1) == lesson and lesson.moving(2, 1) == lesson
    assert lesson.removing(1).slides == (a, c)
    assert lesson.noting(1, "Look!").slides[1] == Slide("faces", {"seed": "2"}, "Look!")


def test_a_full_lesson_takes_no_more_slides():
    with pytest.raises(ValueError, match="take one away first"):
        Lesson("", ONE.slides * 60).adding(*ONE.slides)
