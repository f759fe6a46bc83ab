"""Paths and Arithmetic in Chromium: dragged, played, exported, chosen by hand, and taken on to the other pages."""

import io
import re

import imageio.v2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from gen_lab.sources import unpack
from tests.browsing import (
    drag,
    frames,
    pixels,
    query,
    violations,
    violations_in_both_schemes,
    wait_for_rest,
    wait_until,
)
from tests.tiny import LATENT


def open_page(page, app, path: str):
    page.goto(app + path)
    expect(page.locator(".status")).to_have_text("Live")
    expect(page.get_by_text("Model card").first).to_be_visible()
    wait_for_rest(page)


def position(page):
    return page.get_by_role("slider", name="Position")


def at(page) -> float:
    return float(position(page).input_value())


def test_a_drag_goes_along_the_path_and_its_release_moves_the_link(page, app):
    open_page(page, app, "/paths?keys=s1.s2.s3&t=0.5")
    before, count = pixels(page), frames(page)
    drag(page, position(page), 0.3)
    wait_until(page, lambda: pixels(page) != before and frames(page) >= count + 2, "the picture followed the drag")
    assert "t" in query(page) and query(page)["t"] == "0.5"  # no script ran
    page.mouse.up()
    wait_until(page, lambda: query(page).get("t") != "0.5", "the link followed")
    assert abs(float(query(page)["t"]) - at(page)) < 0.002 and at(page) > 0.7
    position(page).press("End")
    wait_until(page, lambda: query(page).get("t") == "1", "by keyboard too")
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: 0.7 < at(page) < 0.9, "undone")


def cursor(page) -> float:
    return float(page.locator(".cursor").get_attribute("x1"))


def test_the_charts_cursor_follows_the_drag_and_no_script_runs(page, app):
    open_page(page, app, "/paths?keys=s1.s2.s3&t=0.5")
    drag(page, position(page), 0.3)
    wait_until(page, lambda: cursor(page) > 0.7 and cursor(page) == at(page), "the cursor follows")
    assert query(page)["t"] == "0.5"
    page.mouse.up()
    wait_until(page, lambda: query(page).get("t") != "0.5", "the link followed")


def test_the_chart_can_be_dragged(page, app):
    open_page(page, app, "/paths?keys=s1.s2.s3&t=0.5")
    box = page.locator(".chart > svg").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    wait_until(page, lambda: abs(at(page) - 0.2) < 0.02, "it went where it was pressed")
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    wait_until(page, lambda: abs(float(query(page)["t"]) - 0.8) < 0.02, "the link followed")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_picture_and_slider_are_on_the_first_screen_and_nothing_covers_the_slider(browser, app, size):
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    open_page(page, app, "/paths?keys=s1.s2.s3")
    picture, slider = page.locator("canvas.picture").bounding_box(), position(page).bounding_box()
    assert picture["y"] + picture["height"] <= size[1] and slider["y"] + slider["height"] <= size[1]
    inside = "([x, y]) => document.elementFromPoint(x, y).shadowRoot.elementFromPoint(x, y).id"
    assert page.evaluate(inside, [slider["x"] + 5, slider["y"] + slider["height"] / 2]) == "position"
    page.context.close()


def test_it_plays_pauses_and_loops(page, app):
    open_page(page, app, "/paths?keys=s1.s2&t=0.1")
    count = frames(page)
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    wait_until(page, lambda: frames(page) > count + 10 and at(page) > 0.3, "it plays")
    assert query(page)["t"] == "0.1"  # no script runs while it plays
    wait_until(page, lambda: at(page) > 0.8, "towards the end")
    wait_until(page, lambda: at(page) < 0.5, "and again from the beginning")
    page.get_by_role("button", name="Pause").click()
    wait_until(page, lambda: abs(float(query(page)["t"]) - at(page)) < 0.002, "the link says where it stopped")
    page.get_by_role("button", name="Loop").click()
    page.get_by_role("button", name="Play").click()
    wait_until(page, lambda: query(page).get("t") == "1", "without loop it ends")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_hand_on_the_slider_stops_the_play(page, app):
    open_page(page, app, "/paths?keys=s1.s2.s3.s4&t=0")
    page.get_by_role("button", name="Play").click()
    wait_until(page, lambda: at(page) > 0.02, "it plays")
    drag(page, position(page), 0.2)
    page.mouse.up()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    wait_until(page, lambda: 0.6 < float(query(page).get("t", 0)) < 0.8, "it stays where it was put")


