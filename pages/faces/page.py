"""Faces: Take hold of a slider and a face changes while it moves."""

import numpy as np
import streamlit as st

from gen_lab import registry
from gen_lab.images import encode, enlarge, grid
from gen_lab.latent import ESTIMATORS, cosines
from gen_lab.metrics.judge import probabilities
from gen_lab.scenes import Request, render
from gen_lab.sources import pack
from gen_lab.ui import charts, frame, models, navigation
from gen_lab.ui.controls.sliders import Slider, SliderState, slider_control
from gen_lab.ui.history import History
from pages.faces import widgets
from pages.faces.state import OWN, Edit, directions, latent_at, strip

JUDGE = "A classifier, trained on labelled faces and nothing else, looks at the picture."
ANGLES = (
    "The cosine of the angle between every two directions. Far from zero, one slider takes the other along; "
    "lock the other to stop it."
)
METHOD = "The difference of two groups' mean codes, or the normal of the plane with which a classifier separates them."

frame.head(
    "Faces",
    "**Drag a slider: the face changes while it moves.** Each slider is a direction in the latent space of a "
    "variational autoencoder. A lock holds its concept still while you move others; a double click resets one.",
)

# Source: which model, and which edit of which face
cards = registry.having("encode", "decode", "sliders", without=("classes",))
default = models.first(cards, "vae-faces")
history = History("faces", Edit, model=default)
history.write_link()
choices = frame.options()
if cards:
    choices.segmented_control(
        "Model", format_func=lambda name: name.partition("-")[2].capitalize(), required=True,
        **history.widget("model", list(cards), start="sample", group="", photo="", direction=""),
    )  # fmt: skip
with frame.remedies():
    checkpoint = models.load(history.current.model, "encode", "decode", "sliders", "data", without=("classes",))
    names = list(checkpoint.card["sliders"])
with choices:
    widgets.choose(history, checkpoint)

# Scene, controls and picture
attributes = names
if history.current.direction:
    names = [*names, OWN]
    reset = {"direction": "", "locked": tuple(name for name in history.current.locked if name != OWN)}
    choices.button("Without your direction", icon=":material/close:", on_click=history.push, kwargs=reset)
edit = history.current.fitted(names)
values = [edit.values.get(name, 0.0) for name in names]
with frame.remedies():
    moves = directions(checkpoint, edit)
    scene, plain = widgets.scenes(edit, checkpoint, names)


def push(state: SliderState) -> None:
    changes = {name: round(value, 3) for name, value in zip(names, state.values, strict=True) if value}
    history.push(values=changes, locked=tuple(state.locked))


description = ", ".join(f"{charts.words(name)} {value:+g}" for name, value in edit.values.items()) or "unedited"
state = slider_control(
    scene,
    [Slider(name, charts.words(name)) for name in names],
    values=values,
    locked=edit.locked,
    alt=f"A generated face, {description}",
    key="faces control",
    on_release=push,
)
toolbar = st.container(horizontal=True, vertical_alignment="center")
with toolbar:
    history.buttons()
    st.toggle("Before and after", **history.widget("compare"))

# The slow parts, which follow when a slider is let go
frame.picture_first()
concept = state.touched or next(iter(edit.values), names[0])
row = strip(edit, names, concept)
requests = [Request(plain, numbers) for numbers in ([0.0] * len(names), values, *row.values())]
start_picture, picture, *pictures = render(requests)
frames = {units: enlarge(frame, 3) for units, frame in zip(row, pictures, strict=True)}
sheet = grid(np.stack([*frames.values()]), columns=len(frames), gap=6)
with toolbar:
    export = {"mime": "image/png", "icon": ":material/download:", "on_click": "ignore"}
    st.download_button("Picture", lambda: encode(enlarge(picture, 8)), f"{edit.model}.png", **export)
    st.download_button("Strip", lambda: encode(sheet), f"{edit.model}-{concept}.png", **export)
    navigation.offer_novelty(edit.model, pack(latent_at(plain, values)))
    history.link()

st.subheader(f"{charts.words(concept)} from −3 to +3", anchor=False)
charts.show(widgets.strip(frames, concept))

left, right = st.columns(2, gap="large")
with left:
    st.subheader("What the judge sees", anchor=False, help=JUDGE)
    with frame.remedies(stop=False):
        judge, columns = models.judge_of(checkpoint.card, attributes)
        before, after = probabilities(judge, np.stack([start_picture, picture])).numpy()[:, columns]
        charts.show(widgets.meter(attributes, before, after, set(edit.values)), widgets.CSS)
with right:
    st.subheader("How the sliders lie to each other", anchor=False, help=ANGLES)
    st.segmented_control(
        "Directions from", format_func=str.capitalize, required=True, help=METHOD,
        **history.widget("method", ESTIMATORS),
    )  # fmt: skip
    similarities = cosines(moves.using(edit.method).locked(names, list(edit.locked))).numpy()
    charts.plot(widgets.cosine_map(names, similarities))
    st.caption(widgets.extremes(names, similarities))

frame.below("faces", checkpoint.card)
