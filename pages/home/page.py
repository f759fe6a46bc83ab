"""Home: What this is, its pages, and the models that it found."""

import streamlit as st

from gen_lab import device, registry
from gen_lab.metrics import table
from gen_lab.ui import frame, history
from gen_lab.ui.navigation import pages

frame.head(
    "gen_lab",
    "Generative models turn a few numbers into a picture; the space of those numbers is their **latent space**. "
    "Here you hold it in your hand: drag a slider and the picture follows while you drag. "
    "Behind each page stands a model that this repository trained, with its losses, its limits and its failures in "
    "plain sight.",
)

history.arrives("home")

with st.container(key="cards"):
    for page in pages():
        if page.name == "home":
            continue
        with st.container(border=True):
            picture = page.path.parent / "cover.webp"
            if picture.is_file():
                st.image(picture, width="stretch", alt=f"Pictures of the page {page.title}")
            st.page_link(page.path, label=f"**Open {page.title}**", icon=":material/arrow_forward:")
            st.markdown(page.sentence)

figures = table.columns()
if figures["model"]:
    st.subheader("Side by side", anchor=False)
    st.table(figures, border="horizontal", hide_index=True)
    st.caption(table.EXPLANATION)

st.subheader("Models", anchor=False)
with frame.remedies(stop=False):
    st.markdown(f"They run on: **{device.device_name()}**.")
cards = registry.cards()
if not cards:
    st.info("There are no models yet. Train one, in the folder of gen_lab:", icon=":material/model_training:")
    st.code("python -m train vae_avatars", language="bash")
for name, card in cards.items():
    if isinstance(card, registry.CheckpointError):
        frame.explain(card)
        continue
    with st.expander(f"**{name}** · {frame.summary(card)}"):
        samples = registry.folder(name) / "samples.webp"
        if samples.is_file():
            st.image(samples, caption="Samples", alt=f"Samples of {name}")
        frame.model_card(card)
