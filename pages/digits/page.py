"""Digits: Two latent numbers are a plane. Hold an autoencoder's and a variational autoencoder's in your hand."""

import streamlit as st

from gen_lab.ui import frame
from gen_lab.ui.history import History
from pages.digits import widgets as planes
from pages.digits.control import plane_control
from pages.digits.state import BETAS, COLUMNS, Digits, as_digit, pack, unpack

SETS = {"digits": "Digits", "fashion": "Clothes"}
BETA = "How much the KL term weighs in the variational autoencoder's loss: 0 leaves it out, 1 is the bound itself."
SURE = "A veil lies over what the judge, a classifier of digits, does not recognise."

frame.head(
    "Digits",
    "**Drag the plane, or the ring on it: the pictures follow.** Both models squeeze every digit into two numbers, so "
    "the whole latent space is a picture. They differ in one term of the loss only. Draw a digit to see where it goes.",
)

# Source: which models, over which data
history = History("digits", Digits)
history.write_link()
shown = history.current
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    st.segmented_control("Pictures", format_func=SETS.get, required=True, **history.widget("data", list(SETS)))
    st.select_slider("Grid", width=180, **history.widget("columns", list(range(COLUMNS[0], COLUMNS[1] + 1))))
    if shown.data == "digits":
        st.select_slider("β", help=BETA, width=180, format_func="{:g}".format, **history.widget("beta", list(BETAS)))
    with st.container(width="content", gap="xxsmall"):
        st.toggle("Encoded test pictures", **history.widget("points"))
        if shown.data == "digits":
            st.toggle("Where the judge is unsure", help=SURE, **history.widget("sure"))

drawing = unpack(shown.drawing) if shown.drawing else None
with frame.remedies():
    if shown.data == "digits":
        wanted = {"Autoencoder": "ae-digits", f"Variational autoencoder, β = {shown.beta:g}": BETAS[shown.beta]}
    else:
        wanted = {"Variational autoencoder": "vae-fashion"}
    checkpoints = {title: planes.load(name) for title, name in wanted.items()}
    panels = [
        planes.panel(
            checkpoint, title, planes.plane_figures(checkpoint.card), shown.columns,
            shown.sure and shown.data == "digits", drawing,
        )
        for title, checkpoint in checkpoints.items()
    ]  # fmt: skip
    last = [*checkpoints.values()][-1]
    labels, classes = planes.labels(last)
    album = planes.album(last)


def released(state):
    if "drawing" in state:
        digit = None if state["drawing"] is None else as_digit(state["drawing"])
        state["drawing"] = "" if digit is None else pack(digit)
    history.push(**state)


# Controls and pictures
plane_control(
    panels,
    view=shown.view,
    place=shown.place,
    labels=labels,
    classes=classes,
    points=shown.points,
    album=album,
    drawing=drawing,
    key="digits control",
    on_release=released,
)
if album is None and shown.points:
    name = last.card["data"]["name"]
    st.markdown(f"A dot shows its reconstruction only; `python -m train.data {name}` brings the pictures themselves.")
with st.container(horizontal=True, vertical_alignment="center"):
    history.buttons()
    history.link()

# The slow parts
if shown.data == "digits":
    st.subheader("What β does", anchor=False)
    with frame.remedies(stop=False):
        cards = {beta: planes.load(name).card for beta, name in BETAS.items()}
        st.table(planes.beta_rows(cards, checkpoints["Autoencoder"].card), border="horizontal", hide_index=True)

frame.below("digits", last.card)
