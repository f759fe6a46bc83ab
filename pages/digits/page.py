"""Digits: Two latent numbers are a plane. Hold an autoencoder's and a variational autoencoder's in your hand."""

import streamlit as st

from gen_lab.ui import frame
from gen_lab.ui.history import History
from pages.digits import widgets
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
state = history.current
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    st.segmented_control("Pictures", format_func=SETS.get, required=True, **history.widget("data", list(SETS)))
    st.select_slider("Grid", width=180, **history.widget("columns", list(range(COLUMNS[0], COLUMNS[1] + 1))))
    if state.data == "digits":
        st.select_slider("β", help=BETA, width=180, format_func="{:g}".format, **history.widget("beta", list(BETAS)))
    with st.container(width="content", gap="xxsmall"):
        st.toggle("Encoded test pictures", **history.widget("points"))
        if state.data == "digits":
            st.toggle("Where the judge is unsure", help=SURE, **history.widget("sure"))

drawing = unpack(state.drawing) if state.drawing else None
with frame.remedies():
    if state.data == "digits":
        names = {"Autoencoder": "ae-digits", f"Variational autoencoder, β = {state.beta:g}": BETAS[state.beta]}
    else:
        names = {"Variational autoencoder": "vae-fashion"}
    checkpoints = {title: widgets.load(name) for title, name in names.items()}
    panels = [
        widgets.panel(
            checkpoint, title, widgets.plane_figures(checkpoint.card), state.columns,
            state.sure and state.data == "digits", drawing,
        )
        for title, checkpoint in checkpoints.items()
    ]  # fmt: skip
    last = [*checkpoints.values()][-1]
    labels, classes = widgets.labels(last)
    album = widgets.album(last)


def push(changes: dict) -> None:
    if "drawing" in changes:
        digit = None if changes["drawing"] is None else as_digit(changes["drawing"])
        changes["drawing"] = "" if digit is None else pack(digit)
    history.push(**changes)


# Controls and pictures
plane_control(
    panels,
    view=state.view,
    place=state.place,
    labels=labels,
    classes=classes,
    points=state.points,
    album=album,
    drawing=drawing,
    key="digits control",
    on_release=push,
)
if album is None and state.points:
    name = last.card["data"]["name"]
    st.markdown(f"A dot shows its reconstruction only; `python -m train.data {name}` brings the pictures themselves.")
with st.container(horizontal=True, vertical_alignment="center"):
    history.buttons()
    history.link()

# The slow parts
if state.data == "digits":
    st.subheader("What β does", anchor=False)
    with frame.remedies(stop=False):
        cards = {beta: widgets.load(name).card for beta, name in BETAS.items()}
        st.table(widgets.beta_rows(cards, checkpoints["Autoencoder"].card), border="horizontal", hide_index=True)

frame.below("digits", last.card)
