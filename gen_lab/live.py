"""The /live WebSocket: a slider moves, the picture follows.

A page registers a `Scene` and gets an unguessable token. The browser sends text `{"token", "frame", "values"}`, to a
scene that takes a drawing with `"drawing"` too, the bytes of its pixels in base64. It gets back either binary - the
frame number (uint32, little endian) followed by a JPEG - or text `{"frame", "error"}`, with `"renew": true` where a new
token would help. The newest value wins: a connection has one waiting message per scene. The waiting messages of
all connections share forward passes in a worker thread; the event loop only moves messages.

With `"unfinished": true` the browser says that an unfinished picture will do, for it asks again until it is finished.
Then a byte between the number and the JPEG says how the picture is: finished, rough or waiting (gen_lab/tiles.py). If a
scene's picture comes with numbers, 128 is added to that byte, and how many they are (uint8) and the numbers (float32,
little endian) follow it.

Clients name nothing but tokens. Anything else they send gets an error message, and the socket stays open.
"""

import asyncio
import base64
import json
import logging
import math
import os
import queue
import secrets
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import torch
from starlette.datastructures import Headers
from starlette.requests import Request as HTTPRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from gen_lab.device import DeviceError
from gen_lab.images import encode
from gen_lab.scenes import Request, Scene, render
from gen_lab.tiles import WAITING, Pace, Tiles

MESSAGE_BYTES = 32_768  # a drawing of 64 x 64 pixels in three colours is 16,384 of them
CONNECTIONS = 512  # of all users together; no limit per address, since a whole class may share one
FRAMES_PER_SECOND = 120  # that one connection can ask for
IDLE_SECONDS = 600.0  # a socket that says nothing is closed; the browser opens another when a slider moves
LARGE = 300_000  # bytes of pixels
WITH_NUMBERS = 128  # added to the byte that says how a picture is
VIEWED = 8  # scenes whose tiles are kept for one connection
SEND_SECONDS = 20.0  # a client that does not read for so long is gone
FOREIGN = (
    "The server takes this page for a foreign one: a proxy on the way must keep the Host header, with its port; see "
    "docs/CLASSROOM.md."
)

log = logging.getLogger(__name__)


@dataclass
class _Entry:
    scene: Scene
    owner: str
    last_use: float


class SceneStore:
    """Scenes by token. Bounded in all and per owner (least recently used go first); idle scenes expire. Thread-safe."""

    def __init__(self, limit: int = 4096, per_owner: int = 16, idle_seconds: float = 3600.0):
        self.limit, self.per_owner, self.idle_seconds = limit, per_owner, idle_seconds
        self._entries: OrderedDict[str, _Entry] = OrderedDict()  # least recently used first
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def register(self, scene: Scene, owner: str) -> str:
        """Holds a scene until its owner is released, and returns its token."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._expire()
            mine = [name for name, entry in self._entries.items() if entry.owner == owner]
            for oldest in mine[: max(0, len(mine) + 1 - self.per_owner)]:
                del self._entries[oldest]
            while len(self._entries) >= self.limit:
                self._entries.popitem(last=False)
            self._entries[token] = _Entry(scene, owner, time.monotonic())
        return token

    def get(self, token: str) -> Scene | None:
        """The scene of a token, which counts as a use; None if it is not held (any longer)."""
        with self._lock:
            self._expire()
            entry = self._entries.get(token)
            if entry is None:
                return None
            entry.last_use = time.monotonic()
            self._entries.move_to_end(token)
            return entry.scene

    def release(self, owner: str) -> None:
        """Drops every scene of an owner."""
        with self._lock:
            for token in [token for token, entry in self._entries.items() if entry.owner == owner]:
                del self._entries[token]

    def _expire(self) -> None:
        deadline = time.monotonic() - self.idle_seconds
        while self._entries and next(iter(self._entries.values())).last_use < deadline:
            self._entries.popitem(last=False)


@dataclass(frozen=True)
class _Job:
    future: Future
    request: Request


class Batcher:
    """One worker thread draws for everybody: jobs that wait together share forward passes."""

    def __init__(self, render: Callable = render, limit: int = 64):
        self.render, self.limit, self.pace = render, limit, Pace()
        self._waiting: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="live", daemon=True).start()

    def submit(
        self, scene: Scene, values: Sequence[float], drawing: np.ndarray | None = None, tiles: Tiles | None = None
    ) -> Future:
        """The picture as JPEG bytes, in time; unfinished perhaps, if there are `tiles` to finish it with. A future that
        is cancelled while it waits costs nothing."""
        future: Future = Future()
        self._waiting.put(_Job(future, Request(scene, values, drawing, tiles)))
        return future

    def _work(self) -> None:
        # Half of the cores are for the sockets and the scripts. On two cores one thread draws a single face sooner than
        # two (3.5 ms, 4.3 ms), thirty as soon, and does not stall when the machine is busy.
        torch.set_num_threads(min(torch.get_num_threads(), max(1, (os.cpu_count() or 1) // 2)))
        while True:
            jobs = [self._waiting.get()]
            while len(jobs) < self.limit and not self._waiting.empty():
                jobs.append(self._waiting.get())
            jobs = [job for job in jobs if job.future.set_running_or_notify_cancel()]
            if jobs:
                since = time.perf_counter()
                self._draw(jobs)
                self.pace.round_is_over(len(jobs), time.perf_counter() - since)

    def _draw(self, jobs: list[_Job]) -> None:
        try:
            pictures = self.render([job.request for job in jobs], self.pace)
            answers = [_packed(job.request, picture) for job, picture in zip(jobs, pictures, strict=True)]
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].future.set_exception(error)
            else:  # one bad scene must not cost the others their picture
                for job in jobs:
                    self._draw([job])
        else:
            for job, answer in zip(jobs, answers, strict=True):
                job.future.set_result(answer)


def _packed(request: Request, picture) -> bytes:
    """A scene's picture as JPEG; before it its numbers, if it has some and the browser can read them."""
    if not request.scene.numbers:
        return _jpeg(request.tiles, picture)
    pixels, numbers = picture
    head = struct.pack(f"<B{len(numbers)}f", len(numbers), *numbers) if request.tiles else b""
    return head + _jpeg(request.tiles, pixels)


