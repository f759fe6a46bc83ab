"""The server: `streamlit run app.py`. Streamlit's own routes, and /live beside them."""

import streamlit as st
from streamlit import net_util

from gen_lab import live

# To judge a foreign page's connection, Streamlit would ask a host on the internet for this machine's public address.
net_util.get_external_ip = lambda: None

app = st.App(
    "gen_lab/ui/main.py",
    routes=live.routes(
        base_path=st.get_option("server.baseUrlPath"),
        allowed_origins=st.get_option("server.corsAllowedOrigins") if st.get_option("server.enableCORS") else ["*"],
    ),
)
