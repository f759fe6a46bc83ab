"""Home: Generative models, held in your hand."""

import streamlit as st

from gen_lab import registry
from gen_lab.ui import cards, frame, history, navigation
from gen_lab.ui.language import _
from pages.home import control, widgets

history.arrives("home")
by_chapter = navigation.by_chapter()
face = control.hero()

# The face, and the way into the course
words, picture = st.columns([6, 5], gap="large", vertical_alignment="center") if face else (st.container(), st.empty())
with words:
    frame.head(
        "gen_lab",
        _(
            "A generative model turns a few numbers into a picture. Here you hold those numbers in your hand: "
            "drag, and the picture follows while you drag."
        ),
    )
    with st.container(key="start"):
        start = widgets.first(by_chapter)
        st.page_link(start.path, label=_("Start here"), icon=":material/arrow_forward:", icon_position="right")
if face:
    with picture:
        control.show(face)
elif not registry.names():
    cards.offer_training()

widgets.chapters(by_chapter)
