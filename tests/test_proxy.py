"""Behind nginx, under a path of its own: with sockets upgraded, and with a proxy that does not let them through."""

import contextlib
import re

import pytest
from playwright.sync_api import expect

from bench import free_port, running
from tests.conftest import APPS
from tests.gen_lab.ui.controls.test_sliders_browser import DELAYED, drag, open_slider, wait_for_red

PREFIX = "/lab/one"
UPGRADE = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass {app}; proxy_set_header Host {host}; {upgrade} }}
    location {prefix}/live {{ proxy_pass {app}; proxy_set_header Host {host}; {live} }}
  }}
}}
"""


@pytest.fixture(scope="module")
def prefixed_app(serve):
    with serve(APPS / "app.py", base_path=PREFIX) as (address, _):
        yield address.removesuffix(PREFIX)


@pytest.fixture
def proxy(prefixed_app, tmp_path):
    """`with proxy(live) as address`: an nginx in front of the app, with these directives for /live and for the rest."""

    @contextlib.contextmanager
    def start(live: str, upgrade: str = UPGRADE, host: str = "$http_host"):
        port, configuration = free_port(), tmp_path / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=tmp_path, port=port, app=prefixed_app, prefix=PREFIX, upgrade=upgrade, live=live, host=host
            )
        )
        address = f"http://127.0.0.1:{port}{PREFIX}"
        with running(["nginx", "-p", tmp_path, "-c", configuration], f"{address}/_stcore/health"):
            yield address

    return start


def test_an_upgraded_socket_is_live(page, proxy):
    with proxy(UPGRADE) as address:
        slider = open_slider(page, address)
        drag(page, slider)
        wait_for_red(page, 200)
        assert "touched Red" not in page.content()
        page.mouse.up()
        expect(page.get_by_text("touched Red")).to_be_visible()


@pytest.mark.parametrize("live", ["return 403;", ""], ids=["refused", "not upgraded"])
def test_without_an_upgrade_the_control_falls_back_and_says_so(page, proxy, live):
    with proxy(live) as address:
        slider = open_slider(page, address, DELAYED)
        drag(page, slider, steps=30)
        wait_for_red(page, 200)
        assert "touched Red" not in page.content()
        page.mouse.up()
        expect(page.get_by_text("touched Red")).to_be_visible()


def test_where_the_proxy_changes_the_host_the_control_says_so(page, proxy):
    with proxy(UPGRADE, host="$host") as address:
        slider = open_slider(page, f"{address}/", re.compile(f"{DELAYED}. .*must keep the Host header"))
        drag(page, slider, steps=30)
        wait_for_red(page, 200)


def test_without_any_socket_the_page_says_what_it_needs(page, proxy):
    with proxy("", upgrade="") as address:
        page.goto(address)
        expect(page.get_by_role("alert")).to_contain_text("This page needs WebSockets")
