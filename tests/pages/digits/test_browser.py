"""Digits in Chromium: both planes under one hand, drawing, fingers."""

import re

import pytest
from playwright.sync_api import expect

from tests.browsing import frames, query, violations, wait_until


def open_digits(page, app, query=""):
    page.goto(f"{app}/digits{query}")
    expect(page.locator(".status")).to_have_text("Live", timeout=30_000)
    planes = page.locator("canvas.over")
    expect(planes).to_have_count(2)
    return planes


def test_one_hand_moves_both_planes_while_it_moves(page, app):
    planes = open_digits(page, app)
    box = planes.nth(1).bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.8 * box["height"])
    page.mouse.down()
    for step in range(15):
        page.mouse.move(box["x"] + (0.2 + 0.02 * step) * box["width"], box["y"] + 0.8 * box["height"])
        page.wait_for_timeout(30)
    for index in (0, 1):
        wait_until(page, lambda index=index: frames(page, "canvas.grid", index) >= 2, "painted before release")
    page.mouse.up()
    page.wait_for_url("**view=**")
    view = [float(number) for number in query(page)["view"].split(",")]
    assert view == pytest.approx([-2 * 0.02 * 14, 0, 0], abs=0.03)  # the place under the pointer stayed under it


def test_the_ring_is_dragged_and_wheel_and_keys_zoom(page, app):
    planes = open_digits(page, app, "?place=0,0&points=0")
    box = planes.nth(0).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(10):
        page.mouse.move(x + 8 * step, y)
        page.wait_for_timeout(30)
    for index in (0, 1):
        wait_until(page, lambda index=index: frames(page, "canvas.tile.large", index) >= 2, "painted before release")
    page.mouse.up()
    page.wait_for_url("**place=0.*")
    page.mouse.wheel(0, -300)
    page.wait_for_url("**view=*")
    planes.nth(0).press("ArrowUp")
    planes.nth(0).press("0")
    page.wait_for_url(lambda url: "view" not in url and "place" in url)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**view=*")


NUMBERED = re.compile(r"test picture \d+")


def test_a_dot_shows_its_reconstruction_on_both(page, app):
    planes = open_digits(page, app)
    box = planes.nth(0).bounding_box()
    for step in range(40):  # somewhere across the middle lies a dot
        page.mouse.move(box["x"] + (0.3 + 0.01 * step) * box["width"], box["y"] + box["height"] / 2)
        page.wait_for_timeout(20)
        if page.get_by_text(NUMBERED).count():
            break
    expect(page.get_by_text(NUMBERED)).to_be_visible()
    expect(page.get_by_text("reconstruction", exact=True)).to_have_count(2)


def test_a_drawn_digit_lands_on_both_planes_and_in_the_link(page, app):
    open_digits(page, app)
    pad = page.locator(".pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 80, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 85, box["y"] + 140, steps=6)
    page.mouse.up()
    page.wait_for_url("**drawing=**")
    expect(page.get_by_text("of your drawing")).to_have_count(2)
    page.get_by_role("button", name="Clear the drawing").click()
    page.wait_for_url(lambda url: "drawing" not in url)


def test_two_fingers_and_a_phone(browser, app):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    planes = open_digits(page, app)
    planes.nth(0).scroll_into_view_if_needed()
    box = planes.nth(0).bounding_box()
    assert box["width"] <= 390 and page.evaluate("document.documentElement.scrollWidth") <= 390
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    client = context.new_cdp_session(page)

    def touch(kind, *apart):
        points = [{"x": middle[0] + away, "y": middle[1], "id": number} for number, away in enumerate(apart)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(40)

    touch("touchStart", -30, 30)
    for step in range(8):
        touch("touchMove", -30 - 10 * step, 30 + 10 * step)
    touch("touchEnd")
    page.wait_for_url("**view=*")
    context.close()


def test_axe_finds_nothing_serious(page, app):
    open_digits(page, app)
    assert violations(page) == []
