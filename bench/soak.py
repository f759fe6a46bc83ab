"""Thirty users change pages, drag and reload for ten minutes, or for `--minutes`: does memory stay flat?

The users are `Student`s in a process of their own, over the protocol of Streamlit's pages and over /live: all that a
browser makes the server do, without thirty browsers. Each goes to another page, drags its first sliders, lets go, and
rests; one time in ten with a reload, which is a new session. Memory is the server's: in the first tenth of the time,
after a warm-up, and in the last. An error is a page that shows an exception, a drag without its picture, or a lost
connection.
"""

import asyncio
import json
import random
import statistics
import time

import httpx
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

from bench import ROOT, device_words, serving

USERS = 30
REST = 10.0  # seconds on a page, about
RELOADS = 0.1  # of a student's steps
FRAMES = 20  # of a drag
WARM_UP = 240.0  # seconds until most have seen most pages
SAMPLE = 5.0  # seconds between two looks at the memory
PATIENCE = 60.0  # seconds for a page or a picture


class Student:
    """A browser without a screen: it keeps cookies, opens pages, and drags the first row of sliders."""

    def __init__(self, address: str, **options):
        """`options` go to `httpx.AsyncClient`; its `verify` serves the sockets too."""
        self.http = httpx.AsyncClient(base_url=address, timeout=PATIENCE, **options)
        self.ssl = options.get("verify") if address.startswith("https") else None
        self.pages: dict[str, str] = {}  # address -> Streamlit's name of its script
        self.stream: ClientConnection | None = None
        self.live: ClientConnection | None = None
        self.frame = 0

    async def open(self, page: str, query: str = "") -> None:
        """Loads a page afresh, as by a link or a reload."""
        await self.leave()
        for path in (f"/{page}", "/_stcore/health"):  # the second one brings the cookie for uploads
            (await self.http.get(path)).raise_for_status()
        self.stream = await self._connect("/_stcore/stream", subprotocols=["streamlit"])
        await self._run(page_name=page, query_string=query)

    async def go(self, page: str) -> None:
        """Another page of the same session, as by the navigation."""
        await self._run(page_script_hash=self.pages[page])

    async def drag(self, values: list[float]) -> bytes:
        """The picture at these values, over /live. Raises `ValueError` if there is another answer."""
        if self.live is None:
            self.live = await self._connect("/live")
        self.frame += 1
        message = {"token": self.control["token"], "frame": self.frame, "values": values}
        await self.live.send(json.dumps(message))
        answer = await asyncio.wait_for(self.live.recv(), PATIENCE)
        if not isinstance(answer, bytes) or int.from_bytes(answer[:4], "little") != self.frame:
            raise ValueError(f"no picture: {answer!r}")
        return answer[4:]

    async def release(self, values: list[float]) -> None:
        """Lets go of the sliders at these values; the page follows."""
        state = {"values": values, "locked": [], "touched": None, "dragging": False, "at": time.time_ns() // 10**6}
        widget = WidgetState(id=self.control_id, json_value=json.dumps({"control": state}))
        await self._run(
            page_script_hash=self.pages[self.page],
            query_string=self.query,
            fragment_id=self.fragment,
            widget_states=WidgetStates(widgets=[widget]),
        )

    async def leave(self) -> None:
        for socket in (self.stream, self.live):
            if socket is not None:
                await socket.close()
        self.stream = self.live = None

    async def _connect(self, path: str, **options) -> ClientConnection:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)
        address = str(self.http.base_url.join(path)).replace("http", "ws", 1)
        return await connect(address, additional_headers={"Cookie": cookies}, ssl=self.ssl, max_size=None, **options)

    async def _run(self, **state) -> None:
        """Has the page's script run to its end. Raises `ValueError` if it shows an exception."""
        self.query = state.get("query_string", "")
        await self.stream.send(BackMsg(rerun_script=ClientState(**state)).SerializeToString())
        finished = None
        while finished != ForwardMsg.FINISHED_SUCCESSFULLY:
            message = ForwardMsg.FromString(await asyncio.wait_for(self.stream.recv(), PATIENCE))
            match message.WhichOneof("type"):
                case "new_session":
                    self.session = message.new_session.initialize.session_id
                    self.control, self.media = {}, []
                case "navigation":
                    self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
                    self.page = next(
                        name for name, script in self.pages.items() if script == message.navigation.page_script_hash
                    )
                case "page_info_changed":
                    self.query = message.page_info_changed.query_string
                case "delta":
                    self._see(message.delta)
                case "script_finished":
                    finished = message.script_finished

    def _see(self, delta) -> None:
        element = delta.new_element
        match element.WhichOneof("type"):
            case "exception":
                raise ValueError(f"{self.page}: {element.exception.type}: {element.exception.message}")
            case "download_button":
                self.media.append(element.download_button.url)
            case "bidi_component":
                data = json.loads(element.bidi_component.json or "{}")
                if "sliders" in data:
                    self.control, self.control_id, self.fragment = data, element.bidi_component.id, delta.fragment_id


