"""The page of the replays in its states, and by hand in Chromium."""

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from gen_lab import checkpoint
from gen_lab.checkpoint import replay
from pages.replay import widgets as replaying
from pages.replay.control import _understand
from pages.replay.widgets import TEXT
from tests.apptest import ROOT, control, fresh_copy, open_page, run
from tests.browsing import drag, query, violations, wait_until
from tests.tiny import make_replays


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return make_replays(tmp_path_factory.mktemp("replays"))


@pytest.fixture
def folder(made, tmp_path, monkeypatch) -> Path:
    return fresh_copy(made, tmp_path, monkeypatch)


def shown(**query) -> AppTest:
    return open_page("replay", **query)


def charts(app) -> dict[str, list[str]]:
    return {chart["title"]: [line["label"] for line in chart["series"]] for chart in control(app)["panels"]}


def said(app) -> str:
    return " ".join([error.value for error in app.error] + [code.value for code in app.code]).replace("\\", "")


def test_a_gan_shows_its_pictures_losses_notes_and_lesson(folder):
    app = shown()
    sent = control(app)
    assert sent["row"] == 20 and sent["rows"][-1] == 2000 and not app.error
    sheet = Image.open(io.BytesIO(base64.b64decode(sent["sheet"].partition(",")[2])))
    assert sheet.size == (sent["columns"] * sent["width"], len(sent["rows"]) * sent["height"])
    assert list(charts(app)) == ["The losses", "The discriminator's verdict", "How different these pictures are"]
    assert charts(app)["The losses"] == ["generator", "discriminator"]
    assert [note["title"] for note in sent["notes"]][0] == "It falls" and len(sent["notes"]) >= 3
    assert (TEXT / "en-collapse.md").read_text("utf-8").strip() in [words.value.strip() for words in app.markdown]
    assert app.get("plotly_chart") and "Most often: 0 (100%), least: 1 (0.5%). Under 1 %: 1." in app.caption[0].value


def test_a_critics_loss_is_split_into_its_terms(folder):
    app = shown(model="wgan_gp-digits")
    assert charts(app)["The critic's loss and its terms"] == ["loss", "Wasserstein estimate", "penalty"]
    loss, wasserstein, penalty = (np.array(line["values"]) for line in control(app)["panels"][0]["series"])
    assert loss == pytest.approx(penalty - wasserstein, abs=1e-4)
    assert charts(app)["What the critic says"] == ["of real pictures", "of generated ones"]


def test_other_losses_have_a_chart_each(folder):
    app = shown(model="other", step="777", smoothing="0", log_steps="1")
    assert charts(app) == {"KL": ["loss"], "How different these pictures are": ["diversity"]}
    sent = control(app)
    assert (sent["row"], sent["smoothing"], sent["log_steps"], sent["log_losses"]) == (8, 0, True, False)


def test_the_message_stays_the_same_until_python_has_news(folder):
    app = shown(step="300")
    before = control(app)
    assert control(run(app)) == before  # Streamlit does not send it again
    app.selectbox[0].set_value("other")
    after = control(run(app))
    assert after["revision"] != before["revision"] and after["id"] == "other" and after["row"] == 20


@pytest.mark.parametrize("query", [
    {"step": "nan"}, {"step": "-5"}, {"step": "9" * 50}, {"smoothing": "inf"}, {"smoothing": "1"}, {"log_steps": "x"},
    {"junk": "![](http://example.org)"},
])  # fmt: skip
def test_a_hostile_link_shows_the_page(folder, query):
    assert control(shown(**query))["row"] == 20


@pytest.mark.parametrize("name", ["../../etc", "![](http://example.org)", "", "nothing"])
def test_a_model_without_replay_is_an_error_with_a_remedy(folder, name):
    app = shown(model=name)
    assert app.error and not app.get("bidi_component")


@pytest.mark.parametrize("break_it, remedy", [
    (lambda folder: shutil.rmtree(folder), "gan_digits"),
    (lambda folder: (folder / "replay.webp").write_bytes(b"junk"), "python -m train gan_digits"),
    (lambda folder: (folder / "history.jsonl").unlink(), "python -m train gan_digits"),
    (lambda folder: (folder / "card.json").write_text("{"), "git checkout -- checkpoints/gan-digits"),
])  # fmt: skip
def test_what_is_missing_or_broken_names_its_remedy(folder, break_it, remedy):
    break_it(folder / "gan-digits")
    app = shown(model="gan-digits")
    assert app.error and remedy in said(app)


def test_nothing_to_replay_names_what_to_train(folder):
    for path in folder.iterdir():
        shutil.rmtree(path)
    assert "python -m train gan_digits" in said(shown())


