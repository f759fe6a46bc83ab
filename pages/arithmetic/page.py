"""Arithmetic: Take one picture away from another, add a third, and look at what comes out."""

import streamlit as st

from gen_lab import registry
from gen_lab.device import decode
from gen_lab.images import encode, enlarge
from gen_lab.sources import pack
from gen_lab.ui import charts, frame, models, navigation
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.controls.sliders import Slider, slider_control
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.arithmetic import state, widgets

frame.head(
    _("Arithmetic"),
    _("**A − B + C, with pictures.** Take the mean of a few faces, subtract another mean, add a third."),
)

# Source: which model, which exemplars
cards = registry.having("decode", "sample", without=("classes", "lesson"))
default = models.first(cards, "vae-faces")
history = History("arithmetic", state.Sum, model=default)
choices = frame.options()
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

# On a phone the result comes between the equation and the details
st.html(widgets.ROW)
with st.container(key="arithmetic row"):
    left, right = st.columns([6, 5], gap="medium")
equation = left.container(key="arithmetic equation", gap="small")
details = left.container(key="arithmetic details")
with equation:
    terms = st.container()
    widgets.change(history, checkpoint, pictures)
with frame.remedies():
    groups = state.terms(checkpoint, formula)
means, exemplars = state.term_pictures(checkpoint, groups)
with terms:
    charts.show(widgets.equation(formula, means, exemplars), widgets.CSS)

# Scene, controls and the result
contents = [group.numpy().tobytes() for group in groups]
scene = keep("arithmetic scene", (checkpoint, contents), lambda: state.scene(checkpoint, groups))
with right:
    slider_control(
        scene,
        [
            Slider("strength", _("Difference"), _("How much of C − B is added to A"), neutral=1.0),
            Slider("spread", _("Neighbourhood"), _("How far the neighbours lie, in standard deviations"), neutral=0.25),
        ],
        values=[formula.strength, formula.spread],
        alt=_("The result: {}, minus {}, plus {}, in the middle of nine pictures; neighbours around it").format(
            *(widgets.title(getattr(formula, term)) for term in state.TERMS)
        ),
        key="arithmetic control",
        lockable=False,
        stacked=True,
        on_release=lambda sliders: history.push(
            strength=round(sliders.values[0], 3), spread=round(sliders.values[1], 3)
        ),
    )

# What the judge says of it, and where to go from here
values = [formula.strength, formula.spread]
result = state.neighbour(scene, values, formula.pick)
with details:
    widgets.verdict(checkpoint, formula, means, decode(checkpoint.model, result[None])[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        widgets.pick(history)
        if registry.offers(checkpoint.card, "sliders") and st.button(_("Edit it"), icon=":material/tune:"):
            unmoved = {"values": {}, "locked": (), "direction": ""}
            navigation.go("faces", model=formula.model, start="photo", photo=pack(result), **unmoved)
        navigation.offer_novelty(formula.model, pack(result))
        if st.button(_("Path from A to it"), icon=":material/timeline:"):
            keys = tuple("p" + pack(latent) for latent in (groups[0].mean(0), result))
            navigation.go("paths", model=formula.model, keys=keys)
    with st.container(horizontal=True, vertical_alignment="center"):
        history.buttons()
        history.link()
        save = {"mime": "image/png", "icon": ":material/download:", "on_click": "ignore"}
        name = f"{formula.model}-arithmetic.png"
        st.download_button(_("Picture"), lambda: encode(enlarge(scene(values), 4)), name, **save)

frame.picture_first()
widgets.all_examples(history, checkpoint, pictures)
frame.below("arithmetic", checkpoint.card)
