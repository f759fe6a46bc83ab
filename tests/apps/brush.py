"""A page with a brush, whose drawing is the picture: 8 x 8 pixels in colour, over the live path."""

from pathlib import Path

import numpy as np
import streamlit as st
import torch

from gen_lab.images import enlarge
from gen_lab.scenes import Scene
from gen_lab.ui.controls.brush import pixels
from gen_lab.ui.controls.hand import control, keep
from gen_lab.ui.controls.modules import component

SHAPE = (8, 8, 3)


def scene() -> Scene:
    def inputs(values, drawing):
        return torch.from_numpy(np.array(drawing))[None]

    return Scene(None, 0, 0, 1, inputs, lambda drawing, values: enlarge(drawing[0].numpy(), 4), drawing=SHAPE)


def draw(hand) -> dict:
    return {"token": hand.tokens[0]}


def understand(message) -> dict:
    return {"drawing": pixels(message["drawing"], SHAPE)}


def released(changes) -> None:
    st.session_state["drawing"] = changes["drawing"]


st.set_page_config(page_title="brush", layout="wide")
drawing = st.session_state.setdefault("drawing", np.zeros(SHAPE, np.uint8))
brush = component("brush", Path(__file__).parent, "brush")
control(brush, {}, draw, understand=understand, on_release=released, key="brush", scenes=[keep("scene", None, scene)])
st.text(f"red {int((drawing[..., 0] > 127).sum())} of 64, green {int((drawing[..., 1] > 127).sum())}")
