"""Faces: Take hold of a slider and a face changes while it moves."""

from dataclasses import replace

import numpy as np
import streamlit as st

from gen_lab.edits import Edit, scene, strip
from gen_lab.images import encode, enlarge, grid
from gen_lab.latent import METHODS, cosines
from gen_lab.metrics.judge import probabilities
from gen_lab.scenes import render
from gen_lab.ui import charts, frame, models, start
from gen_lab.ui.history import History
from gen_lab.ui.live_control import Slider, live_control

ANGLES = (
    "The cosine of the angle between every two directions. Far from zero, one slider takes the other along; "
    "lock the other to stop it."
)

frame.head(
    "Faces",
    "Take hold of a slider and a face changes **while it moves**. Every slider is a direction in the latent space of a "
    "variational autoencoder.",
)

# Source: which model, and which edit of which face
with frame.remedies():
    known = models.of_family("vae") or ["vae-faces"]
    default = "vae-faces" if "vae-faces" in known else known[0]
    history = History("faces", lambda: Edit.from_query(st.query_params.to_dict(), Edit(default)))
    edit = history.current
    checkpoint = models.load(edit.model)
    judge = models.load(checkpoint.card["judge"]).model
names = checkpoint.card["sliders"]
edit = edit.fitted(names)
history.write_link()


def change(**values):
    history.push(replace(history.current, **values))


with st.container(horizontal=True, vertical_alignment="bottom"):
    st.session_state["faces model"] = edit.model
    st.segmented_control(
        "Model", known, key="faces model", required=True, format_func=lambda name: name.partition("-")[2].capitalize(),
        on_change=lambda: change(model=st.session_state["faces model"], start="sample", group="", photo=""),
    )
    start.choose(history, checkpoint)

# Scene: kept while only slider values change, so that its token stays good
with frame.remedies():
    key = replace(edit, values={})
    if st.session_state.get("faces scene", (None,))[0] != key:
        st.session_state["faces scene"] = (key, scene(checkpoint, edit, names))
    shown = st.session_state["faces scene"][1]
values = [edit.values.get(name, 0.0) for name in names]


def released(state):
    moved = {name: round(value, 3) for name, value in zip(names, state.values, strict=True) if value}
    change(values=moved, locked=tuple(state.locked))


# Controls and picture
description = ", ".join(f"{charts.words(name)} {value:+g}" for name, value in edit.values.items()) or "unedited"
state = live_control(
    shown,
    [Slider(name, charts.words(name)) for name in names],
    values=values,
    locked=edit.locked,
    alt=f"A generated face, {description}",
    key="faces control",
    on_release=released,
)
toolbar = st.container(horizontal=True, vertical_alignment="center")
with toolbar:
    history.buttons()
    st.session_state["faces compare"] = edit.compare
    st.toggle("Before and after", key="faces compare", on_change=lambda: change(compare=st.session_state["faces compare"]))
    st.session_state["faces method"] = edit.method
    st.segmented_control(
        "Directions from", METHODS, key="faces method", required=True, label_visibility="collapsed", format_func=str.capitalize,
        on_change=lambda: change(method=st.session_state["faces method"]),
        help="How the directions were found: the difference of two groups' means, or the normal of a linear classifier.",
    )

# The slow parts, which follow when a slider is let go
concept = state.touched if state.touched in names else names[0]
plain = scene(checkpoint, replace(edit, compare=False), names)
row = strip(edit, names, concept)
start_picture, picture, *frames = render([(plain, each) for each in ([0.0] * len(names), values, *row.values())])
sheet = grid(np.stack([enlarge(frame, 2) for frame in frames]), columns=len(frames), gap=4)
with toolbar:
    export = {"mime": "image/png", "icon": ":material/download:", "on_click": "ignore"}
    st.download_button("Picture", encode(enlarge(picture, 8)), f"{edit.model}.png", **export)
    st.download_button("Strip", encode(sheet), f"{edit.model}-{concept}.png", **export)
    history.link()

left, right = st.columns([2, 3], gap="large")
with left:
    st.subheader("What the judge sees", anchor=False, help="A classifier trained on labelled faces looks at the picture.")
    before, after = probabilities(judge, np.stack([start_picture, picture])).numpy()
    columns = [judge.config.attribute_names.index(name) for name in names]
    asked = {name for name, value in edit.values.items() if value}
    st.plotly_chart(charts.meter(names, before[columns], after[columns], asked), config={"displayModeBar": False})
    unasked = charts.unasked(names, before[columns], after[columns], asked)
    st.markdown(f":orange[**Moved unasked:** {', '.join(unasked)}]" if unasked else "Nothing moved unasked.")
with right:
    st.subheader(f"{charts.words(concept)} from −3 to +3", anchor=False)
    st.image(sheet, width="stretch")
    st.subheader("How the sliders lie to each other", anchor=False, help=ANGLES)
    moves = checkpoint.directions.using(edit.method).locked(names, list(edit.locked))
    st.plotly_chart(charts.cosine_map(names, cosines(moves).numpy()), config={"displayModeBar": False})

frame.below("faces", checkpoint.card)
