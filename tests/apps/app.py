"""app.py with the test pages of this folder instead of the real ones."""

import streamlit as st

from gen_lab import live
from gen_lab.ui import index

base_path = st.get_option("server.baseUrlPath")
app = st.App("main.py", routes=[*live.routes(base_path), *index.routes([], base_path)])
