"""The game against the critic in Chromium: by keys, by touch, and once more."""

import pytest
from playwright.sync_api import expect

from tests.browsing import violations_in_both_schemes


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """An app with the checkpoints that ship and without data: the game is played against dcgan-bricks."""
    folder = tmp_path_factory.mktemp("empty")
    environment = {"GEN_LAB_DATA": str(folder), "GEN_LAB_CACHE": str(folder)}
    with serve("app.py", env=environment) as (address, _):
        yield address


def begin(page, address):
    page.goto(f"{address}/gan?model=dcgan-bricks")
    expect(page.get_by_text("Model card").first).to_be_attached()
    page.get_by_role("button", name="Play ten rounds").click()
    game = page.locator(".game")
    expect(game).to_have_attribute("data-state", "open")
    return game


def test_ten_rounds_by_keys_and_another_game(page, address):
    game = begin(page, address)
    game.get_by_role("button", name="Choose the left one").focus()
    for number in range(1, 11):
        expect(game).to_have_attribute("data-round", str(number))
        expect(game).to_have_attribute("data-state", "open")
        page.keyboard.press("ArrowRight" if number % 2 else "ArrowLeft")
        expect(game).to_have_attribute("data-state", "told")
        expect(game.get_by_role("status")).to_contain_text("Real is the")
        page.keyboard.press("Enter")
    expect(game).to_have_attribute("data-state", "over")
    figures = [int(text) for text in game.locator(".score b").all_inner_texts()]
    assert all(0 <= figure <= 10 for figure in figures)
    assert game.locator(".dots").nth(0).locator(".hit").count() == figures[0]
    expect(game.locator(".end li")).to_have_count(10)
    expect(game.locator(".end")).to_contain_text("was surest in round")
    game.get_by_role("button", name="Play again").click()
    expect(game).to_have_attribute("data-state", "open")
    expect(game).to_have_attribute("data-round", "1")


def test_a_round_fits_a_phone(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    game = begin(page, address)
    game.get_by_role("button", name="Choose the right one").tap()
    expect(game).to_have_attribute("data-state", "told")
    box = game.bounding_box()
    assert box["width"] <= 390 and box["height"] <= 844 and page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_axe_finds_nothing_serious_in_a_game(page, address):
    game = begin(page, address)
    game.get_by_role("button", name="Choose the left one").click()
    assert violations_in_both_schemes(page) == []
