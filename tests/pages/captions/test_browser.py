"""Captions in Chromium: through the words, another word, a part covered, a picture of one's own."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browsing import (
    choose_photo,
    pixels,
    query,
    too_large,
    violations_in_both_schemes,
    wait_for_rest,
    wait_until,
)


def open_captions(page, app, link=""):
    """The page, once the sentence has come and its last word is shown."""
    page.goto(f"{app}/captions{link}")
    expect(page.locator(".effects button").first).to_be_visible()
    expect(page.locator(".sentence .waiting")).to_have_count(0)
    wait_for_rest(page)


def words(page) -> list[str]:
    return page.locator(".sentence button").all_inner_texts()


def heat(page) -> str:
    return pixels(page, ".stage canvas.heat")


def settled(page) -> str:
    """The attention over the picture once it has stopped to fade."""
    before = None
    while before != (before := heat(page)):
        page.wait_for_timeout(200)
    return before


def looked_for(page) -> str:
    return page.locator(".stage canvas.heat").get_attribute("data-word")


def test_a_word_under_the_mouse_shows_where_the_model_looked_for_it(page, app):
    open_captions(page, app, "?way=greedy&picture=flower")
    at_rest, last = settled(page), looked_for(page)
    first = page.locator(".sentence button").first
    first.hover()
    wait_until(page, lambda: looked_for(page) == words(page)[0], "the word under the mouse")
    assert settled(page) != at_rest
    expect(page.locator(".strip .now")).to_have_text(words(page)[0])
    page.locator("h1").hover()
    wait_until(page, lambda: looked_for(page) == last, "the chosen word")
    assert settled(page) == at_rest and "word" not in query(page)  # to look costs nothing
    tile = page.locator(".strip li").nth(1)
    tile.hover()
    wait_until(page, lambda: looked_for(page) == words(page)[1], "the tile under the mouse")


def test_arrow_keys_go_through_the_words_and_the_link_follows(page, app):
    open_captions(page, app)
    chosen = page.locator(".sentence [aria-checked=true]")
    place, before = len(words(page)) - 2, settled(page)
    assert looked_for(page) == words(page)[place]
    chosen.press("ArrowLeft")
    wait_until(page, lambda: query(page).get("word") == str(place - 1), "the link")
    assert settled(page) != before
    page.locator(".sentence [aria-checked=true]").press("Home")
    wait_until(page, lambda: query(page).get("word") == "0", "the link")
    assert page.locator(".sentence button").first.evaluate("word => word.matches(':focus')")
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: query(page).get("word") == str(place - 1), "undone")
    wait_until(page, lambda: looked_for(page) == words(page)[place - 1], "the word before")


def test_play_runs_through_the_words(page, app):
    open_captions(page, app)
    page.locator(".sentence button").nth(len(words(page)) - 4).click()
    page.locator(".stage canvas.heat").evaluate(
        """canvas => {
          window.heard = [canvas.dataset.word];
          const hear = () => heard.push(canvas.dataset.word);
          new MutationObserver(hear).observe(canvas, { attributeFilter: ["data-word"] });
        }"""
    )
    page.get_by_role("button", name="Play").click()
    wait_until(page, lambda: looked_for(page) == "<end>", "the end of the sentence")
    assert {*page.evaluate("heard")} == {*words(page)[-4:-1], "<end>"}
    wait_until(page, lambda: query(page).get("word") == str(len(words(page)) - 1), "the link")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_strength_and_colours_change_the_picture_alone(page, app):
    open_captions(page, app)
    canvas, before = page.locator(".stage canvas.heat"), settled(page)
    page.get_by_role("slider", name="Strength").press("End")
    expect(canvas).to_have_css("opacity", "1")
    wait_until(page, lambda: query(page).get("strength") == "1", "the link")
    page.get_by_role("radio", name="viridis").check(force=True)
    wait_until(page, lambda: query(page).get("colours") == "viridis", "the link")
    assert settled(page) != before
    page.reload()
    expect(page.get_by_role("radio", name="viridis")).to_be_checked()


def test_the_sentence_goes_on_from_another_word_and_comes_back(page, app):
    open_captions(page, app, "?word=1&way=greedy")
    own = words(page)
    other = page.locator(".others button").first
    word = other.locator("span").inner_text()
    other.click()
    wait_until(page, lambda: query(page).get("prefix") == f"{own[0]},{word}", "the link has the prefix")
    wait_until(page, lambda: words(page)[:2] == [own[0], word], "the sentence goes on from it")
    expect(page.locator(".sentence .chosen")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: words(page) == own, "undone")
    page.get_by_role("button", name="Redo").click()
    wait_until(page, lambda: words(page)[:2] == [own[0], word], "redone")
    page.get_by_role("button", name="Back to the model's own words").click()
    wait_until(page, lambda: words(page) == own and "prefix" not in query(page), "its own words")


def test_alt_text_is_copied_and_the_strip_saved(page, app):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_captions(page, app)
    page.get_by_role("button", name="Copy as alt text").click()
    expect(page.get_by_text("Copied: ").first).to_be_visible()
    sentence = " ".join(words(page)[:-1])
    assert page.evaluate("navigator.clipboard.readText()") == f"{sentence[0].upper()}{sentence[1:]}."
    with page.expect_download() as saved:
        page.get_by_role("button", name="Strip").click()
    assert Image.open(saved.value.path()).width > 1000


def test_a_covered_part_changes_what_the_words_are_worth(page, app):
    open_captions(page, app, "?picture=flower")
    pad = page.locator(".pad")
    pad.scroll_into_view_if_needed()
    box, figures = pad.bounding_box(), page.locator(".effects").inner_text()
    x, y = box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x + 0.075 * step * box["width"], y + 0.075 * step * box["height"])
        page.wait_for_timeout(16)
    wait_until(page, lambda: page.locator(".effects").inner_text() != figures, "the words follow while it is dragged")
    assert "cover" not in query(page)
    page.mouse.up()
    wait_until(page, lambda: query(page).get("cover", "").startswith("0.2,0.2,0.8"), "the link")
    expect(page.get_by_text("with the cover")).to_be_visible()
    pad.press("ArrowRight")
    wait_until(page, lambda: query(page).get("cover", "").startswith("0.24,0.2,0.84"), "moved by a key")
    page.get_by_role("button", name="Uncover").click()
    wait_until(page, lambda: "cover" not in query(page), "uncovered")
    wait_until(page, lambda: page.locator(".effects").inner_text() == figures, "as it was")
    page.get_by_role("button", name="Cover where").click()
    wait_until(page, lambda: "cover" in query(page), "where the word looked")
    expect(page.locator(".box")).to_be_visible()


def png() -> bytes:
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (90, 60, 3), dtype=np.uint8)
    Image.fromarray(noise).save(file, "PNG")
    return file.getvalue()


def test_a_picture_of_ones_own_and_files_that_are_none(page, app):
    open_captions(page, app)
    page.get_by_role("button", name="Your picture").click()
    for name, content, message in [("a.png", b"Dear diary", "cannot be read"), ("vast.png", too_large(), "megapixels")]:
        choose_photo(page, name, content)
        expect(page.get_by_role("dialog").get_by_text(message)).to_be_visible()
    choose_photo(page, "mine.png", png())
    expect(page.get_by_role("dialog")).to_be_hidden()
    wait_until(page, lambda: query(page)["picture"].startswith("own-"), "the link names it")
    expect(page.get_by_text("links cannot show it to others")).to_be_visible()
    expect(page.get_by_role("button", name="Link")).to_have_count(0)
    address = page.url
    page.get_by_role("button", name="Astronaut").click()
    wait_until(page, lambda: query(page)["picture"] == "astronaut", "a shipped one")
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: page.url == address, "undone")
    other = page.context.browser.new_context().new_page()
    other.goto(address)
    expect(other.get_by_text("This picture is not here")).to_be_visible()
    other.context.close()


def test_the_cameras_picture(page, app):
    open_captions(page, app)
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Your picture").click()
    page.get_by_role("dialog").get_by_text("The camera", exact=True).click()
    page.wait_for_function("() => document.querySelector('[role=dialog] video')?.readyState === 4")  # it sees

    def is_taken() -> bool:
        # A camera that has just begun may not answer the first press.
        page.get_by_role("button", name="Take Photo").evaluate_all("buttons => buttons.forEach(each => each.click())")
        page.wait_for_timeout(1000)
        return not page.get_by_role("dialog").is_visible()

    wait_until(page, is_taken, "the picture is taken")
    wait_until(page, lambda: query(page)["picture"].startswith("own-"), "the link names it")
    wait_until(page, lambda: words(page), "its sentence")


def test_a_phone_and_less_motion(browser, app):
    look = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "reduced_motion": "reduce"}
    page = browser.new_context(**look).new_page()
    page.goto(f"{app}/captions?word=0")
    expect(page.locator(".effects button").first).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    before = heat(page)
    page.locator(".sentence button").nth(2).tap()
    assert looked_for(page) == words(page)[2] and heat(page) != before  # at once: nothing fades
    wait_until(page, lambda: query(page).get("word") == "2", "the link")
    page.context.close()


@pytest.mark.parametrize("link", ["?cover=0.2,0.2,0.6,0.6&prefix=the&word=1", "?prefix=zebra"])
def test_nothing_serious_for_axe(page, app, link):
    page.goto(f"{app}/captions{link}")
    last = page.get_by_text("Model card").first if "cover" in link else page.get_by_role("alert").first
    expect(last).to_be_visible()
    assert violations_in_both_schemes(page) == []
