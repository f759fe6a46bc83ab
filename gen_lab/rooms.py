"""Follow me: a class sees the page that its teacher shows, as it changes.

A teacher opens a room and gets its key, which cannot be guessed. The class gets its code, which can be read out. The
teacher's session says what is shown; the browser of everyone who follows holds a WebSocket at /follow?room=CODE, and
hears of each change as text `{"revision"}`, of the room's end as `{"revision": null}`. What has changed it does not
hear: the script that it then runs asks the room. So a client can say nothing but a code.

Rooms are in this process's memory: few, and they end when nobody has shown anything for a while.
"""

import asyncio
import json
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from gen_lab.lessons import Slide
from gen_lab.live import FOREIGN, origin_allowed

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; none that looks like a digit or another
CODE = 5  # letters
ROOMS = 100
FOLLOWERS = 500  # of all rooms together; there is no limit per address, since a whole class may share one
IDLE_SECONDS = 7200.0
SEND_SECONDS = 20.0  # a client that does not read for so long is gone


@dataclass
class Room:
    """What a teacher shows, and who waits for more."""

    code: str
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    slide: Slide | None = None
    revision: int = 0  # one more with each change
    is_open: bool = True
    last_use: float = field(default_factory=time.monotonic)
    waiting: set = field(default_factory=set, repr=False)  # (loop, event) of each follower


class Rooms:
    """The rooms of this process. Thread-safe: scripts show, the event loop listens."""

    def __init__(self, limit: int = ROOMS, idle_seconds: float = IDLE_SECONDS):
        self.limit, self.idle_seconds = limit, idle_seconds
        self._rooms: dict[str, Room] = {}  # by code, least recently used first
        self._lock = threading.Lock()

    def open(self) -> Room:
        """A new room. The one that was idle for longest makes way for it if there are too many."""
        with self._lock:
            self._expire()
            if len(self._rooms) >= self.limit:
                self._end(next(iter(self._rooms)))
            code = ""
            while not code or code in self._rooms:
                code = "".join(secrets.choice(LETTERS) for _ in range(CODE))
            room = self._rooms[code] = Room(code)
            return room

    def find(self, code: str) -> Room | None:
        """The room of a class's code, in which capitals do not matter; None if there is none (any longer)."""
        with self._lock:
            self._expire()
            return self._rooms.get(code.upper())

    def of(self, key: str) -> Room | None:
        """The room of a teacher's key."""
        with self._lock:
            self._expire()
            return next(
                (room for room in self._rooms.values() if secrets.compare_digest(room.key.encode(), key.encode())), None
            )

    def show(self, key: str, slide: Slide) -> None:
        """What the teacher shows now. Without a change nobody hears anything."""
        room = self.of(key)
        if room is None:
            return
        with self._lock:
            room.last_use = time.monotonic()
            self._rooms[room.code] = self._rooms.pop(room.code, room)
            if slide != room.slide:
                room.slide, room.revision = slide, room.revision + 1
                _wake(room)

    def close(self, key: str) -> None:
        """Ends a room."""
        room = self.of(key)
        with self._lock:
            if room is not None and room.code in self._rooms:
                self._end(room.code)

    def _expire(self) -> None:
        deadline = time.monotonic() - self.idle_seconds
        while self._rooms and next(iter(self._rooms.values())).last_use < deadline:
            self._end(next(iter(self._rooms)))

    def _end(self, code: str) -> None:
        room = self._rooms.pop(code)
        room.is_open = False
        _wake(room)


def _wake(room: Room) -> None:
    for loop, event in list(room.waiting):
        with suppress(RuntimeError):  # a loop that has ended
            loop.call_soon_threadsafe(event.set)


class Follow:
    """The WebSocket endpoint."""

    def __init__(self, rooms: Rooms, allowed_origins: Sequence[str] = ()):
        self.rooms, self.allowed_origins = rooms, tuple(allowed_origins)
        self.connections = 0

    async def serve(self, socket: WebSocket) -> None:
        if not origin_allowed(socket.headers, self.allowed_origins):
            return await socket.send_denial_response(PlainTextResponse(FOREIGN, 403))
        if self.connections >= FOLLOWERS:
            return await socket.send_denial_response(PlainTextResponse("Too many followers.", 503))
        self.connections += 1
        try:
            await socket.accept()
            await self._tell(socket, self.rooms.find(socket.query_params.get("room", "")))
        finally:
            self.connections -= 1

    async def _tell(self, socket: WebSocket, room: Room | None) -> None:
        """Sends each revision until the room or the connection ends."""

        async def read() -> None:
            await socket.receive()  # its end; who says anything is no client of ours
            raise WebSocketDisconnect

        async def write() -> None:
            revision = None
            while room is not None and room.is_open:
                news.clear()
                if room.revision != revision:
                    revision = room.revision
                    await send(revision)
                await news.wait()
            await send(None)
            raise WebSocketDisconnect

        async def send(revision: int | None) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await socket.send_text(json.dumps({"revision": revision}))

        news = asyncio.Event()
        listener = asyncio.get_running_loop(), news
        if room is not None:
            room.waiting.add(listener)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(read())
                tasks.create_task(write())
        except* (WebSocketDisconnect, TimeoutError):
            with suppress(Exception):  # it may be closed already
                await socket.close()
        finally:
            if room is not None:
                room.waiting.discard(listener)


rooms = Rooms()


def routes(base_path: str = "", allowed_origins: Sequence[str] = ()) -> list[BaseRoute]:
    """The route of /follow for `st.App`; `base_path` is Streamlit's `server.baseUrlPath`."""
    path = "/".join(["", *filter(None, base_path.split("/")), "follow"])
    return [WebSocketRoute(path, Follow(rooms, allowed_origins).serve)]
