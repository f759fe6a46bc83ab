"""The control of the occlusion lesson: a part of the picture is covered, and the words change, or do not.

It follows the rules of gen_lab/ui/controls where there is no socket: while the rectangle is dragged only this
control's fragment runs, once at a time and always for the newest rectangle; the page follows when the hand lets go.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from gen_lab.ui.controls.modules import component
from pages.captions import widgets as captions
from pages.captions.control import address, ratio, steps, tables
from pages.captions.state import Captions, Sentence, rectangle, where
from pages.captions.widgets import Shown

LARGE = 560  # pixels of the picture's longer side: it is sent with every step of a drag

_component = component("cover", Path(__file__).parent, "cover")


@dataclass
class _Memory:
    """What the control remembers between the runs of one session."""

    heard: int | None = None  # the time of the browser's last message
    dragged: tuple[float, ...] | None = None  # the rectangle while it is dragged
    released: bool = False  # the browser let go, and the page has not followed yet
    drawing: bool = False  # the page's own run is under way, not just the fragment's


def cover_control(
    checkpoint, shown: Shown, sentence: Sentence, state: Captions, *, key: str, on_release: Callable[[dict], None]
) -> None:
    """A picture of which a part, `state.cover`, is grey; what the captioner says then, and what it makes of `sentence`.

    `on_release` gets {"cover"} when a rectangle was let go, or {"word"}, before the page reruns.
    """
    memory: _Memory = st.session_state.setdefault(f"{key} memory", _Memory())
    memory.drawing = True
    try:
        _draw(checkpoint, shown, sentence, state, key, on_release)
        memory.released = False  # not reached where a newer run interrupts this one: the news stays news
    finally:
        memory.drawing = False


@st.fragment
def _draw(checkpoint, shown: Shown, sentence: Sentence, state: Captions, key: str, on_release) -> None:
    memory: _Memory = st.session_state[f"{key} memory"]
    if memory.released and not memory.drawing:
        st.rerun()
    cover = state.cover if memory.dragged is None else memory.dragged
    after, now = sentence, sentence
    if cover:
        after, now = captions.covering(checkpoint, shown, sentence, state, cover)
    _component(
        key=key,
        data={
            "heard": memory.heard,
            "name": shown.name,
            "picture": address(shown, LARGE),
            "ratio": ratio(shown),
            "title": shown.title,
            "steps": steps(sentence),
            "after": [step["probability"] for step in steps(after)],
            "sums": [sentence.log_probability, after.log_probability],
            "now": " ".join(now.words),
            "before": " ".join(sentence.words),
            "cover": cover,
            "word": sentence.place(state.word),
            "table": tables()[state.colours],
            "strength": state.strength,
        },
        on_control_change=lambda: _received(sentence, key, on_release),
    )


def _received(sentence: Sentence, key: str, on_release) -> None:
    """A message of the browser: a step of a drag, or what the hand left."""
    message = st.session_state[key]["control"]
    changes = _understand(message, sentence)
    if changes is None:
        return
    memory: _Memory = st.session_state[f"{key} memory"]
    memory.heard = message.get("at")
    if message.get("dragging") is True:
        memory.dragged = changes.get("cover")
        return
    memory.dragged, memory.released = None, True
    on_release(changes)


def _understand(message, sentence: Sentence) -> dict | None:
    """The changes in a browser's message; None if anything is wrong with it, for our own script sends no such thing."""
    try:
        for name in ("word", "where"):
            if name in message:
                place = message[name]
                if type(place) is not int or not 0 <= place < len(sentence.steps):
                    return None
                return {"word": place} | ({"cover": where(sentence.steps[place].attention)} if name == "where" else {})
        sides = [float(side) for side in message["cover"]]
        fits = len(sides) in (0, 4) and all(0 <= side <= 1 for side in sides)
        return {"cover": rectangle(sides) if sides else ()} if fits else None
    except (TypeError, ValueError, KeyError, OverflowError):
        return None
