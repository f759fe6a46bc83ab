"""Thirty users drag at once for a minute: WebSocket clients in a process of their own, on the real app and model.

Each client does what the browser's control does: a new value 30 times a second, one request under way at most, the
newest value next. A frame's time runs from its value to its picture. Memory is the server's, after a warm-up and at the
end.
"""

import asyncio
import json
import math
import urllib.request

import psutil
from websockets.asyncio.client import connect

from bench import ROOT, device_words, quantile, serving

USERS = 30
HERTZ = 30
SECONDS = 60.0
WARM_UP = 15.0  # until batches of every size have been seen


async def user(address: str, token: str, count: int, phase: float, seconds: float) -> tuple[list[float], int]:
    """Drags for some seconds; returns the frames' times in ms and the number of errors."""
    loop = asyncio.get_running_loop()
    times, errors, newest, fresh = [], 0, None, asyncio.Event()

    async def hand():
        nonlocal newest
        while True:
            newest = (loop.time(), [3 * math.sin(loop.time() + phase + slider) for slider in range(count)])
            fresh.set()
            await asyncio.sleep(1 / HERTZ)

    async with connect(address, compression=None) as socket:
        moving = asyncio.create_task(hand())
        end, frame = loop.time() + seconds, 0
        while loop.time() < end:
            await fresh.wait()
            fresh.clear()
            since, values = newest
            frame += 1
            await socket.send(json.dumps({"token": token, "frame": frame, "values": values}))
            answer = await asyncio.wait_for(socket.recv(), 10)
            if isinstance(answer, bytes) and int.from_bytes(answer[:4], "little") == frame:
                times.append((loop.time() - since) * 1000)
            else:
                errors += 1
        moving.cancel()
    return times, errors


async def classroom(address: str, seats: dict, seconds: float) -> tuple[list[list[float]], int]:
    """Every user's frame times, and all errors together; a user who is thrown out counts as an error without frames."""
    users = [user(address, token, seats["count"], phase, seconds) for phase, token in enumerate(seats["tokens"])]
    results = await asyncio.gather(*users, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            print(f"a user was thrown out: {result!r}")
    outcomes = [result if isinstance(result, tuple) else ([], 1) for result in results]
    return [times for times, _ in outcomes], sum(errors for _, errors in outcomes)


def measure() -> dict:
    with serving(ROOT / "bench/apps/classroom.py") as (address, process):
        server = psutil.Process(process.pid)
        with urllib.request.urlopen(f"{address}/bench/tokens?users={USERS}", timeout=60) as answer:
            seats = json.load(answer)
        live = address.replace("http", "ws") + "/live"
        asyncio.run(classroom(live, seats, WARM_UP))
        before = server.memory_info().rss
        times, errors = asyncio.run(classroom(live, seats, SECONDS))
        growth = server.memory_info().rss - before
    everything = [time for frames in times for time in frames]
    return {
        "device": device_words(),
        "users": USERS,
        "errors": errors,
        "fps_min": round(min(map(len, times)) / SECONDS, 1),
        "frame_ms_p95": round(quantile(everything, 0.95), 1) if everything else None,
        "rss_growth_mb": round(growth / 2**20, 1),
    }
