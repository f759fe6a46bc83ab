"""What every page has around its picture, in Chromium."""

import pytest
from playwright.sync_api import expect

from tests.browsing import wait_for_rest

RUNS = """() => {
  window.runs = 0;
  new MutationObserver(() => (window.runs += 1)).observe(
    document.querySelector("[data-test-script-state]"), { attributeFilter: ["data-test-script-state"] },
  );
}"""


@pytest.fixture
def options(page, app):
    """The button on a phone, and a choice behind it."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app}/faces")
    wait_for_rest(page)
    return page.locator(".st-key-options summary"), page.get_by_text("Start from", exact=True)


def test_on_a_phone_choices_open_without_a_run_by_touch_and_by_keyboard(page, options):
    button, choice = options
    expect(choice).not_to_be_visible()
    page.evaluate(RUNS)
    button.click()
    expect(choice).to_be_visible()
    button.press("Enter")
    expect(choice).not_to_be_visible()
    button.press("Space")
    expect(choice).to_be_visible()
    assert page.evaluate("runs") == 0


def test_choices_that_are_open_stay_open_while_one_is_made(page, options):
    button, choice = options
    button.click()
    page.get_by_role("button", name="Another").click()
    page.wait_for_url("**/faces?*seed=*")
    wait_for_rest(page)
    expect(choice).to_be_visible()


def test_on_a_desktop_choices_stand_in_a_row_without_a_button(page, app):
    page.goto(f"{app}/faces")
    wait_for_rest(page)
    expect(page.locator(".st-key-options summary")).not_to_be_visible()
    expect(page.get_by_text("Start from", exact=True)).to_be_visible()


def test_the_picture_is_painted_before_the_browser_hears_of_a_chart(page, app):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{app}/faces")
    expect(page.locator(".meter")).to_be_visible()
    wait_for_rest(page)
    painted = next(index for index, url in enumerate(requests) if "/painted/" in url)
    chart = next(index for index, url in enumerate(requests) if "PlotlyChart" in url)
    assert painted < chart


def test_a_browser_that_cannot_answer_sees_the_slow_parts_all_the_same(page, app):
    page.route("**/painted/*", lambda route: route.abort())
    page.goto(f"{app}/faces")
    expect(page.locator(".meter")).to_be_visible()


def test_a_dialog_follows_the_scheme(page, app):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{app}/arithmetic")
    page.get_by_role("button", name="Change A").click()
    picture = page.get_by_role("dialog").get_by_role("button", name="Picture").first
    expect(picture).to_have_css("color-scheme", "dark")
    page.emulate_media(color_scheme="light")
    expect(picture).to_have_css("color-scheme", "light")
