"""Lessons on every page: the entry in the sidebar that collects slides, the bar that presents them, and "follow me".

A slide is a page in a state, so a lesson that is presented stays live. The main script calls `begin` before each page;
pages know nothing of lessons. The page where a lesson is put together is pages/lesson.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from gen_lab import rooms
from gen_lab.lessons import NOTE, SLIDES, Lesson, Slide, from_json, to_json
from gen_lab.ui import navigation
from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _

FOLDER = Path(__file__).parent
PAGE = "lesson"  # where a lesson is put together
BAR, STORAGE, PILL = "lesson bar", "lesson storage", "lesson pill"  # keys of components
STORED = {"lesson": "gen_lab lesson", "key": "gen_lab room", "code": "gen_lab class"}  # names in the browser's storage
LIMIT = 100  # steps that can be undone

_bar = component("lesson", FOLDER, "lesson")
_pill = component("follow", FOLDER, "follow")
_storage = component("storage", FOLDER, "storage")


@dataclass
class Desk:
    """What a session holds of lessons."""

    lesson: Lesson = Lesson()  # the teacher's own
    is_known: bool = False  # it was changed here, or came from the browser's storage
    is_heard: bool = False  # the browser has said what it keeps
    is_news: bool = False  # the lesson has just come from there
    past: list[Lesson] = field(default_factory=list)  # what Undo brings back
    presented: Lesson | None = None
    number: int = 0  # of the slide that is presented, from 0
    target: Slide | None = None  # what is to be shown next
    key: str | None = None  # of the room in which it teaches; empty: of none any more
    code: str | None = None  # of the room that it follows; empty: of none any more
    revision: int = -1  # of that room, as it was shown last
    is_away: bool = False  # it looks around by itself

    def change(self, lesson: Lesson) -> None:
        """Another lesson in place of the teacher's own, which Undo brings back."""
        if lesson != self.lesson:
            self.past = [*self.past, self.lesson][-LIMIT:]
            self.lesson, self.is_known = lesson, True

    def stored(self) -> dict[str, str | None]:
        """What the browser is to keep, once it was heard: text by name. None: it keeps what it has."""
        lesson = to_json(self.lesson) if self.is_known else None
        return {STORED["lesson"]: lesson, STORED["key"]: self.key, STORED["code"]: self.code}

    def remember(self, texts: dict[str, str]) -> None:
        """Takes what the browser kept of an earlier visit, once. Slides that were collected before it was heard of come
        after those that it kept."""
        if self.is_heard:
            return
        self.is_heard = True
        with suppress(ValueError):  # damaged, or of a page that is gone: it stays there until there is another
            kept = from_json(texts.get(STORED["lesson"], ""), page_names())
            self.lesson, *self.past = (
                Lesson(each.title or kept.title, (*kept.slides, *each.slides)[:SLIDES])
                for each in (self.lesson, *self.past)
            )
            self.is_known = self.is_news = True
        if self.key is None and (room := rooms.rooms.of(texts.get(STORED["key"], ""))):
            self.key, self.is_news = room.key, True
        if self.code is None and texts.get(STORED["code"]):
            self.follow(texts[STORED["code"]])

    def follow(self, code: str) -> None:
        """Shows from now on what the teacher of a room shows."""
        self.code, self.revision, self.is_away, self.is_news = code.strip().upper(), -1, False, True

    def hear(self, news: dict) -> None:
        """Takes a message of the pill: something else is shown, or its button was pressed."""
        if "away" in news:
            self.is_away, self.revision = bool(news["away"]), -1

    def teach(self) -> rooms.Room:
        """The room in which this session teaches, which is opened if there is none."""
        room = rooms.rooms.of(self.key) if self.key else None
        room = room or rooms.rooms.open()
        self.key, self.code = room.key, ""
        return room

    def stop(self) -> None:
        """Ends the room."""
        rooms.rooms.close(self.key or "")
        self.key = ""

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
    """Before a page runs: the slide that is to be shown now, the bar or the pill, and the entry in the sidebar."""
    state = desk()
    if code := st.query_params.get("follow"):
        del st.query_params["follow"]
        state.follow(code)
    state.is_news = False
    room = _room(state, page)
    target, state.target = state.target, None
    if target is not None:
        navigation.follow_link(target.page, target.query, page)
    with st.container(key="lesson-bar"):
        if state.presented:
            _present(state.presented, state)
        elif room is not None:
            _follow(state)
    with st.sidebar:
        _entry(page)


