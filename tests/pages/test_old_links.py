"""Links that people saved before the pages moved still show what they showed: old_links.json holds one or more of each
page, with the pictures that its controls were sent (48 pixels wide, PNG) and the values that they stood at.

A seed is a draw from a model's prior, so a model with a new prior draws other pictures for it: then the pictures of its
links are recorded anew, and the values stay."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from tests.apptest import open_page

LINKS = json.loads(Path(__file__).with_name("old_links.json").read_text("utf-8"))
CLOSE = 1.5  # grey levels of 0 .. 255, on average: what another machine's arithmetic may change


@pytest.fixture(autouse=True)
def no_data(tmp_path, monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS", raising=False)
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))


@pytest.mark.parametrize("link", LINKS, ids=[f"{link['page']} {number}" for number, link in enumerate(LINKS)])
def test_old_link_shows_what_it_showed(link, monkeypatch):
    images = []
    if link["page"] == "novelty":  # it has no control, and its picture is its first image
        monkeypatch.setattr(st, "image", lambda image, **_: images.append({"picture": Image.fromarray(image)}))
    app = open_page(link["page"], **link["query"])
    messages = images[:1] or [json.loads(element.proto.json) for element in app.get("bidi_component")]
    assert len(messages) == len(link["controls"])
    for message, control in zip(messages, link["controls"], strict=True):
        compare(message, control)


def compare(message: dict, control: dict) -> None:
    """A control is sent the recorded pictures and stands at the recorded values; both are recorded by their place in
    the message, such as `planes.0.heat`."""
    for path, recorded in control["pictures"].items():
        difference = np.abs(small(at(message, path)) - small(recorded)).mean()
        assert difference < CLOSE, f"{path} differs by {difference:.1f} grey levels"
    assert {path: at(message, path) for path in control["state"]} == control["state"]


def at(message, path: str):
    """What lies at a place of a message: at(message, "planes.0.heat") is message["planes"][0]["heat"]."""
    for part in path.split("."):
        message = message[int(part) if isinstance(message, list) else part]
    return message


def small(picture: Image.Image | str) -> np.ndarray:
    """A picture, also as base64 of a PNG file or its address: shrunk to a width of 48 pixels, float (H, 48, 3)."""
    if isinstance(picture, str):
        picture = Image.open(io.BytesIO(base64.b64decode(picture.rpartition(",")[2])))
    size = 48, max(1, round(picture.height * 48 / picture.width))
    return np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX), float)