def _jpeg(tiles: Tiles | None, pixels: np.ndarray) -> bytes:
    if tiles and tiles.state == WAITING:
        return encode(pixels, "JPEG", quality=80)
    # 64x64 RGB: 0.04 ms and 2.7 kB; WebP of such quality takes 0.18 ms for 0.9 kB, PNG 0.3 ms for 8 kB. A large picture
    # is sooner here and in the browser with less: 560x560 grey 0.7 ms and 80 kB, with quality 95 1.2 ms and 131 kB.
    return encode(pixels, "JPEG", quality=95 if pixels.size < LARGE else 85, subsampling=0)


@dataclass(frozen=True)
class _Message:
    frame: int
    request: Request


class _Refused(Exception):
    """A message that cannot be drawn; its text goes to the client."""

    def __init__(self, error: str, frame: int | None = None, renew: bool = False):
        super().__init__(error)
        self.frame, self.renew = frame, renew

    def answer(self) -> str:
        return json.dumps({"frame": self.frame, "error": str(self), **({"renew": True} if self.renew else {})})


class Live:
    """The WebSocket endpoint: reads, validates, keeps the newest, sends."""

    def __init__(self, store: SceneStore, batcher: Batcher, allowed_origins: Sequence[str] = ()):
        self.store, self.batcher, self.allowed_origins = store, batcher, tuple(allowed_origins)
        self.connections = 0

    def refusal(self, headers: Headers) -> Response | None:
        """Why a connection with these headers is refused, or None."""
        if not origin_allowed(headers, self.allowed_origins):
            return PlainTextResponse(FOREIGN, 403)
        return PlainTextResponse("Too many live connections.", 503) if self.connections >= CONNECTIONS else None

    async def explain(self, request: HTTPRequest) -> Response:
        """Tells the page why it was refused, which browsers keep from a page's script."""
        return self.refusal(request.headers) or Response(status_code=204)

    async def serve(self, socket: WebSocket) -> None:
        refusal = self.refusal(socket.headers)
        if refusal:
            await socket.send_denial_response(refusal)
            return
        self.connections += 1
        try:
            await socket.accept()
            await self._talk(socket)
        finally:
            self.connections -= 1

    async def _talk(self, socket: WebSocket) -> None:
        waiting: dict[str | None, _Message | _Refused] = {}  # newest message per scene; None: the newest refusal
        viewed: OrderedDict[str, Tiles] = OrderedDict()  # least recently used first
        arrival = asyncio.Event()

        async def read() -> None:
            while True:
                async with asyncio.timeout(IDLE_SECONDS):
                    message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    raise WebSocketDisconnect(message.get("code", 1005))
                try:
                    token, content = self._understand(message, viewed)
                except _Refused as refusal:
                    token, content = None, refusal
                waiting[token] = content
                arrival.set()

        async def write() -> None:
            loop = asyncio.get_running_loop()
            while True:
                await arrival.wait()
                arrival.clear()
                next_at = loop.time() + 1 / FRAMES_PER_SECOND
                newest = list(waiting.values())
                waiting.clear()
                for answer in await asyncio.gather(*map(self._answer, newest)):
                    async with asyncio.timeout(SEND_SECONDS):
                        if isinstance(answer, str):
                            await socket.send_text(answer)
                        else:
                            await socket.send_bytes(answer)
                await asyncio.sleep(next_at - loop.time())

        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(read())
                tasks.create_task(write())
        except* WebSocketDisconnect:
            pass
        except* TimeoutError:
            with suppress(TimeoutError, WebSocketDisconnect):
                async with asyncio.timeout(1):
                    await socket.close(1000, "idle")

    def _understand(self, message: Mapping, viewed: OrderedDict[str, Tiles]) -> tuple[str, _Message]:
        """(token, content) of a received message. Raises `_Refused` for anything but a valid one."""
        text = message.get("text")
        if text is None:
            raise _Refused("send text: JSON with token, frame and values")
        if len(text) > MESSAGE_BYTES:
            raise _Refused(f"this message is too long: {MESSAGE_BYTES:,} characters at most")
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise _Refused("this message is not JSON") from None
        if not isinstance(content, dict):
            raise _Refused("send an object with token, frame and values")
        frame, token, values = content.get("frame"), content.get("token"), content.get("values")
        if type(frame) is not int or not 0 <= frame < 2**32:
            raise _Refused("frame must be a whole number from 0 to 4294967295")
        if not isinstance(token, str) or (scene := self.store.get(token)) is None:
            raise _Refused("this picture is no longer held: reload the page", frame, renew=True)
        drawing, tiles = _drawing(content.get("drawing"), scene, frame), None
        values = _numbers(values, scene, frame)
        if content.get("unfinished") is True:
            tiles = viewed.setdefault(token, Tiles())
            viewed.move_to_end(token)
            if len(viewed) > VIEWED:
                viewed.popitem(last=False)
        return token, _Message(frame, Request(scene, values, drawing, tiles))

    async def _answer(self, message: _Message | _Refused) -> bytes | str:
        if isinstance(message, _Refused):
            return message.answer()
        try:
            tiles = message.request.tiles
            picture = await asyncio.wrap_future(self.batcher.submit(*message.request))
        except Exception as error:
            log.exception("a scene could not be drawn")
            words = str(error) if isinstance(error, (DeviceError, MemoryError)) else ""  # no others are for strangers
            words = words or "the picture could not be drawn: the server's log says why"
            return _Refused(words, message.frame).answer()
        number = struct.pack("<I", message.frame)
        if tiles is None:
            return number + picture
        return number + bytes([tiles.state | (WITH_NUMBERS if message.request.scene.numbers else 0)]) + picture


