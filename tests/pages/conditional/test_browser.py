"""Conditional in Chromium: the grid under a finger, the mixture under its slider."""

import numpy as np
from playwright.sync_api import expect

from tests.browsing import frames, wait_for_rest, wait_until


def browse(page, address):
    page.goto(address)
    expect(page.locator(".status")).to_have_text("Live")
    expect(page.get_by_text("Model card").first).to_be_attached()
    wait_for_rest(page)
    return page.locator("canvas.picture")


def test_a_finger_drags_the_picture_on_a_phone(browser, app):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    picture = browse(page, f"{app}/conditional?model=cgan-digits")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box["width"] <= 390 and page.evaluate("document.documentElement.scrollWidth") <= 390
    client = context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 2

    def touch(kind, *points):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at, "y": y} for at in points]})
        page.wait_for_timeout(30)

    touch("touchStart", x)
    for step in range(1, 11):
        touch("touchMove", x + box["width"] / 4 * step / 10)
    wait_until(page, lambda: frames(page) >= 2, "painted before the finger lifts")
    touch("touchEnd")
    page.wait_for_url("**moves=0.75**")
    context.close()


def test_the_mixture_changes_its_column_only_and_the_judges_chart_follows(page, app):
    picture = browse(page, f"{app}/conditional?model=cgan-faces&rows=2")
    expect(page.locator(".readings")).to_be_visible()
    halves = """canvas => [[0, 0.6], [0.7, 0.3]].map(([from, wide]) => canvas.getContext("2d").getImageData(
        Math.round(from * canvas.width), 0, Math.round(wide * canvas.width), canvas.height).data.join())"""
    before = picture.evaluate(halves)
    page.get_by_role("slider", name="Blond hair").press("End")
    page.wait_for_url("**mix=1**")
    wait_for_rest(page)
    after = picture.evaluate(halves)
    difference = np.abs(np.array(after[0].split(","), int) - np.array(before[0].split(","), int))
    assert after[1] != before[1] and difference.mean() < 8  # JPEG


def test_what_the_judge_reads_fits_a_phone(browser, app):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    browse(page, f"{app}/conditional?model=cgan-digits")
    table = page.locator(".readings table")
    expect(table).to_be_visible()
    box = table.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert table.evaluate("table => table.scrollWidth <= table.clientWidth + 1")
    context.close()
