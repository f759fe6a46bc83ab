"""A page with a live control over a tiny decoder that needs no checkpoint: sliders for red, green and blue."""

import streamlit as st
import torch

from gen_lab.live import scenes
from gen_lab.scenes import edit
from gen_lab.ui.controls.sliders import Slider, SliderState, slider_control


class Colour(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor(1 / 3))

    def decode(self, z):
        return (z * self.scale)[:, :, None, None].expand(-1, -1, 16, 16)  # (B, 3) -> (B, 3, 16, 16)


@st.cache_resource
def model():
    return Colour().eval().requires_grad_(False)


st.set_page_config(page_title="slider", layout="wide")
state = st.session_state
state.setdefault("values", [0.0, 0.0, 0.0])
state.setdefault("locked", [])
state.setdefault("runs", 0)
state.setdefault("history", [])
state.runs += 1


def released(now: SliderState) -> None:
    state.history.append(state["values"])
    state["values"], state.locked = now.values, now.locked


def undo() -> None:
    if state.history:
        state["values"] = state.history.pop()


names = ["Red", "Green", "Blue"]
now = slider_control(
    edit(model(), torch.zeros(3), torch.eye(3)),
    [Slider(name, name, help=f"How {name.lower()} the picture is") for name in names],
    values=state["values"],
    locked=state.locked,
    alt="A square of one colour",
    key="colour",
    on_release=released,
)
st.button("Undo", on_click=undo)
st.text(f"values {now.values} locked {now.locked} touched {now.touched} runs {state.runs}")
st.text(f"scenes held: {len(scenes)}")
