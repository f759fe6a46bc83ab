"""What the benches (and the tests) share: servers on free ports, Chromium, quantiles."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from gen_lab import device

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command: list, ready: str, env: dict | None = None, seconds: float = 120):
    """A process (`subprocess.Popen`) that is up once the address `ready` answers, and is gone afterwards."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + seconds
            while not _answers(ready):
                if process.poll() is not None or time.monotonic() > deadline:
                    output.seek(0)
                    raise RuntimeError(f"{process.args} did not answer at {ready}:\n{output.read()}")
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(address: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
        return True
    return False


@contextlib.contextmanager
def serving(script: Path | str, *options: str, base_path: str = "", env: dict | None = None, port: int | None = None):
    """`streamlit run SCRIPT` on this port or a free one: (base address without a slash at its end, process)."""
    port = port or free_port()
    address = f"http://127.0.0.1:{port}{base_path}"
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", port, "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"]
    command += ["--server.fileWatcherType", "none", "--server.baseUrlPath", base_path, *options]
    with running(command, f"{address}/_stcore/health", env) as process:
        yield address, process


@contextlib.contextmanager
def chromium():
    """A headless Chromium, through Playwright, with a camera that shows a test card."""
    if not CHROMIUM:
        raise RuntimeError("no Chromium was found: install it (apt-get install chromium), or set CHROMIUM to its path")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    flags += ["--use-fake-device-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            yield browser
        finally:
            browser.close()


def device_words() -> str:
    """The device, with the number of cores where it is the CPU."""
    name = device.device_name()
    return f"{name}, {len(os.sched_getaffinity(0))} cores" if name == "CPU" else name


def quantile(values: list[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed."""
    return sorted(values)[max(0, -int(-share * len(values) // 1) - 1)]
