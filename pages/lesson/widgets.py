"""The rows, dialogs and cards of the page Lesson."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from gen_lab.lessons import NOTE, SLIDES, TITLE, Lesson, from_json, pack, to_json
from gen_lab.ui import frame, lesson, navigation
from gen_lab.ui.history import History
from gen_lab.ui.language import _

CSS = Path(__file__).with_suffix(".css")
SCANNED = 1200  # characters of an address at most, in a code that a phone reads off a projector's screen
INK, PAPER = "#17120f", "#ffffff"  # in dark, too: many phones do not read a light code on a dark ground


def title(shown: Lesson) -> str:
    return shown.title or _("Untitled lesson")


def toolbar(history: History, shown: Lesson, is_own: bool) -> None:
    """What can be done with a whole lesson."""
    desk = lesson.desk()
    with st.container(horizontal=True):
        if shown.slides:
            st.button(
                _("Present"), icon=":material/play_arrow:", type="primary", key="lesson present",
                on_click=desk.present, args=(shown,), help=_("← and → turn the slides, Escape ends"),
            )  # fmt: skip
            if st.button(_("Share"), icon=":material/qr_code_2:"):
                share(shown)
            name = re.sub(r"\W+", "-", shown.title.lower()).strip("-") or "lesson"
            export = {"mime": "application/json", "icon": ":material/download:", "on_click": "ignore"}
            st.download_button(_("Export"), lambda: to_json(shown), f"{name}.json", **export)
        icon = ":material/cast_for_education:"
        if st.button(_("Follow me"), icon=icon, key="lesson follow", on_click=desk.teach):
            follow_me()
        if is_own:
            if st.button(_("Import"), icon=":material/upload:"):
                import_file(history)
            if desk.past:
                st.button(_("Undo"), icon=":material/undo:", on_click=desk.undo)


# -- the teacher's own lesson ------------------------------------------------------------------------------------------


def editor(own: Lesson, pages: dict[str, str]) -> None:
    """The lesson's title and its slides, to change."""
    if not own.slides:
        words = _("Your lesson is empty. Open a page, set it up, and choose *Slides* in the sidebar; or begin with one "
                  "of the lessons below.")  # fmt: skip
        st.info(words, icon=":material/co_present:")
        return
    st.session_state["lesson title"] = own.title  # the lesson decides, or undo could not change it
    st.text_input(
        _("Title"), key="lesson title", max_chars=TITLE, placeholder=_("Untitled lesson"),
        on_change=lambda: lesson.edit(Lesson.titled, st.session_state["lesson title"]),
    )  # fmt: skip
    for number, slide in enumerate(own.slides):
        with _slide(number, slide, pages):
            key = f"lesson note {number}"
            st.session_state[key] = slide.note
            st.text_area(
                _("Note to slide {number}").format(number=number + 1), key=key, height=92, max_chars=NOTE,
                label_visibility="collapsed", placeholder=_("What you will say, and ask the class"),
                on_change=_note, args=(number, key),
            )  # fmt: skip
            with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
                _step(number, -1, _("Up"), "arrow_upward", number == 0)
                _step(number, 1, _("Down"), "arrow_downward", number == len(own.slides) - 1)
                st.button(
                    _("Remove"), icon=":material/delete:", key=f"lesson remove {number}", type="tertiary",
                    on_click=lesson.edit, args=(Lesson.removing, number),
                )  # fmt: skip
                _open(own, number)


def _note(number: int, key: str) -> None:
    lesson.edit(Lesson.noting, number, st.session_state[key])


def _step(number: int, by: int, label: str, icon: str, is_last: bool) -> None:
    st.button(
        label, icon=f":material/{icon}:", key=f"lesson step {number} {by}", type="tertiary", disabled=is_last,
        on_click=lesson.edit, args=(Lesson.moving, number, by),
    )  # fmt: skip


def _open(shown: Lesson, number: int) -> None:
    st.button(
        _("Open"), icon=":material/arrow_forward:", key=f"lesson open {number}", type="tertiary",
        on_click=lesson.desk().show, args=(shown.slides[number],), help=_("Open the page as this slide has it"),
    )  # fmt: skip


def _slide(number: int, slide, pages: dict[str, str]):
    """The frame of a slide: its number, page and cover; returns the room for its note."""
    with st.container(border=True):
        left, right = st.columns([1, 4], gap="medium")
    with left:
        st.markdown(f"**{number + 1}** · {pages[slide.page]}")
        cover = navigation.script(slide.page).with_name("cover.webp")
        if cover.is_file():
            st.image(cover, width=140, alt="")
    return right


