"""The test pages: the slider, /tree, /batch and /brush."""

import streamlit as st

st.navigation([st.Page(f"{name}.py") for name in ("slider", "tree", "batch", "brush")], position="hidden").run()
