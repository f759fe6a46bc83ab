"""The test pages: the slider, /tree and /batch."""

import streamlit as st

st.navigation([st.Page("slider.py"), st.Page("tree.py"), st.Page("batch.py")], position="hidden").run()
