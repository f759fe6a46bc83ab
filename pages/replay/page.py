"""Training replay: Watch a model learn again, step by step, and see in its losses where something went wrong."""

import streamlit as st

from gen_lab import registry
from gen_lab.ui import charts, frame, models
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.replay import widgets
from pages.replay.control import replay_control
from pages.replay.state import View

frame.head(
    _("Training replay"),
    _(
        "**Press Play, or drag the slider: the same latents, as the model drew them while it learned.** The mark on "
        "each chart moves along. Two runs failed on purpose, to show what that looks like."
    ),
)

# Source: whose training
games = registry.having("replay", "score", without=("lesson",))  # they come first, because more can go wrong in a game
cards = games | registry.having("replay")
default = models.first(cards, "gan-digits")
history = History("replay", View, model=default)
history.write_link()
view = history.current


def title(name: str) -> str:
    lesson = cards[name].get("lesson")
    return _("{name} (failed: {lesson})").format(name=name, lesson=lesson) if lesson else name


with frame.options():
    if cards:
        st.selectbox(_("Model"), width=380, format_func=title, **history.widget("model", list(cards), step=None))
    history.buttons()
    history.link()
with frame.remedies():
    run = widgets.read(view.model)
    card = registry.cards()[view.model]

# Control, pictures and losses
replay_control(run, view, key="replay control", on_release=lambda changes: history.push(**changes))

with st.container(horizontal=True):
    save = {"icon": ":material/download:", "on_click": "ignore"}
    st.download_button(_("Pictures"), run.sheet, f"{view.model}-replay.webp", "image/webp", **save)
    history_file = registry.folder(view.model) / "history.jsonl"
    st.download_button(_("Losses"), history_file.read_bytes, f"{view.model}-history.jsonl", "application/jsonl", **save)

# The slow parts
frame.picture_first()
lesson = widgets.lesson(card)
if lesson:
    st.markdown(lesson)
shares = widgets.class_shares(card)
if shares:
    st.subheader(_("What the finished model draws"), anchor=False)
    charts.plot(widgets.bars(shares))
    explanation = _("What a classifier, the judge, takes the model's random pictures for.")
    st.caption(f"{explanation} {widgets.extremes(shares)}")

frame.below("replay", card)
