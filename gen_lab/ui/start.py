"""The routes of /live, and what is imported while the first browser loads Streamlit's scripts."""

import threading
from collections.abc import Sequence

from starlette.routing import BaseRoute, Route, WebSocketRoute


def routes(base_path: str = "", allowed_origins: Sequence[str] = ()) -> list[BaseRoute]:
    """The routes of /live for `st.App`; `base_path` is Streamlit's `server.baseUrlPath`."""
    from gen_lab import live  # PyTorch comes before the server answers: beside the browser it takes longer

    endpoint = live.Live(live.scenes, live.Batcher(), allowed_origins)
    threading.Thread(target=_warm_up, name="start", daemon=True).start()
    path = "/".join(["", *filter(None, base_path.split("/")), "live"])
    return [WebSocketRoute(path, endpoint.serve), Route(path, endpoint.explain, methods=["POST"])]


def _warm_up() -> None:
    import pandas  # noqa: F401 (Streamlit imports it with the first table or control)
