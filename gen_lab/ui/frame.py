"""What every page has around its picture: the head, and below it the teaching text, the code and the model card."""

import re
from contextlib import contextmanager
from html import escape

import streamlit as st

from gen_lab import device
from gen_lab.errors import Repairable
from gen_lab.ui.controls import mark
from gen_lab.ui.language import _
from gen_lab.ui.navigation import FOLDER

LONGEST = 2000  # characters of a text on a card


def head(title: str, sentence: str) -> None:
    """Title, one sentence, and the device's notice, if any."""
    st.title(title, anchor=False)
    st.markdown(sentence)
    if device.notice():
        st.warning(device.notice(), icon=":material/memory:")


def options():
    """The place for a page's choices, such as its model: a row, and on a phone a button that opens them.

    It is a container as `st.container` makes it, which can be entered more than once.
    """
    place = st.container(key="options", horizontal=True, vertical_alignment="bottom")
    place.html(f"<details><summary>{escape(_('Options'))}</summary></details>")  # frame.css does the rest
    return place


def picture_first() -> None:
    """Waits until the browser has painted what stands above: the slow parts of a page, and `below`, come after this.

    What they had drawn before stays where it is until it is drawn anew.
    """
    mark.wait()


@contextmanager
def remedies(stop: bool = True):
    """Shows what is missing or broken, and the command that repairs it, instead of a traceback.

    Then it stops the run; with `stop=False` it only leaves the block.
    """
    try:
        yield
    except (Repairable, ValueError, MemoryError, OSError) as error:
        explain(error)
        if stop:
            st.stop()


def explain(error: Exception) -> None:
    """What is wrong, and the commands that repair it, ready to copy."""
    problem, commands = (error.problem, error.commands) if isinstance(error, Repairable) else (str(error), ())
    st.error(_sentence(problem), icon=":material/error:")
    if commands:
        st.markdown("To repair it, type this in the folder of gen_lab:")
        st.code("\n# or\n".join(commands), language="bash")


def _sentence(text: str) -> str:
    """The text as a sentence. It may quote a stranger's link, so nothing in it may act as markdown (images, links)."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text[:1].upper() + text[1:]) + "."


def below(page: str, card: dict) -> None:
    """The teaching text, the same in code, and the model card."""
    st.divider()
    text, code = st.columns(2, gap="large")
    with text:
        st.markdown((FOLDER / page / "text" / "en.md").read_text("utf-8"))
    with code:
        st.subheader("The same in code", anchor=False)
        st.code((FOLDER / page / "code.py").read_text("utf-8"), language="python", wrap_lines=True)
        st.subheader(f"Model card: {card['name']}", anchor=False)
        model_card(card)


def summary(card: dict) -> str:
    """A card in a few words."""
    data, steps = card.get("data"), card.get("steps")
    name = data.get("name") if isinstance(data, dict) else None
    return f"{card['family']} on {name or 'unknown data'}" + (f", {steps:,} steps" if type(steps) is int else "")


def model_card(card: dict) -> None:
    """A checkpoint's card for readers, and the whole of it in an expander."""
    try:
        _card_for_readers(card)
    except (AttributeError, KeyError, TypeError, ValueError):  # anybody may have edited the card
        st.warning("This card is not in order; the model's recipe writes it anew.", icon=":material/warning:")
    with st.expander("The whole card"):
        st.json(_cut(card), expanded=1)


def _cut(value):
    """A card's content, with very long texts cut short."""
    if isinstance(value, dict):
        return {key: _cut(part) for key, part in value.items()}
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:80]} … ({len(value):,} characters)"
    return value


def _card_for_readers(card: dict) -> None:
    data = card["data"]
    st.markdown(
        f"Trained on {data['images']:,} pictures of *{data['name']}* ({data['split']} split) for "
        f"{card['steps']:,} steps in {max(card['seconds'] / 60, 1):.0f} minutes on {card['device']} by "
        f"`python -m train {card['recipe']}`."
    )
    metrics = card.get("metrics", {})
    figures = {name: value for name, value in metrics.items() if isinstance(value, (int, float)) and name != "seconds"}
    distances = metrics.get("fd_lite0")
    if isinstance(distances, dict):
        figures |= {"fd_lite0": distances["samples"]}
    if figures:
        st.table({name.replace("_", " "): f"{value:,.4g}" for name, value in figures.items()}, border="horizontal")
    for title, key in (("Intended use", "intended_use"), ("Limits", "limits"), ("What was tried", "tried")):
        content = card.get(key)
        if content:
            lines = content if isinstance(content, list) else [content]
            st.markdown(f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines))
    st.caption(f"Data: {data['licence']}.")
