"""Faces in Chromium: by hand, by link, by photo, over small random checkpoints."""

import io
import re
from urllib.parse import urlsplit

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect

from gen_lab import checkpoint
from gen_lab.checkpoint import learned_sliders
from gen_lab.data import avatars
from gen_lab.images import crop_square, open_photo
from gen_lab.latent.learned import LearnedSliders
from gen_lab.sources import encode_picture, unpack
from tests.browsing import choose_photo, drag, pixels, query, too_large, violations, wait_for_rest, wait_until
from tests.tiny import LATENT, SLIDERS


def open_faces(page, app, query=""):
    page.goto(f"{app}/faces{query}")
    expect(page.locator(".status")).to_have_text("Live")
    expect(page.locator(".meter")).to_be_visible()
    return page.get_by_role("slider", name="Smiling")


def test_a_drag_changes_the_face_and_its_release_the_rest_of_the_page(page, browser, app):
    slider = open_faces(page, app)
    before, meter = pixels(page), page.locator(".meter").inner_text()
    png = page.locator("canvas.picture").screenshot()
    assert np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).std() > 10  # nothing below compares blanks
    drag(page, slider, 0.4)
    wait_until(page, lambda: pixels(page) != before, "the picture followed the drag")
    assert "Smiling" not in query(page) and page.locator(".meter").inner_text() == meter  # no script ran
    page.mouse.up()
    wait_until(page, lambda: "Smiling" in query(page), "the link followed")
    expect(page.locator(".meter")).not_to_have_text(meter)
    expect(page.get_by_role("heading", name="Smiling from")).to_be_visible()
    assert float(query(page)["Smiling"]) == float(slider.input_value()) > 1

    other = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()  # another student's browser
    open_faces(other, app, "?" + urlsplit(page.url).query)
    wait_until(page, lambda: pixels(other) == pixels(page), "the link shows the same picture, pixel for pixel")
    other.context.close()


def strokes(page) -> str:
    return page.locator(".network .moved").get_attribute("d") or ""


def test_the_numbers_move_with_the_slider_and_no_script_runs(page, app):
    slider = open_faces(page, app)
    wait_until(page, lambda: strokes(page), "the numbers are drawn")
    at_rest = strokes(page)
    drag(page, slider, 0.4)
    wait_until(page, lambda: strokes(page) != at_rest, "the numbers follow")
    assert "Smiling" not in query(page)
    page.mouse.up()
    wait_until(page, lambda: "Smiling" in query(page), "the link followed")
    page.get_by_role("button", name="Reset all").click()
    wait_until(page, lambda: strokes(page) == at_rest, "and they come back")


@pytest.fixture
def bent(site):
    """vae-avatars with sliders that are learned, for a while."""
    path = site / "checkpoints" / "vae-avatars" / learned_sliders.FILE
    names, generator = SLIDERS["avatars"], torch.Generator().manual_seed(0)
    networks = LearnedSliders(names, torch.randn(len(names), LATENT["avatars"], generator=generator), width=4)
    networks.out.data += torch.randn(networks.out.shape, generator=generator)
    path.write_bytes(networks.content())
    yield
    path.unlink()


@pytest.mark.usefixtures("bent")
def test_a_learned_slider_is_dragged_like_a_line(page, app):
    slider = open_faces(page, app, "?model=vae-avatars&way=learned")
    wait_until(page, lambda: strokes(page), "the numbers are drawn")
    before, at_rest = pixels(page), strokes(page)
    drag(page, slider, 0.4)
    wait_until(page, lambda: pixels(page) != before and strokes(page) != at_rest, "picture and numbers follow")
    page.mouse.up()
    wait_until(page, lambda: "Smiling" in query(page), "the link followed")
    learned = pixels(page)
    page.get_by_role("radio", name="Line").click()
    wait_until(page, lambda: "way" not in query(page) and pixels(page) != learned, "the line moves it elsewhere")


def test_picture_sliders_and_numbers_are_on_the_first_screen(browser, app):
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    open_faces(page, app)
    for selector in ("canvas.picture", ".rows", ".network"):
        box = page.locator(selector).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 900, selector
    page.context.close()


