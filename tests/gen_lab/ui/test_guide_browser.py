"""The guided steps in Chromium: done by mouse and by keyboard, remembered, skipped, begun again."""

import pytest
from playwright.sync_api import expect

from gen_lab.ui import navigation
from gen_lab.ui.guide import steps
from tests.browsing import drag, query, violations, wait_for_rest, wait_until

FACES = steps("faces")
GUIDED = [page.name for page in navigation.pages() if steps(page.name)]
QUERIES = {  # what a step speaks of may come with the step before
    "novelty": ["?model=vae-avatars&source=memoriser"], "lesson": ["", "?shipped=autoencoders"],
}  # fmt: skip
SIDES = (("x", "width"), ("y", "height"))


class Guide:
    """The guide of an open page."""

    def __init__(self, page):
        self.page, self.root = page, page.get_by_role("region", name="Guided steps")
        self.line, self.ring = self.root.locator("p"), page.locator(".ring")

    def expect_step(self, number: int):
        words = FACES[number - 1].words.replace("**", "")
        expect(self.line).to_have_text(f"{number} of {len(FACES)} {words}")

    def press(self, name: str):
        self.root.get_by_role("button", name=name, exact=True).click()

    def is_round(self, thing) -> bool:
        ring, box = self.ring.bounding_box(), thing.bounding_box()
        if ring is None or box is None:
            return False
        return all(abs(ring[at] + ring[size] / 2 - box[at] - box[size] / 2) < 2 for at, size in SIDES)


@pytest.fixture
def guide(page, app) -> Guide:
    page.goto(f"{app}/faces")
    expect(page.locator(".meter")).to_be_visible()
    guide = Guide(page)
    guide.expect_step(1)
    wait_for_rest(page)
    return guide


def smile(page):
    return page.get_by_role("slider", name="Smiling")


def test_the_steps_of_faces_are_done_by_mouse(guide, page):
    wait_until(page, lambda: guide.is_round(page.locator(".row").first), "the ring is round the slider")
    drag(page, smile(page), 0.3)
    page.mouse.up()
    guide.expect_step(2)
    wait_for_rest(page)
    guide.press("Show where")
    wait_until(page, guide.ring.is_visible, "what the step speaks of is in sight")
    guide.press("Next")
    guide.expect_step(3)
    page.get_by_role("button", name="Hold Male").click()
    guide.expect_step(4)
    drag(page, smile(page), -0.3)
    page.mouse.up()
    guide.expect_step(5)
    page.locator(f"{FACES[4].at} label").click()
    expect(guide.line).to_contain_text("That was all")
    expect(guide.ring).to_be_hidden()


def test_the_steps_of_faces_are_done_by_keyboard(guide, page):
    smile(page).press("End")
    guide.expect_step(2)
    guide.root.get_by_role("button", name="Next").press("Enter")
    guide.expect_step(3)
    guide.root.get_by_role("button", name="Show where").press("Enter")
    held = "document.activeElement.shadowRoot?.activeElement?.type"
    wait_until(page, lambda: page.evaluate(held) == "range", "a slider has the keyboard")
    page.get_by_role("button", name="Hold Male").press("Enter")
    guide.expect_step(4)
    smile(page).press("Home")
    guide.expect_step(5)
    page.locator(f"{FACES[4].at} input").press("Space")
    expect(guide.line).to_contain_text("That was all")


def test_it_goes_on_where_it_was_after_a_reload(guide, page):
    smile(page).press("End")
    guide.expect_step(2)
    page.reload()
    guide.expect_step(2)
    guide.press("Back")
    guide.expect_step(1)


def test_skipped_it_stays_away_until_it_is_asked_for(guide, page):
    guide.press("Skip")
    for _ in range(2):
        expect(guide.root.get_by_role("button", name="Show me how")).to_be_visible()
        expect(guide.line).to_be_hidden()
        expect(guide.ring).to_be_hidden()
        page.reload()
    guide.press("Show me how")
    guide.expect_step(1)


