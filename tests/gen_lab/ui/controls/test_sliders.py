"""The live control without a browser: a page is complete before any script of it runs."""

import base64
import io
import json
import math

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from gen_lab.live import scenes
from gen_lab.scenes import edit
from gen_lab.ui.controls.sliders import _understand
from tests.apptest import heard


def data(app) -> dict:
    (control,) = app.get("bidi_component")
    return json.loads(control.proto.json)


def colour(app) -> list[int]:
    png = base64.b64decode(data(app)["picture"].partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(png)))[8, 8].tolist()


@pytest.fixture
def app(request):
    return AppTest.from_file(str(request.config.rootpath / "tests/apps/slider.py"), default_timeout=60)


def test_the_first_picture_is_drawn_by_the_script(app):
    app.run()
    assert not app.exception and colour(app) == [128, 128, 128]
    assert scenes.get(data(app)["token"]) is not None


def test_new_values_of_the_page_move_the_sliders(app):
    first = data(app.run())
    app.session_state["values"] = [3.0, 0.0, -3.0]
    then = data(app.run())
    assert colour(app) == [255, 128, 0] and then["values"] == [3.0, 0.0, -3.0]
    assert then["revision"] != first["revision"]
    assert data(app.run())["revision"] == then["revision"]  # no news: a drag goes on undisturbed


RIGHT = {"values": [1, -1.5], "locked": ["b", "unknown"], "touched": "a"}
WRONG = [
    {"values": [0.0, math.nan]},
    {"values": [0.0, 3.5]},
    {"values": [0.0, 10**400]},
    {"values": [0.0]},
    {"values": "text"},
    {"values": None},
    {"touched": "another"},
    {"touched": ["a"]},
    {"locked": None},
]


@pytest.mark.parametrize("message", [None, [], {}, *({**RIGHT, **wrong} for wrong in WRONG)])
def test_a_tampered_message_changes_nothing(message):
    scene = edit(torch.nn.Identity(), torch.zeros(2), torch.eye(2))

    def understand(message):
        return _understand(message, scene, ["a", "b"])

    assert heard(RIGHT, understand) == {"values": [1.0, -1.5], "locked": ["b"], "touched": "a", "place": None}
    assert heard(message, understand) is None
