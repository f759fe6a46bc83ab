"""The Map page in Chromium, over small random checkpoints: hover, click, explore, zoom, lasso, and on to the Faces."""

import math
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browsing import frames, pixels, query, wait_for_rest, wait_until


def open_map(page, app, query="?model=vae-faces", status="Live"):
    """The canvas of the opened map, and its box."""
    page.goto(f"{app}/map{query}")
    expect(page.locator(".status")).to_contain_text(status)  # the first page loads the libraries
    expect(page.get_by_test_id("stMetric").filter(has_text="Trustworthiness")).to_be_visible()
    canvas = page.locator("canvas.cloud")
    wait_for_rest(page)
    return canvas, canvas.bounding_box()


def use(page, tool: str):
    page.locator(".tools").get_by_text(tool, exact=True).click()


def across(page, box, up_to=1.0, steps=30):
    """The pointer moves over the middle of the map from its left."""
    for step in range(steps + 1):
        page.mouse.move(box["x"] + box["width"] * (0.1 + 0.8 * up_to * step / steps), box["y"] + box["height"] / 2)
        page.wait_for_timeout(16)


def lasso(page, box, x: float, y: float, radius: float):
    for step in range(33):
        angle = math.tau * step / 32
        page.mouse.move(box["x"] + box["width"] * (x + radius * math.cos(angle)),
                        box["y"] + box["height"] * (y + radius * math.sin(angle)))  # fmt: skip
        if step == 0:
            page.mouse.down()
    page.mouse.up()


def test_the_picture_follows_the_pointer_from_point_to_point(page, app):
    _, box = open_map(page, app)
    before = page.locator(".caption").inner_text()
    across(page, box)
    wait_until(page, lambda: frames(page) >= 2, "it followed")
    across(page, box, up_to=0.5)
    expect(page.locator(".caption")).to_contain_text("Picture")
    page.mouse.move(5, 5)
    expect(page.locator(".caption")).to_have_text(before)  # the chosen picture is back
    assert query(page) == {"model": "vae-faces"}  # no script ran


def test_a_click_between_the_points_decodes_what_would_be_there(page, browser, app):
    canvas, box = open_map(page, app)
    before = pixels(page)
    page.mouse.click(box["x"] + 8, box["y"] + 8)
    wait_until(page, lambda: "place" in query(page), "the link has the place")
    assert len(query(page)["place"].split(".")) == 2
    expect(page.locator(".caption")).to_contain_text("8 nearest")
    wait_until(page, lambda: pixels(page) != before, "another picture")
    other = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()  # another student's browser
    open_map(other, app, "?" + urlsplit(page.url).query)
    wait_until(other, lambda: before != pixels(other) == pixels(page), "the link shows the same picture")
    other.context.close()
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: "place" not in query(page) and pixels(page) == before, "undone")


def test_exploring_is_live(page, app):
    _, box = open_map(page, app)
    use(page, "Explore")
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    across(page, box)
    wait_until(page, lambda: frames(page) >= 2, "live")
    assert "place" not in query(page)
    page.mouse.up()
    wait_until(page, lambda: "place" in query(page), "the link followed the release")


def test_pan_zoom_and_keys_move_the_map(page, app):
    canvas, box = open_map(page, app)
    whole = pixels(page, "canvas.cloud")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -200)
    wait_until(page, lambda: pixels(page, "canvas.cloud") != whole, "closer")
    closer = pixels(page, "canvas.cloud")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3, steps=5)
    wait_until(page, lambda: pixels(page, "canvas.cloud") not in (whole, closer), "moved")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    wait_until(page, lambda: pixels(page, "canvas.cloud") == closer, "there and back is where it was")
    page.mouse.up()
    assert query(page) == {"model": "vae-faces"}  # a drag chooses nothing
    page.mouse.move(5, 5)
    page.get_by_role("button", name="The whole map").click()
    wait_until(page, lambda: pixels(page, "canvas.cloud") == whole, "the whole map again")
    canvas.focus()
    for key in ("ArrowRight", "ArrowUp"):
        canvas.press(key)
    wait_until(page, lambda: "place" in query(page), "the keys choose a place")


def test_two_lassos_become_a_slider(page, app):
    _, box = open_map(page, app)
    use(page, "Lasso A")
    lasso(page, box, 0.35, 0.5, 0.17)
    wait_until(page, lambda: "a" in query(page), "group A")
    use(page, "Lasso B")
    lasso(page, box, 0.68, 0.5, 0.17)
    wait_until(page, lambda: "b" in query(page), "group B")
    expect(page.locator(".marks polygon")).to_have_count(2)
    expect(page.get_by_text("Mean of group B")).to_be_visible()
    page.get_by_role("button", name="Make it a slider").click()
    own = page.get_by_role("slider", name="Your direction")
    expect(own).to_be_visible()
    assert "direction" in query(page)
    before = pixels(page)
    own.press("End")
    wait_until(page, lambda: query(page).get("Your_direction") == "3" and pixels(page) != before, "it moves the face")
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: "Your_direction" not in query(page) and pixels(page) == before, "undone")
    page.get_by_role("button", name="Hold Your direction").click()
    wait_until(page, lambda: query(page).get("locked") == "Your_direction", "it locks")


def test_the_filter_fades_points_and_the_colour_changes(page, app):
    open_map(page, app, "?model=vae-faces")
    before = pixels(page, "canvas.cloud")
    open_map(page, app, "?model=vae-faces&having=Smiling")
    assert pixels(page, "canvas.cloud") != before
    open_map(page, app, "?model=vae-faces&colour=z2")
    expect(page.locator(".legend .bar")).to_be_visible()
    assert pixels(page, "canvas.cloud") != before


def test_a_refused_socket_delays_and_says_so(page, app):
    page.route_web_socket("**/live", lambda socket: socket.close(code=1011))
    _, box = open_map(page, app, status="with a delay")
    before = pixels(page)
    use(page, "Explore")
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3, steps=3)
    wait_until(page, lambda: pixels(page) != before, "the picture came by a rerun, the button still down")
    assert "place" not in query(page)
    page.mouse.up()
    wait_until(page, lambda: "place" in query(page), "the link followed")


def test_a_finger_chooses_a_place(browser, app):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    canvas, _ = open_map(page, app)
    canvas.scroll_into_view_if_needed()
    canvas.tap(position={"x": 6, "y": 6})
    wait_until(page, lambda: "place" in query(page), "tapped")
    context.close()
