"""Lessons on every page: the entry in the sidebar that collects slides, and the bar that presents them.

A slide is a page in a state, so a lesson that is presented stays live. The main script calls `begin` before each page;
pages know nothing of lessons. The page where a lesson is put together is pages/lesson.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from gen_lab.lessons import NOTE, SLIDES, Lesson, Slide, from_json, to_json
from gen_lab.ui import navigation
from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _

FOLDER = Path(__file__).parent
PAGE = "lesson"  # where a lesson is put together
BAR, STORAGE = "lesson bar", "lesson storage"  # keys of components
LIMIT = 100  # steps that can be undone

_bar = component("lesson", FOLDER, "lesson")
_storage = component("storage", FOLDER, "storage")


@dataclass
class Desk:
    """What a session holds of lessons."""

    lesson: Lesson = Lesson()  # the teacher's own
    is_known: bool = False  # it was changed here, or came from the browser's storage
    is_news: bool = False  # it has just come from there
    past: list[Lesson] = field(default_factory=list)  # what Undo brings back
    presented: Lesson | None = None
    number: int = 0  # of the slide that is presented, from 0
    target: Slide | None = None  # what is to be shown next

    def change(self, lesson: Lesson) -> None:
        """Another lesson in place of the teacher's own, which Undo brings back."""
        if lesson != self.lesson:
            self.past = [*self.past, self.lesson][-LIMIT:]
            self.lesson, self.is_known = lesson, True

    def remember(self, text: str) -> None:
        """Takes the lesson of an earlier visit, unless there is one already."""
        if not self.is_known:
            with suppress(ValueError):  # damaged, or of a page that is gone: it stays there until there is another
                self.lesson = from_json(text, page_names())
                self.is_known = self.is_news = True

    def undo(self) -> None:
        self.lesson = self.past.pop()

    def present(self, lesson: Lesson, number: int = 0) -> None:
        """Presents a lesson from one of its slides on."""
        self.presented, self.number, self.target = lesson, number, lesson.slides[number]

    def show(self, slide: Slide) -> None:
        """Opens the page of one slide."""
        self.target = slide

    def turn(self, number: int | None) -> None:
        """Shows another slide of the presented lesson; None ends it."""
        if self.presented is None:
            return
        if number is None:
            self.presented = None
        elif 0 <= number < len(self.presented.slides):
            self.present(self.presented, number)


def desk() -> Desk:
    """This session's desk."""
    return st.session_state.setdefault("lesson desk", Desk())


def page_names() -> dict[str, str]:
    """The pages that a slide can show: name -> title."""
    return {page.name: page.title for page in navigation.pages() if page.name != PAGE}


def begin(page: str) -> None:
    """Before a page runs: the bar, the entry in the sidebar, and the slide that is to be shown now."""
    state = desk()
    target, state.target = state.target, None
    if target is not None:
        navigation.follow_link(target.page, target.query, page)
    if state.presented:
        with st.container(key="lesson-bar"):
            _present(state)
    with st.sidebar:
        _entry(page)


def _present(state: Desk) -> None:
    """The bar, and the style sheet that leaves the page alone on the screen."""
    slide, count = state.presented.slides[state.number], len(state.presented.slides)
    place = _("{number} of {count}").format(number=state.number + 1, count=count)
    words = {"lesson": _("Lesson"), "back": _("Back"), "next": _("Next"), "end": _("End")}
    _bar(
        key=BAR,
        data={"number": state.number, "count": count, "place": place, "note": slide.note, "words": words},
        on_news_change=lambda: state.turn(st.session_state[BAR]["news"]["number"]),
    )
    st.html(FOLDER / "presenting.css")


@st.fragment
def _entry(page: str) -> None:
    """A small entry in the sidebar, on every page."""
    state = desk()
    count = len(state.lesson.slides)
    with st.popover(_("Lesson"), icon=":material/co_present:", type="tertiary"):
        if page != PAGE:
            words = _("What you will say, and ask the class")
            st.text_area(_("Note"), key="lesson note", height=100, placeholder=words)
            st.button(
                _("Add this page as a slide"), icon=":material/add:", type="primary", disabled=count >= SLIDES,
                on_click=_add, args=(state, page),
            )  # fmt: skip
        words = {0: _("Lessons"), 1: _("Your lesson: 1 slide")}.get(count, _("Your lesson: {count} slides"))
        st.page_link(navigation.script(PAGE), label=words.format(count=count), icon=":material/arrow_forward:")
    _storage(
        key=STORAGE,
        data={"name": "gen_lab lesson", "text": to_json(state.lesson) if state.is_known else None},
        on_text_change=lambda: state.remember(st.session_state[STORAGE]["text"]),
    )
    if page == PAGE and state.is_news:  # it came from the storage: the page shows it
        state.is_news = False
        st.rerun()


def _add(state: Desk, page: str) -> None:
    """The page, as its link has it now, becomes the last slide."""
    state.change(state.lesson.adding(Slide(page, st.query_params.to_dict(), st.session_state["lesson note"][:NOTE])))
    st.session_state["lesson note"] = ""


def edit(change: Callable[..., Lesson], *arguments) -> None:
    """Changes the teacher's own lesson: `edit(Lesson.moving, 2, -1)`."""
    state = desk()
    state.change(change(state.lesson, *arguments))
