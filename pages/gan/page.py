"""GANs: Two networks play against each other; drag a whole grid of what the generator has learned to paint."""

import streamlit as st

from gen_lab import registry
from gen_lab.images import encode, enlarge
from gen_lab.latent.principal import FACTORISATIONS
from gen_lab.links import SEEDS
from gen_lab.sources import pack
from gen_lab.ui import charts, frame, models, navigation
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.controls.sliders import Drag, Slider, slider_control
from gen_lab.ui.history import History
from pages.gan.state import COUNT, LIMIT, ROWS, WHOLE, Samples, latents, middle, scene
from pages.gan.widgets import reference_values, verdict

ARRANGEMENTS = {False: "Many samples", True: "Around one"}
PAIRS = ("1 and 2", "3 and 4", "5 and 6")
TRUNCATION = "No number of a latent lies further from zero than this. Less: less varied. 4 is as good as none."
DIRECTIONS = (
    "Along which directions does the generator's first layer answer most? By principal components of its activations "
    "(Härkönen et al. 2020, GANSpace), or of its weights alone (Shen and Zhou 2021, SeFa)."
)
BAR = (
    "The bar under each picture. A discriminator: its probability that the picture is real, the tick is 50%. "
    "A critic: its rank among random samples."
)

frame.head(
    "GANs",
    "**Drag the pictures: left and right is one direction of latent space, up and down another.** A *generator* paints "
    "them from random numbers; a *discriminator*, which saw real pictures as well, says under each how real it looks.",
)

# Source: which model, and which grid of its samples
cards = registry.having("decode", "sample", "score", without=("classes",))
history = History("gan", Samples, model=next(iter(cards), "gan-digits"))
history.write_link()
state = history.current
choices = st.container(horizontal=True, vertical_alignment="bottom")
if cards:
    initial = {"moves": Samples.moves, "truncation": WHOLE, "plane": False}
    titles = {name: f"{name}: a failure" if card.get("lesson") else name for name, card in cards.items()}
    choices.selectbox("Model", format_func=titles.get, width=300, **history.widget("model", list(cards), **initial))
with frame.remedies():
    checkpoint = models.load(state.model, "decode", "sample", "score", "data", without=("classes",))
    directions, shares = models.directions(checkpoint, state.method, COUNT)
    reference = reference_values(checkpoint) if state.scores else None
if checkpoint.card.get("lesson"):
    lesson = f"This run failed, and is kept as a lesson: {checkpoint.card['lesson']}. Replay shows how."
    st.warning(lesson, icon=":material/school:")
with choices:
    st.segmented_control(
        "Grid", format_func=ARRANGEMENTS.get, required=True, **history.widget("plane", list(ARRANGEMENTS)),
        help="Many samples, which all move alike; or one sample, and what lies around it along the dragged directions",
    )  # fmt: skip
    st.number_input("Seed", 0, SEEDS - 1, width=140, **history.widget("seed"))
    st.segmented_control("Rows", required=True, **history.widget("rows", list(ROWS)))
    st.segmented_control(
        "Directions", format_func=FACTORISATIONS.get, required=True, help=DIRECTIONS,
        **history.widget("method", list(FACTORISATIONS), moves=Samples.moves),
    )  # fmt: skip
    st.segmented_control(
        "A drag moves", format_func=PAIRS.__getitem__, required=True, **history.widget("pair", list(range(len(PAIRS))))
    )

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
        Slider("truncation", "Truncation", TRUNCATION, neutral=WHOLE, low=0.0),
        *(
            Slider(
                str(number), f"Direction {number + 1}{arrows.get(number, '')}",
                f"{share:.1%} of what varies in the first layer", FACTORISATIONS[state.method],
                low=-LIMIT, high=LIMIT,
            )
            for number, share in enumerate(shares.tolist())
        ),
    ],
    values=state.values,
    alt=f"{state.rows} rows of {state.columns} pictures that {state.model} makes, from seed {state.seed}",
    key="gan control",
    lockable=False,
    drag=Drag(1 + x, 1 + y, *reach),
    on_release=push,
)  # fmt: skip
with st.container(horizontal=True, vertical_alignment="center"):
    history.buttons()
    st.toggle("Scores", help=BAR, **history.widget("scores"))
    st.download_button(
        "Picture", lambda: encode(enlarge(grid(state.values), 2)), f"{state.model}.png", mime="image/png",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    place = "the middle" if state.plane else "the first"
    latent = middle(checkpoint.model, state, directions)
    navigation.offer_novelty(state.model, pack(latent), f"Is {place} one new?")
    history.link()
st.caption("A click puts a picture in the middle and shows what lies around it.")

# The slow parts, which follow when the hand lets go
st.subheader(f"What the {'critic' if checkpoint.model.is_critic else 'discriminator'} says", anchor=False)
with frame.remedies(stop=False):
    figure, words = verdict(checkpoint, latents(checkpoint.model, state, directions))
    charts.plot(figure)
    st.caption(words)

frame.below("gan", checkpoint.card)