def test_less_motion_is_still_pictures(browser, app):
    page = browser.new_context(reduced_motion="reduce").new_page()
    open_page(page, app, "/paths?keys=s1.s2&t=0")
    count = frames(page)
    page.get_by_role("button", name="Play").click()
    positions = set()
    wait_until(page, lambda: positions.add(at(page)) or max(positions) > 0.15, "a still a second")
    stills = [10 * position for position in positions]
    assert stills == pytest.approx([round(still) for still in stills]) and frames(page) - count <= 1 + 10 * at(page)
    page.context.close()


def saved(page, label: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    return download.value.path().read_bytes()


def test_what_is_exported_is_decoded_again(page, app):
    open_page(page, app, "/paths?keys=s1.s2")
    seconds = page.get_by_role("spinbutton", name="Seconds")
    seconds.fill("1")
    seconds.press("Enter")
    page.get_by_role("button", name="Make GIF").click()
    gif = Image.open(io.BytesIO(saved(page, "Save GIF")))
    assert gif.n_frames > 1 and gif.size == (388, 324)
    page.get_by_role("button", name="Make MP4").click()
    with imageio.v2.get_reader(io.BytesIO(saved(page, "Save MP4")), "mp4") as film:
        assert sum(1 for _ in film) == 25  # a reader says that it is endless
    assert Image.open(io.BytesIO(saved(page, "Strip"))).size == (9 * 66 - 2, 3 * 66 - 2)
    with np.load(io.BytesIO(saved(page, "Latents"))) as latents:
        assert latents["linear"].shape == (25, LATENT["faces"])


def test_a_long_film_shows_how_far_it_is_and_can_be_stopped(page, app):
    open_page(page, app, "/paths?keys=s1.s2")
    seconds = page.get_by_role("spinbutton", name="Seconds")
    seconds.fill("60")
    seconds.press("Enter")
    wait_for_rest(page)
    page.get_by_role("button", name="Make MP4").click()
    expect(page.get_by_text("of 1500")).to_be_visible()
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
    progress, last = page.get_by_text("of 1500"), ""
    while texts := progress.all_text_contents():
        last = texts[0] or last
    done = int(re.search(r"picture (\d+) of 1500", last)[1]) if last else 0
    assert done < 1200, "it stopped because all was drawn"
    before = pixels(page)
    position(page).press("End")
    wait_until(page, lambda: pixels(page) != before, "the page lives")


def test_constant_speed_shows_another_picture_and_goes_on_live(page, app):
    open_page(page, app, "/paths?keys=s1.s1.s2&t=0.3")
    before = pixels(page)
    page.get_by_text("Constant speed", exact=True).first.click()
    wait_until(page, lambda: query(page).get("speed") == "1" and pixels(page) != before, "where nothing stands still")
    count = frames(page)
    drag(page, position(page), 0.2)
    page.mouse.up()
    wait_until(page, lambda: frames(page) > count, "live")


SUM = "/arithmetic?model=vae-avatars&a_keys=s1.s2&b_keys=s3&c_keys=s4"


def test_strength_and_spread_are_live(page, app):
    open_page(page, app, SUM)
    for name, field in (("Difference", "strength"), ("Neighbourhood", "spread")):
        before = pixels(page)
        slider = page.get_by_role("slider", name=name)
        drag(page, slider, 0.3)
        wait_until(page, lambda before=before: pixels(page) != before, "the pictures followed the drag")
        page.mouse.up()
        wait_until(page, lambda field=field: field in query(page), "the link followed")
    page.get_by_role("button", name="Reset all").click()
    wait_until(page, lambda: not {"strength", "spread"} & query(page).keys(), "to A - B + C itself, not to nothing")


def test_exemplars_are_chosen_by_clicking_them(page, app):
    open_page(page, app, SUM)
    before = pixels(page)
    page.get_by_role("button", name="Change B").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("Picture 2:|Picture 2$")).click()
    expect(dialog.get_by_role("button", name="Use 1 for B")).to_be_visible()
    dialog.get_by_role("button", name=re.compile("Picture 6:|Picture 6$")).press("Enter")
    expect(dialog.get_by_role("button", name="Use 2 for B")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Use 2 for B").click()
    expect(dialog).to_be_hidden()
    wait_until(page, lambda: query(page).get("b_keys") == "d2.d6" and pixels(page) != before, "B is another")


def test_a_sum_is_one_row_and_on_a_phone_its_result_follows_it(page, app):
    open_page(page, app, SUM)

    def boxes():
        places = (".equation img >> nth=0", ".equation b >> nth=2", "canvas >> nth=0", ".st-key-arithmetic-details")
        return [page.locator(place).bounding_box() for place in places]

    first, equals, result, details = boxes()
    assert first["x"] < equals["x"] < result["x"] and abs(first["y"] - result["y"]) < 40
    page.set_viewport_size({"width": 390, "height": 844})
    wait_for_rest(page)
    first, equals, result, details = boxes()
    assert first["y"] < result["y"] < 844 and result["y"] < details["y"]
    pills = page.get_by_test_id("stButtonGroup").last.get_by_role("radio").all()
    assert all(pill.bounding_box()["x"] + pill.bounding_box()["width"] <= 390 for pill in pills) and pills


@pytest.mark.parametrize("visited", [False, True])
def test_a_result_goes_on_to_the_sliders(page, app, visited):
    if visited:  # what that page showed before gives way, and can be had back
        open_page(page, app, "/faces?model=vae-faces&seed=5")
        page.get_by_role("link", name="Arithmetic").click()
        wait_until(page, lambda: "a_keys" in query(page), "on the other page")
        expect(page.get_by_role("slider", name="Difference")).to_be_visible()
        page.get_by_role("combobox", name="Model").click()
        page.get_by_role("option", name="vae-avatars").click()
        wait_until(page, lambda: query(page).get("model") == "vae-avatars", "the other model")
    else:
        open_page(page, app, SUM)
    page.get_by_role("button", name="Edit it").click()
    wait_until(page, lambda: "/faces" in page.url and query(page).get("start") == "photo", "on the sliders' page")
    expect(page.get_by_role("slider", name="Smiling")).to_be_visible()
    assert unpack(query(page)["photo"], LATENT["avatars"]).isfinite().all()
    if visited:
        page.get_by_role("button", name="Undo").click()
        wait_until(page, lambda: query(page).get("seed") == "5", "the face from before")


def test_a_result_goes_on_to_a_path(page, app):
    open_page(page, app, SUM + "&pick=3")
    page.get_by_role("button", name="Path from A to it").click()
    wait_until(page, lambda: "/paths" in page.url and query(page).get("keys", "").count("p") >= 2, "on the path's page")
    expect(position(page)).to_be_visible()
    assert query(page)["model"] == "vae-avatars"


@pytest.mark.parametrize("path", ["/paths?keys=s1.d2.s3&model=vae-avatars&speed=1", "/paths?keys=s1.s2.pAAAA", SUM])
def test_nothing_serious_for_axe(page, app, path):
    open_page(page, app, path)
    assert violations_in_both_schemes(page) == []
