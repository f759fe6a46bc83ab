"""Paths: Walk from picture to picture through latent space, straight or on the sphere."""

import streamlit as st

from gen_lab import registry
from gen_lab.ui import charts, frame, models
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.controls.sliders import Slider, slider_control
from gen_lab.ui.history import History
from pages.paths import state as paths
from pages.paths import widgets as path

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
history = History("paths", paths.Route, model=default)
history.write_link()
if cards:
    models.choice(history, cards, keys=paths.DEFAULT)
with frame.remedies():
    checkpoint = models.load(history.current.model, "decode", "sample", "data", without=("classes",))
with frame.remedies():
    keyframes = path.choose(history, checkpoint)
if keyframes is None:
    st.info("A path needs two pictures: add some.", icon=":material/add_photo_alternate:")
    st.stop()

# Scene, controls and picture
shown = history.current
course = keep("paths course", (checkpoint, keyframes.numpy().tobytes()), lambda: paths.course(checkpoint, keyframes))
if shown.speed:
    measured = path.changes(checkpoint, course)
    course = keep("paths even", (course, measured.tobytes()), lambda: course.at_constant_speed(measured))
left, right = st.columns([6, 5], gap="large")
with left:
    slider_control(
        keep("paths scene", course, course.scene),
        [Slider("t", "Position")],
        values=[shown.t],
        alt=f"Pictures at {shown.t:.0%} of the way: straight line, arc, and cross-fade of two keyframes",
        key="paths control",
        lockable=False,
        stacked=True,
        labels=paths.LABELS,
        seconds=path.SECONDS * (len(keyframes) - 1),
        on_release=lambda state: history.push(t=round(state.values[0], 3)),
    )

# The slow parts, which follow when the slider is let go
with right:
    with st.container(horizontal=True, vertical_alignment="center"):
        history.buttons()
        st.toggle("Constant speed", help=SPEED, **history.widget("speed"))
        history.link()
    st.subheader("Where the paths jump", anchor=False)
    steps = path.changes(checkpoint, course)
    charts.plot(path.chart(steps, shown.t))
    judge = models.judge_for(checkpoint)
    by = "the features of the judge, a classifier of such pictures" if judge else "pixels, for this model has no judge"
    st.caption(
        f"How much each of {steps.shape[1]} equal steps of the position changes the picture, by {by}. "
        + path.unevenness(steps)
    )
    st.subheader("Take it with you", anchor=False)
    downloads = st.container()

frame.below("paths", checkpoint.card)
with downloads:
    path.export(course, shown.model)
