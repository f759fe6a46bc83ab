"""GANs: Two networks play against each other; drag a whole grid of what the generator has learned to paint."""

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
from pages.gan import widgets
from pages.gan.state import COUNT, LIMIT, WHOLE, Samples, latents, middle, opening, scene

frame.head(
    _("GANs"),
    _(
        "**Drag the pictures: left and right is one direction of latent space, up and down another.** A *generator* "
        "paints them from random numbers. A *discriminator*, which has seen real pictures too, judges each one."
    ),
)

# Source: which model, and which grid of its samples
cards = registry.having("decode", "sample", "score", without=("classes",))
link = {"model": next(iter(cards), "gan-digits")} if st.query_params else opening(cards)
history = History("gan", Samples, **link)
history.write_link()
state = history.current
choices = frame.options()
if cards:
    with choices:
        widgets.model_choice(history, cards)
with frame.remedies():
    checkpoint = models.load(state.model, "decode", "sample", "score", "data", without=("classes",))
    directions, shares = models.directions(checkpoint, state.method, COUNT)
    reference = widgets.reference_values(checkpoint) if state.scores else None
if checkpoint.card.get("lesson"):
    widgets.warn(checkpoint.card["lesson"])
with choices:
    widgets.arrangement(history)
    widgets.more(history)

# Scene, controls and picture
basis = (checkpoint, state.scores, state.method, state.seed, state.plane, state.rows, state.pair)
grid = keep("gan scene", basis, lambda: scene(checkpoint.model, state, directions, reference))
x, y = state.dragged
arrows = {x: " ↔", y: " ↕"}
reach = (-state.columns, -state.rows) if state.plane else (LIMIT, LIMIT)  # a plane stays under the hand


def push(sliders):
    truncation, *moves = (round(value, 3) for value in sliders.values)
    history.push(truncation=truncation, moves=tuple(moves), **(state.around(*sliders.place) if sliders.place else {}))


slider_control(
    grid,
    [
        Slider("truncation", _("Truncation"), widgets.truncation_help(), neutral=WHOLE, low=0.0),
        *(
            Slider(
                str(number), _("Direction {number}").format(number=number + 1) + arrows.get(number, ""),
                _("{share} of what varies in the first layer").format(share=f"{share:.1%}"),
                widgets.methods()[state.method], low=-LIMIT, high=LIMIT,
            )
            for number, share in enumerate(shares.tolist())
        ),
    ],
    values=state.values,
    alt=_("{rows} rows of {columns} pictures that {model} makes, from seed {seed}").format(
        rows=state.rows, columns=state.columns, model=state.model, seed=state.seed
    ),
    key="gan control",
    lockable=False,
    drag=Drag(1 + x, 1 + y, *reach),
    on_release=push,
)  # fmt: skip
with st.container(horizontal=True, vertical_alignment="center"):
    st.button(_("Another"), icon=":material/casino:", on_click=lambda: history.push(seed=secrets.randbelow(SEEDS)))
    history.buttons()
    st.download_button(
        _("Picture"), lambda: encode(enlarge(grid(state.values), 2)), f"{state.model}.png", mime="image/png",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    latent = middle(checkpoint.model, state, directions)
    question = _("Is the middle one new?") if state.plane else _("Is the first one new?")
    navigation.offer_novelty(state.model, pack(latent), question)
    history.link()
st.caption(_("Click a picture to see what lies around it."))
widgets.challenge(checkpoint, cards)

# The slow parts, which follow when the hand lets go
frame.picture_first()
if checkpoint.model.is_critic:
    st.subheader(_("What the critic says"), anchor=False)
else:
    st.subheader(_("What the discriminator says"), anchor=False)
with frame.remedies(stop=False):
    figure, words = widgets.verdict(checkpoint, latents(checkpoint.model, state, directions))
    charts.plot(figure)
    st.caption(words)

frame.below("gan", checkpoint.card)
