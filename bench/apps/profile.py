"""app.py, and a route that says how long /live has worked on each stage of its frames since it was last asked."""

import functools
import threading
import time
from collections import Counter

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gen_lab import live, scenes
from gen_lab.tiles import Pace

seconds: Counter = Counter()


def timed(owner, name: str, stage: str) -> None:
    """Has a function count the CPU time of /live's thread in it, and its calls."""
    function = getattr(owner, name)

    @functools.wraps(function)
    def wrapper(*arguments, **options):
        if threading.current_thread().name != "live":
            return function(*arguments, **options)
        since = time.thread_time()
        try:
            return function(*arguments, **options)
        finally:
            seconds[stage] += time.thread_time() - since
            seconds["frames"] += stage == "encode"

    setattr(owner, name, wrapper)


timed(scenes, "_frame", "inputs")
timed(Pace, "draw", "forward")
timed(live, "_jpeg", "encode")
timed(live.Batcher, "_draw", "compose")  # the whole, until the others are taken away


def profile(_: Request) -> JSONResponse:
    frames = max(seconds.pop("frames", 0), 1)
    stages = {stage: 1000 * seconds.pop(stage, 0.0) / frames for stage in ("inputs", "forward", "compose", "encode")}
    stages["compose"] -= stages["inputs"] + stages["forward"] + stages["encode"]
    return JSONResponse(stages)


app = st.App("../../gen_lab/ui/main.py", routes=[*live.routes(), Route("/bench/profile", profile)])
