"""Novelty in Chromium: another picture, the memoriser moved, a picture uploaded, a face taken on to this page."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from bench import ROOT
from tests.browsing import query, violations_in_both_schemes, wait_until


def open_page(page, address: str):
    page.goto(address)
    expect(page.get_by_text("Model card").first).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def picture(page) -> str:
    return page.get_by_role("img", name="The picture in question").get_attribute("src")


def neighbours(page) -> list[str]:
    return page.locator(".strip img").evaluate_all("images => images.map(image => image.alt)")


def test_another_picture_has_other_neighbours_and_another_link(page, app):
    open_page(page, f"{app}/novelty?model=vae-shapes&seed=5")
    before = picture(page), neighbours(page)
    assert len(before[1]) == 10
    page.get_by_role("button", name="Another").click()
    wait_until(page, lambda: picture(page) != before[0] and query(page)["seed"] != "5", "another picture")
    wait_until(page, lambda: neighbours(page) != before[1], "its neighbours")
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: neighbours(page) == before[1] and query(page)["seed"] == "5", "undone")


def test_the_memoriser_is_caught_at_rest_and_its_slider_moves_the_picture(page, app):
    open_page(page, f"{app}/novelty?model=vae-shapes&source=memoriser&shift=0")
    expect(page.get_by_text("This is a training picture")).to_be_visible()
    before = picture(page)
    slider = page.get_by_role("slider", name="Moved by")
    slider.focus()
    slider.press("ArrowRight")
    wait_until(page, lambda: query(page).get("shift") == "1" and picture(page) != before, "the picture was moved")
    expect(page.get_by_text("This is a training picture")).to_have_count(0)
    expect(page.locator(".js-plotly-plot")).to_have_count(3)


def test_an_uploaded_picture_becomes_the_picture_and_part_of_the_link(page, app):
    open_page(page, f"{app}/novelty?model=vae-shapes")
    page.get_by_role("radio", name="Your picture").click()
    dialog = page.get_by_role("dialog")
    pixels = np.random.default_rng(0).integers(0, 256, (50, 60, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    upload = {"name": "a.png", "mimeType": "image/png", "buffer": file.getvalue()}
    dialog.locator("input[type=file]").set_input_files(upload)
    dialog.get_by_role("button", name="Use this").click()
    expect(dialog).to_be_hidden()
    wait_until(page, lambda: query(page).get("source") == "photo" and query(page)["photo"], "the link holds it")
    assert len(neighbours(page)) == 10


def test_a_face_is_taken_on_to_this_page(page, app):
    page.goto(f"{app}/faces?model=vae-avatars&seed=4&Smiling=2")
    page.get_by_role("button", name="Is it new?").click()
    wait_until(page, lambda: "/novelty" in page.url and query(page).get("source") == "latent", "on this page")
    # By pixels at once; nobody has looked at the avatars' features yet, and they come by themselves.
    expect(page.locator(".strip img")).to_have_count(10)


def test_on_a_fresh_machine_the_memoriser_is_convicted(page, serve, tmp_path):
    with serve(ROOT / "app.py", env={"GEN_LAB_DATA": str(tmp_path), "OMP_NUM_THREADS": "1"}) as (address, _):
        open_page(page, f"{address}/novelty")
        expect(page.get_by_text("No sign of copying. Real pictures")).to_be_visible()
        assert len(neighbours(page)) == 10
        page.get_by_role("radio", name="A memoriser's").click()
        expect(page.get_by_text("This looks like a copy")).to_be_visible()
        assert query(page)["model"] == "gan-digits" and len(neighbours(page)) == 10
        expect(page.locator("[data-testid=stAlertContentError]")).to_have_count(0)
        expect(page.get_by_text("A demonstration.")).to_be_visible()


@pytest.mark.parametrize("path", ["seed=5", "source=memoriser", "latent=AAAA"])
def test_nothing_serious_for_axe(page, app, path):
    page.goto(f"{app}/novelty?model=vae-shapes&{path}")
    page.get_by_text("Model card").or_(page.get_by_role("alert")).first.wait_for()
    assert violations_in_both_schemes(page) == []
