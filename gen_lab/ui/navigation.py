"""The pages, read from `pages/`, and the way from one to another without importing it.

Each page is a folder; the docstring of its script begins, in the first line, with `Title: one sentence.`"""

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
    entries = []
    for path in folder.glob("*/page.py"):
        with path.open(encoding="utf-8") as script:  # every run of every session comes here: no time to parse
            title, _, sentence = script.readline().strip('"\n ').partition(":")
        entries.append(Page(path.parent.name, title, sentence.strip(), path))
    return sorted(entries, key=lambda page: (page.name != "home", page.name))


def go(page: str, **changes) -> None:
    """Opens another page, with these changes to its state as one more step of its history. Other fields stay as they
    were, unless the changes name another model: then the page starts afresh."""
    st.session_state[_key(page)] = changes
    st.switch_page(FOLDER / page / "page.py")


def changes_for(page: str) -> dict:
    """The changes that another page passed to this one with `go`, once."""
    return st.session_state.pop(_key(page), {})


def _key(page: str) -> str:
    return f"{page} changes"


def offer_novelty(model: str, latent: str, words: str = "Is it new?", label: str = "") -> None:
    """A button that leads to the Novelty page: is the picture of this packed latent new? For a conditional model, with
    the class `label`."""
    if st.button(words, icon=":material/fingerprint:", help="Compare it with the training pictures"):
        go("novelty", model=model, source="latent", latent=latent, label=label)
