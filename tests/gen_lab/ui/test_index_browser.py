"""What every page begins with, in Chromium: one entry of the browser's history for each page, and a word where no
connection is had."""

from playwright.sync_api import expect

from tests.browsing import query, wait_for_rest, wait_until


def expect_page(page, title: str):
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    wait_for_rest(page)


def go(page, name: str, title: str = ""):
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect_page(page, title or name)


def edit(page, key: str, value: str):
    page.get_by_role("slider", name="Smiling").press(key)
    wait_until(page, lambda: query(page).get("Smiling") == value, f"the link says {value}")
    wait_for_rest(page)


def test_back_leads_to_the_page_before_as_it_was_left(page, app):
    page.goto(app)
    expect_page(page, "gen_lab")
    before = page.evaluate("history.length")
    go(page, "Faces")
    edit(page, "End", "3")
    edit(page, "Home", "-3")
    assert page.evaluate("history.length") == before + 1
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: query(page).get("Smiling") == "3", "undone")
    faces = page.url
    go(page, "Digits")
    assert "model" not in query(page)
    page.go_back()
    expect(page.get_by_role("slider", name="Smiling")).to_have_value("3")
    assert page.url == faces
    page.go_back()
    expect_page(page, "gen_lab")
    assert page.url.rstrip("/") == app


def test_back_leads_to_the_page_whose_button_led_away(page, app):
    page.goto(f"{app}/faces")
    edit(page, "End", "3")
    faces = page.url
    page.get_by_role("button", name="Is it new?").click()
    page.wait_for_url("**/novelty?**")
    wait_for_rest(page)
    page.go_back()
    expect(page.get_by_role("slider", name="Smiling")).to_have_value("3")
    assert page.url == faces


def test_back_leads_past_home_to_what_an_earlier_visit_left(page, app):
    page.goto(f"{app}/faces")
    edit(page, "End", "3")
    go(page, "Home", "gen_lab")
    go(page, "Faces")
    edit(page, "Home", "-3")
    page.go_back()
    expect_page(page, "gen_lab")
    page.go_back()
    expect(page.get_by_role("slider", name="Smiling")).to_have_value("3")
    assert query(page)["Smiling"] == "3"


def test_a_page_without_a_connection_says_why_until_it_has_one(page, app):
    is_refused = True
    page.route_web_socket(
        "**/_stcore/stream", lambda socket: socket.close(code=1011) if is_refused else socket.connect_to_server()
    )
    page.goto(app)
    notice = page.get_by_text("No connection to the server: still trying.")
    expect(notice).to_contain_text("a proxy on the way does not let them through")
    is_refused = False
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name="Faces")).to_be_visible()
    expect(notice).not_to_be_visible()


def test_the_pages_are_told_in_groups_by_chapter(page, app):
    page.goto(app)
    chapter = page.get_by_test_id("stSidebarNav").get_by_role("group", name="Latent spaces")
    expect(chapter.get_by_role("link").first).to_have_accessible_name("Digits")
