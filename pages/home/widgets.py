"""The cards of Home: the pages of each chapter."""

from pathlib import Path

import streamlit as st

from gen_lab.ui.language import _
from gen_lab.ui.navigation import Page

CSS = Path(__file__).parent / "widgets.css"


def first(by_chapter: dict[str, list[Page]]) -> Page:
    """The page that the course begins with."""
    return next(pages[0] for chapter, pages in by_chapter.items() if chapter)


def chapters(by_chapter: dict[str, list[Page]]) -> None:
    """Each chapter under its title, its pages as cards of one height."""
    st.html(CSS)
    with st.container(key="chapters"):
        for chapter, pages in by_chapter.items():
            pages = [page for page in pages if page.name != "home"]
            if not pages:
                continue
            with st.container():
                if chapter:
                    st.subheader(_(chapter), anchor=False)
                with st.container(key=f"cards-{pages[0].name}"):
                    for page in pages:
                        _card(page)


def _card(page: Page) -> None:
    """A page's cover, title and sentence. The title is a link, which the style sheet stretches over the whole card."""
    with st.container(border=True, key=f"card-{page.name}"):
        cover = page.path.parent / "cover.webp"
        if cover.is_file():
            st.image(cover, width="stretch", alt="")  # the words below say what it is
        st.page_link(page.path, label=f"**{_(page.title)}**", icon=f":material/{page.icon}:")
        st.markdown(_(page.sentence))
