"""One user drags a slider of the Faces page in Chromium: frames on screen over /live, by reruns, and with st.slider.

Frames are those painted during the drag; a frame's time runs from the slider's new value to the painted picture.
`rerun_fps` is the same control with its socket refused, so each step reruns its fragment; `native_updates` is how often
a page with a plain `st.slider` follows the same drag. `digits_fps` and `digits_ms_p95` are those of the Digits page's
second plane while both planes, 20 x 20 pictures each, are dragged.

`--profile` adds `profile`: where the milliseconds of a frame go, on Faces and on Digits. `inputs`, `forward`, `compose`
and `encode` are CPU time of the server's thread; `socket` is the rest of the way from the browser's request to its
answer, with the waiting for other pictures; `decode` and `paint` are the browser's.
"""

import math
import tempfile
import time
from pathlib import Path

from bench import ROOT, chromium, device_words, quantile, serving

SECONDS = 6.0
NATIVE = """
import streamlit as st
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.slider("value", -3.0, 3.0, 0.0)
st.text(f"runs {st.session_state['runs']}")
"""
WATCH = """canvas => {
    globalThis.frameTimes = [];
    new MutationObserver(() => globalThis.frameTimes.push(Number(canvas.dataset.frameMs)))
        .observe(canvas, { attributeFilter: ["data-frames"] });
}"""


CLOCK = """() => {
    const stages = (globalThis.stages = { answer: [], decode: [], paint: [] });
    const since = new Map();
    globalThis.WebSocket = class extends WebSocket {
        constructor(...address) {
            super(...address);
            this.addEventListener("message", ({ data }) => {
                if (typeof data === "string") return;
                const asked = since.get(new DataView(data).getUint32(0, true));
                if (asked !== undefined) stages.answer.push(performance.now() - asked);
            });
        }
        send(text) {
            if (typeof text === "string" && text.startsWith("{")) since.set(JSON.parse(text).frame, performance.now());
            super.send(text);
        }
    };
    const decode = globalThis.createImageBitmap;
    globalThis.createImageBitmap = async (...image) => {
        const start = performance.now();
        const bitmap = await decode(...image);
        stages.decode.push(performance.now() - start);
        return bitmap;
    };
    const { drawImage } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.drawImage = function (...how) {
        const start = performance.now();
        drawImage.apply(this, how);
        stages.paint.push(performance.now() - start);
    };
}"""


def drag(page, slider, seconds: float = SECONDS) -> tuple[int, float]:
    """Pull the slider to and fro, 60 moves of the mouse a second; returns the moves and the seconds of the drag."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    start, moves = time.monotonic(), 0
    while (elapsed := time.monotonic() - start) < seconds:
        page.mouse.move(x + 0.4 * box["width"] * math.sin(elapsed * 2), y)
        moves += 1
        page.wait_for_timeout(max(0.0, 1000 * (start + elapsed + 1 / 60 - time.monotonic())))
    page.mouse.up()
    return moves, elapsed


def frames(browser, address: str, refuse: bool = False) -> tuple[list[float], float]:
    """The times in ms of the frames painted while the page's first slider is dragged, and how long that was."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    if refuse:
        page.route_web_socket("**/live", lambda socket: socket.close(code=1011))
    page.goto(address)
    page.locator(f".status[data-state={'delayed' if refuse else 'live'}]").wait_for()
    slider = page.locator("input[type=range]").first
    drag(page, slider, 1.0)  # warm-up
    page.wait_for_timeout(2000)
    canvas = page.locator("canvas.picture")
    canvas.evaluate(WATCH)
    moves, seconds = drag(page, slider)
    times = page.evaluate("globalThis.frameTimes")
    page.close()
    print(f"{'reruns' if refuse else 'live'}: {len(times)} frames for {moves} moves in {seconds:.1f} s")
    return times, seconds


def planes(browser, address: str) -> tuple[list[float], float]:
    """The times in ms of the grids painted on one of the two planes while they are dragged, and how long that was."""
    page = browser.new_page(viewport={"width": 1440, "height": 1100})
    page.set_default_timeout(60_000)
    page.goto(f"{address}/digits?points=0&columns=20")
    page.locator(".status[data-state='live']").wait_for()
    plane = page.locator("canvas.over").last
    drag(page, plane, 1.0)  # warm-up
    page.wait_for_timeout(3000)
    page.locator("canvas.grid").last.evaluate(WATCH)
    moves, seconds = drag(page, plane)
    times = page.evaluate("globalThis.frameTimes")
    page.close()
    print(f"digits: {len(times)} grids for {moves} moves in {seconds:.1f} s")
    return times, seconds


def native(browser) -> int:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "native.py"
        script.write_text(NATIVE, "utf-8")
        with serving(script) as (address, _):
            page = browser.new_page()
            page.goto(address)
            slider = page.get_by_role("slider")
            slider.wait_for()
            drag(page, page.get_by_test_id("stSlider"))
            page.wait_for_timeout(1000)
            runs = int(page.get_by_text("runs").inner_text().split()[1])
            page.close()
            return runs - 1


def stages(browser, address: str, path: str, place: str) -> dict[str, float]:
    """Milliseconds of a frame by stage, while the last element `place` is dragged."""
    page = browser.new_page(viewport={"width": 1440, "height": 1100})
    page.set_default_timeout(60_000)
    page.add_init_script(f"({CLOCK})()")
    page.goto(f"{address}/{path}")
    page.locator(".status[data-state='live']").wait_for()
    handle = page.locator(place).last
    drag(page, handle, 1.0)  # warm-up
    page.wait_for_timeout(3000)
    page.request.get(f"{address}/bench/profile")
    page.evaluate("Object.values(globalThis.stages).forEach((times) => times.splice(0))")
    drag(page, handle)
    of_browser = page.evaluate("globalThis.stages")
    server = page.request.get(f"{address}/bench/profile").json()
    page.close()
    means = {stage: sum(times) / max(len(times), 1) for stage, times in of_browser.items()}
    socket = means.pop("answer") - sum(server.values())
    return {stage: round(ms, 2) for stage, ms in {**server, "socket": socket, **means}.items()}


def profiles(browser) -> dict[str, dict[str, float]]:
    with serving(ROOT / "bench/apps/profile.py") as (address, _):
        return {
            "faces": stages(browser, address, "faces", "input[type=range]"),
            "digits": stages(browser, address, "digits?points=0&columns=20", "canvas.over"),
        }


def measure(profile: bool = False) -> dict:
    with chromium() as browser:
        with serving(ROOT / "app.py") as (address, _):
            live, live_seconds = frames(browser, f"{address}/faces")
            rerun, rerun_seconds = frames(browser, f"{address}/faces", refuse=True)
            grids, grid_seconds = planes(browser, address)
        return {
            "device": device_words(),
            "fps": round(len(live) / live_seconds, 1),
            "frame_ms_p50": round(quantile(live, 0.5), 1),
            "frame_ms_p95": round(quantile(live, 0.95), 1),
            "rerun_fps": round(len(rerun) / rerun_seconds, 1),
            "native_updates": native(browser),
            "digits_fps": round(len(grids) / grid_seconds, 1),
            "digits_ms_p95": round(quantile(grids, 0.95), 1),
            **({"profile": profiles(browser)} if profile else {}),
        }
