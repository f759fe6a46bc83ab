"""While the first browser loads Streamlit's scripts, a thread imports what the first pages need. PyTorch alone takes
longer than everything else, so nothing that `app.py` imports needs it, and the server answers before."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket


def routes(base_path: str = "", allowed_origins: Sequence[str] = ()) -> list[BaseRoute]:
    """The routes of /live for `st.App`; `base_path` is Streamlit's `server.baseUrlPath`."""
    thread = ThreadPoolExecutor(1, "start")
    endpoint = thread.submit(_live, allowed_origins)
    thread.submit(_warm_up)

    async def serve(socket: WebSocket) -> None:
        await (await asyncio.wrap_future(endpoint)).serve(socket)

    async def explain(request: Request) -> Response:
        return await (await asyncio.wrap_future(endpoint)).explain(request)

    path = "/".join(["", *filter(None, base_path.split("/")), "live"])
    return [WebSocketRoute(path, serve), Route(path, explain, methods=["POST"])]


def _live(allowed_origins: Sequence[str]):
    from gen_lab import live

    return live.Live(live.scenes, live.Batcher(), allowed_origins)


def _warm_up() -> None:
    import pandas  # noqa: F401 (Streamlit imports it with the first table or control)

    from gen_lab.ui import charts

    charts.figure([], height=100)
