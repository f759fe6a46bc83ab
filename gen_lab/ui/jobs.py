"""Work that a page starts once for everybody: a command in its own process, which all sessions can watch and stop.

    jobs.background(("data set", name), lambda: Job(["train.data", name]), "Make them now", "Making the pictures")

It prepares a data set, or computes what takes longer than a page may wait.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import streamlit as st

from gen_lab import data
from gen_lab.data import reading
from gen_lab.ui.language import _

ROOT = Path(__file__).parents[2]
KEPT = 8  # jobs that stay in memory, with their answers
LINES = 12  # of a command's errors that are kept: enough for a problem and its remedy

_beginning = threading.Lock()


def percentage(line: str) -> float | None:
    """How far a command is, from a line of tqdm's progress bar; None for any other line."""
    percent = re.search(r"(\d+)%\|", line)
    return int(percent[1]) / 100 if percent else None


class Job:
    """`python -m` with these arguments, in the background.

    `share` is how far it is, in [0, 1]; `answer` is its output, after success; `error` what it said at last, after
    failure. `progress` finds the share in a line of its output or errors, or returns None; `read` turns the output into
    the answer, and raises ValueError or EOFError for a wrong one.

    It is a separate process because it can be stopped, and because Streamlit makes a page's script the main module,
    which every rendering process would run again.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        question: bytes = b"",
        progress: Callable[[str], float | None] = percentage,
        read: Callable[[bytes], Any] = bytes,
    ):
        self.share, self.answer, self.error, self.is_stopped = 0.0, None, "", False
        self._progress, self._read, self._last = progress, read, deque[str](maxlen=LINES)
        self.process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._watch = threading.Thread(target=self._follow, args=(question,), daemon=True)
        self._watch.start()

    def _follow(self, question: bytes) -> None:
        """Sends the question, reads both streams to their ends, and sets the answer or the error."""
        stdin, stdout, stderr = self.process.stdin, self.process.stdout, self.process.stderr
        assert stdin and stdout and stderr
        listener = threading.Thread(target=self._listen, args=(stderr,), daemon=True)
        listener.start()
        threading.Thread(target=_ask, args=(stdin, question), daemon=True).start()
        output = io.BytesIO()
        for line in stdout:
            output.write(line)
            self._note(line.decode("utf-8", "replace"))
        listener.join()
        code = self.process.wait()
        if self.is_stopped:
            return
        if code:
            self.error = _message(self._last) or f"it ended with code {code}"
            return
        try:
            self.answer = self._read(output.getvalue())
        except (ValueError, EOFError) as error:
            self.error = f"its answer makes no sense: {error}"

    def _listen(self, stream: IO[bytes]) -> None:
        for line in io.TextIOWrapper(stream, "utf-8", "replace"):  # a progress bar's carriage returns end lines too
            if not self._note(line):
                self._last.append(line.rstrip())

    def _note(self, line: str) -> bool:
        """Whether a line says how far the command is."""
        share = self._progress(line)
        if share is not None:
            self.share = share
        return share is not None

    @property
    def is_running(self) -> bool:
        return self._watch.is_alive()

    def wait(self, seconds: float | None = None) -> None:
        """Waits for its end. Raises TimeoutError."""
        self._watch.join(seconds)
        if self.is_running:
            raise TimeoutError

    def stop(self) -> None:
        """Tells it to end its own processes, clean up and end, which takes a moment."""
        self.is_stopped = True
        self.process.terminate()  # Ctrl-C's signal is ignored where the server was put into the background


def _ask(stream: IO[bytes], question: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), stream:  # it may end before it has read all
        stream.write(question)


def _message(lines: Iterable[str]) -> str:
    """What a command says of its failure: all of it, or the end of a traceback."""
    text = "\n".join(lines).strip()
    return text.rpartition("\n")[2] if re.search(r"(?m)^  File ", text) else text


@st.cache_resource(show_spinner=False)
def _jobs() -> OrderedDict[tuple, Job]:
    """By key, shared by all sessions; oldest first."""
    return OrderedDict()


def latest(key: tuple) -> Job | None:
    """The job of this key, running or ended; None where there is none."""
    return _jobs().get(key)


def is_running(key: tuple) -> bool:
    """Whether the job of this key is at work."""
    job = latest(key)
    return job is not None and job.is_running


def _begin(key: tuple, start: Callable[[], Job]) -> None:
    jobs = _jobs()
    with _beginning:
        if _is_busy(key):  # somebody else was faster
            return
        jobs[key] = start()
        jobs.move_to_end(key)
        for old in [other_key for other_key, job in jobs.items() if not job.is_running][: max(len(jobs) - KEPT, 0)]:
            del jobs[old]


def _is_busy(key: tuple) -> bool:
    """Whether a job of the same kind, the key's first word, is at work."""
    return any(job.is_running for other_key, job in list(_jobs().items()) if other_key[0] == key[0])


