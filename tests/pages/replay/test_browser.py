"""The replay in Chromium: scrubbed, played, its charts and scales."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browsing import drag, query, violations_in_both_schemes, wait_for_rest, wait_until


def open_replay(page, app, path="/replay?model=gan-digits&step=1000"):
    page.goto(app + path)
    expect(page.get_by_text("Model card").first).to_be_visible()
    expect(page.locator(".strip")).to_have_attribute("data-row", "10" if "step=1000" in path else "20")
    wait_for_rest(page)
    return page.get_by_role("slider", name="Snapshot")


def brightness(page) -> float:
    """Of the strip's first picture: each snapshot is eight levels brighter than the one before."""
    look = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]"
    return np.mean(page.locator(".strip canvas").first.evaluate(look)[::4])


def mark(page) -> float:
    return float(page.locator(".cursor").first.get_attribute("x1"))


def test_a_drag_moves_pictures_and_marks_and_its_release_the_link(page, app):
    slider = open_replay(page, app)
    before, line = brightness(page), mark(page)
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket))
    drag(page, slider, 0.3)
    assert slider.input_value() == "16"
    wait_until(page, lambda: brightness(page) > before + 30 and mark(page) > line + 20, "pictures and marks follow")
    assert query(page)["step"] == "1000"  # no script ran
    expect(page.get_by_text("step 1,600 of 2,000 · epoch 3.2")).to_be_visible()
    page.mouse.up()
    wait_until(page, lambda: query(page)["step"] == "1600", "the link followed")
    slider.press("ArrowLeft")
    wait_until(page, lambda: query(page)["step"] == "1500", "by keyboard too")
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: slider.input_value() == "16" and query(page)["step"] == "1600", "undone")
    assert not sockets  # nothing but the page's own connection


def test_a_hand_on_a_chart_scrubs_and_a_note_leads_to_its_step(page, app):
    slider = open_replay(page, app)
    box = page.locator(".chart svg").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 80, steps=4)
    wait_until(page, lambda: int(slider.input_value()) < 8, "it scrubs")
    page.mouse.up()
    wait_until(page, lambda: int(query(page)["step"]) < 800, "the link followed")
    page.get_by_role("button", name="The pictures are alike").click()
    wait_until(page, lambda: query(page)["step"] == "1100", "at the note")
    expect(page.locator(".status")).to_contain_text("The pictures are alike")
    expect(page.locator(".status")).to_contain_text("It falls")


def test_it_plays_to_the_end_without_the_server(page, app):
    slider = open_replay(page, app)
    page.get_by_role("button", name="Loop").click()
    page.get_by_role("button", name="Play").click()
    wait_until(page, lambda: int(slider.input_value()) > 12, "it plays")
    assert query(page)["step"] == "1000"
    wait_until(page, lambda: query(page)["step"] == "2000", "to the end")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_scales_and_smoothing_are_live_and_in_the_link(page, app):
    open_replay(page, app)
    path = page.locator("path.line").first
    for name, field in (("Log losses", "log_losses"), ("Log steps", "log_steps")):
        before = path.get_attribute("d")
        page.get_by_role("button", name=name).click()
        wait_until(page, lambda before=before: path.get_attribute("d") != before, "at once")
        wait_until(page, lambda field=field: query(page).get(field) == "1", "the link followed")
    before = path.get_attribute("d")
    page.get_by_role("slider", name="Smoothing").press("Home")
    wait_until(page, lambda: path.get_attribute("d") != before, "at once")
    wait_until(page, lambda: query(page).get("smoothing") == "0", "the link followed")
    page.reload()
    wait_until(page, lambda: page.locator("path.line").count() and page.locator("path.raw").count() == 0, "unsmoothed")
    expect(page.get_by_role("button", name="Log steps")).to_have_attribute("aria-pressed", "true")


def test_another_latent_has_another_film_and_another_model_another_strip(page, app):
    open_replay(page, app)
    film = page.locator("canvas.film")
    before = film.evaluate("canvas => canvas.toDataURL()")
    page.get_by_role("button", name="Latent 3").click()
    wait_until(page, lambda: film.evaluate("canvas => canvas.toDataURL()") != before, "another film")
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="wgan_gp-digits").click()
    expect(page.get_by_text("The critic's loss and its terms")).to_be_visible()
    wait_until(page, lambda: query(page) == {"model": "wgan_gp-digits"}, "its end")
    expect(page.get_by_role("button", name="Latent 1")).to_have_attribute("aria-pressed", "true")


def test_a_phone(browser, app):
    page = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    slider = open_replay(page, app)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    slider.press("Home")
    wait_until(page, lambda: query(page)["step"] == "0", "the first")
    page.context.close()


@pytest.mark.parametrize("path", ["/replay?model=gan-digits", "/replay?model=nothing"])
def test_nothing_serious_for_axe(page, app, path):
    page.goto(app + path)
    last = page.get_by_text("Model card").first if "gan" in path else page.get_by_role("alert").first
    expect(last).to_be_visible()
    assert violations_in_both_schemes(page) == []
