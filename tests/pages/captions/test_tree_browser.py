"""The tree of a beam search in Chromium: pointer, touch and keys show where the model looked."""

from playwright.sync_api import expect

from tests.browsing import pixels, violations_in_both_schemes, wait_until


def open_tree(page, parts):
    page.goto(f"{parts}/tree")
    expect(page.locator(".word")).to_have_count(8)
    wait_until(page, lambda: page.locator("canvas.picture").evaluate("canvas => canvas.width") == 64, "the picture")


def word(page, name: str):
    return page.get_by_role("button", name=name, exact=False)


def brightest(page) -> tuple[bool, bool]:
    """Whether the lightest of the picture's corners is on the right, and below."""
    corners = page.locator("canvas.picture").evaluate(
        """canvas => [[0, 0], [1, 0], [0, 1], [1, 1]].map(([x, y]) => {
            const at = [x * (canvas.width - 1), y * (canvas.height - 1)];
            return canvas.getContext("2d").getImageData(...at, 1, 1).data.slice(0, 3).reduce((a, b) => a + b);
        })"""
    )
    best = corners.index(max(corners))
    return bool(best % 2), bool(best // 2)


def test_a_branch_under_the_pointer_shows_its_attention_and_leaving_brings_back_the_chosen_one(page, parts):
    open_tree(page, parts)
    assert page.locator("strong").inner_text() == "a dog runs" and brightest(page) == (False, True)  # node 6, the end
    word(page, "a cat sits, log-probability −2.20").hover()
    assert page.locator("strong").inner_text() == "a cat sits" and brightest(page) == (True, False)  # node 5
    expect(page.get_by_text("of “sits” alone −0.80 (45%)")).to_be_visible()
    expect(page.get_by_role("img", name="Where the model looked for “sits”")).to_be_visible()
    assert page.locator(".word.on").all_inner_texts() == ["a\n−0.20", "cat\n−1.40", "sits\n−2.20"]
    page.mouse.move(5, 5)
    expect(page.locator("strong")).to_have_text("a dog runs")
    word(page, "a cat sits, log-probability −2.20").click()
    page.mouse.move(5, 5)
    expect(page.locator("strong")).to_have_text("a cat sits")


def test_arrow_keys_walk_through_the_tree(page, parts):
    open_tree(page, parts)
    assert page.locator(".word[tabindex='0']").count() == 1
    page.locator(".word[tabindex='0']").focus()
    sentences = []
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "Home", "End"):
        page.keyboard.press(key)
        sentences.append(page.locator("strong").inner_text())
    assert sentences == ["a dog runs", "a dog", "a cat", "a cat sits", "a cat sits", "a cat sits", "a", "a dog runs"]
    assert page.locator(".word:focus").inner_text().startswith("end")


def test_lines_join_words_and_nothing_covers_anything(page, parts):
    open_tree(page, parts)
    boxes = [each.bounding_box() for each in page.locator(".word").all()]
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            apart = (abs(one[axis] - other[axis]) >= min(one, other, key=lambda box: box[axis])[side]
                     for axis, side in (("x", "width"), ("y", "height")))  # fmt: skip
            assert any(apart)
    assert page.locator(".tree path[d]").count() == 6


def test_the_strength_follows_the_page_and_the_chosen_word_stays(page, parts):
    open_tree(page, parts)
    word(page, "a cat sits, log-probability −2.20").click()
    before = pixels(page)
    page.get_by_role("slider").press("ArrowRight")
    wait_until(page, lambda: pixels(page) != before, "a stronger overlay")
    expect(page.locator("strong")).to_have_text("a cat sits")


def test_a_narrow_phone_scrolls_within_the_tree(browser, parts):
    page = browser.new_context(viewport={"width": 280, "height": 653}, has_touch=True).new_page()
    open_tree(page, parts)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    assert page.locator(".scroll").evaluate("box => box.scrollWidth > box.clientWidth")
    word(page, "a cat, log-probability").tap()
    expect(page.locator("strong")).to_have_text("a cat")
    page.context.close()


def test_nothing_serious_for_axe(page, parts):
    open_tree(page, parts)
    assert violations_in_both_schemes(page) == []
