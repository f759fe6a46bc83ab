"""The main script: runs before whichever page is shown."""

from pathlib import Path

import streamlit as st

from gen_lab import data, registry
from gen_lab.device import DeviceError
from gen_lab.ui import frame, guide, lesson, navigation
from gen_lab.ui.language import _

FOLDER = Path(__file__).parent
ICON = FOLDER / "icon.svg"  # Streamlit would fetch a named icon from another host


@st.fragment(run_every=86_400)
def awake() -> None:
    """Nothing. While a page has a fragment that runs by itself, Streamlit's side in the browser asks a server that it
    finds again to run the page. Otherwise a server that was restarted would not know the page's fragments."""


st.set_page_config(page_title="gen_lab", page_icon=ICON, layout="wide")
st.html(FOLDER / "frame.css")
with frame.remedies():
    for folder in (registry.root, data.cache_root):  # which no page could do without
        folder()
awake()
page = st.navigation(
    {
        chapter and _(chapter): [
            st.Page(
                page.path, title=_(page.title), icon=f":material/{page.icon}:", url_path=page.name,
                default=page.name == "home",
            )
            for page in pages
        ]
        for chapter, pages in navigation.by_chapter().items()
    },
    expanded=True,
)  # fmt: skip
name = page.url_path or "home"
lesson.begin(name)
guide.show(name)
try:
    page.run()
    lesson.tell(name)
except (DeviceError, MemoryError) as error:  # which may happen wherever a model runs
    frame.explain(error)