def _numbers(values, scene: Scene, frame: int) -> list[float]:
    if not isinstance(values, list) or len(values) != scene.count:
        raise _Refused(f"values must be a list of {scene.count} numbers", frame)
    if not all(type(value) in (int, float) for value in values):
        raise _Refused("values must be numbers", frame)
    # The comparison comes first: it also sorts out whole numbers too large for a float.
    if not all(scene.low <= value <= scene.high and math.isfinite(value) for value in values):
        raise _Refused(f"values must lie between {scene.low:g} and {scene.high:g}", frame)
    return [float(value) for value in values]


def _drawing(text, scene: Scene, frame: int) -> np.ndarray | None:
    if scene.drawing is None:
        if text is not None:
            raise _Refused("this picture takes no drawing", frame)
        return None
    size = " x ".join(map(str, scene.drawing))
    refusal = _Refused(f"drawing must be {size} bytes in base64", frame)
    if not isinstance(text, str):
        raise refusal
    try:
        pixels = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except ValueError:
        raise refusal from None
    if len(pixels) != math.prod(scene.drawing):
        raise refusal
    return pixels.reshape(scene.drawing).copy()  # a writable copy, for torch


def origin_allowed(headers: Headers, allowed_origins: Sequence[str] = ()) -> bool:
    """Whether a handshake comes from our own page, by Host or a proxy's X-Forwarded-Host, or from no browser.

    A foreign page can set neither header. `allowed_origins` are further origins as in Streamlit's
    `server.corsAllowedOrigins`; "*" allows all.
    """
    origin = headers.get("origin")
    if origin is None or "*" in allowed_origins or origin in allowed_origins:
        return True
    hosts = [headers.get("host", ""), *headers.get("x-forwarded-host", "").split(",")]
    our_hosts = {host.strip().lower().removesuffix(":80").removesuffix(":443") for host in hosts} - {""}
    with suppress(ValueError):  # urlsplit's word for a malformed address
        return urlsplit(origin.lower()).netloc.removesuffix(":80").removesuffix(":443") in our_hosts
    return False


scenes = SceneStore()


def routes(base_path: str = "", allowed_origins: Sequence[str] = ()) -> list[BaseRoute]:
    """The routes of /live for `st.App`; `base_path` is Streamlit's `server.baseUrlPath`."""
    endpoint = Live(scenes, Batcher(), allowed_origins)
    path = "/".join(["", *filter(None, base_path.split("/")), "live"])
    return [WebSocketRoute(path, endpoint.serve), Route(path, endpoint.explain, methods=["POST"])]
