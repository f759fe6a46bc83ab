"""The live control in Chromium: the picture changes during the drag, by mouse, keys, touch, with or without socket."""

import json
import re

import pytest
from playwright.sync_api import expect

from gen_lab.tiles import FINISHED, WAITING
from tests.browsing import frames, wait_until

DELAYED = "Live connection refused: pictures follow with a delay"


def colour(page) -> list[int]:
    """The red, green and blue in the middle of the picture on screen."""
    return page.locator("canvas.picture").evaluate(
        "c => [...c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data].slice(0, 3)"
    )


def wait_for_red(page, low: int, high: int = 255):
    page.wait_for_function(
        """([low, high]) => {
            const find = (root) => root.querySelector("canvas.picture") ??
              [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
            const c = find(document);
            const red = c.getContext("2d").getImageData(c.width / 2, c.height / 2, 1, 1).data[0];
            return low <= red && red <= high;
        }""",
        arg=[low, high],
    )


def open_slider(page, address, status="Live"):
    page.goto(address)
    expect(page.locator(".status")).to_have_text(status)
    wait_for_red(page, 120, 136)  # the first picture, drawn by the script
    return page.get_by_role("slider", name="Red")


def middle(slider) -> tuple[float, float, float]:
    """x, y of the slider's middle, and its width."""
    box = slider.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"]


def runs(page) -> int:
    return int(re.search(r"runs (\d+)", page.get_by_text("runs").inner_text()).group(1))


def refuse_socket(page):
    page.route_web_socket("**/live", lambda socket: socket.close(code=1011))


def drag(page, slider, steps=12):
    """Take the slider at its middle and pull it right, to two thirds; the button stays down."""
    x, y, width = middle(slider)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(steps + 1):
        page.mouse.move(x + width / 3 * step / steps, y)
        page.wait_for_timeout(16)


def test_the_picture_follows_the_mouse_before_it_is_let_go(page, parts):
    slider = open_slider(page, parts)
    before = runs(page)
    drag(page, slider)
    wait_for_red(page, 200)
    wait_until(page, lambda: frames(page) >= 2, "painted before the button is let go")
    assert runs(page) == before  # no script ran
    page.mouse.up()
    expect(page.get_by_text("touched Red")).to_be_visible()
    assert colour(page)[0] > 200 and abs(colour(page)[1] - 128) < 4


def test_the_keyboard_moves_the_picture_and_then_the_page(page, parts):
    slider = open_slider(page, parts)
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.locator("output").first).to_have_text("+0.25")
    wait_for_red(page, 137, 140)
    expect(page.get_by_text("values [0.25, 0.0, 0.0]")).to_be_visible()
    page.keyboard.press("End")
    wait_for_red(page, 250)


