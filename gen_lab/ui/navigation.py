"""The pages, read from `pages/`, in chapters, and the way from one to another without importing it.

Each page is a folder, and describes itself in two lines, which begin docstrings:

    Faces: Take hold of a slider and a face changes while it moves.       page.py: its title and a sentence
    Chapter: Latent spaces 2. Icon: face.                                 __init__.py: its place in the navigation

The number is its place in the chapter, the icon one of Material's. A page without a chapter stands before them all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from gen_lab.ui.language import _

FOLDER = Path(__file__).parents[2] / "pages"
WORDS = re.compile(r'"""(?P<title>.+?): (?P<sentence>.+?)(?:""")?$')
PLACE = re.compile(r'"""(?:Chapter: (?P<chapter>.+) (?P<number>\d+)\. )?Icon: (?P<icon>\w+)\.')
CHAPTERS = (  # in the order of a course
    "Latent spaces", "Adversarial games", "Picture to picture", "Normal or not", "Words", "Teaching",
    "Behind the pages",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    name: str  # of its folder, and the page's address
    title: str  # in English, as the sentence and the chapter are: for a reader, `_(page.title)`
    sentence: str
    path: Path
    chapter: str = ""
    number: int = 0  # its place in the chapter
    icon: str = "article"


@lru_cache(maxsize=4)  # every run of every session comes here
def pages(folder: Path = FOLDER) -> tuple[Page, ...]:
    """All pages in the order of a course: home first, then those without a chapter, then chapter by chapter."""
    order = ["", *CHAPTERS]

    def position(page: Page) -> tuple:
        return page.name != "home", order.index(page.chapter), page.number, page.name

    return tuple(sorted(map(_about, folder.glob("*/page.py")), key=position))


def _about(path: Path) -> Page:
    """What a page says of itself. Raises ValueError where it says too little, or names another chapter."""
    words = WORDS.match(_first_line(path))
    place = PLACE.match(_first_line(path.with_name("__init__.py")))
    if words is None or place is None or (place["chapter"] or "") not in ["", *CHAPTERS]:
        raise ValueError(f"{path.parent} does not describe itself as gen_lab/ui/navigation.py says that a page does")
    chapter, number = place["chapter"] or "", int(place["number"] or 0)
    return Page(path.parent.name, words["title"], words["sentence"], path, chapter, number, place["icon"])


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().rstrip()


def by_chapter() -> dict[str, list[Page]]:
    """The pages of each chapter, by its English title; "" has those that stand before the chapters."""
    groups: dict[str, list[Page]] = {}
    for page in pages():
        groups.setdefault(page.chapter, []).append(page)
    return groups


def words(script, keywords, comment_tags, options) -> Iterator[tuple]:
    """Babel's extractor for a page's folder (languages/babel.cfg): its labels, and what it says of itself."""
    from babel.messages.extract import extract_python

    line = script.readline().decode().rstrip()
    script.seek(0)
    about = (PLACE.match(line) or WORDS.match(line)) if line.startswith('"""') else None
    labels = about.groupdict() if about else {}
    yield from ((1, "_", labels[name], []) for name in ("title", "sentence", "chapter") if labels.get(name))
    yield from extract_python(script, keywords, comment_tags, options)


def go(page: str, **changes) -> None:
    """Opens another page, with these changes to its state as one more step of its history. Other fields stay as they
    were, unless the changes name another model: then the page starts afresh."""
    st.session_state[_key(page)] = changes
    st.switch_page(script(page))


def follow_link(page: str, query: dict[str, str], here: str) -> None:
    """Shows a page as a link's query describes it, as one more step of its history; `here` is the page that is about to
    run."""
    st.session_state[f"{page} link"] = True
    if page != here:
        st.switch_page(script(page), query_params=query)
    st.query_params.from_dict(query)


def is_linked(page: str) -> bool:
    """Whether this page is to show what its link describes, once after `follow_link`."""
    return st.session_state.pop(f"{page} link", False)


def script(page: str) -> Path:
    """A page's script, by which Streamlit knows it."""
    return FOLDER / page / "page.py"


def changes_for(page: str) -> dict:
    """The changes that another page passed to this one with `go`, once."""
    return st.session_state.pop(_key(page), {})


def _key(page: str) -> str:
    return f"{page} changes"


def offer_novelty(model: str, latent: str, words: str = "", label: str = "") -> None:
    """A button that leads to the Novelty page: is the picture of this packed latent new? For a conditional model, with
    the class `label`. `words` are the button's own."""
    why = _("Compare it with the training pictures")
    if st.button(words or _("Is it new?"), icon=":material/fingerprint:", help=why):
        go("novelty", model=model, source="latent", latent=latent, label=label)
