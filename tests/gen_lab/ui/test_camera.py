"""Where the camera is offered."""

import pytest

from gen_lab.ui.pictures import is_secure


@pytest.mark.parametrize(
    "address", ["https://lab.example.org/faces", "http://localhost:8501/", "http://127.0.0.1:8501/"]
)
def test_browsers_lend_the_camera_under_https_and_on_this_machine(address):
    assert is_secure(address)


def test_browsers_lend_no_camera_to_plain_http_over_the_network():
    assert not is_secure("http://192.168.1.20:8501/faces")
