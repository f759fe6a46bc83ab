"""The page of the digits in its states."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.digits.state import pack
from tests.apptest import control, fresh_copy, open_page
from tests.tiny import make_planes


@pytest.fixture(scope="module")
def planes(tmp_path_factory) -> Path:
    return make_planes(tmp_path_factory.mktemp("planes"))


@pytest.fixture
def folder(planes, tmp_path, monkeypatch) -> Path:
    return fresh_copy(planes, tmp_path, monkeypatch)


def digits(**query) -> AppTest:
    return open_page("digits", **query)


def test_both_planes_stand_side_by_side(folder):
    message = control(digits())
    assert [plane["title"] for plane in message["planes"]] == ["Autoencoder", "Variational autoencoder, β = 1"]
    assert all(plane["pictures"]["grid"].startswith("data:image/png") for plane in message["planes"])
    assert message["album"] is None and message["classes"] == list("0123456789")


def test_clothes_have_one_plane_and_no_judge(folder):
    message = control(digits(data="fashion", sure="1"))
    assert [plane["title"] for plane in message["planes"]] == ["Variational autoencoder"]
    assert message["planes"][0]["heat"] is None


def test_the_veil_and_a_drawing_come_with_a_link(folder):
    drawing = np.zeros((28, 28), np.uint8)
    drawing[4:24, 13:15] = 255
    message = control(digits(sure="1", drawing=pack(drawing), beta="4"))
    assert all(plane["heat"] and len(plane["drawn"]) == 2 for plane in message["planes"])
    assert message["drawing"] and "β = 4" in message["planes"][1]["title"]
    assert all(plane["pictures"]["copy"].startswith("data:image/png") for plane in message["planes"])


@pytest.mark.parametrize("query", [
    {"data": "faces"}, {"beta": "nan"}, {"columns": "999999999"}, {"view": "nan,inf,0"}, {"place": "1e9,0"},
    {"drawing": "x" * 5000}, {"junk": "![](http://example.org)"},
])  # fmt: skip
def test_a_hostile_link_shows_the_page(folder, query):
    assert len(control(digits(**query))["planes"]) == 2


@pytest.mark.parametrize("break_it, remedy", [
    (lambda folder: shutil.rmtree(folder / "ae-digits"), "python -m train ae_digits"),
    (lambda folder: (folder / "vae-digits" / "model.safetensors").write_bytes(b"junk"), "vae-digits"),
    (lambda folder: (folder / "ae-digits" / "atlas.npz").unlink(), "python -m train.atlas ae-digits"),
    (lambda folder: (folder / "ae-digits" / "atlas.npz").write_bytes(b"junk"), "python -m train.atlas ae-digits"),
    (lambda folder: shutil.rmtree(folder / "judge-digits"), "python -m train judge_digits"),
])  # fmt: skip
def test_what_is_missing_or_broken_names_its_remedy(folder, break_it, remedy):
    break_it(folder)
    app = digits(sure="1")
    text = " ".join([error.value for error in app.error] + [code.value for code in app.code]).replace("\\", "")
    assert app.error and remedy in text
