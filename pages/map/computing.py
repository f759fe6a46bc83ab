"""A layout that takes longer than a page may wait: one process for all sessions, which can be watched and stopped."""

import io
import json
import os
import subprocess
import sys
import threading
from collections import OrderedDict

import numpy as np
import streamlit as st

from gen_lab.latent import layouts
from gen_lab.latent.layouts import Plane
from gen_lab.ui.jobs import ROOT

KEPT = 8  # layouts that stay in memory for whoever asks again


class Computing:
    """`python -m gen_lab.latent.layouts` in the background: `share` is how far it is, `plane` what came of it, `error`
    what it said if it failed."""

    def __init__(self, latents: np.ndarray, method: str, parameters: dict):
        self.share, self.error, self.stopped, self.plane = 0.0, "", False, None
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gen_lab.latent.layouts", json.dumps({"method": method, **parameters})],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.talker = threading.Thread(target=self._talk, args=(latents,), daemon=True)
        self.listener.start()
        self.talker.start()

    def _listen(self) -> None:
        self.last = ""
        for line in io.TextIOWrapper(self.process.stderr, "utf-8", "replace"):  # a carriage return ends a line too
            share = layouts.share(line)
            if share is not None:
                self.share = share
            elif line.strip():
                self.last = line.strip()

    def _talk(self, latents: np.ndarray) -> None:
        question = io.BytesIO()
        np.save(question, latents, allow_pickle=False)
        try:
            self.process.stdin.write(question.getvalue())
            self.process.stdin.close()
            found = np.load(io.BytesIO(self.process.stdout.read()), allow_pickle=False)
            if found.shape != (len(latents), 2) or not np.isfinite(found).all():
                raise ValueError("its result is not a layout")
            self.plane = Plane.of(found)
        except (OSError, ValueError, EOFError) as error:
            self.listener.join(10)
            if not self.stopped:
                self.error = self.last or str(error)
        self.process.wait()

    @property
    def running(self) -> bool:
        return self.talker.is_alive()

    def stop(self) -> None:
        self.stopped = True
        self.process.terminate()


@st.cache_resource(show_spinner=False)
def _jobs() -> OrderedDict[tuple, Computing]:
    """By what is computed, shared by all sessions; oldest first."""
    return OrderedDict()


def plane(source: tuple, latents: np.ndarray, method: str, parameters: dict) -> Plane | None:
    """The layout of `latents` (N, D), if it has been computed; else a button that does it, or its progress.

    `source` says whose latents they are, so that whoever asks for the same shares one computation.
    """
    jobs, asked = _jobs(), (source, method, *sorted(parameters.items()))
    job = jobs.get(asked)
    if job is not None and job.plane is not None:
        return job.plane
    if job is not None and job.running:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Stop", on_click=job.stop, icon=":material/stop:")
            _watch(job)
        return None
    if job is not None and job.error:
        st.error(f"It did not work: {job.error}", icon=":material/error:")
    busy = any(other.running for other in jobs.values())

    def begin() -> None:
        if any(other.running for other in jobs.values()):  # somebody else was faster
            return
        jobs[asked] = Computing(latents, method, parameters)
        jobs.move_to_end(asked)
        while len(jobs) > KEPT:
            jobs.popitem(last=False)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Compute this map", type="primary", icon=":material/play_arrow:", on_click=begin, disabled=busy)
        st.caption(
            "Another map is being computed for somebody else; yours can follow."
            if busy
            else f"{len(latents):,} points: some seconds to some minutes, and you can stop it."
        )
    return None


@st.fragment(run_every=0.5)
def _watch(job: Computing) -> None:
    if job.running:
        st.progress(job.share, f"Computing the map, {job.share:.0%}. You may close this: it goes on.")
    else:
        st.rerun()
