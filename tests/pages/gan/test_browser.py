"""GANs in Chromium: the grid dragged, clicked, by keys; and on to Novelty."""

import pytest
from playwright.sync_api import expect

from tests.browsing import frames, query, violations, wait_for_rest, wait_until


def browse(page, address):
    page.goto(address)
    expect(page.locator(".status")).to_have_text("Live")
    expect(page.get_by_text("Model card").first).to_be_attached()
    wait_for_rest(page)
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
    page.wait_for_url("**/novelty**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Novelty")
    page.wait_for_url("**latent=**")
    assert query(page)["model"] == "gan-digits" and query(page)["source"] == "latent"


def test_keys_move_what_a_drag_moves(page, app):
    browse(page, f"{app}/gan?model=gan-digits")
    page.get_by_role("slider", name="Direction 2", exact=False).press("End")
    page.wait_for_url("**moves=0%2C3*")
    page.get_by_role("slider", name="Truncation").press("Home")
    page.wait_for_url("**truncation=0*")


@pytest.mark.parametrize("address", ["gan?model=wgan_gp-faces", "gan?model=gan-digits-collapse", "conditional"])
def test_axe_finds_nothing_serious(page, app, address):
    browse(page, f"{app}/{address}")
    assert violations(page) == []