def test_escape_closes_it_and_the_keyboard_goes_on(guide, page):
    guide.root.get_by_role("button", name="Next").focus()
    page.keyboard.press("Escape")
    expect(guide.root.get_by_role("button", name="Show me how")).to_be_focused()
    page.keyboard.press("Tab")
    expect(guide.root.get_by_role("button", name="Show me how")).not_to_be_focused()


def test_what_the_page_does_by_itself_is_not_the_visitors_doing(guide, page):
    page.evaluate("history.replaceState(null, '', '?Smiling=3')")
    smile(page).hover()
    wait_for_rest(page)
    guide.expect_step(1)


def test_what_the_page_has_just_drawn_anew_is_shown_too(guide, page):
    guide.press("Next")
    wait_until(page, guide.ring.is_visible, "what the step speaks of is in sight")
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    expect(guide.ring).to_be_hidden()
    guide.root.get_by_role("button", name="Show where").evaluate(
        """button => {
          const meter = document.querySelector(".meter");
          meter.replaceWith(meter.cloneNode(true));
          button.click();
        }"""
    )
    wait_until(page, guide.ring.is_visible, "what replaced it is in sight")


def test_another_slider_than_the_one_of_the_step_does_not_do_it(guide, page):
    page.get_by_role("slider", name="Male").press("End")
    wait_until(page, lambda: "Male" in query(page), "the link has followed")
    wait_for_rest(page)
    guide.expect_step(1)


def test_undo_is_not_the_slider_of_the_step(guide, page):
    page.get_by_role("slider", name="Male").press("End")
    smile(page).press("End")
    guide.expect_step(2)
    guide.press("Back")
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: "Smiling" not in query(page), "the link has followed")
    wait_for_rest(page)
    guide.expect_step(1)


def test_on_a_phone_it_points_at_what_opens_the_sidebar(page, app):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app}/lesson")
    guide, opens = Guide(page), page.get_by_test_id("stExpandSidebarButton")
    for step in (2, 3):
        guide.press("Next")
        expect(guide.line).to_contain_text(f"{step} of 4")
    wait_until(page, lambda: guide.is_round(opens), "the ring is round the button")
    opens.click()
    wait_until(page, lambda: guide.is_round(page.locator(steps("lesson")[2].at)), "the ring is round Slides")
    page.locator(steps("lesson")[2].at).get_by_role("button").click()
    expect(guide.line).to_contain_text("4 of 4")


def test_on_a_phone_it_covers_neither_the_head_nor_the_picture_nor_the_sliders(guide, page):
    page.set_viewport_size({"width": 390, "height": 844})
    wait_for_rest(page)
    for thing in (page.get_by_role("heading", level=1), page.locator("canvas.picture"), page.locator(".sheet")):
        assert not overlap(guide.root.bounding_box(), thing.bounding_box())


def overlap(a, b) -> bool:
    return all(a[at] < b[at] + b[size] and b[at] < a[at] + a[size] for at, size in SIDES)


def test_it_is_for_every_eye(guide, page):
    assert violations(page) == []


@pytest.mark.parametrize("name", GUIDED)
def test_what_each_step_speaks_of_is_on_its_page(page, app, name):
    queries = QUERIES.get(name, [""])
    for number, step in enumerate(steps(name)):
        if number < len(queries):
            page.goto(f"{app}/{'' if name == 'home' else name}{queries[number]}")
        expect(page.locator(step.at).first, step.words).to_be_visible()


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_thing_that_is_no_part_of_the_link_counts_once_it_is_moved(page, app, by):
    page.goto(app)
    guide, slider = Guide(page), page.get_by_role("slider", name="Smile")
    expect(guide.line).to_contain_text("1 of 3")
    if by == "mouse":
        slider.click()
    else:
        slider.press("ArrowRight")
    expect(guide.line).to_contain_text("2 of 3")
