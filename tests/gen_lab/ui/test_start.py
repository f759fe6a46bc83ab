"""What the server does while the first browser loads."""

import subprocess
import sys

import pytest

from gen_lab.ui import start


@pytest.mark.parametrize(("base", "path"), [("", "/live"), ("lab", "/lab/live"), ("/a/b/", "/a/b/live")])
def test_the_routes_follow_the_base_path(base, path):
    assert [route.path for route in start.routes(base)] == [path, path]


def test_the_server_begins_without_pytorch():
    names = "gen_lab.ui.start, gen_lab.ui.index, gen_lab.ui.navigation"
    code = f"import streamlit, sys, {names}; sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
