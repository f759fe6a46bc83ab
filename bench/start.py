"""From the command to the first page: `streamlit run app.py`, Home drawn in Chromium, a switch to the Faces page.

`switch_s` is the slowest of three switches from Home to a painted face; the first one loads the model.
"""

import time

import psutil

from bench import ROOT, chromium, device_words, serving


def measure() -> dict:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(60_000)
        began = time.monotonic()
        with serving(ROOT / "app.py") as (address, process):
            ready = time.monotonic() - began
            page.goto(address)
            wait_until_drawn(page)
            first_page = time.monotonic() - began
            switches = []
            for _ in range(3):
                began = time.monotonic()
                page.get_by_test_id("stSidebarNav").get_by_role("link", name="Faces").click()
                page.locator("canvas.picture[style*=aspect-ratio]").wait_for()
                switches.append(time.monotonic() - began)
                page.get_by_test_id("stSidebarNav").get_by_role("link", name="Home").click()
                page.locator("canvas.picture").wait_for(state="detached")
                wait_until_drawn(page)
            print("switches:", ", ".join(f"{seconds:.2f} s" for seconds in switches), "on", device_words())
            rss = psutil.Process(process.pid).memory_info().rss
        page.close()
    return {
        "ready_s": round(ready, 2),
        "first_page_s": round(first_page, 2),
        "switch_s": round(max(switches), 2),
        "rss_mb": round(rss / 2**20),
    }


def wait_until_drawn(page) -> None:
    """Waits until the page's script has run to its end."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning] h1").first.wait_for()
