"""A lesson in Chromium: collected on pages, kept over a reload, presented by keys."""

import pytest
from playwright.sync_api import expect

from tests.browsing import query, violations_in_both_schemes, wait_for_rest, wait_until


def add(page, note: str, count: int):
    """Adds the page as the last slide, of so many."""
    page.get_by_test_id("stSidebar").get_by_test_id("stPopover").get_by_role("button").first.click()
    page.get_by_role("textbox", name="Note").fill(note)
    page.get_by_role("button", name="Add this page as a slide").click()
    expect(page.get_by_role("link", name="Your lesson: 1 slide" if count == 1 else f"{count} slides")).to_be_visible()
    kept = "JSON.parse(localStorage.getItem('gen_lab lesson'))?.slides.length"
    wait_until(page, lambda: page.evaluate(kept) == count, "the browser keeps it")
    page.keyboard.press("Escape")


def visit(page, address: str):
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    wait_for_rest(page)


@pytest.fixture
def lesson(page, app):
    """The page Lesson with three slides, of which the session that collected them is gone."""
    visit(page, f"{app}/faces?Smiling=3")
    add(page, "Who smiles?", 1)
    visit(page, f"{app}/faces?Smiling=-2")
    add(page, "And now?", 2)
    visit(page, app)
    add(page, "", 3)
    visit(page, f"{app}/lesson")
    return page


def smiling(page):
    return page.get_by_role("slider", name="Smiling")


def test_slides_are_collected_and_presented_by_keys(lesson):
    page = lesson
    page.get_by_role("button", name="Present").click()
    bar = page.get_by_role("region", name="Lesson")
    expect(bar.get_by_text("1 of 3")).to_be_visible()
    expect(bar.get_by_text("Who smiles?")).to_be_visible()
    expect(smiling(page)).to_have_value("3")
    expect(page.get_by_test_id("stSidebar")).not_to_be_visible()
    expect(page.get_by_test_id("stHeader")).not_to_be_visible()

    page.keyboard.press("ArrowRight")
    expect(bar.get_by_text("And now?")).to_be_visible()
    expect(smiling(page)).to_have_value("-2")
    smiling(page).press("ArrowRight")  # the slider's own
    wait_until(page, lambda: query(page)["Smiling"] == "-1.95", "the link follows the slider")
    expect(bar.get_by_text("2 of 3")).to_be_visible()
    smiling(page).press("PageUp")  # a presenter's
    expect(bar.get_by_text("1 of 3")).to_be_visible()
    expect(smiling(page)).to_have_value("3")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    expect(bar.get_by_text("3 of 3")).to_be_visible()
    expect(page.get_by_role("heading", name="gen_lab", level=1)).to_be_visible()

    page.keyboard.press("Escape")
    expect(bar).not_to_be_attached()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()


def test_a_shared_lesson_is_opened_in_another_browser(lesson, browser):
    lesson.get_by_role("button", name="Share").click()
    expect(lesson.get_by_role("img", name="QR code of this link")).to_be_visible()
    expect(lesson.get_by_text("No other device can open an address on localhost")).to_be_visible()
    address = lesson.get_by_role("dialog").get_by_test_id("stCode").locator("code").inner_text()
    other = browser.new_context().new_page()
    visit(other, address)
    other.get_by_role("button", name="Open").first.click()
    expect(smiling(other)).to_have_value("3")
    other.context.close()


def test_the_bar_is_no_trouble_for_axe(lesson):
    lesson.get_by_role("button", name="Present").click()
    expect(lesson.get_by_text("1 of 3")).to_be_visible()
    assert violations_in_both_schemes(lesson) == []


def test_a_second_browser_follows_the_teacher_looks_around_and_comes_back(page, app, browser):
    visit(page, f"{app}/lesson?shipped=autoencoders")
    page.get_by_role("button", name="Follow me").click()
    address = page.get_by_role("dialog").get_by_test_id("stCode").locator("code").inner_text()
    visit(page, f"{app}/lesson")  # a reload keeps the class
    student = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    student.goto(address)
    expect(student.get_by_role("button", name="Look around by yourself")).to_be_visible()

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Faces", exact=True).click()
    expect(smiling(page)).to_be_visible()
    expect(smiling(student)).to_be_attached()
    smiling(page).press("End")
    expect(smiling(student)).to_have_value("3")

    student.get_by_role("button", name="Look around by yourself").click()
    back = student.get_by_role("button", name="Follow again")
    expect(back).to_be_visible()
    smiling(page).press("Home")
    wait_until(page, lambda: query(page)["Smiling"] == "-3", "the teacher's page follows")
    expect(smiling(student)).to_have_value("3")
    back.click()
    expect(smiling(student)).to_have_value("-3")
    student.reload()
    expect(student.get_by_role("button", name="Look around by yourself")).to_be_visible()
    smiling(page).press("End")
    expect(smiling(student)).to_have_value("3")
    student.context.close()
