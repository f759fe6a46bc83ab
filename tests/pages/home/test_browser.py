"""Home in Chromium: its face, and its cards."""

import pytest
from playwright.sync_api import expect

from tests.browsing import frames, wait_for_rest, wait_until

FACE = "canvas.face"


def smile(page) -> float:
    return float(page.get_by_role("slider", name="Smile").input_value())


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_the_face_is_on_the_first_screen(page, app, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(app)
    slider = page.get_by_role("slider", name="Smile")
    expect(slider).to_be_in_viewport(ratio=1)
    expect(page.locator(FACE)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("take", ["hand", "keyboard"])
def test_the_face_smiles_by_itself_until_the_slider_is_taken(page, app, take):
    page.goto(app)
    slider = page.get_by_role("slider", name="Smile")
    wait_until(page, lambda: smile(page) > 1, "it smiles")
    wait_until(page, lambda: smile(page) < 1, "it stops")
    if take == "hand":
        slider.click(position={"x": 20, "y": 10})
    else:
        slider.focus()
    taken = smile(page)
    page.wait_for_timeout(1500)  # in which it would have moved on
    assert smile(page) == taken
    slider.press("End")
    wait_until(page, lambda: frames(page, FACE) > 0, "a picture comes live")


def test_the_face_keeps_still_for_those_who_want_less_motion(page, app):
    page.emulate_media(reduced_motion="reduce")
    page.goto(app)
    expect(page.get_by_role("slider", name="Smile")).to_be_visible()
    page.wait_for_timeout(2500)  # in which it would have smiled
    assert smile(page) == 0


def test_a_card_is_one_link_wherever_one_clicks_it(page, app):
    page.goto(app)
    card = page.locator(".st-key-card-faces")
    wait_for_rest(page)
    box = card.bounding_box()
    card.click(position={"x": box["width"] / 2, "y": box["height"] / 3})
    expect(page.get_by_role("heading", name="Faces", level=1)).to_be_visible()


def test_cards_of_a_chapter_are_of_one_height_and_reached_by_the_keyboard(page, app):
    page.goto(app)
    wait_for_rest(page)
    heights = page.locator(".st-key-cards-digits > *").evaluate_all("cards => cards.map(card => card.offsetHeight)")
    assert len(heights) == 5 and len(set(heights)) == 1
    page.locator(".st-key-card-digits a").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".st-key-card-faces a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Faces", level=1)).to_be_visible()


def test_cards_of_neighbouring_chapters_are_of_one_height(page, app):
    page.goto(app)
    wait_for_rest(page)
    cards = page.locator(":is(.st-key-card-novelty, .st-key-card-captions, .st-key-card-lesson)")
    boxes = cards.evaluate_all("cards => cards.map(card => [card.offsetHeight, card.getBoundingClientRect().top])")
    assert len(boxes) == 3 and len(set(map(tuple, boxes))) == 1


def test_nothing_of_a_page_stays_in_the_address_of_the_next(page, app):
    page.goto(f"{app}/faces?model=vae-avatars")
    expect(page.get_by_role("slider", name="Smiling")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_role("slider", name="Smile", exact=True)).to_be_visible()
    wait_for_rest(page)
    assert page.url.rstrip("/") == app