def test_touch_moves_the_picture_before_the_finger_lifts(browser, parts):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    slider = open_slider(page, parts)
    slider.scroll_into_view_if_needed()
    x, y, width = middle(slider)
    touch = context.new_cdp_session(page)

    def finger(kind, points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", [{"x": x, "y": y}])
    for step in range(1, 13):
        finger("touchMove", [{"x": x + width / 3 * step / 12, "y": y}])
        page.wait_for_timeout(16)
    wait_for_red(page, 200)
    assert "touched Red" not in page.content()
    finger("touchEnd", [])
    expect(page.get_by_text("touched Red")).to_be_visible()
    context.close()


def test_without_a_socket_reruns_draw_the_drag_and_the_page_says_so(page, parts):
    refuse_socket(page)
    slider = open_slider(page, parts, DELAYED)
    before = runs(page)
    drag(page, slider, steps=30)
    wait_for_red(page, 200)
    wait_until(page, lambda: frames(page) >= 2, "painted before the button is let go")
    assert runs(page) == before  # the control's fragment ran, the page did not
    page.mouse.up()
    expect(page.get_by_text("touched Red")).to_be_visible()
    assert colour(page)[0] > 200


def test_a_socket_that_comes_back_is_used_again(page, parts):
    refused = []

    def refuse_once(socket):
        if refused:
            socket.connect_to_server()
        else:
            refused.append(socket)
            socket.close(code=1011)

    page.route_web_socket("**/live", refuse_once)
    slider = open_slider(page, parts, DELAYED)
    expect(page.locator(".status")).to_have_text("Live")
    drag(page, slider)
    wait_for_red(page, 200)
    page.mouse.up()


def test_a_socket_that_the_server_closed_for_idleness_opens_again(page, parts):
    sockets = []

    def keep(socket):
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/live", keep)
    slider = open_slider(page, parts)
    sockets[0].close(code=1000)
    page.wait_for_timeout(200)  # for the closing to be noticed
    expect(page.locator(".status")).to_have_text("Live")
    drag(page, slider)
    wait_for_red(page, 200)
    page.mouse.up()
    assert len(sockets) == 2


def test_an_expired_scene_is_renewed_without_a_word(page, parts):
    forged = []

    def forge_first(socket):
        server = socket.connect_to_server()

        def pass_on(text):
            server.send(re.sub(r'"token":"[^"]+"', '"token":"gone"', text) if not forged else text)
            forged.append(text)

        socket.on_message(pass_on)

    page.route_web_socket("**/live", forge_first)
    slider = open_slider(page, parts)
    drag(page, slider)
    page.mouse.up()
    wait_for_red(page, 200)
    expect(page.locator(".status")).to_have_text("Live")
    drag(page, page.get_by_role("slider", name="Green"))
    page.mouse.up()
    expect(page.get_by_text("touched Green")).to_be_visible()
    wait_until(page, lambda: colour(page)[1] > 200, "the picture is green")


def test_an_unfinished_picture_is_asked_for_again_once_the_hand_rests(page, parts):
    values, answers = [], []

    def hurry(socket):
        server = socket.connect_to_server()

        def ask(text):
            values.append(json.loads(text)["values"])
            server.send(text)

        def answer(picture):
            answers.append(picture)
            waits = len(answers) == 1 or values[-1] != values[-2]  # until the same is asked for
            socket.send(picture[:4] + bytes([WAITING if waits else FINISHED]) + picture[5:])

        socket.on_message(ask)
        server.on_message(answer)

    page.route_web_socket("**/live", hurry)
    slider = open_slider(page, parts)
    page.locator(".status").evaluate(
        """status => {
          window.heard = [];
          new MutationObserver(() => heard.push(status.textContent)).observe(status, { childList: true });
        }"""
    )
    drag(page, slider)
    turns = "Live, many at once: pictures take turns"
    wait_until(page, lambda: turns in page.evaluate("heard"), "while it moves, pictures take turns")
    expect(page.locator(".status")).to_have_text("Live")
    assert values[-1] == values[-2] and values[-2] != values[-3]
    page.mouse.up()
    wait_for_red(page, 200)


def test_undo_moves_the_slider_back(page, parts):
    slider = open_slider(page, parts)
    slider.focus()
    page.keyboard.press("End")
    expect(page.get_by_text("values [3.0, 0.0, 0.0]")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("values [0.0, 0.0, 0.0]")).to_be_visible()
    expect(slider).to_have_value("0")
    wait_for_red(page, 120, 136)


def test_a_rerun_does_not_pull_the_slider_from_the_hand(page, parts):
    slider = open_slider(page, parts)
    slider.focus()
    page.keyboard.press("End")  # its release makes the page rerun while the next drag goes on
    drag(page, page.get_by_role("slider", name="Green"), steps=60)
    expect(page.get_by_text("values [3.0, 0.0, 0.0]")).to_be_visible()
    assert float(page.get_by_role("slider", name="Green").input_value()) > 1.5
    page.mouse.up()
    expect(page.get_by_text("touched Green")).to_be_visible()
    wait_until(page, lambda: min(colour(page)[:2]) > 200, "the picture has both")


def test_double_click_resets_one_and_the_button_all(page, parts):
    open_slider(page, parts)
    for name in ("Red", "Green"):
        page.get_by_role("slider", name=name).focus()
        page.keyboard.press("End")
    expect(page.get_by_text("values [3.0, 3.0, 0.0]")).to_be_visible()
    page.get_by_text("Red", exact=True).dblclick()
    expect(page.get_by_text("values [0.0, 3.0, 0.0]")).to_be_visible()
    page.get_by_role("button", name="Reset all").click()
    expect(page.get_by_text("values [0.0, 0.0, 0.0]")).to_be_visible()
    wait_for_red(page, 120, 136)


def test_a_lock_is_a_toggle_button(page, parts):
    open_slider(page, parts)
    lock = page.get_by_role("button", name="Hold Green")
    expect(lock).to_have_attribute("aria-pressed", "false")
    lock.click()
    expect(lock).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("locked ['Green']")).to_be_visible()
    lock.press("Space")
    expect(page.get_by_text("locked []")).to_be_visible()


def test_scenes_end_with_their_session(browser, parts):
    def held(page) -> int:
        page.goto(parts)
        return int(page.get_by_text("scenes held").inner_text().split(":")[1])

    first, second = (browser.new_context().new_page() for _ in range(2))
    counted = []

    def steady() -> bool:
        counted.append(held(first))
        return counted[-3:] == [counted[-1]] * 3

    wait_until(first, steady, "those of earlier tests are gone")
    assert held(second) == counted[-1] + 1
    second.context.close()
    wait_until(first, lambda: held(first) == counted[-1], "the second's is gone")
    first.context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_overflows_and_the_picture_has_words(page, parts, width):
    page.set_viewport_size({"width": width, "height": 844})
    open_slider(page, parts)
    expect(page.get_by_role("img", name="A square of one colour")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".live").evaluate("e => e.scrollWidth <= e.clientWidth")
