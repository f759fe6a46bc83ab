"""The main script: runs before whichever page is shown."""

from pathlib import Path

import streamlit as st

from gen_lab import data, registry
from gen_lab.ui import frame
from gen_lab.ui.navigation import pages

FOLDER = Path(__file__).parent
ICON = FOLDER / "icon.svg"  # Streamlit would fetch a named icon from another host

st.set_page_config(page_title="gen_lab", page_icon=ICON, layout="wide")
st.html(FOLDER / "frame.css")
with frame.remedies():
    registry.root(), data.cache_root()  # which no page could do without
st.navigation(
    [st.Page(page.path, title=page.title, url_path=page.name, default=page.name == "home") for page in pages()]
).run()
