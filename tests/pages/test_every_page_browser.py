"""Every page in Chromium, visited once: for every eye, on every screen, and without a word to another host."""

from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from gen_lab.ui.navigation import pages
from tests.browsing import violations_in_both_schemes, wait_for_rest

LINKS = {"home": "", "faces": "faces?Smiling=3&locked=Male"}
PATHS = ["/" + LINKS.get(page.name, page.name) for page in pages()]
LAST = {  # of what a page shows
    "/": "Every model on this machine", "/models": "Everything on the card", "/lesson": "Lessons to begin with",
}  # fmt: skip
SPY = quote("![spy](http://example.com/x.png) <img src='http://example.com/y.png'>")


@pytest.fixture(scope="module", params=PATHS)
def visit(request, browser, app):
    """A page at rest, the same for all tests of its address, and the addresses that it has asked for."""
    page = browser.new_context().new_page()
    addresses, errors = [], []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("websocket", lambda socket: addresses.append(socket.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(app + request.param)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    last = page.get_by_text(LAST.get(request.param, "Model card")).or_(page.get_by_role("alert"))
    expect(last.first).to_be_attached()
    wait_for_rest(page)
    yield page, addresses
    page.context.close()
    assert not errors, errors


def test_nothing_serious_for_axe(visit):
    page, _ = visit
    page.set_viewport_size({"width": 1440, "height": 900})
    assert violations_in_both_schemes(page) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_screen(visit, width):
    page, _ = visit
    page.set_viewport_size({"width": width, "height": 844})
    wait_for_rest(page)
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")


@pytest.mark.parametrize("visit", [*PATHS, f"/faces?model={SPY}", f"/faces?start=group&group={SPY}"], indirect=True)
def test_nothing_leaves_the_machine(visit, app):
    _, addresses = visit
    hosts = {urlsplit(address).netloc for address in addresses if not address.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(app).netloc}
    assert any(address.startswith("ws:") for address in addresses)
