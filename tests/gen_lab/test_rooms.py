"""Rooms: what a teacher shows reaches those who follow, once, and nobody else gets in."""

import json
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from gen_lab import rooms as module
from gen_lab.lessons import Slide
from gen_lab.rooms import LETTERS, Follow, Rooms, routes

A, B = Slide("faces", {"seed": "1"}), Slide("digits")


def test_a_class_finds_its_room_by_a_code_that_can_be_read_out():
    rooms = Rooms()
    room = rooms.open()
    assert len(room.code) == 5 and set(room.code) <= set(LETTERS)
    assert rooms.find(room.code.lower()) is room and rooms.of(room.key) is room
    assert rooms.find("") is None and rooms.of("é") is None and rooms.of(room.code) is None


def test_only_a_change_is_a_new_revision():
    rooms = Rooms()
    room = rooms.open()
    for slide in (A, A, B):
        rooms.show(room.key, slide)
    rooms.show("another", A)
    assert (room.slide, room.revision) == (B, 2)


def test_rooms_are_few_and_the_idle_one_makes_way():
    rooms = Rooms(limit=2)
    first, second = rooms.open(), rooms.open()
    rooms.show(first.key, A)
    third = rooms.open()
    assert not second.is_open and rooms.find(first.code) is first and rooms.find(third.code) is third


def test_rooms_expire_and_close():
    rooms = Rooms(idle_seconds=0.05)
    room = rooms.open()
    time.sleep(0.1)
    assert rooms.find(room.code) is None and not room.is_open
    room = rooms.open()
    rooms.close(room.key)
    assert rooms.of(room.key) is None
    rooms.close(room.key)


def test_the_route_lies_under_the_base_path():
    assert routes("/lab/")[0].path == "/lab/follow"


@pytest.fixture
def server():
    """(rooms, address) of the route on a real uvicorn as Streamlit configures it."""
    rooms = Rooms()
    app = Starlette(routes=[WebSocketRoute("/follow", Follow(rooms).serve)])
    options = {"ws": "websockets-sansio", "ws_per_message_deflate": False}
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", **options)
    uvicorn_server = uvicorn.Server(config)
    thread = threading.Thread(target=uvicorn_server.run, daemon=True)
    thread.start()
    wait_until(lambda: uvicorn_server.started)
    yield rooms, f"ws://127.0.0.1:{uvicorn_server.servers[0].sockets[0].getsockname()[1]}/follow?room="
    uvicorn_server.should_exit = True
    thread.join(10)


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_thirty_followers_hear_of_each_change_once_and_of_the_end(server):
    rooms, address = server
    room = rooms.open()
    followers = [connect(address + room.code) for _ in range(30)]
    for revision, slide in enumerate((None, A, B)):
        if slide:
            rooms.show(room.key, slide)
        assert [json.loads(each.recv(timeout=30)) for each in followers] == [{"revision": revision}] * 30
    assert len(room.waiting) == 30
    rooms.close(room.key)
    for each in followers:
        assert json.loads(each.recv(timeout=30)) == {"revision": None}
        with pytest.raises(ConnectionClosed):
            each.recv(timeout=30)
    wait_until(lambda: not room.waiting)


def test_who_leaves_or_talks_is_forgotten(server):
    rooms, address = server
    room = rooms.open()
    with connect(address + room.code) as quiet, connect(address + room.code) as talking:
        quiet.recv(timeout=30)
        talking.send("x" * 100_000)
        wait_until(lambda: len(room.waiting) == 1)
    wait_until(lambda: not room.waiting)


def test_no_room_says_so_and_hangs_up(server):
    with connect(server[1] + "XXXXX") as socket:
        assert json.loads(socket.recv(timeout=30)) == {"revision": None}


def test_a_foreign_page_and_too_many_are_refused(server, monkeypatch):
    with pytest.raises(InvalidStatus, match="403"):
        connect(server[1] + "XXXXX", origin="http://example.com")
    monkeypatch.setattr(module, "FOLLOWERS", 0)
    with pytest.raises(InvalidStatus, match="503"):
        connect(server[1] + "XXXXX")
