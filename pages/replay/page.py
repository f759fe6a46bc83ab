"""Training replay: Watch a model learn again, step by step, and see in its losses where something went wrong."""

import streamlit as st

from gen_lab import registry
from gen_lab.ui import charts, frame, models
from gen_lab.ui.history import History
from pages.replay import widgets
from pages.replay.control import replay_control
from pages.replay.state import View

frame.head(
    "Training replay",
    "**Drag the scrubber, or press Play: the same latents, as the model drew them while it learnt.** The mark on each "
    "chart moves along. The runs that are called a lesson failed on purpose, to show what that looks like.",
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
    return f"{name} (a lesson: {lesson})" if lesson else name


with st.container(horizontal=True, vertical_alignment="bottom"):
    if cards:
        st.selectbox("Model", width=380, format_func=title, **history.widget("model", list(cards), step=None))
    history.buttons()
    history.link()
with frame.remedies():
    run = widgets.read(view.model)
    card = registry.cards()[view.model]

# Control, pictures and losses
replay_control(run, view, key="replay control", on_release=lambda changes: history.push(**changes))

with st.container(horizontal=True):
    save = {"icon": ":material/download:", "on_click": "ignore"}
    st.download_button("Pictures", run.sheet, f"{view.model}-replay.webp", "image/webp", **save)
    history_file = registry.folder(view.model) / "history.jsonl"
    st.download_button("Losses", history_file.read_bytes, f"{view.model}-history.jsonl", "application/jsonl", **save)

# The slow parts
lesson = widgets.lesson(card)
if lesson:
    st.markdown(lesson)
shares = widgets.class_shares(card)
if shares:
    st.subheader("What the finished model draws", anchor=False)
    charts.plot(widgets.bars(shares))
    st.caption(f"What the judge, a classifier, takes the model's random pictures for. {widgets.extremes(shares)}")

frame.below("replay", card)
