"""Conditional: The same random numbers under every label, side by side; a slider mixes two labels."""

import secrets

import streamlit as st

from gen_lab import registry
from gen_lab.images import encode, enlarge
from gen_lab.links import SEEDS
from gen_lab.sources import pack
from gen_lab.ui import charts, frame, models, navigation
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.controls.sliders import Drag, Slider, slider_control
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.conditional.state import COUNT, DRAGGED, LIMIT, ROWS, Conditional, latents, opening, scene
from pages.conditional.widgets import CSS, accuracy, judgements, mixture_chart, readings

ARROWS = dict(zip(DRAGGED, (" ↔", " ↕"), strict=True))
FEW = 4  # classes that fit beside the sliders

frame.head(
    _("Conditional"),
    _(
        "**Each row is one set of random numbers, drawn under every label. Drag the pictures: the numbers move, the "
        "labels stay.** A conditional GAN is told what to draw; the last column asks for two labels at once."
    ),
)

# Source: which model, which latents
cards = registry.having("decode", "sample", "score", "classes")
link = {"model": next(iter(cards), "cgan-digits")} if st.query_params else opening(cards)
history = History("conditional", Conditional, **link)
history.write_link()
state = history.current
choices = frame.options()
if cards:
    initial = {"moves": Conditional.moves, "a": 0, "b": 1}
    choices.segmented_control(_("Model"), required=True, **history.widget("model", list(cards), **initial))
with frame.remedies():
    checkpoint = models.load(state.model, "decode", "sample", "score", "classes", "data")
    model, classes = checkpoint.model, checkpoint.model.classes
    directions, shares = models.directions(checkpoint, "sefa", COUNT)
a, b = state.pair(len(classes))
names = [charts.words(name) for name in classes]
with choices:
    if len(classes) > 2:
        numbers = list(range(len(classes)))
        for title, end in ((_("Mix from"), "a"), (_("to"), "b")):
            st.selectbox(title, format_func=names.__getitem__, width=110, **history.widget(end, numbers))
    st.select_slider(_("Rows"), width=140, **history.widget("rows", list(range(ROWS[0], ROWS[1] + 1))))
    with st.popover(_("More"), icon=":material/tune:"):
        st.number_input(_("Seed"), 0, SEEDS - 1, **history.widget("seed"))

# Scene, controls and picture
mixed = _("Mix") if len(classes) == 2 else f"{names[a]}→{names[b]}"
basis = (model, state.seed, state.rows, a, b)
grid = keep("conditional scene", basis, lambda: scene(model, state, directions))


def push(sliders):
    mix, *moves = (round(value, 3) for value in sliders.values)
    history.push(mix=mix, moves=tuple(moves))


slider_control(
    grid,
    [
        Slider(
            "mix", names[1] if len(classes) == 2 else f"{names[a]} → {names[b]}",
            _("0: all of the one label, 1: all of the other"), _("Mixture of labels"), neutral=0.5, low=0.0, high=1.0,
        ),
        *(
            Slider(
                str(number), _("Direction {number}").format(number=number + 1) + ARROWS.get(number, ""),
                _("{share} of what varies in the first layer").format(share=f"{share:.1%}"), _("Random numbers"),
            )
            for number, share in enumerate(shares.tolist())
        ),
    ],
    values=state.values,
    alt=_("{rows} latents of {model}, each under the labels {names}, and under a mixture").format(
        rows=state.rows, model=state.model, names=", ".join(names)
    ),
    key="conditional control",
    lockable=False,
    labels=[(name, column / (len(names) + 1), 0.0) for column, name in enumerate([*names, mixed])],
    wide=len(names) > FEW,
    drag=Drag(1 + DRAGGED[0], 1 + DRAGGED[1], LIMIT, LIMIT),
    on_release=push,
)  # fmt: skip
with st.container(horizontal=True, vertical_alignment="center"):
    dice = {"icon": ":material/casino:", "key": "conditional another"}
    st.button(_("Another"), on_click=lambda: history.push(seed=secrets.randbelow(SEEDS)), **dice)
    history.buttons()
    st.download_button(
        _("Picture"), lambda: encode(enlarge(grid(state.values), 2)), f"{state.model}.png", mime="image/png",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    first = latents(model, state, directions)[0]
    question = _("Is the first “{name}” new?").format(name=names[a])
    navigation.offer_novelty(state.model, pack(first), question, classes[a])
    history.link()

# The slow parts, which follow when the hand lets go
frame.picture_first()
judge_help = _("A classifier, trained on labelled pictures and nothing else, looks at each picture of the grid.")
st.subheader(_("What the judge sees"), anchor=False, help=judge_help)
with frame.remedies(stop=False):
    judge, _judged = models.judge_of(checkpoint.card, [])
    probabilities, transition = judgements(checkpoint, judge, state, directions)
    left, right = st.columns(2, gap="large")
    with left:
        charts.plot(mixture_chart(classes, (a, b), transition, state.mix))
        st.caption(_("From one label to the other: a thin line for each row, a thick one for their mean."))
    with right:
        charts.show(readings(classes, probabilities), CSS)
        st.caption(accuracy(checkpoint.card))

frame.below("conditional", checkpoint.card)
