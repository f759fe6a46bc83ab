"""Home: What this is, its pages, and the models that it found."""

import streamlit as st

from gen_lab import device, registry
from gen_lab.ui import frame
from gen_lab.ui.navigation import pages

frame.head(
    "gen_lab",
    "Generative models turn a few numbers into a picture; the space of those numbers is their **latent space**. "
    "Here you hold it in your hand: drag a slider and the picture follows while you drag. "
    "Behind each page stands a model that this repository trained, with its losses, its limits and its failures in "
    "plain sight.",
)

st.subheader("Pages", anchor=False)
others = [page for page in pages() if page.name != "home"]
for page, column in zip(others, st.columns(max(3, len(others))), strict=False):
    with column.container(border=True, height="stretch"):
        picture = page.path.parent / "pictures" / f"{page.name}.webp"
        if picture.is_file():
            st.image(picture, width="stretch")
        st.page_link(page.path, label=f"**{page.title}**", icon=":material/arrow_forward:")
        st.markdown(page.sentence)

st.subheader("Models", anchor=False)
with frame.remedies():
    st.markdown(f"They run on: **{device.device_name()}**.")
found = registry.cards()
if not found:
    st.info("No checkpoint was found. Train one: `python -m train vae_avatars`", icon=":material/model_training:")
for name, card in found.items():
    if isinstance(card, registry.CheckpointError):
        st.error(str(card), icon=":material/error:")
        continue
    with st.expander(f"{name} – {card['family']} on {card['data']['name']}, {card['steps']:,} steps"):
        samples = registry.folder(name) / "samples.webp"
        if samples.is_file():
            st.image(samples, caption="Samples")
        frame.model_card(card)