def tell(page: str) -> None:
    """Shows a page in its present state to those who follow. The page Lesson is the teacher's alone."""
    key = st.session_state["lesson desk"].key if "lesson desk" in st.session_state else None
    if key and page != PAGE:
        rooms.rooms.show(key, Slide(page, st.query_params.to_dict()))


def _room(state: Desk, page: str) -> rooms.Room | None:
    """The room that this session follows, if any. What is new there is to be shown now."""
    if not state.code:
        return None
    room = rooms.rooms.find(state.code)
    if room is None:
        words = _("Nobody teaches the class {code} now. If somebody does, ask for the link again.")
        st.toast(words.format(code=state.code[: rooms.CODE]), icon=":material/co_present:")
        state.code = ""
    elif room.slide and not state.is_away:
        if room.revision != state.revision:
            state.revision, state.target = room.revision, room.slide
        elif page != room.slide.page:  # the student went there
            state.is_away = True
    return room


def _follow(state: Desk) -> None:
    """The pill that says so, and lets the student look around."""
    words = {
        "label": _("Class"), "following": _("You follow the class"), "leave": _("Look around by yourself"),
        "away": _("You look around"), "back": _("Follow again"),
    }  # fmt: skip
    _pill(
        key=PILL,
        data={"code": state.code, "revision": state.revision, "away": state.is_away, "words": words},
        on_news_change=lambda: state.hear(st.session_state[PILL]["news"]),
    )


def _present(lesson: Lesson, state: Desk) -> None:
    """The bar, and the style sheet that leaves the page alone on the screen."""
    slide, count = lesson.slides[state.number], len(lesson.slides)
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
    _storage(  # before the entry says that there is a slide, for the reader may leave at once
        key=STORAGE,
        data={"texts": state.stored(), "tab": [STORED["key"], STORED["code"]], "isHeard": state.is_heard},
        on_texts_change=lambda: state.remember(st.session_state[STORAGE]["texts"]),
    )
    count = len(state.lesson.slides)
    with st.popover(_("Slides"), icon=":material/add_to_photos:", type="tertiary", key="lesson slides"):
        if page != PAGE:
            words = _("What you will say, and ask the class")
            st.text_area(_("Note"), key="lesson note", height=100, placeholder=words)
            st.button(
                _("Add this page as a slide"), icon=":material/add:", type="primary", disabled=count >= SLIDES,
                on_click=_add, args=(state, page),
            )  # fmt: skip
        words = {0: _("Lessons"), 1: _("Your lesson: 1 slide")}.get(count, _("Your lesson: {count} slides"))
        st.page_link(navigation.script(PAGE), label=words.format(count=count), icon=":material/arrow_forward:")
        if state.key and (room := rooms.rooms.of(state.key)):
            words = _("The class {code} follows you: {count}")
            st.caption(words.format(code=room.code, count=len(room.waiting)))
            st.button(_("Stop"), icon=":material/stop:", on_click=state.stop)
    if state.is_news and (page == PAGE or state.code):  # from the storage: the page shows it
        st.rerun()


def _add(state: Desk, page: str) -> None:
    """The page, as its link has it now, becomes the last slide."""
    state.change(state.lesson.adding(Slide(page, st.query_params.to_dict(), st.session_state["lesson note"][:NOTE])))
    st.session_state["lesson note"] = ""


def edit(change: Callable[..., Lesson], *arguments) -> None:
    """Changes the teacher's own lesson: `edit(Lesson.moving, 2, -1)`."""
    state = desk()
    state.change(change(state.lesson, *arguments))
