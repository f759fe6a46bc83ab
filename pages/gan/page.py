"""GANs: Two networks play against each other; drag a whole grid of what the generator has learned to paint."""

import streamlit as st

from gen_lab import registry
from gen_lab.images import encode, enlarge
from gen_lab.latent.principal import FACTORISATIONS
from gen_lab.sources import pack
from gen_lab.ui import charts, frame, models, navigation
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.controls.sliders import Drag, Slider, slider_control
from gen_lab.ui.history import History
from pages.gan import state as samples
from pages.gan import widgets as adversarial
from pages.gan.state import COUNT, LIMIT, ROWS, WHOLE, Samples

ARRANGED = {False: "Many samples", True: "Around one"}
PAIRS = ("1 and 2", "3 and 4", "5 and 6")
TRUNCATION = "No number of a latent lies further from zero than this. Less: less varied. 4 is as good as none."
FOUND = (
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
shown = history.current
choices = st.container(horizontal=True, vertical_alignment="bottom")
if cards:
    straight = {"moves": Samples.moves, "truncation": WHOLE, "plane": False}
    titles = {name: f"{name}: a failure" if card.get("lesson") else name for name, card in cards.items()}
    choices.selectbox("Model", format_func=titles.get, width=300, **history.widget("model", list(cards), **straight))
with frame.remedies():
    checkpoint = models.load(shown.model, "decode", "sample", "score", "data", without=("classes",))
    directions, shares = models.directions(checkpoint, shown.method, COUNT)
    reference = adversarial.reference(checkpoint) if shown.scores else None
if checkpoint.card.get("lesson"):
    lesson = f"This run failed, and is kept as a lesson: {checkpoint.card['lesson']}. Replay shows how."
    st.warning(lesson, icon=":material/school:")
with choices:
    st.segmented_control(
        "Grid", format_func=ARRANGED.get, required=True, **history.widget("plane", list(ARRANGED)),
        help="Many samples, which all move alike; or one sample, and what lies around it along the dragged directions",
    )  # fmt: skip
    st.number_input("Seed", 0, samples.SEEDS - 1, width=140, **history.widget("seed"))
    st.segmented_control("Rows", required=True, **history.widget("rows", list(ROWS)))
    st.segmented_control(
        "Directions", format_func=FACTORISATIONS.get, required=True, help=FOUND,
        **history.widget("method", list(FACTORISATIONS), moves=Samples.moves),
    )  # fmt: skip
    st.segmented_control(
        "A drag moves", format_func=PAIRS.__getitem__, required=True, **history.widget("pair", list(range(len(PAIRS))))
    )

# Scene, controls and picture
made_of = (checkpoint, shown.scores, shown.method, shown.seed, shown.plane, shown.rows, shown.pair)
scene = keep("gan scene", made_of, lambda: samples.scene(checkpoint.model, shown, directions, reference))
x, y = shown.dragged
arrows = {x: " ↔", y: " ↕"}
over = (-shown.columns, -shown.rows) if shown.plane else (LIMIT, LIMIT)  # a plane stays under the hand


def released(state):
    truncation, *moves = (round(value, 3) for value in state.values)
    history.push(truncation=truncation, moves=tuple(moves), **(shown.around(*state.place) if state.place else {}))


slider_control(
    scene,
    [
        Slider("truncation", "Truncation", TRUNCATION, neutral=WHOLE, low=0.0),
        *(
            Slider(
                str(number), f"Direction {number + 1}{arrows.get(number, '')}",
                f"{share:.1%} of what varies in the first layer", FACTORISATIONS[shown.method],
                low=-LIMIT, high=LIMIT,
            )
            for number, share in enumerate(shares.tolist())
        ),
    ],
    values=shown.values,
    alt=f"{shown.rows} rows of {shown.columns} pictures that {shown.model} makes, from seed {shown.seed}",
    key="gan control",
    lockable=False,
    drag=Drag(1 + x, 1 + y, *over),
    on_release=released,
)  # fmt: skip
with st.container(horizontal=True, vertical_alignment="center"):
    history.buttons()
    st.toggle("Scores", help=BAR, **history.widget("scores"))
    picture = encode(enlarge(scene(shown.values), 2))
    st.download_button(
        "Picture", picture, f"{shown.model}.png", mime="image/png", icon=":material/download:", on_click="ignore"
    )
    which = "the middle" if shown.plane else "the first"
    latent = samples.middle(checkpoint.model, shown, directions)
    navigation.offer_novelty(shown.model, pack(latent), f"Is {which} one new?")
    history.link()
st.caption("A click puts a picture in the middle and shows what lies around it.")

# The slow parts, which follow when the hand lets go
st.subheader(f"What the {'critic' if checkpoint.model.is_critic else 'discriminator'} says", anchor=False)
with frame.remedies(stop=False):
    figure, words = adversarial.verdict(checkpoint, samples.latents(checkpoint.model, shown, directions))
    charts.plot(figure)
    st.caption(words)

frame.below("gan", checkpoint.card)
