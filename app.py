"""The server: `streamlit run app.py`. Streamlit's own routes, and /live, /follow and the pages' HTML beside them."""

import ctypes
import platform

import streamlit as st
from streamlit import net_util

from gen_lab import live, rooms
from gen_lab.ui import index, navigation
from gen_lab.ui.controls import mark

# To judge a foreign page's connection, Streamlit would ask a host on the internet for this machine's public address.
net_util.get_external_ip = lambda: None

# Every run of a page is a thread. glibc gives threads heaps of their own, up to eight a core, and each keeps what was
# freed in it: with a class of thirty, hundreds of MB. Two are enough, for Python's threads take turns.
M_ARENA_MAX = -8  # from malloc.h
if platform.libc_ver()[0] == "glibc":
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)

base_path = st.get_option("server.baseUrlPath")
allowed_origins = st.get_option("server.corsAllowedOrigins") if st.get_option("server.enableCORS") else ["*"]
app = st.App(
    "gen_lab/ui/main.py",
    routes=[
        *live.routes(base_path, allowed_origins),
        *rooms.routes(base_path, allowed_origins),
        *mark.routes(base_path),
        *index.routes([page.name for page in navigation.pages()], base_path),
    ],
)