def test_undo_redo_and_reset(page, app):
    slider = open_faces(page, app, "?model=vae-faces")
    start = pixels(page)
    for key, value in (("End", "3"), ("Home", "-3")):
        slider.press(key)
        wait_until(page, lambda value=value: query(page).get("Smiling") == value, f"Smiling is {value}")
    page.get_by_role("button", name="Undo").click()
    expect(slider).to_have_value("3")
    page.get_by_role("button", name="Undo").click()
    expect(slider).to_have_value("0")
    wait_until(page, lambda: pixels(page) == start, "the first picture is back")
    page.get_by_role("button", name="Redo").click()
    wait_until(page, lambda: query(page).get("Smiling") == "3", "redone")
    page.get_by_role("button", name="Reset all").click()
    wait_until(page, lambda: pixels(page) == start and "Smiling" not in query(page), "reset")


def rotated_photo() -> bytes:
    """An avatar on a wide picture, as a camera held upright stores it: lying, with a note that says so."""
    (face,), _ = avatars.render(1, seed=5, processes=1)
    wide = Image.new("RGB", (900, 600), "navy")
    wide.paste(Image.fromarray(face).resize((500, 500)), (350, 60))
    note, file = Image.Exif(), io.BytesIO()
    note[0x0112] = 6  # orientation: turn by 90 degrees clockwise
    wide.rotate(90, expand=True).save(file, "JPEG", exif=note, quality=95)
    return file.getvalue()


def test_a_photo_is_turned_cropped_and_becomes_the_start(page, app, site):
    open_faces(page, app, "?model=vae-avatars")
    before = pixels(page)
    page.get_by_role("radio", name="Your photo").click()
    photo = rotated_photo()
    choose_photo(page, "me.jpg", photo)
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("img")).to_be_visible()
    zoom = dialog.get_by_role("slider", name="Zoom")
    for _ in range(4):
        zoom.press("ArrowRight")
    first = dialog.locator("img").get_attribute("src")
    wait_until(page, lambda: dialog.locator("img").get_attribute("src") != first, "the crop followed")
    wait_for_rest(page)  # four key presses are up to four runs
    dialog.get_by_role("button", name="Use this face").click()
    expect(dialog).to_be_hidden()
    wait_until(page, lambda: "photo" in query(page) and pixels(page) != before, "the photo is the start")
    model = checkpoint.load(site / "checkpoints/vae-avatars")
    expected = encode_picture(model, crop_square(open_photo(photo), 64, zoom=1.2))
    assert torch.allclose(unpack(query(page)["photo"], LATENT["avatars"]), expected, atol=0.01, rtol=0.01)


def test_the_page_says_how_the_values_of_a_photo_were_scaled(page, app):
    open_faces(page, app)
    page.get_by_role("radio", name="Your photo").click()
    file = io.BytesIO()
    Image.linear_gradient("L").convert("F").save(file, "TIFF")
    choose_photo(page, "real.tif", file.getvalue())
    expect(page.get_by_role("dialog").get_by_text("values were scaled from 0 .. 255 to 0 .. 255")).to_be_visible()


def test_files_that_are_no_photos_are_refused_in_words(page, app):
    slider = open_faces(page, app)
    page.get_by_role("radio", name="Your photo").click()
    bad = [("notes.png", b"Dear diary", "cannot be read"), ("half.jpg", rotated_photo()[:2000], "cut short")]
    for name, content, words in [*bad, ("vast.png", too_large(), "megapixels")]:
        choose_photo(page, name, content)
        expect(page.get_by_role("dialog").get_by_text(name)).to_be_visible()
        expect(page.get_by_role("dialog").get_by_text(words)).to_be_visible()
        expect(page.get_by_role("dialog").get_by_role("button", name="Use this face")).to_have_count(0)
    page.keyboard.press("Escape")
    before = pixels(page)
    slider.press("End")
    wait_until(page, lambda: pixels(page) != before, "the page lives")


def test_a_face_of_the_data_set_is_chosen_in_the_dialog(page, app):
    open_faces(page, app, "?model=vae-avatars&start=data")
    before = pixels(page)
    page.get_by_role("button", name="Browse").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile(r"^Picture 5\b")).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    wait_until(page, lambda: query(page).get("index") == "5" and pixels(page) != before, "the face is the start")


def test_nothing_serious_for_axe_in_the_dialogs(page, app):
    open_faces(page, app, "?model=vae-avatars&start=data")
    page.get_by_role("button", name="Browse").click()
    expect(page.get_by_role("dialog").get_by_role("button", name=re.compile(r"^Picture 7\b"))).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="Your photo").click()
    choose_photo(page, "me.jpg", rotated_photo())
    expect(page.get_by_role("dialog").get_by_role("button", name="Use this face")).to_be_visible()
    assert violations(page) == []
