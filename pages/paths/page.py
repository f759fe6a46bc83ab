"""Paths: Walk from picture to picture through latent space, straight or on the sphere."""

import streamlit as st

from gen_lab import registry
from gen_lab.ui import charts, frame, models
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.controls.sliders import Slider, slider_control
from gen_lab.ui.history import History
from pages.paths import state, widgets

SPEED = (
    "Goes each path so that every second changes as much as any other, as the chart measures it. "
    "Without it, each keyframe is as far from the next on the slider, however much lies between them."
)

frame.head(
    "Paths",
    "**Drag the position: one picture becomes the next.** On the straight line between two latents, on the arc of a "
    "sphere, and, for contrast, without any model, as a cross-fade of pixels.",
)

# Source: which model, and which pictures
cards = registry.having("decode", "sample", without=("classes", "lesson"))
default = models.first(cards, "vae-faces")
history = History("paths", state.Route, model=default)
history.write_link()
if cards:
    models.choice(history, cards, keys=state.DEFAULT)
with frame.remedies():
    checkpoint = models.load(history.current.model, "decode", "sample", "data", without=("classes",))
with frame.remedies():
    keyframes = widgets.choose(history, checkpoint)
if keyframes is None:
    st.info("A path needs two pictures: add some.", icon=":material/add_photo_alternate:")
    st.stop()

# Scene, controls and picture
route = history.current
course = keep("paths course", (checkpoint, keyframes.numpy().tobytes()), lambda: state.course(checkpoint, keyframes))
if route.speed:
    uneven_steps = widgets.changes(checkpoint, course)
    course = keep("paths even", (course, uneven_steps.tobytes()), lambda: course.at_constant_speed(uneven_steps))
left, right = st.columns([6, 5], gap="large")
with left:
    slider_control(
        keep("paths scene", course, course.scene),
        [Slider("t", "Position")],
        values=[route.t],
        alt=f"Pictures at {route.t:.0%} of the way: straight line, arc, and cross-fade of two keyframes",
        key="paths control",
        lockable=False,
        stacked=True,
        labels=state.LABELS,
        seconds=widgets.SECONDS * (len(keyframes) - 1),
        on_release=lambda sliders: history.push(t=round(sliders.values[0], 3)),
    )

# The slow parts, which follow when the slider is let go
with right:
    with st.container(horizontal=True, vertical_alignment="center"):
        history.buttons()
        st.toggle("Constant speed", help=SPEED, **history.widget("speed"))
        history.link()
    st.subheader("Where the paths jump", anchor=False)
    steps = widgets.changes(checkpoint, course)
    charts.plot(widgets.chart(steps, route.t))
    judge = models.judge_for(checkpoint)
    features = "the features of the judge, a classifier of such pictures"
    measure = features if judge else "pixels, for this model has no judge"
    st.caption(
        f"How much each of {steps.shape[1]} equal steps of the position changes the picture, by {measure}. "
        + widgets.unevenness(steps)
    )
    st.subheader("Take it with you", anchor=False)
    downloads = st.container()

frame.below("paths", checkpoint.card)
with downloads:
    widgets.export(course, route.model)
