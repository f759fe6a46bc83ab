"""The brush in Chromium: its tools, its keys, and its drawing on the live path."""

import re

import pytest
from playwright.sync_api import expect

from tests.browsing import frames, wait_until


@pytest.fixture
def pad(page, parts):
    page.goto(f"{parts}/brush")
    expect(page.locator(".status")).to_have_text("Live")
    return page.locator(".pad")


def across(page, pad, start, end, lift=True):
    """The pointer goes from one place of the pad to another, both as shares of it."""
    box = pad.bounding_box()
    x, y = ([box[at] + box[size] * share for share in (start[i], end[i])] for i, (at, size) in enumerate(
        [("x", "width"), ("y", "height")]
    ))  # fmt: skip
    page.mouse.move(x[0], y[0])
    page.mouse.down()
    page.mouse.move(x[1], y[1], steps=8)
    if lift:
        page.mouse.up()


def use(page, tool: str):
    page.get_by_role("button", name=tool).click()


def count(page, colour: str = "red") -> int:
    """Pixels of this colour in the drawing that the page holds."""
    return int(re.search(rf"{colour} (\d+)", page.get_by_text("of 64").inner_text()).group(1))


def test_strokes_go_over_the_live_path_and_then_to_the_page(page, pad):
    across(page, pad, (0.1, 0.45), (0.9, 0.45), lift=False)
    wait_until(page, lambda: frames(page) >= 2, "the picture follows the pen")
    red = "c => c.getContext('2d').getImageData(c.width / 2, 0.45 * c.height, 1, 1).data[0]"
    wait_until(page, lambda: page.locator("canvas.picture").evaluate(red) > 150, "and shows the stroke")
    assert count(page) == 0
    page.mouse.up()
    wait_until(page, lambda: count(page) >= 6, "the page has it, in red")
    assert count(page, "green") == 0


def test_the_eraser_takes_away_and_undo_brings_back(page, pad):
    across(page, pad, (0.1, 0.45), (0.9, 0.45))
    wait_until(page, lambda: count(page) >= 6, "a stroke")
    whole = count(page)
    use(page, "eraser")
    across(page, pad, (0.5, 0.45), (1, 0.45))
    wait_until(page, lambda: 0 < count(page) < whole, "half of it is gone")
    use(page, "undo")
    wait_until(page, lambda: count(page) == whole, "it is back")
    use(page, "undo")
    wait_until(page, lambda: count(page) == 0, "nothing is drawn")


def test_one_rectangle_is_drawn_moved_and_taken_away(page, pad):
    use(page, "rectangle")
    across(page, pad, (0, 0), (0.5, 0.5))
    wait_until(page, lambda: count(page) == 16, "a quarter")
    across(page, pad, (0.25, 0.25), (0.5, 0.25))
    wait_until(page, lambda: page.locator(".box").evaluate("box => box.style.left") == "25%", "moved")
    pad.press("ArrowRight")
    pad.press("Shift+ArrowDown")
    wait_until(page, lambda: page.locator(".box").evaluate("box => box.style.height") == "54%", "larger")
    across(page, pad, (0.6, 0.6), (0.85, 0.85))
    wait_until(page, lambda: count(page) == 4, "another takes its place")
    page.mouse.click(pad.bounding_box()["x"] + 5, pad.bounding_box()["y"] + 5)
    wait_until(page, lambda: count(page) == 0, "a click beside it takes it away")
    expect(page.locator(".box")).to_be_hidden()


def test_clear_takes_all(page, pad):
    across(page, pad, (0.1, 0.45), (0.9, 0.45))
    use(page, "rectangle")
    across(page, pad, (0, 0.5), (0.5, 1))
    wait_until(page, lambda: count(page) > 20, "both")
    use(page, "clear")
    wait_until(page, lambda: count(page) == 0, "none")


def test_by_keys_the_pen_draws_and_is_lifted_and_all_is_cleared(page, pad):
    pad.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tip")).to_be_visible()
    page.keyboard.press("Space")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    wait_until(page, lambda: frames(page) >= 2, "the picture follows the pen")
    assert count(page) == 0
    page.keyboard.press("Space")
    wait_until(page, lambda: count(page) >= 4, "the page has the stroke")
    stroke = count(page)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    wait_until(page, lambda: count(page) > stroke, "the pen that is left is lifted")
    assert count(page) <= stroke + 3, "no line leads to where it was put down again"
    pad.press("Delete")
    wait_until(page, lambda: count(page) == 0, "nothing is drawn")
