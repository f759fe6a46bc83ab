"""Work that is done once for everybody, started from a page: one process for all sessions, which all can watch.

A data set is brought onto this machine, or what a page needs to know about one is computed.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from gen_lab import data

ROOT = Path(__file__).parents[2]


class Preparing:
    """`python -m train.data NAME`, or another command on NAME, in the background: `share` is how far it is, `error`
    what it said if it failed.

    A process of its own: Streamlit puts a page's script in the place of the main module, which the processes that
    render would run once each.
    """

    def __init__(self, name: str, command: tuple[str, ...] = ("train.data",)):
        self.share, self.error, self.stopped = 0.0, "", False
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command, name],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        last = ""
        for line in self.process.stderr:  # a progress bar's carriage returns end lines too
            if percent := re.search(r"(\d+)%\|", line):
                self.share = int(percent[1]) / 100
            elif line.strip():
                last = line.strip()
        if self.process.wait() and not self.stopped:
            self.error = last or f"it ended with code {self.process.returncode}"

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        self.stopped = True
        self.process.send_signal(signal.SIGINT)  # as Ctrl-C does: it ends its own processes and clears up


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[tuple[str, ...], Preparing]:
    """One per command and name, shared by all sessions."""
    return {}


def offer(name: str, done: Callable[[], None]) -> None:
    """What to do about a data set that is not ready. Where its files need no download, a button that does it: then
    `done()` is called and the page reruns."""
    command = f"python -m train.data {name}"
    if not getattr(data.module(name), "is_present", lambda: True)():
        st.info(
            f"The pictures of '{name}' are not on this machine, and do not ship with gen_lab. "
            "Who has them, or wants to fetch them, types in the folder of gen_lab:",
            icon=":material/download:",
        )
        st.code(command, language="bash")
        return

    def explain() -> None:
        st.info(
            f"The pictures of '{name}' have to be made on this machine first, once for everybody. "
            "It is the same as to type:",
            icon=":material/brush:",
        )
        st.code(command, language="bash")

    background((name,), explain, "Make them now (a minute or two)", "Making the pictures", done)


def background(asked: tuple, explain: Callable[[], None], label: str, doing: str, done: Callable[[], None]) -> None:
    """What `explain()` shows, and a button that starts a `Preparing` of name and command, as `asked`; while it runs,
    how far it is, and a button that stops it. When it is done `done()` is called and the page reruns."""
    job = _jobs().get(asked)

    def begin() -> None:
        if job is _jobs().get(asked):  # nobody else was faster
            _jobs()[asked] = Preparing(*asked)

    if job is None or not job.running:
        if job is not None and job.error:
            st.error(f"It did not work: {job.error}", icon=":material/error:")
        explain()
        st.button(label, type="primary", icon=":material/play_arrow:", on_click=begin)
        return
    st.button("Stop", on_click=job.stop, icon=":material/stop:")
    _watch(job, doing, done)


@st.fragment(run_every=0.5)
def _watch(job: Preparing, doing: str, done: Callable[[], None]) -> None:
    if job.running:
        st.progress(job.share, f"{doing}, {job.share:.0%}. You may close this: it goes on.")
    else:
        done()
        st.rerun()