def background(
    key: tuple,
    start: Callable[[], Job],
    label: str,
    doing: str,
    note: str = "",
    done: Callable[[], None] = lambda: None,
    at_once: bool = False,
) -> None:
    """A button that starts a job, with a note beside it. While the job runs: how far it is, and a button that stops it.
    When it has ended, `done()` is called and the page reruns.

    With `at_once` it starts by itself, and the button is there only once it was stopped or has failed. Sessions with
    the same `key` share the job. Only one job of a kind, the key's first word, runs at a time.
    """
    if at_once and latest(key) is None:
        _begin(key, start)
    job = latest(key)
    if job is not None and job.is_running:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(_("Stop"), on_click=job.stop, icon=":material/stop:")
            _watch(job, doing, done)
        return
    if job is not None and job.error:
        st.error(_("It did not work."), icon=":material/error:")
        st.code(job.error, language=None, wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        busy = _is_busy(key)
        st.button(
            label, type="primary", icon=":material/play_arrow:", disabled=busy, on_click=_begin, args=(key, start)
        )
        if busy:
            _queue(key)
        elif note:
            st.caption(note)


@st.fragment(run_every=1)
def _queue(key: tuple) -> None:
    if _is_busy(key):
        st.caption(_("Somebody else's is being made; yours can follow."))
    else:
        st.rerun()


@st.fragment(run_every=0.5)
def _watch(job: Job, doing: str, done: Callable[[], None]) -> None:
    if job.is_running:
        words = _("{doing}, {share}. You may leave: it goes on.")
        st.progress(job.share, words.format(doing=doing, share=f"{job.share:.0%}"))
    else:
        done()
        st.rerun()


def offer(name: str, done: Callable[[], None]) -> None:
    """What to do about a data set that is not ready. If it can be made here, or fetched quickly, a button does so; then
    `done()` is called and the page reruns."""
    command, key = f"python -m train.data {name}", ("data set", name)
    size = getattr(data.module(name), "DOWNLOAD", "")
    if problem := reading.lack(name, getattr(data.module(name), "sources", dict)()):
        if size:
            if not is_running(key):
                words = _("The pictures of '{name}' are not on this machine. Fetch them, once for everybody, or run:")
                st.info(words.format(name=name), icon=":material/download:")
                st.code(command, language="bash")
            label, doing = _("Fetch them now ({size})").format(size=size), _("Fetching the pictures")
            background(key, lambda: Job(["train.data", name]), label, doing, done=done)
            return
        words = _("The pictures of '{name}' are not on this machine: {problem}. To get them, run in gen_lab's folder:")
        st.info(words.format(name=name, problem=problem), icon=":material/download:")
        st.code(command, language="bash")
        return
    if not is_running(key):
        words = _("The pictures of '{name}' are not made yet. Make them here, once for everybody, or run:")
        st.info(words.format(name=name), icon=":material/brush:")
        st.code(command, language="bash")
    label, doing = _("Make them now (a minute or two)"), _("Making the pictures")
    background(key, lambda: Job(["train.data", name]), label, doing, done=done)
