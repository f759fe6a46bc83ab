"""Paths: Walk from picture to picture through latent space, straight or on the sphere."""

import streamlit as st

from gen_lab import registry
from gen_lab.sources import opening
from gen_lab.ui import frame, models
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.paths import state, widgets
from pages.paths.control import path_control

frame.head(
    _("Paths"),
    _(
        "**Drag the position, and one picture becomes the next**: in a straight line, along an arc, or as a mere "
        "cross-fade of pixels."
    ),
)

# Source: which model, and which pictures
cards = registry.having("decode", "sample", without=("classes", "lesson"))
default = models.first(cards, "vae-faces")
history = History("paths", state.Route, opening(cards.get(default, {}), "keys"), model=default)
history.write_link()
with frame.options():
    if cards:
        models.choice(history, cards, keys=lambda name: opening(cards[name], "keys").get("keys", state.DEFAULT))
with frame.remedies():
    checkpoint = models.load(history.current.model, "decode", "sample", "data", without=("classes",))
stage = st.container()
with frame.remedies():
    keyframes = widgets.choose(history, checkpoint)
if keyframes is None:
    st.info(_("A path needs two pictures: add some."), icon=":material/add_photo_alternate:")
    st.stop()

# Scene, control and picture
route = history.current
course = keep("paths course", (checkpoint, keyframes.numpy().tobytes()), lambda: state.course(checkpoint, keyframes))
if route.speed:
    uneven_steps = widgets.changes(checkpoint, course)
    course = keep("paths even", (course, uneven_steps.tobytes()), lambda: course.at_constant_speed(uneven_steps))
measured, steps = st.session_state.get("paths steps", (None, None))
is_measured = measured is course
with stage:
    path_control(
        keep("paths scene", course, course.scene),
        steps if is_measured else None,
        t=route.t,
        legs=len(keyframes) - 1,
        names=widgets.names(),
        labels=widgets.labels(),
        seconds=widgets.SECONDS * (len(keyframes) - 1),
        alt=_("Pictures at {share} of the way: straight line, arc, and cross-fade of two keyframes").format(
            share=f"{route.t:.0%}"
        ),
        key="paths control",
        on_release=lambda t: history.push(t=round(t, 3)),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        history.buttons()
        st.toggle(_("Constant speed"), help=widgets.about_speed(), **history.widget("speed"))
        history.link()

# The slow parts, which follow when the slider is let go
if not is_measured:
    frame.picture_first()
    st.session_state["paths steps"] = (course, widgets.changes(checkpoint, course))
    st.rerun()  # the chart stands beside the picture
st.caption(widgets.verdict(steps, has_judge=models.judge_for(checkpoint) is not None))
st.subheader(_("Take it with you"), anchor=False)
downloads = st.container()

frame.below("paths", checkpoint.card)
with downloads:
    widgets.export(course, route.model)
