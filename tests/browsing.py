"""What the tests in Chromium share: waiting for what the page comes to, dragging, reading its link and pictures."""

import asyncio
import io
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

PATIENCE = 120  # seconds that all in a browser may take: a busy machine is no failure

# A script runs; what it has not yet reached is pale, and fades in and out, as words of our own controls do; and the
# browser has yet to fetch the program of an element (a skeleton stands in its place), our style sheet's among them.
BUSY = """() => {
  const roots = [document];
  for (const root of roots)
    for (const each of root.querySelectorAll("*")) if (each.shadowRoot) roots.push(each.shadowRoot);
  const fades = (each) => each.playState === "running" && each.effect.getComputedTiming().endTime < Infinity;
  return !document.querySelector("[data-test-script-state=notRunning]")
    || !!document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
    || roots.some((root) => root.getAnimations().some(fades));
}"""


def run(coroutine):
    """As `asyncio.run`, in a thread of its own: once a test has used Chromium, Playwright keeps a loop in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()


def wait_until(page, condition, what: str, seconds: float = PATIENCE):
    """`what` is the message of the TimeoutError when the time is over."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s until {what}")
        page.wait_for_timeout(50)  # unlike sleep, it lets Playwright hear of a new address


def wait_for_rest(page, seconds: float = 0.6):
    """Until the page has stood still for so long: no script has run, and nothing has faded."""
    since = time.monotonic()

    def rested() -> bool:
        nonlocal since
        if page.evaluate(BUSY):
            since = time.monotonic()
        return time.monotonic() - since > seconds

    wait_until(page, rested, "the page comes to rest")


def query(page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def pixels(page, canvas: str = "canvas.picture") -> str:
    return page.locator(canvas).evaluate("canvas => canvas.toDataURL()")


def frames(page, canvas: str = "canvas.picture", index: int = 0) -> int:
    """How many pictures of the live path were painted."""
    return int(page.locator(canvas).nth(index).get_attribute("data-frames") or 0)


def drag(page, slider, share: float, steps: int = 12):
    """From the middle of the slider by a share of its width; the button stays down."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, steps + 1):
        page.mouse.move(x + box["width"] * share * step / steps, y)
        page.wait_for_timeout(16)


def choose_photo(page, name: str, content: bytes):
    page.locator("[role=dialog] input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def too_large() -> bytes:
    file = io.BytesIO()
    Image.new("1", (13_000, 13_000)).save(file, "PNG")
    return file.getvalue()


def violations(page) -> list[str]:
    """What axe-core calls serious or critical once the page is at rest, Streamlit's own elements included."""
    wait_for_rest(page)
    height = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    page.set_viewport_size({**page.viewport_size, "height": height})  # axe passes over what one has to scroll to
    wait_for_rest(page)
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def violations_in_both_schemes(page) -> list[str]:
    """Those in light and in dark, of one visit: the page follows when the reader changes from one to the other."""
    both = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
        both += [f"{scheme}: {each}" for each in violations(page)]
    return both
