"""Home: Generative models, held in your hand."""

import streamlit as st

from gen_lab import registry
from gen_lab.ui import cards, frame, history, navigation
from gen_lab.ui.language import _
from pages.home import widgets

frame.head(
    "gen_lab",
    _(
        "A generative model turns a few numbers into a picture. Here you hold those numbers in your hand: "
        "drag, and the picture follows while you drag."
    ),
)
history.arrives("home")
by_chapter = navigation.by_chapter()
with st.container(key="start"):
    st.page_link(widgets.first(by_chapter).path, label=_("Start here"), icon=":material/arrow_forward:")

if not registry.names():
    cards.offer_training()

widgets.chapters(by_chapter)
