"""Models: Every model on this machine, with its samples, its figures and its card."""

import streamlit as st

from gen_lab import device, registry
from gen_lab.metrics import table
from gen_lab.ui import cards, frame, history
from gen_lab.ui.language import _

frame.head(_("Models"), _("Behind every page stands a model that this repository trained. These are on this machine."))
history.arrives("models")

with frame.remedies(stop=False):
    st.markdown(_("They run on: **{device}**.").format(device=device.device_name()))
entries = registry.cards()
if not entries:
    cards.offer_training()
with st.container(key="models cards"):
    for name, card in entries.items():
        if isinstance(card, registry.CheckpointError):
            frame.explain(card)
            continue
        with st.expander(f"**{name}** · {cards.summary(card)}"):
            samples = registry.folder(name) / "samples.webp"
            if samples.is_file():
                st.image(samples, caption=_("Samples"), alt=_("Samples of {name}").format(name=name))
            cards.show(card)

figures = table.columns()
if figures["model"]:
    st.subheader(_("Side by side"), anchor=False)
    figures["pictures"] = [_(subject) for subject in figures["pictures"]]
    st.table({_(title): cells for title, cells in figures.items()}, border="horizontal", hide_index=True)
    st.caption(_(table.EXPLANATION))
