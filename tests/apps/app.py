"""app.py with the test pages of this folder instead of the real ones."""

import streamlit as st

from gen_lab import live

app = st.App("main.py", routes=live.routes(st.get_option("server.baseUrlPath")))