async def visit(student: Student, page: str, afresh: bool, chance: random.Random) -> None:
    """Opens a page, drags its first sliders, and lets them go."""
    await (student.open(page) if afresh else student.go(page))
    if student.control:
        low, high = student.control["low"], student.control["high"]
        for _ in range(FRAMES):
            values = [chance.uniform(low, high) for _ in student.control["values"]]
            await student.drag(values)
        await student.release(values)


async def soak(address: str, server: psutil.Process, seconds: float, users: int = USERS) -> dict:
    """A class that changes pages for so long, after a warm-up in which every model is loaded."""
    loop = asyncio.get_running_loop()
    rss, visits, errors = [], 0, 0

    async def step(student: Student, page: str, afresh: bool, chance: random.Random) -> bool:
        nonlocal visits, errors
        visits += 1
        try:
            await visit(student, page, afresh, chance)
        except Exception as error:  # counted, whatever it is; the class goes on
            errors += 1
            print(f"{page or 'home'}: {error!r}", flush=True)
            return False
        return True

    async def lesson(number: int, pages: list[str], end: float) -> None:
        student, chance, afresh = Student(address), random.Random(number), True
        while loop.time() < end:
            fine = await step(student, chance.choice(pages), afresh, chance)
            afresh = not fine or chance.random() < RELOADS
            await asyncio.sleep(chance.uniform(0.5, 1.5) * REST)
        await student.leave()

    async def watch() -> None:
        while True:
            rss.append(server.memory_info().rss / 2**20)
            if len(rss) % 12 == 1:
                print(f"{rss[-1]:.0f} MB after {visits} visits, {errors} errors", flush=True)
            await asyncio.sleep(SAMPLE)

    first = Student(address)
    await first.open("")
    pages = sorted(first.pages)
    for page in pages:
        await step(first, page, False, random.Random())
    await first.leave()
    end = loop.time() + WARM_UP + seconds
    watching = asyncio.create_task(watch())
    await asyncio.gather(*(lesson(number, pages, end) for number in range(users)))
    watching.cancel()
    rss = rss[int(WARM_UP / SAMPLE) :]
    start, last = (statistics.median(part) for part in (rss[: len(rss) // 10 + 1], rss[-len(rss) // 10 :]))
    return {
        "users": users,
        "visits": visits,
        "errors": errors,
        "rss_mb_start": round(start),
        "rss_mb_end": round(last),
        "rss_mb_max": round(max(rss)),
        "growth_mb": round(last - start),
    }


def measure(minutes: float = 10.0) -> dict:
    with serving(ROOT / "app.py") as (address, process):
        outcome = asyncio.run(soak(address, psutil.Process(process.pid), 60 * minutes))
    return {"device": device_words(), "minutes": minutes, **outcome}
