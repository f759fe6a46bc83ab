"""The language of the pages: English, in which the sources are written, or the reader's where there is a folder for it.

`_("Smile")` is a label in the reader's language. Its other languages are catalogues of GNU gettext, each in a folder of
its own: `gen_lab/ui/languages/<language>/labels.po`. A page's longer texts lie beside it, one file for each language:
`pages/<page>/text/<language>.md`. To begin a language, or to bring its catalogue up to date:

    PYTHONPATH=. pybabel extract -F gen_lab/ui/languages/babel.cfg -k later -o labels.pot .
    pybabel init -i labels.pot -o gen_lab/ui/languages/de/labels.po -l de      # later: pybabel update
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent / "languages"


def language() -> str:
    """The reader's language, as the browser names it ("de" for "de-CH"), if it has a folder; otherwise "en"."""
    name = (st.context.locale or "").partition("-")[0].lower()
    return name if name.isalpha() and (FOLDER / name).is_dir() else "en"


def _(text: str) -> str:
    """A label, given in English, in the reader's language."""
    return catalogue(language()).get(text) or text


class later(str):
    """A label for what Python evaluates before there is a reader, such as `@st.cache_resource(show_spinner=...)`. It is
    translated when it is shown."""

    def __str__(self) -> str:
        return _(super().__str__())


def read(folder: Path, name: str = "{language}.md") -> str:
    """A text of a page's folder in the reader's language, or in English where it is not translated."""
    path = folder / name.format(language=language())
    return (path if path.is_file() else folder / name.format(language="en")).read_text("utf-8")


@lru_cache(maxsize=8)
def catalogue(name: str) -> Mapping[str, str]:
    """English label -> the same in another language; labels that are not translated are left out."""
    if name == "en":
        return {}
    from babel.messages.pofile import read_po

    with (FOLDER / name / "labels.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}
