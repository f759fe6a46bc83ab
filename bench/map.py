"""The Map page with 70,000 points in Chromium: until it is drawn, pictures a second while it is panned, its size.

`open_ms` runs from the address to the painted map, in a server that has loaded the model; `pan_fps` counts the pictures
painted during a drag; `html_mb` is what the page's script sends to the browser, the points included. `plotly_pan_fps`
is the same drag over the same points in Plotly's scattergl, as `st.plotly_chart` shows it. Both without a graphics
card, as Chromium runs here. The same for 10,000 points is printed first.
"""

import contextlib
import math
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from bench import ROOT, chromium, device_words, serving
from gen_lab import checkpoint, registry
from gen_lab.checkpoint import atlas
from gen_lab.checkpoint.atlas import Atlas

POINTS = 70_000
SECONDS = 4.0
MODEL = "vae-avatars"
PLOTLY = """
import numpy as np, plotly.graph_objects as go, streamlit as st
umap = np.load({path!r})["umap"]
figure = go.Figure(go.Scattergl(x=umap[:, 0], y=umap[:, 1], mode="markers", marker={{"size": 4, "color": umap[:, 0]}}))
figure.update_layout(dragmode="pan", hovermode=False, height=540)
st.plotly_chart(figure)
"""
# Every picture that reaches the screen is a frame in which something was drawn since the last.
WATCH = """canvas => {
    globalThis.drawn = 0;
    new MutationObserver(() => globalThis.drawn++).observe(canvas, { attributeFilter: ["data-draws"] });
}"""
WATCH_PLOTLY = """() => {
    globalThis.drawn = 0;
    document.querySelector(".js-plotly-plot").on("plotly_relayouting", () => globalThis.drawn++);
}"""


def make_checkpoint(folder: Path, points: int) -> None:
    """The shipped model with an atlas of so many invented points, in ten clusters."""
    shutil.copytree(registry.root() / MODEL, folder / MODEL)
    dim = checkpoint.read_card(folder / MODEL)["config"]["latent_dim"]
    random = np.random.default_rng(0)
    cluster = random.integers(0, 10, points)
    latents = random.normal(size=(10, dim))[cluster] + random.normal(size=(points, dim))
    umap = random.normal(size=(10, 2))[cluster] * 4 + random.normal(size=(points, 2))
    names = tuple(f"Cluster_{i}" for i in range(10))
    atlas.save(folder / MODEL, Atlas(latents, np.eye(10, dtype=bool)[cluster], names, "invented", umap, {}))


def pan(page, place, seconds: float = SECONDS) -> float:
    """Drags to and fro; returns the seconds that it took."""
    box = place.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    start = time.monotonic()
    while (elapsed := time.monotonic() - start) < seconds:
        page.mouse.move(x + 0.3 * box["width"] * math.sin(elapsed * 2), y)
        page.wait_for_timeout(max(0.0, 1000 * (start + elapsed + 1 / 60 - time.monotonic())))
    page.mouse.up()
    return time.monotonic() - start


def open_map(browser, address: str):
    """A page with the painted map, the ms that it took and the MB that came over the socket."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    sizes = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame))))
    start = time.monotonic()
    page.goto(f"{address}/map?model={MODEL}")
    page.locator("canvas.cloud[data-draws]").wait_for()
    ms = 1000 * (time.monotonic() - start)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    return page, ms, sum(sizes) / 1e6


def map_of(browser, points: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        make_checkpoint(Path(folder), points)
        with serving(ROOT / "app.py", env={"GEN_LAB_CHECKPOINTS": folder}) as (address, _):
            open_map(browser, address)[0].close()  # loads the model
            page, ms, megabytes = open_map(browser, address)
            canvas = page.locator("canvas.cloud")
            pan(page, canvas, 1.0)  # warm-up
            canvas.evaluate(WATCH)
            seconds = pan(page, canvas)
            pictures = page.evaluate("globalThis.drawn")
            page.close()
        return {
            "points": points,
            "open_ms": round(ms),
            "pan_fps": round(pictures / seconds, 1),
            "html_mb": round(megabytes, 2),
            "plotly_pan_fps": round(with_plotly(browser, Path(folder)), 1),
        }


def with_plotly(browser, folder: Path) -> float:
    script = folder / "plotly_map.py"
    script.write_text(PLOTLY.format(path=str(folder / MODEL / atlas.FILE)), "utf-8")
    with serving(script) as (address, _), contextlib.closing(browser.new_page()) as page:
        page.set_default_timeout(60_000)
        page.goto(address)
        page.locator(".js-plotly-plot canvas").first.wait_for()
        page.wait_for_timeout(3000)
        page.evaluate(WATCH_PLOTLY)
        seconds = pan(page, page.locator(".js-plotly-plot .nsewdrag"))
        return page.evaluate("globalThis.drawn") / seconds


def measure() -> dict:
    with chromium() as browser:
        print("10,000 points:", map_of(browser, 10_000))
        return {"device": device_words()} | map_of(browser, POINTS)
