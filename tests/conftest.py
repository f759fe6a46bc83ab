"""What many tests share: a Streamlit server on a free port, and a browser where there is one."""

import os
import shutil
import sys
from ctypes.util import find_library
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import torch

from bench import CHROMIUM, ROOT, chromium, serving

APPS = Path(__file__).parent / "apps"
OPENGL = sys.platform != "linux" or os.environ.get("DISPLAY") or find_library("EGL")
NEEDS = {
    "browser": ("chromium", CHROMIUM), "proxy": ("nginx", shutil.which("nginx")), "rendered": ("libegl1", OPENGL),
}  # fmt: skip
TIMEOUTS = ["TimeoutError", r"with timeout \d+ms"]  # ours and Playwright's; that of its `expect`
MAIN = sys.modules["__main__"]
_left_out = {}

torch.set_num_threads(1)  # the tests' models are small: threads would wait for each other longer than they work


def pytest_collection_modifyitems(config, items):
    """Marks the tests in a browser, which `-m "not browser"` leaves out; one that times out, as on a busy machine, runs
    once more. Where a program is missing its tests are left out, loudly; in CI they stay, and fail."""
    for item in items:
        if "browser" in item.fixturenames:
            item.add_marker("browser")
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=TIMEOUTS))
    if os.environ.get("CI"):
        return
    for fixture, (program, found) in NEEDS.items():
        if not found:
            needing = [item for item in items if fixture in item.fixturenames]
            items[:] = [item for item in items if item not in needing]
            config.hook.pytest_deselected(items=needing)
            _left_out[program] = len(needing)


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # one of several processes, which says nothing itself
        session.config.workeroutput["left out"] = _left_out


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    _left_out.update(node.workeroutput.get("left out", {}))


def pytest_terminal_summary(terminalreporter):
    if flaky := terminalreporter.stats.get("rerun"):
        terminalreporter.section("FLAKY: these timed out and ran once more", yellow=True, bold=True)
        for report in flaky:
            terminalreporter.line(f"{report.nodeid}: {report.longrepr.reprcrash.message}")
    for program, count in _left_out.items():
        terminalreporter.section("TESTS DID NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(f"{count} tests did not run, for {program} was not found: install it (make test does)")


@pytest.fixture(autouse=True)
def main_module():
    """AppTest leaves a page's script in the main module's place, which processes that a later test spawns would run."""
    yield
    sys.modules["__main__"] = MAIN


@pytest.fixture(scope="session")
def serve():
    """`with serve(script, *options, base_path="", env=None) as (address, process)`: see `bench.serving`."""
    return serving


@pytest.fixture(scope="session")
def tiny_checkpoints(tmp_path_factory) -> Path:
    """vae-faces and vae-avatars with their judges, which no test changes."""
    from tests.tiny import make_checkpoints

    return make_checkpoints(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def checkpoints(tiny_checkpoints, tmp_path, monkeypatch) -> Path:
    """A copy of them, which the app serves and the test may change; and no data sets."""
    from tests.apptest import fresh_copy

    return fresh_copy(tiny_checkpoints, tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The folder of all that `app` serves: tiny checkpoints, a small data set, a cache."""
    from tests.tiny import make_site

    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def app(site):
    """The address of the app over `site`: one server for all tests, which leave on it what others do not see."""
    from tests.tiny import places

    with serving(ROOT / "app.py", env=places(site) | {"OMP_NUM_THREADS": "1"}) as (address, _):
        yield address


@pytest.fixture(scope="session")
def parts(site):
    """The address of tests/apps: the slider; at /tree, /batch and /brush parts of other pages."""
    from tests.tiny import places

    with serving(APPS / "app.py", env=places(site) | {"OMP_NUM_THREADS": "1"}) as (address, _):
        yield address


@pytest.fixture(scope="session")
def browser():
    """Chromium, through Playwright. Fails where there is none: see `pytest_collection_modifyitems`."""
    from playwright.sync_api import expect

    from tests.browsing import PATIENCE

    expect.set_options(timeout=1000 * PATIENCE)
    with chromium() as browser:
        new_context = browser.new_context

        def patient_context(**look):
            context = new_context(**look)
            context.set_default_timeout(1000 * PATIENCE)
            return context

        browser.new_context = patient_context  # for the tests that open one of their own
        yield browser


@pytest.fixture
def page(browser):
    """A fresh page of 1440 x 900; the test fails on any JavaScript error in it and on any request to another host."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors, strangers = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: strangers.append(request.url) if _leaves_the_machine(request.url) else None)
    yield page
    context.close()
    assert not errors, errors
    assert not strangers, strangers


def _leaves_the_machine(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost")
