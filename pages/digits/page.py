"""Digits: Draw a digit, and watch where it lands among all the others on a plane of two numbers."""

import streamlit as st

from gen_lab.ui import frame
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.digits import widgets
from pages.digits.control import plane_control
from pages.digits.state import BETAS, COLUMNS, Digits, as_digit, pack, unpack

frame.head(
    _("Digits"),
    _(
        "**Draw a digit: a dot shows where it lands among all the others.** Both models squeeze every picture into two "
        "numbers, a place on a plane. Drag a plane, or the ring on it, to see what lies where."
    ),
)

# Source: which models, over which data
history = History("digits", Digits)
history.write_link()
state = history.current
sets = {"digits": _("Digits"), "fashion": _("Clothes")}
beta = _("How much the KL term weighs in the variational autoencoder's loss: 0 leaves it out, 1 is the bound itself.")
sure = _("Veils what the judge, a classifier of digits, does not recognise.")
with frame.options():
    st.segmented_control(_("Pictures"), format_func=sets.get, required=True, **history.widget("data", list(sets)))
    if state.data == "digits":
        st.select_slider("β", help=beta, width=180, format_func="{:g}".format, **history.widget("beta", list(BETAS)))
    st.select_slider(_("Grid"), width=180, **history.widget("columns", list(range(COLUMNS[0], COLUMNS[1] + 1))))
    with st.container(width="content", gap="xxsmall"):
        st.toggle(_("Test pictures as dots"), **history.widget("points"))
        if state.data == "digits":
            st.toggle(_("Where the judge is unsure"), help=sure, **history.widget("sure"))

drawing = unpack(state.drawing) if state.drawing else None
with frame.remedies():
    autoencoder, vae = _("Autoencoder"), _("Variational autoencoder")
    if state.data == "digits":
        names = {autoencoder: "ae-digits", f"{vae}, β = {state.beta:g}": BETAS[state.beta]}
    else:
        names = {vae: "vae-fashion"}
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
with st.container(horizontal=True, vertical_alignment="center"):
    history.buttons()
    history.link()
if album is None and state.points:
    command = f"`python -m train.data {last.card['data']['name']}`"
    st.caption(_("A dot shows its reconstruction only; {command} brings the originals.").format(command=command))

frame.picture_first()

# The slow parts
if state.data == "digits":
    st.subheader(_("What β does"), anchor=False)
    with frame.remedies(stop=False):
        cards = {beta: widgets.load(name).card for beta, name in BETAS.items()}
        st.table(widgets.beta_rows(cards, checkpoints[autoencoder].card), border="horizontal", hide_index=True)

frame.below("digits", last.card)
