"""A page with captions of many pictures."""

import streamlit as st

from gen_lab import load
from pages.captions.batch import caption_batch

st.set_page_config(page_title="batch", layout="wide")
st.title("Many pictures")
caption_batch(st.cache_resource(load)("caption-photos"), 3)
