"""GANs in Chromium: the grid dragged, clicked, by keys, by a finger; and on to Novelty."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browsing import frames, query, violations, wait_for_rest, wait_until


def browse(page, address):
    page.goto(address)
    expect(page.locator(".status")).to_have_text("Live", timeout=60_000)
    expect(page.get_by_text("Model card").first).to_be_attached(timeout=60_000)
    return page.locator("canvas.picture")


def pull(page, picture, dx: float, dy: float, steps: int = 15):
    """From the picture's middle by shares of its size; the button stays down."""
    box = picture.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, steps + 1):
        page.mouse.move(x + box["width"] * dx * step / steps, y + box["height"] * dy * step / steps)
        page.wait_for_timeout(30)


def test_a_drag_of_the_picture_moves_two_directions_and_the_link_follows(page, app):
    picture = browse(page, f"{app}/gan?model=gan-digits")
    before = frames(page)
    pull(page, picture, 0.25, -0.4)
    wait_until(page, lambda: frames(page) >= before + 2, "painted before the button is let go")
    across = page.get_by_role("slider", name="Direction 1", exact=False)
    assert 0.7 <= float(across.input_value()) <= 0.8 and "moves" not in query(page)  # no script ran
    page.mouse.up()
    page.wait_for_url("**moves=**")
    moves = [float(number) for number in query(page)["moves"].split(",")]
    assert moves[:2] == pytest.approx([0.25 * 3, 0.4 * 3], abs=0.05) and not any(moves[2:])
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(lambda url: "moves" not in url)
    expect(across).to_have_value("0")


def test_a_click_puts_a_picture_in_the_middle_and_the_plane_follows_the_hand(page, app):
    picture = browse(page, f"{app}/gan?model=dcgan-bricks&seed=10")
    box = picture.bounding_box()
    picture.click(position={"x": 0.1 * box["width"], "y": 0.9 * box["height"]})
    page.wait_for_url("**plane=1**")
    assert query(page)["seed"] == "20"  # the first of the third row
    expect(page.locator(".status")).to_have_text("Live")
    pull(page, picture, 0.2, 0)  # a column's width to the right: one unit back
    page.mouse.up()
    page.wait_for_url("**moves=-1**")


def test_the_picture_in_the_middle_goes_on_to_novelty(page, app):
    browse(page, f"{app}/gan?model=gan-digits&plane=1&moves=1,0,0,0,0,0")
    page.get_by_role("button", name="Is the middle one new?").click()
    page.wait_for_url("**/novelty**", timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Novelty", timeout=60_000)
    page.wait_for_url("**latent=**", timeout=60_000)
    assert query(page)["model"] == "gan-digits" and query(page)["source"] == "latent"


def test_keys_move_what_a_drag_moves(page, app):
    browse(page, f"{app}/gan?model=gan-digits")
    page.get_by_role("slider", name="Direction 2", exact=False).press("End")
    page.wait_for_url("**moves=0%2C3*")
    page.get_by_role("slider", name="Truncation").press("Home")
    page.wait_for_url("**truncation=0*")


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
    labels, mixed = picture.evaluate(halves)
    page.get_by_role("slider", name="Blond hair").press("End")
    page.wait_for_url("**mix=1**")
    wait_for_rest(page)
    then = picture.evaluate(halves)
    difference = np.abs(np.array(then[0].split(","), int) - np.array(labels.split(","), int))
    assert then[1] != mixed and difference.mean() < 8  # JPEG


@pytest.mark.parametrize("address", ["gan?model=wgan_gp-faces", "gan?model=gan-digits-collapse", "conditional"])
def test_axe_finds_nothing_serious(page, app, address):
    browse(page, f"{app}/{address}")
    assert violations(page) == []
