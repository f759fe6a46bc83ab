"""The sheet of a phone, in Chromium: sliders under the thumb, the picture in sight."""

import pytest
from playwright.sync_api import expect

from tests.browsing import wait_for_rest
from tests.tiny import SLIDERS


@pytest.fixture
def phone(page, app):
    """Faces on a phone, at rest."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app}/faces")
    expect(page.locator(".status")).to_have_text("Live")
    wait_for_rest(page)
    return page


def handle(page):
    return page.get_by_role("button", name="All sliders")


def box(page, selector: str) -> dict:
    return page.locator(selector).bounding_box()


def test_two_sliders_are_in_sight_and_the_handle_shows_all(phone):
    sliders = phone.get_by_role("slider")
    expect(sliders).to_have_count(2)
    expect(handle(phone)).to_have_attribute("aria-expanded", "false")
    handle(phone).click()
    expect(sliders).to_have_count(len(SLIDERS["faces"]))
    expect(handle(phone)).to_have_attribute("aria-expanded", "true")


def test_the_sheet_opens_and_closes_by_keyboard(phone):
    handle(phone).press("Enter")
    last = phone.get_by_role("slider").last
    last.press("End")
    expect(last).to_have_value("3")
    last.press("Escape")
    expect(handle(phone)).to_have_attribute("aria-expanded", "false")
    expect(handle(phone)).to_be_focused()


def test_a_touch_pulls_the_sheet_up_and_down(phone):
    for way, is_open in ((-60, "true"), (60, "false")):
        place = handle(phone).bounding_box()
        x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        phone.mouse.move(x, y)
        phone.mouse.down()
        phone.mouse.move(x, y + way, steps=4)
        phone.mouse.up()
        expect(handle(phone)).to_have_attribute("aria-expanded", is_open)


def test_the_open_sheet_leaves_the_picture_in_sight(phone):
    handle(phone).click()
    wait_for_rest(phone)
    picture = box(phone, "canvas.picture")
    assert picture["y"] >= 0 and picture["y"] + picture["height"] <= box(phone, ".sheet")["y"]


def test_the_sheet_goes_when_the_reader_has_scrolled_past_the_picture_and_comes_back(phone):
    sheet = phone.locator(".sheet")
    phone.get_by_text("Model card").last.scroll_into_view_if_needed()
    expect(sheet).not_to_be_in_viewport()
    phone.get_by_role("heading", level=1).scroll_into_view_if_needed()
    expect(sheet).to_be_in_viewport()


def test_on_a_desktop_the_sliders_stand_beside_the_picture(page, app):
    page.goto(f"{app}/faces")
    wait_for_rest(page)
    expect(page.get_by_role("slider")).to_have_count(len(SLIDERS["faces"]))
    expect(page.locator(".handle")).not_to_be_visible()
