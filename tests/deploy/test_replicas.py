"""A class of sixty on two replicas behind nginx, until one replica dies."""

import asyncio
import json
import re
from collections import Counter
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bench import ROOT
from bench.soak import Student
from tests import browsing

pytestmark = pytest.mark.slow
STUDENTS = 60


@pytest.fixture
def replicas(serve, tiny_checkpoints, tmp_path, proxy):
    """The two, behind nginx: `.site` as of `proxy`, and by name their `.hosts` and `.processes`."""
    env = {"GEN_LAB_CHECKPOINTS": str(tiny_checkpoints), "GEN_LAB_DATA": str(tmp_path), "OMP_NUM_THREADS": "1"}
    with serve(ROOT / "app.py", env=env) as (one, first), serve(ROOT / "app.py", env=env) as (two, second):
        hosts = {"one": one.removeprefix("http://"), "two": two.removeprefix("http://")}
        with proxy(*hosts.values()) as front:
            yield SimpleNamespace(site=front, hosts=hosts, processes={"one": first, "two": second})


async def knows(host: str, student: Student) -> bool:
    """Whether a replica, asked without nginx, draws the student's picture."""
    async with connect(f"ws://{host}/live") as socket:
        values = student.control["values"]
        await socket.send(json.dumps({"token": student.control["token"], "frame": 1, "values": values}))
        return isinstance(await socket.recv(), bytes)


async def upload(student: Student) -> int:
    """The answer to a photo that is sent as Streamlit's page does it."""
    answer = await student.http.put(
        f"/_stcore/upload_file/{student.session}/photo",
        files={"photo": b"\0" * 1_000_000},
        headers={"X-Xsrftoken": student.http.cookies["_streamlit_xsrf"]},
    )
    return answer.status_code


async def drag(student: Student, frames: int = 10) -> None:
    for frame in range(frames):
        assert (await student.drag([frame / frames] * len(student.control["values"]))).startswith(b"\xff\xd8")  # a JPEG


def test_sixty_students_share_two_replicas_and_go_on_when_one_dies(replicas):
    async def lesson():
        students = [Student(replicas.site.address, verify=replicas.site.tls) for _ in range(STUDENTS)]
        queries = [f"model=vae-faces&seed={seed}&Smiling={seed / 30}" for seed in range(STUDENTS)]

        # Half of them on each replica, and nothing of theirs comes to the wrong one
        await asyncio.gather(*(student.open("faces", query) for student, query in zip(students, queries, strict=True)))
        await asyncio.gather(*map(drag, students))
        seats = [student.http.cookies["replica"] for student in students]
        assert Counter(seats) == {"one": STUDENTS / 2, "two": STUDENTS / 2}
        for name, host in replicas.hosts.items():
            assert await asyncio.gather(*(knows(host, student) for student in students)) == [
                seat == name for seat in seats
            ]
        files = await asyncio.gather(*(student.http.get(student.media[0]) for student in students))
        assert {answer.status_code for answer in files} == {200}
        assert set(await asyncio.gather(*map(upload, students))) == {204}

        # One dies: the others notice nothing, its own go on after a reload
        replicas.processes["one"].kill()
        replicas.processes["one"].wait()
        orphans = [student for student, seat in zip(students, seats, strict=True) if seat == "one"]
        await asyncio.gather(*(drag(student) for student in students if student not in orphans))
        values = [student.control["values"] for student in orphans]
        for student in orphans:
            with pytest.raises(ConnectionClosed):
                await student.drag(student.control["values"])
        await asyncio.gather(*(student.open("faces", student.query) for student in orphans))
        await asyncio.gather(*map(drag, orphans))
        assert [student.control["values"] for student in orphans] == values
        assert {student.http.cookies["replica"] for student in students} == {"two"}
        assert set(await asyncio.gather(*map(upload, students))) == {204}
        for student in students:
            await student.leave()

    browsing.run(lesson())


def test_a_page_in_a_browser_goes_on_by_itself_and_after_a_reload(replicas, browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{replicas.site.address}/faces")
    expect(page.locator(".status")).to_have_text("Live")
    slider = page.get_by_role("slider", name="Smiling")

    def edit(share: float) -> str:
        """The slider's value after a drag by this share of its width, which the link has followed."""
        browsing.drag(page, slider, share)
        page.mouse.up()
        value = slider.input_value()
        expect(page).to_have_url(re.compile(f"Smiling={float(value):g}(&|$)"))
        return value

    def seat() -> str:
        return next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "replica")

    value, first = edit(0.4), seat()
    replicas.processes[first].kill()
    browsing.wait_until(page, lambda: seat() != first, "the page found the other replica")
    expect(page.locator(".status")).to_have_text("Live")
    assert slider.input_value() == value
    value = edit(-0.3)
    page.reload()
    expect(page.locator(".status")).to_have_text("Live")
    assert slider.input_value() == value
    context.close()
