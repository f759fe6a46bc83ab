"""Faces: Take hold of a slider and a face changes while it moves."""

import numpy as np
import streamlit as st

from gen_lab import registry
from gen_lab.images import encode, enlarge, grid
from gen_lab.metrics.judge import probabilities
from gen_lab.scenes import Request, render
from gen_lab.sources import pack
from gen_lab.ui import charts, frame, models, navigation
from gen_lab.ui.controls.sliders import Slider, SliderState, slider_control
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.faces import widgets
from pages.faces.state import OWN, Edit, directions, latent_at, opening, strip

frame.head(
    _("Faces"),
    _(
        "**Drag a slider, and the face follows.** Each slider is a direction in latent space; its lock holds it still "
        "while you move others."
    ),
)

# Source: which model, and which edit of which face
cards = registry.having("decode", "sample", "sliders", without=("classes",))
default = models.first(cards, "vae-faces")
history = History("faces", Edit, opening(cards.get(default, {})), model=default)
history.write_link()
choices = frame.options()
if cards:
    choices.segmented_control(
        _("Model"), format_func=lambda name: widgets.title(cards[name]), required=True,
        **history.widget("model", list(cards), start="sample", group="", photo="", direction="", noise=0,
                         seed=lambda name: opening(cards[name]).get("seed", Edit.seed),
                         way=lambda name: opening(cards[name]).get("way", Edit.way)),
    )  # fmt: skip
with frame.remedies():
    checkpoint = models.load(history.current.model, "decode", "sample", "sliders", "data", without=("classes",))
    names, learned = list(checkpoint.card["sliders"]), None
with frame.remedies(stop=False):
    learned = models.learned(checkpoint)
with choices:
    widgets.way(history, learned)
    widgets.choose(history, checkpoint)

# Scene, controls and picture
attributes = names
if history.current.direction:
    names = [*names, OWN]
    reset = {"direction": "", "locked": tuple(name for name in history.current.locked if name != OWN)}
    choices.button(_("Without your direction"), icon=":material/close:", on_click=history.push, kwargs=reset)
edit = history.current.fitted(names)
values = [edit.values.get(name, 0.0) for name in names]
with frame.remedies():
    arrows = directions(checkpoint, edit)
    scene, plain, begin = widgets.scenes(edit, checkpoint, names, learned)


def push(state: SliderState) -> None:
    changes = {name: round(value, 3) for name, value in zip(names, state.values, strict=True) if value}
    history.push(values=changes, locked=tuple(state.locked))


moved = ", ".join(f"{charts.words(name)} {value:+g}" for name, value in edit.values.items())
state = slider_control(
    scene,
    [Slider(name, charts.words(name)) for name in names],
    values=values,
    locked=edit.locked,
    alt=_("A generated face: {edit}").format(edit=moved or _("unedited")),
    key="faces control",
    on_release=push,
    labels=widgets.labels(edit, begin),
    network=widgets.network(edit, checkpoint, names, begin, learned),
)
toolbar = st.container(horizontal=True, vertical_alignment="center")
with toolbar:
    history.buttons()
    st.toggle(_("Before and after"), **history.widget("compare"))
    if begin.mean is not None:
        widgets.draw(history)

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
    st.download_button(_("Picture"), lambda: encode(enlarge(picture, 8)), f"{edit.model}.png", **export)
    st.download_button(_("Strip"), lambda: encode(sheet), f"{edit.model}-{concept}.png", **export)
    navigation.offer_novelty(edit.model, pack(latent_at(plain, values)))
    history.link()

st.subheader(_("{concept} from −3 to +3").format(concept=charts.words(concept)), anchor=False)
charts.show(widgets.strip(frames, concept))

left, right = st.columns(2, gap="large")
with left:
    about = _("A classifier that was trained on labelled faces, and on nothing else, looks at the picture.")
    st.subheader(_("What the judge sees"), anchor=False, help=about)
    with frame.remedies(stop=False):
        judge, columns = models.judge_of(checkpoint.card, attributes)
        before, after = probabilities(judge, np.stack([start_picture, picture])).numpy()[:, columns]
        charts.show(widgets.meter(attributes, before, after, set(edit.values)), widgets.CSS)
with right:
    widgets.side_effects(checkpoint.card, concept)
    widgets.angles(history, arrows, names)

frame.below("faces", checkpoint.card)
