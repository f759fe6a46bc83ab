"""What a visitor sees of each page before scrolling, in Chromium: the picture is inside the first screen."""

import pytest
from playwright.sync_api import expect

from gen_lab.ui.navigation import pages
from tests.browsing import wait_for_rest

SCREENS = {"desktop": (1440, 900), "phone": (390, 844)}
# From where to where the first picture of a page reaches, in px, and where a phone's sheet begins, if there is one.
MEASURE = """() => {
  const inside = (root) => [...root.querySelectorAll("*")].flatMap(
    (each) => [each, ...(each.shadowRoot ? inside(each.shadowRoot) : [])],
  );
  const all = inside(document.querySelector("[data-testid=stMain]"));
  const boxes = all.filter((each) => each.matches("canvas, img")).map((each) => each.getBoundingClientRect());
  const picture = boxes.find(({ width, height }) => Math.min(width, height) >= 72);
  const sheet = all.find((each) => each.matches(".sheet") && getComputedStyle(each).position === "fixed");
  return picture && [picture.top, picture.bottom, sheet?.getBoundingClientRect().top ?? innerHeight];
}"""
WITH_PICTURES = [page.name for page in pages() if page.name not in ("models", "lesson")]


@pytest.mark.parametrize("size", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize("name", WITH_PICTURES)
def test_the_picture_is_inside_the_first_screen(name, size, page, app):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page.goto(f"{app}/{'' if name == 'home' else name}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    wait_for_rest(page)
    top, bottom, end = page.evaluate(MEASURE)
    assert top >= 0 and bottom <= end
