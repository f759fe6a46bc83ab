"""Lesson: Put pages together as slides, and present them to a class."""

import streamlit as st

from gen_lab.ui import frame, lesson
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.lesson import state, widgets

frame.head(
    _("Lesson"),
    _(
        "**A slide is a page in the state in which you left it, and stays live.** Collect slides on any page, by "
        "*Slides* in the sidebar; arrange and present them here."
    ),
)
history = History("lesson", state.View)
history.write_link()
pages, own = lesson.page_names(), lesson.desk().lesson
is_own = history.current == state.View()
with frame.remedies():
    shown = state.lesson(history.current, own, pages)

if is_own:
    widgets.toolbar(history, shown, is_own)
    widgets.editor(shown, pages)
    st.divider()
    widgets.gallery(history, state.shipped(pages), pages)
else:
    st.button(_("My lesson"), icon=":material/arrow_back:", on_click=history.push, kwargs={"shipped": "", "lesson": ""})
    st.header(widgets.title(shown), anchor=False)
    widgets.toolbar(history, shown, is_own)
    widgets.slides(shown, pages)
    widgets.take(history, shown)
