"""The pages, read from `pages/`: a folder each, whose script's docstring begins with `Title: one sentence.` And the way
from one page to another, which need not know each other's code."""

import ast
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parents[2] / "pages"


@dataclass(frozen=True)
class Page:
    name: str  # of its folder, and the page's address
    title: str
    sentence: str
    path: Path


def pages(folder: Path = FOLDER) -> list[Page]:
    """All pages: home first, the others by name."""
    found = []
    for path in folder.glob("*/page.py"):
        first_line = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]
        title, _, sentence = first_line.partition(":")
        found.append(Page(path.parent.name, title.strip() or path.parent.name.capitalize(), sentence.strip(), path))
    return sorted(found, key=lambda page: (page.name != "home", page.name))


def go(page: str, **changes) -> None:
    """Opens another page, with these changes to the fields of its state, as one more step of its history. What is not
    named stays as the page stood, unless the changes name another model, for which it begins anew."""
    st.session_state[_key(page)] = changes
    st.switch_page(FOLDER / page / "page.py")


def changes_for(page: str) -> dict:
    """The changes with which another page led to this one, once."""
    return st.session_state.pop(_key(page), {})


def _key(page: str) -> str:
    return f"{page} changes"


def offer_novelty(model: str, latent: str, words: str = "Is it new?", label: str = "") -> None:
    """A button that leads to the Novelty page: is the picture of this packed latent new? Of a conditional model, under
    the class `label`."""
    if st.button(words, icon=":material/fingerprint:", help="Compare it with the training pictures"):
        go("novelty", model=model, source="latent", latent=latent, label=label)
