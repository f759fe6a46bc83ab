"""The mark at which a page's run waits for the browser."""

import threading

import httpx
from starlette.applications import Starlette

from gen_lab.ui.controls import mark
from tests.browsing import run


def answer(path: str, base_path: str = "") -> int:
    """The status of a browser's answer."""

    async def post() -> int:
        transport = httpx.ASGITransport(Starlette(routes=mark.routes(base_path)))
        async with httpx.AsyncClient(transport=transport, base_url="http://lab") as browser:
            return (await browser.post(path)).status_code

    return run(post())


def test_a_browsers_answer_ends_the_wait_for_its_token_alone():
    painted, other = threading.Event(), threading.Event()
    mark._painted.update(one=painted, two=other)
    assert answer("/lab/painted/one", "/lab/") == 204
    assert painted.is_set() and not other.is_set()


def test_a_mark_whose_session_is_gone_is_forgotten():
    mark._painted["token"] = threading.Event()
    assert answer("/painted/token") == 404
