"""Arithmetic: Take one picture away from another, add a third, and look at what comes out."""

import numpy as np
import streamlit as st

from gen_lab import registry
from gen_lab.device import decode
from gen_lab.images import encode, enlarge
from gen_lab.sources import pack
from gen_lab.ui import charts, frame, models, navigation
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.controls.sliders import Slider, slider_control
from gen_lab.ui.history import History
from pages.arithmetic import state, widgets

frame.head(
    "Arithmetic",
    "**A − B + C, with pictures.** Each is the mean of a few exemplars' latents; the difference of two is a direction, "
    "and it can be added to a third. The result stands in the middle, its neighbours around it.",
)

# Source: which model, which exemplars
cards = registry.having("decode", "sample", without=("classes", "lesson"))
default = models.first(cards, "vae-faces")
history = History("arithmetic", state.Sum, model=default)
choices = st.container(horizontal=True, vertical_alignment="bottom")
blank = dict.fromkeys((*state.TERMS, *(f"{term}_keys" for term in state.TERMS)), ())
if cards:
    models.choice(history, cards, choices, **blank)
with frame.remedies():
    checkpoint = models.load(history.current.model, "decode", "sample", "data", without=("classes",))
    pictures = widgets.gallery(checkpoint)
    widgets.begin(history, checkpoint, pictures)
history.write_link()
formula = history.current
with choices:
    widgets.presets(history, checkpoint, pictures)

left, right = st.columns([5, 6], gap="large")
with right:
    equation = st.container()
    widgets.change(history, checkpoint, pictures)
    toolbar = st.container(horizontal=True, vertical_alignment="center")
    with toolbar:
        history.buttons()
        history.link()
with frame.remedies():
    groups = state.terms(checkpoint, formula)

# Scene, controls and picture
contents = [group.numpy().tobytes() for group in groups]
scene = keep("arithmetic scene", (checkpoint, contents), lambda: state.scene(checkpoint, groups))
with left:
    slider_control(
        scene,
        [
            Slider("strength", "Difference", "How much of C − B is added to A", neutral=1.0),
            Slider("spread", "Neighbourhood", "How far the neighbours lie, in standard deviations", neutral=0.25),
        ],
        values=[formula.strength, formula.spread],
        alt="Nine pictures: {}, minus {}, plus {}, in the middle; neighbours around it".format(
            *(widgets.title(getattr(formula, term)) for term in state.TERMS)
        ),
        key="arithmetic control",
        lockable=False,
        stacked=True,
        on_release=lambda sliders: history.push(
            strength=round(sliders.values[0], 3), spread=round(sliders.values[1], 3)
        ),
    )

# The slow parts, which follow when a slider is let go
values = [formula.strength, formula.spread]
means, exemplars = state.term_pictures(checkpoint, groups)
result = state.neighbour(scene, values, formula.pick)
picture = decode(checkpoint.model, result[None])[0]
with equation:
    charts.show(widgets.equation(formula, means, exemplars), widgets.CSS)
with toolbar:
    save = {"mime": "image/png", "icon": ":material/download:", "on_click": "ignore"}
    st.download_button("Picture", lambda: encode(enlarge(scene(values), 4)), f"{formula.model}-arithmetic.png", **save)
with right:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Take one of the nine on", required=True, help="By rows; 5, in the middle, is A − B + C itself",
            **history.widget("pick", list(range(1, 10))),
        )  # fmt: skip
        if registry.offers(checkpoint.card, "sliders") and st.button("To the sliders", icon=":material/tune:"):
            unmoved = {"values": {}, "locked": (), "direction": ""}
            navigation.go("faces", model=formula.model, start="photo", photo=pack(result), **unmoved)
        navigation.offer_novelty(formula.model, pack(result))
        if st.button("To a path from A", icon=":material/timeline:"):
            keys = tuple("p" + pack(latent) for latent in (groups[0].mean(0), result))
            navigation.go("paths", model=formula.model, keys=keys)
    table = widgets.readings(checkpoint, formula, np.stack([*means, picture]))
    if table:
        st.markdown("**What the judge sees**", help="A classifier, trained on labelled pictures, looks at each.")
        st.table(table, border="horizontal")

frame.below("arithmetic", checkpoint.card)
