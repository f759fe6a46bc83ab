"""What every page has around its picture: the head, and below it the teaching text, the code and the model card."""

import re
from contextlib import contextmanager
from html import escape

import streamlit as st

from gen_lab import device
from gen_lab.errors import Repairable
from gen_lab.ui import cards, language
from gen_lab.ui.controls import mark
from gen_lab.ui.language import _
from gen_lab.ui.navigation import FOLDER

# A section begins with a heading, or with a paragraph that opens with a sentence in bold.
SECTION = re.compile(r"(?:^|(?<=\n\n))(?:### (.+)\n|\*\*(.+[.?!])\*\*\s)")


def head(title: str, sentence: str) -> None:
    """Title, one sentence, and the device's notice, if any."""
    st.title(title, anchor=False)
    st.markdown(sentence)
    if notice := device.notice():
        st.warning(_(notice.sentence).format(reason=notice.reason), icon=":material/memory:")


def options():
    """The place for a page's choices, such as its model: a row, and on a phone a button that opens them.

    It is a container as `st.container` makes it, which can be entered more than once.
    """
    place = st.container(key="options", horizontal=True, vertical_alignment="bottom")
    label = escape(_("Options"))
    place.html(f"<details><summary>{label}</summary></details>")  # frame.css does the rest
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
        st.markdown(_("To repair it, type this in the folder of gen_lab:"))
        st.code("\n# or\n".join(commands), language="bash")


def _sentence(text: str) -> str:
    """The text as a sentence. It may quote a stranger's link, so nothing in it may act as markdown (images, links)."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text[:1].upper() + text[1:]) + "."


def below(page: str, card: dict) -> None:
    """The teaching text in sections that open, the same in code, and the model card."""
    st.divider()
    text, code = st.columns(2, gap="large")
    with text:
        sections(language.read(FOLDER / page / "text"))
    with code:
        with st.expander(_("The same in code"), icon=":material/code:"):
            st.code((FOLDER / page / "code.py").read_text("utf-8"), language="python", wrap_lines=True)
        st.subheader(_("Model card: {name}").format(name=card["name"]), anchor=False)
        cards.show(card)


def sections(text: str) -> None:
    """A teaching text, each of its sections folded under its title."""
    opening, *titled = SECTION.split(text)
    if opening.strip():
        st.markdown(opening)
    for heading, sentence, content in zip(titled[::3], titled[1::3], titled[2::3], strict=True):
        with st.expander((heading or sentence).rstrip(".")):
            st.markdown(content)
