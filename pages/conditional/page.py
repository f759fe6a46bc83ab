"""Conditional: The same random numbers under every label, side by side; a slider mixes two labels."""

import streamlit as st

from gen_lab import registry
from gen_lab.images import encode, enlarge
from gen_lab.links import SEEDS
from gen_lab.sources import pack
from gen_lab.ui import charts, frame, models, navigation
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.controls.sliders import Drag, Slider, slider_control
from gen_lab.ui.history import History
from pages.conditional.state import COUNT, DRAGGED, LIMIT, ROWS, Conditional, latents, scene
from pages.conditional.widgets import CSS, accuracy, judgements, mixture_chart, readings

ARROWS = dict(zip(DRAGGED, (" ↔", " ↕"), strict=True))
DIRECTIONS = (
    "Along which directions of the latent does the generator's first layer answer most? (Shen and Zhou 2021, SeFa)"
)
WHOLE = "0: all of the one label, 1: all of the other"
JUDGE = "A classifier, trained on labelled pictures and nothing else, looks at each picture of the grid."

frame.head(
    "Conditional",
    "**Each row is one latent under every label. Drag the pictures: the latents move, the labels stay.** A conditional "
    "GAN is told what to paint; the random numbers decide the rest. The last column mixes two labels.",
)

# Source: which model, which latents
cards = registry.having("decode", "sample", "score", "classes")
default = next(iter(cards), "cgan-digits")
history = History("conditional", Conditional, model=default)
history.write_link()
state = history.current
choices = st.container(horizontal=True, vertical_alignment="bottom")
if cards:
    initial = {"moves": Conditional.moves, "a": 0, "b": 1}
    choices.segmented_control("Model", required=True, **history.widget("model", list(cards), **initial))
with frame.remedies():
    checkpoint = models.load(state.model, "decode", "sample", "score", "classes", "data")
    model, classes = checkpoint.model, checkpoint.model.classes
    directions, shares = models.directions(checkpoint, "sefa", COUNT)
a, b = state.pair(len(classes))
with choices:
    st.number_input("Seed", 0, SEEDS - 1, width=140, **history.widget("seed"))
    st.select_slider("Rows", width=140, **history.widget("rows", list(range(ROWS[0], ROWS[1] + 1))))
    if len(classes) > 2:
        numbers = list(range(len(classes)))
        for title, end in (("Mix from", "a"), ("to", "b")):
            st.selectbox(title, format_func=classes.__getitem__, width=110, **history.widget(end, numbers))

# Scene, controls and picture
basis = (model, state.seed, state.rows, a, b)
grid = keep("conditional scene", basis, lambda: scene(model, state, directions))
names = [charts.words(name) for name in classes]


def push(sliders):
    mix, *moves = (round(value, 3) for value in sliders.values)
    history.push(mix=mix, moves=tuple(moves))


slider_control(
    grid,
    [
        Slider("mix", names[1] if len(classes) == 2 else f"{names[a]} → {names[b]}", WHOLE, "Mixture of labels",
               neutral=0.5, low=0.0, high=1.0),
        *(
            Slider(str(number), f"Direction {number + 1}{ARROWS.get(number, '')}",
                   f"{share:.1%} of what varies in the first layer. {DIRECTIONS}", "Latent")
            for number, share in enumerate(shares.tolist())
        ),
    ],
    values=state.values,
    alt=f"{state.rows} latents of {state.model}, each under the labels {', '.join(names)}, and under a mixture",
    key="conditional control",
    lockable=False,
    labels=[(name, column / (len(names) + 1), 0.0) for column, name in enumerate([*names, "Mix"])],
    wide=len(names) > 4,
    drag=Drag(1 + DRAGGED[0], 1 + DRAGGED[1], LIMIT, LIMIT),
    on_release=push,
)  # fmt: skip
with st.container(horizontal=True, vertical_alignment="center"):
    history.buttons()
    st.download_button(
        "Picture", lambda: encode(enlarge(grid(state.values), 2)), f"{state.model}.png", mime="image/png",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    first = latents(model, state, directions)[0]
    navigation.offer_novelty(state.model, pack(first), f"Is the first “{names[a]}” new?", classes[a])
    history.link()

# The slow parts, which follow when the hand lets go
st.subheader("What the judge sees", anchor=False, help=JUDGE)
st.markdown(accuracy(checkpoint.card))
with frame.remedies(stop=False):
    judge, _ = models.judge_of(checkpoint.card, [])
    probabilities, transition = judgements(checkpoint, judge, state, directions)
    left, right = st.columns([6, 5], gap="large")
    with left:
        charts.show(readings(classes, probabilities), CSS)
    with right:
        charts.plot(mixture_chart(classes, (a, b), transition, state.mix))
        st.caption("The same latents on the way from one label to the other; thick: their mean.")

frame.below("conditional", checkpoint.card)
