"""A mark on the page, at which a run waits until the browser has painted what stands above.

A browser that has a whole page at once compiles the scripts of its charts, formulas and code before it paints the
picture, which takes a second. So the run rests at the mark: what stands above is sent, and mark.js says by
`POST /painted/<token>` when it is to be seen.
"""

import secrets
import threading
from pathlib import Path
from weakref import WeakValueDictionary

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gen_lab.ui.controls.modules import component

PATIENCE = 2.0  # seconds after which a run goes on without an answer
KEY = "mark"

_component = component(KEY, Path(__file__).parent, "mark")
_painted: WeakValueDictionary[str, threading.Event] = WeakValueDictionary()  # by token, while a session holds them


def wait() -> None:
    """Rests until what is on the page so far is painted. One call on a page.

    A browser that did not answer the last time is not waited for.
    """
    last = st.session_state.get("painted")
    painted = st.session_state["painted"] = threading.Event()
    token = secrets.token_urlsafe()
    _painted[token] = painted
    _component(key=KEY, data={"token": token})
    if last is None or last.is_set():
        painted.wait(PATIENCE)


def routes(base_path: str = "") -> list[Route]:
    """The route that browsers answer to, for `st.App`; `base_path` is Streamlit's `server.baseUrlPath`."""

    async def answer(request: Request) -> Response:
        painted = _painted.get(request.path_params["token"])
        if painted is None:
            return Response(status_code=404)
        painted.set()
        return Response(status_code=204)

    base = "".join(f"/{part}" for part in base_path.split("/") if part)
    return [Route(f"{base}/painted/{{token}}", answer, methods=["POST"])]
