"""Thirty users drag at once for a minute: WebSocket clients in a process of their own, on the real app and model.

With `--page gan` they drag grids of the generator that takes longest instead of faces. Each client does what the
browser's control does: a new value 30 times a second, one request under way at most, the newest value next; and when it
stops, it asks until its picture is finished. A frame's time runs from its value to its picture, `rest_ms_max` from the
last value to the finished picture. `waiting` is the share of frames in which tiles were older. `cpu_ms_per_frame` and
memory are those of the server, memory after a warm-up and at the end.
"""

import asyncio
import json
import math
from dataclasses import dataclass, field

import psutil
from websockets.asyncio.client import connect

from bench import ROOT, device_words, quantile, serving
from bench.soak import Student
from gen_lab import tiles

USERS = 30
HERTZ = 30
SECONDS = 60.0
WARM_UP = 15.0  # until batches of every size have been seen
MODELS = {"faces": "vae-faces", "gan": "wgan_gp-faces"}


@dataclass
class Outcome:
    """What a user has seen: times of frames in ms, how many were not up to date, errors, the time until all was."""

    times: list[float] = field(default_factory=list)
    waiting: int = 0
    errors: int = 0
    rest_ms: float = 0.0


async def user(address: str, control: dict, phase: float, seconds: float) -> Outcome:
    """Drags all sliders of a control for some seconds, and stays until the picture is finished."""
    loop = asyncio.get_running_loop()
    outcome, newest, fresh, frame = Outcome(), None, asyncio.Event(), 0
    ends = [
        [control[end] if slider[end] is None else slider[end] for end in ("low", "high")]
        for slider in control["sliders"]
    ]

    async def hand():
        nonlocal newest
        while True:
            shares = [(1 + math.sin(loop.time() + phase + number)) / 2 for number in range(len(ends))]
            values = [low + share * (high - low) for share, (low, high) in zip(shares, ends, strict=True)]
            newest = (loop.time(), values)
            fresh.set()
            await asyncio.sleep(1 / HERTZ)

    async def ask(values: list[float]) -> int:
        nonlocal frame
        frame += 1
        message = {"token": control["token"], "frame": frame, "values": values, "unfinished": True}
        await socket.send(json.dumps(message))
        answer = await asyncio.wait_for(socket.recv(), 10)
        if not isinstance(answer, bytes) or int.from_bytes(answer[:4], "little") != frame:
            outcome.errors += 1
            return tiles.FINISHED
        return answer[4]

    async with connect(address, compression=None) as socket:
        moving = asyncio.create_task(hand())
        end = loop.time() + seconds
        while loop.time() < end:
            await fresh.wait()
            fresh.clear()
            since, values = newest
            outcome.waiting += await ask(values) == tiles.WAITING
            outcome.times.append((loop.time() - since) * 1000)
        moving.cancel()
        while await ask(values) != tiles.FINISHED:
            pass
        outcome.rest_ms = (loop.time() - since) * 1000
    return outcome


async def drag(address: str, controls: list[dict], seconds: float) -> list[Outcome]:
    """What every user has seen; one who is thrown out has an error and no frames."""
    users = [user(address, control, phase, seconds) for phase, control in enumerate(controls)]
    results = await asyncio.gather(*users, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            print(f"a user was thrown out: {result!r}")
    return [result if isinstance(result, Outcome) else Outcome(errors=1) for result in results]


async def classroom(address: str, page: str, server: psutil.Process) -> tuple[list[Outcome], int, float]:
    """What the users have seen, how much the server's memory grew, and the CPU seconds that it took."""
    students = [Student(address) for _ in range(USERS)]
    for seat, student in enumerate(students):
        await student.open(page, f"model={MODELS[page]}&seed={100 * seat}")
    controls = [student.control for student in students]
    live = address.replace("http", "ws") + "/live"
    await drag(live, controls, WARM_UP)
    before, spent = server.memory_info().rss, sum(server.cpu_times()[:2])
    outcomes = await drag(live, controls, SECONDS)
    growth, spent = server.memory_info().rss - before, sum(server.cpu_times()[:2]) - spent
    for student in students:
        await student.leave()
    return outcomes, growth, spent


def measure(page: str = "faces") -> dict:
    with serving(ROOT / "app.py") as (address, process):
        outcomes, growth, spent = asyncio.run(classroom(address, page, psutil.Process(process.pid)))
    times = [time for outcome in outcomes for time in outcome.times]
    return {
        "device": device_words(),
        "page": page,
        "users": USERS,
        "errors": sum(outcome.errors for outcome in outcomes),
        "fps_min": round(min(len(outcome.times) for outcome in outcomes) / SECONDS, 1),
        "frame_ms_p95": round(quantile(times, 0.95), 1) if times else None,
        "cpu_ms_per_frame": round(1000 * spent / max(len(times), 1), 2),
        "waiting": round(sum(outcome.waiting for outcome in outcomes) / max(len(times), 1), 2),
        "rest_ms_max": round(max(outcome.rest_ms for outcome in outcomes)),
        "rss_growth_mb": round(growth / 2**20, 1),
    }