def import_file(history: History) -> None:
    """Opens a lesson's file."""

    @st.dialog(_("Import a lesson"))
    def ask() -> None:
        file = st.file_uploader(_("The file that *Export* saved"), type="json")
        if file is None:
            return
        with frame.remedies(stop=False):
            content = from_json(file.getvalue(), lesson.page_names())
            st.markdown(_("**{title}**, slides: {count}").format(title=title(content), count=len(content.slides)))
            take(history, content)

    ask()


def take(history: History, shown: Lesson) -> None:
    """Makes a lesson the teacher's own, or its slides the last ones of that."""
    own = lesson.desk().lesson

    def button(label: str, change: Callable[..., Lesson], *arguments) -> None:
        if st.button(label, icon=":material/content_copy:", disabled=len(own.slides) + len(shown.slides) > SLIDES):
            lesson.edit(change, *arguments)
            history.push(shipped="", lesson="")
            st.rerun()

    with st.container(horizontal=True):
        if own.slides:
            button(_("Add to my lesson"), Lesson.adding, *shown.slides)
            button(_("Use instead of my lesson"), lambda own: shown)
        else:
            button(_("Copy to my lesson"), lambda own: shown)


# -- other lessons -----------------------------------------------------------------------------------------------------


def slides(shown: Lesson, pages: dict[str, str]) -> None:
    """The slides of a lesson that is not the teacher's own, to read and open."""
    for number, slide in enumerate(shown.slides):
        with _slide(number, slide, pages):
            st.text(slide.note)  # a stranger's: no markdown
            with st.container(horizontal=True, horizontal_alignment="right"):
                _open(shown, number)


def gallery(history: History, lessons: dict[str, Lesson], pages: dict[str, str]) -> None:
    """The lessons that ship."""
    st.subheader(_("Lessons to begin with"), anchor=False)
    st.html(CSS)
    with st.container(key="lesson-gallery"):
        for name, each in lessons.items():
            with st.container(border=True):
                st.markdown(f"**{each.title}**")
                words = ", ".join(dict.fromkeys(pages[slide.page] for slide in each.slides))
                st.caption(_("{count} slides: {pages}").format(count=len(each.slides), pages=words))
                st.button(
                    _("Look at it"), key=f"lesson {name}", icon=":material/arrow_forward:",
                    on_click=history.push, kwargs={"shipped": name},
                )  # fmt: skip


# -- sharing -----------------------------------------------------------------------------------------------------------


def share(shown: Lesson) -> None:
    """The link of a lesson, and its QR code."""

    @st.dialog(_("Share this lesson"))
    def show() -> None:
        has_notes = st.toggle(_("With the notes"), help=_("They make the link longer. Students need none."))
        with frame.remedies(stop=False):
            packed = pack(shown if has_notes else shown.without_notes())
            offer(f"{(st.context.url or '').partition('?')[0]}?{urlencode({'lesson': packed})}")

    show()


def follow_me() -> None:
    """Opens the teacher's room, and shows how a class gets there."""

    @st.dialog(_("Follow me"))
    def show() -> None:
        room = lesson.desk().teach()
        st.markdown(
            _("Whoever opens this link sees your page, and what you do there. The class is **{code}**.").format(
                code=room.code
            )
        )
        offer(f"{(st.context.url or '').partition('?')[0].rpartition('/')[0]}/?follow={room.code}")
        if st.button(_("Stop"), icon=":material/stop:"):
            lesson.desk().stop()
            st.rerun()

    show()


def offer(address: str) -> None:
    """An address, to copy and as a QR code."""
    st.code(address, language=None, wrap_lines=True)
    if len(address) <= SCANNED:
        with st.container(horizontal_alignment="center"):
            st.image(code(address), width=320, alt=_("QR code of this link"))
    else:
        st.caption(_("This link is too long for a QR code that a phone could read."))
    if is_local(address):
        words = _(
            "No other device can open an address on *localhost*. Open gen_lab by this computer's address in your "
            "network, and share that link: `docs/CLASSROOM.md` says how, under *Serve a class*."
        )
        st.info(words, icon=":material/wifi:")


def code(address: str) -> str:
    """The QR code of an address, as SVG."""
    return segno.make(address, error="l", micro=False).svg_inline(scale=4, dark=INK, light=PAPER, border=4)


def is_local(address: str) -> bool:
    """Whether no other computer can reach an address."""
    host = urlsplit(address).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")
