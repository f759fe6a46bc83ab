"""What every page has around its picture: the head, and below it the teaching text, the code and the model card."""

from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from gen_lab import device
from gen_lab.checkpoint import CheckpointError
from gen_lab.data import MissingData

TEXT = Path(__file__).parents[2] / "pages" / "text" / "en"
CODE = Path(__file__).parents[2] / "pages" / "code"


def head(title: str, sentence: str) -> None:
    """Title, one sentence, and whatever the device has to say."""
    st.title(title, anchor=False)
    st.markdown(sentence)
    if device.notice():
        st.warning(device.notice(), icon=":material/memory:")


@contextmanager
def remedies():
    """Shows what is missing or broken, and the command that repairs it, instead of a traceback; then stops the run."""
    try:
        yield
    except (CheckpointError, MissingData) as error:
        problem, _, command = str(error).partition(": ")
        st.error(f"{problem[0].upper()}{problem[1:]}.", icon=":material/error:")
        st.markdown(f"To repair it: {command}")
        st.stop()
    except (ValueError, MemoryError) as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def below(page: str, card: dict) -> None:
    """What you are seeing; the same in code; the model card."""
    st.divider()
    words, code = st.columns(2, gap="large")
    with words:
        st.markdown((TEXT / f"{page}.md").read_text("utf-8"))
    with code:
        st.subheader("The same in code", anchor=False)
        st.code((CODE / f"{page}.py").read_text("utf-8"), language="python", wrap_lines=True)
        model_card(card)


def model_card(card: dict) -> None:
    """A checkpoint's card for readers; the whole of it behind a fold."""
    data, metrics = card.get("data", {}), card.get("metrics", {})
    minutes = card.get("seconds", 0) / 60
    st.subheader(f"Model card: {card['name']}", anchor=False)
    st.markdown(
        f"Trained on {data.get('images', 0):,} pictures of *{data.get('name')}* ({data.get('split')} split) for "
        f"{card.get('steps', 0):,} steps in {minutes:.0f} minutes on {card.get('device')} by "
        f"`python -m train {card.get('recipe')}`."
    )
    figures = {name: value for name, value in metrics.items() if isinstance(value, (int, float)) and name != "seconds"}
    if figures:
        st.table({name.replace("_", " "): f"{value:,.4g}" for name, value in figures.items()}, border="horizontal")
    for title, key in (("Intended use", "intended_use"), ("Limits", "limits"), ("What was tried", "tried")):
        content = card.get(key)
        if content:
            lines = content if isinstance(content, list) else [content]
            st.markdown(f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines))
    st.caption(f"Data: {data.get('licence')}.")
    with st.expander("The whole card"):
        st.json(card, expanded=1)
