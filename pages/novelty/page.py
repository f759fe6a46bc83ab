"""Novelty: Has the model seen this picture before? Compare it with the training pictures nearest to it."""

from dataclasses import replace

import numpy as np
import streamlit as st

from gen_lab import data, registry
from gen_lab.images import encode, enlarge
from gen_lab.metrics.novelty import pictures_of
from gen_lab.ui import charts, frame, models
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.novelty import widgets
from pages.novelty.state import Novelty, is_demonstrated, picture
from pages.novelty.verdict import sources

frame.head(
    _("Novelty"),
    _(
        "**Did the model make this picture up, or copy it?** Compare it with the training pictures nearest to it, and "
        "see how near pictures come that the model never saw."
    ),
)

# Source: which picture of which model
cards = registry.having("decode", "sample")
default = models.first(cards, "vae-faces" if data.is_ready("celeba") else "gan-digits")
source = "latent" if "latent" in st.query_params else "sample"  # where a link does not say
history = History("novelty", Novelty, model=default, source=source)
history.write_link()
choices = frame.options()
if cards:
    initial = {"source": "sample", "latent": "", "label": "", "photo": ""}
    models.choice(history, cards, choices, **initial)
with frame.remedies():
    checkpoint = models.load(history.current.model, "decode", "sample", "data")
name = checkpoint.card["data"]["name"]
is_ready, handful, pixels = data.is_ready(name), None, None
if not is_ready:
    with frame.remedies(stop=False):
        handful = widgets.handful(checkpoint)
with choices:
    widgets.choose(history, checkpoint, handful)
state = history.current
few = handful if is_demonstrated(state, handful) else None
if is_ready or few or state.source not in ("data", "memoriser"):
    with frame.remedies():
        pixels = picture(checkpoint, state, handful)

# The picture, and the verdict
left, right = st.columns([2, 5], gap="large")
if pixels is not None:
    large = enlarge(pixels, max(1, 384 // len(pixels)))
    with left:
        alt = _("The picture in question: {source}").format(source=sources()[state.source].lower())
        st.image(large.squeeze(), width="stretch", alt=alt)
else:
    left.caption(_("This picture belongs to the data set, which is not here."))
with right:
    verdict = st.container(key="novelty verdict")
    with st.container(horizontal=True, vertical_alignment="center"):
        history.buttons()
        if pixels is not None:
            save = {"mime": "image/png", "icon": ":material/download:", "on_click": "ignore"}
            st.download_button(_("Picture"), lambda: encode(large), f"{state.model}.png", **save)
        history.link()

# Its neighbours, and the usual distances
frame.picture_first()
usual, images, rows, spaces, distances = None, np.empty(0), (), {}, {}
with right, frame.remedies(stop=False):
    usual = widgets.references(checkpoint.card)
with right, frame.remedies(stop=False):
    if is_ready:
        train = pictures_of(checkpoint, "train")
        images, rows, spaces = train.images, range(len(train)), widgets.spaces(checkpoint, train)
    else:
        widgets.without_data(history, name, handful)
        if few:
            images, rows, spaces = few.pictures, few.rows.tolist(), widgets.spaces_of(checkpoint, few)
titles = {
    "pixels": (_("Nearest by pixels (L1)"), _("Usual distances by pixels")),
    "features": (_("Nearest by features of the judge"), _("Usual distances by features of the judge")),
}
for column, (space, (title, without)) in zip(st.columns(2, gap="large"), titles.items(), strict=True):
    with column:
        if space in spaces and pixels is not None:
            st.subheader(title, anchor=False)
            distances[space] = widgets.neighbours(spaces[space], pixels, images, rows, usual)
        elif usual and space in usual:
            st.subheader(without, anchor=False)
            charts.plot(widgets.chart(usual[space], space))
if distances:
    with verdict:
        st.markdown(widgets.comparison(checkpoint.card, distances, usual))
        st.caption(
            _(
                "What this cannot tell: one new picture in a hundred raises the alarm too, a copied part goes "
                "unnoticed, and “new” means new to this training set."
            )
        )
if state.source == "memoriser" and distances and usual:
    st.subheader(_("What moving the picture hides"), anchor=False)
    original = picture(checkpoint, replace(state, shift=0), handful)
    charts.plot(widgets.shift_chart(spaces, original, usual))

# The whole model
st.subheader(_("The whole model"), anchor=False)
with frame.remedies(stop=False):
    widgets.whole_model(checkpoint.card)

frame.below("novelty", checkpoint.card)
