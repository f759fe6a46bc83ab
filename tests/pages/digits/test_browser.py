"""Digits in Chromium: both planes under one hand, a drawing that flies over them, fingers."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browsing import frames, pixels, query, violations, wait_for_rest, wait_until


def open_digits(page, app, query=""):
    page.goto(f"{app}/digits{query}")
    expect(page.locator(".status")).to_have_text("Live")
    planes = page.locator("canvas.over")
    expect(planes).to_have_count(2)
    wait_for_rest(page)
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
        wait_until(page, lambda index=index: frames(page, "canvas.tile.point", index) >= 2, "painted before release")
    page.mouse.up()
    page.wait_for_url("**place=0.*")
    page.mouse.wheel(0, -300)
    page.wait_for_url("**view=*")
    planes.nth(0).press("ArrowUp")
    planes.nth(0).press("0")
    page.wait_for_url(lambda url: "view" not in url and "place" in url)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**view=*")


NUMBERED = re.compile(r"Test picture \d+")


def test_a_dot_shows_its_reconstruction_on_both(page, app):
    planes = open_digits(page, app)
    box = planes.nth(0).bounding_box()
    for step in range(40):  # somewhere across the middle lies a dot
        page.mouse.move(box["x"] + (0.3 + 0.01 * step) * box["width"], box["y"] + box["height"] / 2)
        page.wait_for_timeout(20)
        if page.get_by_text(NUMBERED).count():
            break
    expect(page.get_by_text(NUMBERED)).to_be_visible()
    expect(page.get_by_text("this dot, decoded", exact=True)).to_have_count(2)


def draw(page, *places):
    """A stroke through these places of the pad, in shares of its side; the button stays down."""
    box = page.locator(".pad").bounding_box()
    for index, (x, y) in enumerate(places):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)
        if index == 0:
            page.mouse.down()


def test_pad_planes_and_decoded_digits_are_on_the_first_screen(page, app):
    open_digits(page, app)
    draw(page, (0.4, 0.2), (0.5, 0.8))
    for part in (".pad", "canvas.over", "canvas.tile.copy", "canvas.tile.point"):
        for each in page.locator(part).all():
            box = each.bounding_box()
            assert box["width"] > 60 and box["y"] + box["height"] <= 900, part


def test_the_dot_and_the_decoded_digit_follow_the_pen(page, app):
    open_digits(page, app)
    empty = [pixels(page, f".plane:nth-child({number}) canvas.over") for number in (1, 2)]
    draw(page, (0.4, 0.2), (0.5, 0.8))
    for index in (0, 1):
        wait_until(page, lambda index=index: frames(page, "canvas.tile.copy", index) >= 2, "decoded before release")
    assert "drawing" not in query(page)
    for number in (1, 2):
        assert pixels(page, f".plane:nth-child({number}) canvas.over") != empty[number - 1], "the dot is there"
    page.mouse.up()


def test_a_drawing_is_in_the_link_and_on_its_pad_and_undone(page, browser, app):
    open_digits(page, app)
    draw(page, (0.4, 0.2), (0.5, 0.8))
    page.mouse.up()
    page.wait_for_url("**drawing=**")
    expect(page.get_by_text("your drawing", exact=True)).to_have_count(2)
    blank = "canvas => canvas.getContext('2d').getImageData(0, 0, 280, 280).data.every(level => level === 0)"
    pad = page.locator(".pad > canvas")
    other = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    open_digits(other, app, "?" + urlsplit(page.url).query)
    wait_until(other, lambda: not other.locator(".pad > canvas").evaluate(blank), "the link's drawing is on the pad")
    other.context.close()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(lambda url: "drawing" not in url)
    wait_until(page, lambda: pad.evaluate(blank), "undone on the pad too")
    page.get_by_role("button", name="Redo").click()
    wait_until(page, lambda: not pad.evaluate(blank), "and done again")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_url(lambda url: "drawing" not in url)
    wait_until(page, lambda: pad.evaluate(blank), "cleared")


def test_a_digit_is_drawn_and_cleared_by_keys(page, app):
    open_digits(page, app)
    pad = page.get_by_role("application", name="Draw a digit here")
    pad.press("Space")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    wait_until(page, lambda: frames(page, "canvas.tile.copy") >= 2, "decoded while it is drawn")
    assert "drawing" not in query(page)
    expect(page.get_by_text("Space puts it down")).to_be_visible()
    page.keyboard.press("Space")
    page.wait_for_url("**drawing=**")
    page.keyboard.press("Delete")
    page.wait_for_url(lambda url: "drawing" not in url)


def test_a_refused_socket_delays_the_dot_and_says_so(page, app):
    page.route_web_socket("**/live", lambda socket: socket.close(code=1011))
    page.goto(f"{app}/digits")
    expect(page.locator(".status")).to_contain_text("with a delay")
    before = pixels(page, ".plane:nth-child(2) canvas.tile.copy")
    draw(page, (0.4, 0.2), (0.5, 0.8))
    wait_until(page, lambda: pixels(page, ".plane:nth-child(2) canvas.tile.copy") != before, "it came by a rerun")
    assert "drawing" not in query(page)
    page.mouse.up()
    page.wait_for_url("**drawing=**")


def test_one_class_can_stand_out(page, app):
    open_digits(page, app)
    wait_for_rest(page)
    all_of_them = pixels(page, ".plane:nth-child(1) canvas.over")
    four = page.get_by_role("button", name="Only 4")
    four.click()
    page.mouse.move(5, 5)
    expect(four).to_have_attribute("aria-pressed", "true")
    wait_until(page, lambda: pixels(page, ".plane:nth-child(1) canvas.over") != all_of_them, "the others are pale")
    four.click()
    page.mouse.move(5, 5)
    wait_until(page, lambda: pixels(page, ".plane:nth-child(1) canvas.over") == all_of_them, "all of them again")


def test_two_fingers_and_a_phone(browser, app):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    planes = open_digits(page, app)
    expect(planes.nth(0)).to_be_hidden()
    page.get_by_role("button", name="Autoencoder", exact=True).click()
    expect(planes.nth(1)).to_be_hidden()
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