@pytest.mark.parametrize("change", [
    {"lesson": 7}, {"lesson": "no such lesson"}, {"lesson": ["mode collapse"]}, {"metrics": {"seen_as": {"0": "x"}}},
    {"metrics": {"seen_as": {"0": 1}}}, {"metrics": {"seen_as": {"0": 7}, "seen_as_of_real": {"0": 1}}}, {"metrics": 3},
])  # fmt: skip
def test_a_card_that_is_not_in_order_leaves_the_replay(folder, change):
    card = checkpoint.read_card(folder / "gan-digits")
    checkpoint.write_card(folder / "gan-digits", card | change)
    assert control(shown())["rows"]


@pytest.mark.parametrize("change", [
    {"row": 21}, {"row": -1}, {"row": 1.5}, {"row": True}, {"id": "other"}, {"smoothing": "x"}, {"smoothing": 2},
    {"smoothing": None}, {"row": ...},
])  # fmt: skip
def test_a_message_that_is_not_ours_is_ignored(made, change):
    run = replay.read(made / "gan-digits")
    good = {"id": "gan-digits", "row": 3, "smoothing": 0.5, "log_losses": True, "log_steps": False, "at": 1}
    assert _understand(good, run, "gan-digits") == {key: good[key] for key in good if key != "at"}
    message = {key: value for key, value in (good | change).items() if value is not ...}
    assert _understand(message, run, "gan-digits") is None
    assert _understand(None, run, "gan-digits") is None


def test_every_lesson_has_its_text():
    assert all((TEXT / name).is_file() for name in replaying.LESSONS.values())


# -- in the browser ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(serve, made, tmp_path_factory):
    env = {"GEN_LAB_CHECKPOINTS": str(made), "GEN_LAB_DATA": str(tmp_path_factory.mktemp("data")),
           "OMP_NUM_THREADS": "1"}  # fmt: skip
    with serve(ROOT / "app.py", env=env) as (address, _):
        yield address


def open_replay(page, app, path="/replay?model=gan-digits&step=1000"):
    page.goto(app + path)
    expect(page.get_by_text("Model card").first).to_be_visible()
    expect(page.locator(".strip")).to_have_attribute("data-row", "10" if "step=1000" in path else "20")
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
    asked = []
    page.on("websocket", lambda socket: asked.append(socket))
    drag(page, slider, 0.3)
    assert slider.input_value() == "16" and brightness(page) > before + 30 and mark(page) > line + 20  # at once
    assert query(page)["step"] == "1000"  # no script ran
    expect(page.get_by_text("step 1,600 of 2,000 · epoch 3.2")).to_be_visible()
    page.mouse.up()
    wait_until(page, lambda: query(page)["step"] == "1600", "the link followed")
    slider.press("ArrowLeft")
    wait_until(page, lambda: query(page)["step"] == "1500", "by keyboard too")
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: slider.input_value() == "16" and query(page)["step"] == "1600", "undone")
    assert not asked  # nothing but the page's own connection


def test_a_hand_on_a_chart_scrubs_and_a_note_leads_to_its_step(page, app):
    slider = open_replay(page, app)
    box = page.locator(".chart svg").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 80, steps=4)
    assert int(slider.input_value()) < 8
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
        assert path.get_attribute("d") != before
        wait_until(page, lambda field=field: query(page).get(field) == "1", "the link followed")
    before = path.get_attribute("d")
    page.get_by_role("slider", name="Smoothing").press("Home")
    assert path.get_attribute("d") != before
    wait_until(page, lambda: query(page).get("smoothing") == "0", "the link followed")
    page.reload()
    wait_until(page, lambda: page.locator("path.line").count() and page.locator("path.raw").count() == 0, "unsmoothed")
    expect(page.get_by_role("button", name="Log steps")).to_have_attribute("aria-pressed", "true")


def test_another_latent_has_another_film_and_another_model_another_strip(page, app):
    open_replay(page, app)
    film = page.locator("canvas.film")
    before = film.evaluate("canvas => canvas.toDataURL()")
    page.get_by_role("button", name="Latent 3").click()
    assert film.evaluate("canvas => canvas.toDataURL()") != before
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/replay?model=gan-digits", "/replay?model=nothing"])
def test_nothing_serious_for_axe(browser, app, path, scheme):
    page = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme).new_page()
    page.goto(app + path)
    last = page.get_by_text("Model card").first if "gan" in path else page.get_by_role("alert").first
    expect(last).to_be_visible()
    assert violations(page) == []
    page.context.close()
