"""app.py with the test page instead of the real ones."""

import streamlit as st

from gen_lab import live

app = st.App("slider.py", routes=live.routes(st.get_option("server.baseUrlPath")))
