"""The server: `streamlit run app.py`. Streamlit's own routes, and /live beside them."""

import streamlit as st

from gen_lab import live

app = st.App(
    "gen_lab/ui/main.py",
    routes=live.routes(
        base_path=st.get_option("server.baseUrlPath"),
        allowed_origins=st.get_option("server.corsAllowedOrigins") if st.get_option("server.enableCORS") else ["*"],
    ),
)
