"""deploy/nginx.conf before two servers that only say who they are."""

import contextlib
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from bench import free_port
from tests.deploy.conftest import DEPLOY

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def replica(name: str, port: int):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(name.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture
def site(proxy):
    """Two replicas behind nginx; `site.start("one")` starts one, `site.stop("one")` stops it."""
    ports, running = {"one": free_port(), "two": free_port()}, {}
    with contextlib.ExitStack() as stack:

        def start(name):
            running[name] = stack.enter_context(contextlib.ExitStack())
            running[name].enter_context(replica(name, ports[name]))

        site = stack.enter_context(proxy(*(f"127.0.0.1:{port}" for port in ports.values())))
        site.start, site.stop = start, lambda name: running[name].close()
        start("one")
        start("two")
        yield site


def browser(site) -> httpx.Client:
    return httpx.Client(base_url=site.address, verify=site.tls)


def test_new_students_are_shared_out_evenly(site):
    assert sorted(browser(site).get("/").text for _ in range(10)) == ["one"] * 5 + ["two"] * 5


def test_a_student_stays_with_the_replica_that_the_cookie_names(site):
    for student in (browser(site), browser(site)):
        name = student.get("/").text
        assert student.cookies["replica"] == name
        assert {student.get("/").text for _ in range(6)} == {name}


def test_a_cookie_that_is_right_is_not_set_again(site):
    student = browser(site)
    student.get("/")
    assert "set-cookie" not in student.get("/").headers


def test_students_of_a_dead_replica_move_and_stay_when_it_is_back(site):
    student = browser(site)
    first = student.get("/").text
    other = {"one": "two", "two": "one"}[first]
    site.stop(first)
    assert student.get("/").text == other
    site.start(first)
    assert {student.get("/").text for _ in range(30)} == {other}


def test_plain_http_leads_to_https(site):
    answer = httpx.get(f"{site.plain}/faces?seed=7")
    assert (answer.status_code, answer.headers["location"]) == (308, "https://localhost/faces?seed=7")


def test_a_teachers_own_certificate_is_left_alone(tmp_path):
    (tmp_path / "certificate.pem").write_text("mine")
    subprocess.run([DEPLOY / "certificate.sh"], check=True, env={**os.environ, "CERTIFICATES": str(tmp_path)})
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("certificate.pem", "mine")]
