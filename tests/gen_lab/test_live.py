"""The live path without a browser: the scene store, the batcher, and a real server among hostile clients."""

import base64
import io
import json
import socket
import struct
import threading
import time

import numpy as np
import pytest
import torch
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from gen_lab import live, tiles
from gen_lab.device import DeviceError
from gen_lab.images import grid, to_uint8
from gen_lab.scenes import Scene, edit


class Grey(torch.nn.Module):
    """decode(z) fills a picture with z; counts its forward passes, and waits for `gate`."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.passes = []
        self.gate = threading.Event()
        self.gate.set()

    def decode(self, z):
        self.passes.append(len(z))
        assert self.gate.wait(10)
        if bool((z > 2.5).any()):
            raise ArithmeticError("a model that fails")
        return (z * self.weight / 3)[:, :, None, None].expand(-1, 1, 8, 8)  # (B, 1) -> (B, 1, 8, 8)


@pytest.fixture
def model():
    return Grey().requires_grad_(False)


@pytest.fixture
def scene(model):
    return edit(model, torch.zeros(1), torch.ones(1, 1))


class Server:
    """The /live route on a real uvicorn as Streamlit configures it."""

    def __init__(self):
        self.store = live.SceneStore()
        self.live = live.Live(self.store, live.Batcher())
        app = Starlette(routes=[WebSocketRoute("/live", self.live.serve)])
        options = {"ws": "websockets-sansio", "ws_max_size": 200_000_000, "ws_per_message_deflate": False}
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", **options)
        self.uvicorn = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.uvicorn.run, daemon=True)
        self.thread.start()
        wait_until(lambda: self.uvicorn.started)
        self.port = self.uvicorn.servers[0].sockets[0].getsockname()[1]

    def connect(self, **options):
        return connect(f"ws://127.0.0.1:{self.port}/live", compression=None, **options)

    def handshake(self) -> socket.socket:
        """A bare TCP connection that has sent the WebSocket handshake and read nothing."""
        bare = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        bare.sendall(
            b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        return bare


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.uvicorn.should_exit = True
    server.thread.join(10)


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def message(token, value=1.0, frame=1):
    return json.dumps({"token": token, "frame": frame, "values": [value]})


def grey(answer: bytes) -> tuple[int, int]:
    """(frame, brightness) of an answer."""
    return struct.unpack("<I", answer[:4])[0], int(np.asarray(Image.open(io.BytesIO(answer[4:])))[4, 4])


def served(server, scene) -> bool:
    """Whether a newcomer gets a picture within two seconds."""
    with server.connect() as client:
        client.send(message(server.store.register(scene, "newcomer"), frame=7))
        return grey(client.recv(timeout=2))[0] == 7


# --- the store


def test_tokens_are_unguessable_and_scenes_end_with_their_owner(scene):
    store = live.SceneStore()
    tokens = [store.register(scene, owner) for owner in ("ann", "ann", "bob")]
    assert len(set(tokens)) == 3 and min(map(len, tokens)) >= 32
    store.release("ann")
    assert [store.get(token) for token in tokens] == [None, None, scene]


def test_the_store_is_bounded_in_all_and_per_owner(scene):
    store = live.SceneStore(limit=3, per_owner=2)
    first, second = store.register(scene, "ann"), store.register(scene, "ann")
    assert store.get(first) is scene  # used: now the second is the older one
    third = store.register(scene, "ann")
    assert [store.get(token) is not None for token in (first, second, third)] == [True, False, True]
    for owner in "bcdef":
        store.register(scene, owner)
    assert len(store) == 3


def test_an_owner_has_as_many_scenes_as_are_allowed(scene):
    store = live.SceneStore(per_owner=16)
    tokens = [store.register(scene, "ann") for _ in range(17)]
    assert [store.get(token) is not None for token in tokens] == [False] + [True] * 16


def test_idle_scenes_expire_and_used_ones_stay(scene, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    store = live.SceneStore(idle_seconds=100)
    used, idle = store.register(scene, "ann"), store.register(scene, "ann")
    clock[0] = 60
    assert store.get(used) is scene
    clock[0] = 120
    assert store.get(used) is scene and store.get(idle) is None and len(store) == 1


# --- the batcher


def test_all_that_waits_shares_one_forward_pass(scene, model):
    batcher = live.Batcher(limit=64)
    model.gate.clear()
    first = batcher.submit(scene, [0.0])
    wait_until(lambda: model.passes)
    rest = [batcher.submit(scene, [value / 10]) for value in range(10)]
    rest[3].cancel()
    model.gate.set()
    assert first.result(5) and all(future.result(5) for future in rest if not future.cancelled())
    assert model.passes == [1, 9]


def test_one_pass_is_bounded(scene, model):
    batcher = live.Batcher(limit=4)
    model.gate.clear()
    futures = [batcher.submit(scene, [0.0]) for _ in range(9)]
    model.gate.set()
    assert all(future.result(5) for future in futures) and max(model.passes) <= 4


def test_a_failing_scene_costs_only_itself(scene, model):
    batcher = live.Batcher()
    model.gate.clear()
    futures = [batcher.submit(scene, [value]) for value in (0.0, 1.0, 2.9, 2.0)]
    model.gate.set()
    with pytest.raises(ArithmeticError):
        futures[2].result(5)
    assert all(futures[index].result(5) for index in (0, 1, 3))
    assert batcher.submit(scene, [0.0]).result(5)


# --- the socket


def test_the_newest_value_wins(server, scene, model):
    token = server.store.register(scene, "ann")
    model.gate.clear()
    with server.connect() as client:
        client.send(message(token, -3.0, frame=0))
        wait_until(lambda: model.passes)
        for frame in range(1, 51):
            client.send(message(token, frame / 25, frame))
        time.sleep(0.2)
        model.gate.set()
        assert [grey(client.recv(timeout=5)) for _ in range(2)] == [(0, 0), (50, 213)]  # (2/3 + 1) * 127.5
        with pytest.raises(TimeoutError):
            client.recv(timeout=0.2)
    assert model.passes == [1, 1]


def test_scenes_of_one_connection_do_not_displace_each_other(server, scene, model):
    tokens = [server.store.register(scene, "ann") for _ in range(2)]
    model.gate.clear()
    with server.connect() as client:
        client.send(message(tokens[0], frame=0))
        wait_until(lambda: model.passes)
        client.send(message(tokens[0], frame=1))
        client.send(message(tokens[1], frame=2))
        time.sleep(0.1)
        model.gate.set()
        assert [grey(client.recv(timeout=5))[0] for _ in range(3)] == [0, 1, 2]


def test_an_unfinished_picture_says_so_and_is_finished_when_asked_for_again(server, model, monkeypatch):
    monkeypatch.setattr(tiles, "KEPT_SECONDS", -1.0)
    monkeypatch.setattr(server.live.batcher, "pace", tiles.Pace(0.0))

    def inputs(values):
        return values.expand(2, 1)

    scene = Scene(model, 1, -3, 3, inputs, lambda images, _: grid(to_uint8(images), 2))
    token = server.store.register(scene, "ann")
    states = []
    with server.connect() as client:
        for frame, value in enumerate((0.0, 1.0, 1.0)):
            content = {"token": token, "frame": frame, "values": [value], "unfinished": True}
            client.send(json.dumps(content))
            answer = client.recv(timeout=5)
            states.append(answer[4])
            pixels = np.asarray(Image.open(io.BytesIO(answer[5:])))
        assert states == [tiles.FINISHED, tiles.WAITING, tiles.FINISHED] and pixels[4, [4, 12]].tolist() == [170, 170]
        client.send(message(token, 2.0, frame=9))  # nothing said of unfinished pictures
        assert grey(client.recv(timeout=5)) == (9, 213)


def test_numbers_go_with_a_picture_where_the_browser_can_read_them(server, model):
    def compose(images, values):
        return to_uint8(images)[0], [values[0], 0.5]

    token = server.store.register(Scene(model, 1, -3, 3, lambda values: values[None], compose, numbers=2), "ann")
    with server.connect() as client:
        client.send(json.dumps({"token": token, "frame": 1, "values": [1.5], "unfinished": True}))
        answer = client.recv(timeout=5)
        assert struct.unpack("<IBBff", answer[:14]) == (1, tiles.FINISHED + live.WITH_NUMBERS, 2, 1.5, 0.5)
        assert Image.open(io.BytesIO(answer[14:])).size == (8, 8)
        client.send(message(token, 1.5, frame=2))  # one that does not say it knows of them
        assert grey(client.recv(timeout=5))[0] == 2


BAD = {
    "not JSON": ("{", "not JSON"),
    "not an object": ("[1, 2]", "object"),
    "nested too deeply": ("[" * 32_000, "not JSON"),
    "a number of too many digits": ('{"frame": ' + "9" * 10_000 + "}", "not JSON"),
    "too long": ("x" * 40_000, "too long"),
    "10 MB": ("x" * 10_000_000, "too long"),
    "binary": (b"\x00\xff", "send text"),
    "no frame": ('{"token": "TOKEN", "values": [0]}', "frame"),
    "a frame that is no number": ('{"token": "TOKEN", "frame": "1", "values": [0]}', "frame"),
    "a frame out of range": ('{"token": "TOKEN", "frame": -1, "values": [0]}', "frame"),
    "an unknown token": ('{"token": "guess", "frame": 1, "values": [0]}', "no longer held"),
    "a token that is no text": ('{"token": ["TOKEN"], "frame": 1, "values": [0]}', "no longer held"),
    "NaN": ('{"token": "TOKEN", "frame": 1, "values": [NaN]}', "between -3 and 3"),
    "infinity": ('{"token": "TOKEN", "frame": 1, "values": [Infinity]}', "between -3 and 3"),
    "too large": ('{"token": "TOKEN", "frame": 1, "values": [3.01]}', "between -3 and 3"),
    "larger than a float": ('{"token": "TOKEN", "frame": 1, "values": [1' + "0" * 400 + "]}", "between -3 and 3"),
    "too many values": ('{"token": "TOKEN", "frame": 1, "values": [0, 0]}', "list of 1 numbers"),
    "no values": ('{"token": "TOKEN", "frame": 1}', "list of 1 numbers"),
    "text for a value": ('{"token": "TOKEN", "frame": 1, "values": ["0"]}', "must be numbers"),
    "true for a value": ('{"token": "TOKEN", "frame": 1, "values": [true]}', "must be numbers"),
    "a drawing that nobody takes": ('{"token": "TOKEN", "frame": 1, "values": [0], "drawing": "AAAA"}', "no drawing"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_an_error_on_an_open_socket(server, scene, name):
    sent, expected = BAD[name]
    token = server.store.register(scene, "ann")
    with server.connect() as client:
        client.send(sent.replace("TOKEN", token) if isinstance(sent, str) else sent)
        answer = json.loads(client.recv(timeout=5))
        assert expected in answer["error"]
        assert answer.get("renew", False) == (expected == "no longer held")
        client.send(message(token, frame=9))
        assert grey(client.recv(timeout=5))[0] == 9


def drawing_scene(model, shape):
    """A scene that takes a drawing: as bright as its brightest pixel, plus the value."""

    def inputs(values, drawing):
        return (torch.from_numpy(drawing).max() / 85 + values)[None]

    return Scene(model, 1, -3, 3, inputs, lambda images, values: to_uint8(images)[0], drawing=shape)


def drawing_message(token, drawing, frame=1):
    return json.dumps({"token": token, "frame": frame, "values": [-3.0], "drawing": drawing})


def base64_of(pixels: np.ndarray) -> str:
    return base64.b64encode(pixels.tobytes()).decode()


@pytest.mark.parametrize("shape", [(28, 28), (64, 64, 1), (64, 64, 3)])
def test_a_drawing_goes_with_the_values(server, model, shape):
    drawing = np.zeros(shape, np.uint8)
    drawing[-1, -1] = 255
    with server.connect() as client:
        client.send(drawing_message(server.store.register(drawing_scene(model, shape), "ann"), base64_of(drawing), 4))
        assert grey(client.recv(timeout=5)) == (4, 128)  # 255 / 85 - 3 = 0


BAD_DRAWINGS = {
    "none": None,
    "a number": 7,
    "a list of pixels": [0, 0, 0],
    "no base64": "!" * 16,
    "half a byte too much": "AAAAA",
    "not ASCII": "ä" * 16,
    "half a character": "\ud800" * 16,
    "with line breaks": base64_of(np.zeros((2, 3), np.uint8))[:4] + "\n" + base64_of(np.zeros((2, 3), np.uint8))[4:],
    "nothing": "",
    "a pixel too few": base64_of(np.zeros(5, np.uint8)),
    "a pixel too many": base64_of(np.zeros(7, np.uint8)),
    "as large as a message may be": base64_of(np.zeros(24_000, np.uint8)),
}


@pytest.mark.parametrize("name", BAD_DRAWINGS)
def test_a_bad_drawing_gets_an_error_on_an_open_socket(server, model, name):
    token = server.store.register(drawing_scene(model, (2, 3)), "ann")
    with server.connect() as client:
        client.send(drawing_message(token, BAD_DRAWINGS[name], 3))
        answer = json.loads(client.recv(timeout=5))
        assert answer == {"frame": 3, "error": "drawing must be 2 x 3 bytes in base64"}
        client.send(drawing_message(token, base64_of(np.zeros((2, 3), np.uint8)), 4))
        assert grey(client.recv(timeout=5)) == (4, 0)


def test_a_failing_model_gives_an_error_and_no_inner_details(server, scene):
    token = server.store.register(scene, "ann")
    with server.connect() as client:
        client.send(message(token, 2.9, frame=3))
        assert json.loads(client.recv(timeout=5)) == {
            "frame": 3,
            "error": "the picture could not be drawn: the server's log says why",
        }
        client.send(message(token, 1.0, frame=4))
        assert grey(client.recv(timeout=5)) == (4, 170)


def test_a_gpu_that_fails_during_a_drag_says_what_to_do(server, model, scene, monkeypatch):
    def fail(*_):
        raise DeviceError("the GPU has failed: reload the page, and the model runs on the CPU")

    monkeypatch.setattr(model, "decode", fail)
    with server.connect() as client:
        client.send(message(server.store.register(scene, "ann"), frame=3))
        error = "the GPU has failed: reload the page, and the model runs on the CPU"
        assert json.loads(client.recv(timeout=5)) == {"frame": 3, "error": error}


def test_a_foreign_origin_is_refused(server):
    with pytest.raises(InvalidStatus) as refused, server.connect(origin="http://evil.example"):
        pass
    assert refused.value.response.status_code == 403
    assert "must keep the Host header" in refused.value.response.body.decode()
    with server.connect(origin=f"http://127.0.0.1:{server.port}"):
        pass


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"host": "a.org"}, True),
        ({"host": "a.org", "origin": "https://a.org"}, True),
        ({"host": "a.org:443", "origin": "https://a.org"}, True),
        ({"host": "a.org:8501", "origin": "http://a.org"}, False),
        ({"host": "127.0.0.1:8501", "x-forwarded-host": "A.org", "origin": "https://a.org"}, True),
        ({"host": "a.org", "origin": "https://a.org.evil.org"}, False),
        ({"host": "", "origin": "null"}, False),
        ({"host": "a.org", "origin": "http://[bad"}, False),
        ({"host": "a.org", "origin": "https://friend.org"}, True),
    ],
)
def test_origins(headers, allowed):
    assert live.origin_allowed(Headers(headers), ["https://friend.org"]) == allowed
    assert live.origin_allowed(Headers(headers), ["*"])


@pytest.mark.slow
def test_a_thousand_connections(server, scene):
    token = server.store.register(scene, "ann")
    with server.connect() as client:
        crowd = [server.handshake() for _ in range(1000)]
        statuses = [bare.recv(12).decode() for bare in crowd]
        assert statuses.count("HTTP/1.1 101") == live.CONNECTIONS - 1
        assert statuses.count("HTTP/1.1 503") == 1000 - live.CONNECTIONS + 1
        client.send(message(token, frame=5))
        assert grey(client.recv(timeout=2))[0] == 5
        for bare in crowd:
            bare.close()
    wait_until(lambda: server.live.connections == 0)
    assert served(server, scene)


def test_half_closed_sockets_do_not_leak(server, scene):
    half_closed = [server.handshake() for _ in range(20)]
    for bare in half_closed:
        bare.shutdown(socket.SHUT_WR)
    wait_until(lambda: server.live.connections == 0)
    assert served(server, scene)
    for bare in half_closed:
        bare.close()


def test_silent_sockets_are_closed(server, scene, monkeypatch):
    monkeypatch.setattr(live, "IDLE_SECONDS", 0.2)
    with server.connect() as client:
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=5)
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1000, "idle")
    wait_until(lambda: server.live.connections == 0)


def test_a_client_that_does_not_read_blocks_nobody(server, scene, model, monkeypatch):
    monkeypatch.setattr(live, "SEND_SECONDS", 0.5)
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), np.uint8)
    heavy = Scene(model, 1, -3, 3, lambda values: values[None], lambda images, values: noise)
    text = message(server.store.register(heavy, "mallory")).encode()
    frame = b"\x81\xfe" + struct.pack("!H", len(text)) + bytes(4) + text  # masked with zeros: the text itself
    with server.handshake() as bare:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deadline = time.monotonic() + 20
        while server.live.connections != 0 or time.monotonic() < deadline - 19.5:
            assert time.monotonic() < deadline
            try:
                bare.sendall(frame)
            except OSError:
                break
            time.sleep(0.005)
        wait_until(lambda: server.live.connections == 0)
    assert served(server, scene)


@pytest.mark.slow
def test_a_flood_of_one_client_leaves_the_others_their_pictures(server, scene):
    token, other = server.store.register(scene, "mallory"), server.store.register(scene, "ann")
    stop = threading.Event()

    def flood():
        with server.connect() as client:
            threading.Thread(target=lambda: [None for _ in client], daemon=True).start()
            while not stop.is_set():
                client.send(message(token))

    flooder = threading.Thread(target=flood, daemon=True)
    flooder.start()
    try:
        with server.connect() as client:
            for frame in range(20):
                client.send(message(other, frame=frame))
                assert grey(client.recv(timeout=2))[0] == frame
    finally:
        stop.set()
        flooder.join(10)


@pytest.mark.parametrize(("base", "path"), [("", "/live"), ("lab", "/lab/live"), ("/a/b/", "/a/b/live")])
def test_the_routes_follow_the_base_path(base, path):
    assert [route.path for route in live.routes(base)] == [path, path]
