"""A server that restarts under an open page, in Chromium: edits made meanwhile are not lost, nor those after it."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from bench import ROOT, free_port
from tests.browsing import drag, query, wait_for_rest, wait_until
from tests.tiny import places


@pytest.fixture
def server(serve, site):
    """`with server() as address`, always the same address."""
    port = free_port()

    @contextmanager
    def start():
        with serve(ROOT / "app.py", env=places(site) | {"OMP_NUM_THREADS": "1"}, port=port) as (address, _):
            yield address

    return start


def open_page(page, address: str):
    page.goto(address)
    expect(page.locator(".status")).to_have_text("Live")
    wait_for_rest(page)


def test_edits_of_a_face_during_and_after_a_restart_reach_the_link_and_the_judge(page, server):
    slider, meter = page.get_by_role("slider", name="Smiling"), page.locator(".meter")
    with server() as address:
        open_page(page, f"{address}/faces?model=vae-faces")
    slider.press("End")
    unedited = meter.inner_text()
    with server():
        wait_until(page, lambda: query(page).get("Smiling") == "3", "the edit has reached the new server")
        expect(meter).not_to_have_text(unedited)
        edited = meter.inner_text()
        drag(page, page.get_by_role("slider", name="Male"), 0.3)
        page.mouse.up()
        wait_until(page, lambda: "Male" in query(page), "the next edit has, too")
        expect(meter).not_to_have_text(edited)
        assert query(page)["Smiling"] == "3"


def test_what_was_undone_stays_undone_and_the_first_edit_after_a_restart_counts(page, server):
    slider = page.get_by_role("slider", name="Smiling")
    with server() as address:
        open_page(page, f"{address}/faces?model=vae-faces")
        slider.press("End")
        wait_until(page, lambda: query(page).get("Smiling") == "3", "an edit")
        page.get_by_role("button", name="Undo").click()
        wait_until(page, lambda: "Smiling" not in query(page), "which is undone")
        wait_for_rest(page)
    with server():
        expect(page.locator(".status")).to_have_text("Live")
        wait_for_rest(page)
        assert "Smiling" not in query(page)
        drag(page, slider, -0.3)
        page.mouse.up()
        wait_until(page, lambda: float(query(page).get("Smiling", 0)) < -1, "the link follows")


def test_the_plane_of_digits_follows_after_a_restart(page, server):
    plane = page.locator("canvas.over").first
    with server() as address:
        open_page(page, f"{address}/digits")
    with server():
        expect(page.locator(".status")).to_have_text("Live")
        wait_for_rest(page)
        box = plane.bounding_box()
        x, y = box["x"] + box["width"] / 5, box["y"] + box["height"] / 5
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y, steps=10)
        page.mouse.up()
        wait_until(page, lambda: "view" in query(page), "the link follows")
