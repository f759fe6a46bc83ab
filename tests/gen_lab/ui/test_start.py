"""What the server does while the first browser loads."""

import pytest

from gen_lab.ui import start


@pytest.mark.parametrize(("base", "path"), [("", "/live"), ("lab", "/lab/live"), ("/a/b/", "/a/b/live")])
def test_the_routes_follow_the_base_path(base, path):
    assert [route.path for route in start.routes(base)] == [path, path]
