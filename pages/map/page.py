"""Map: What the encoder sees, as a landscape to hover, lasso and walk through."""

import streamlit as st

from gen_lab import registry
from gen_lab.images import encode, enlarge
from gen_lab.ui import frame, models
from gen_lab.ui.history import History
from pages.map import groups, widgets
from pages.map.control import colouring, map_control
from pages.map.state import LAYOUT_NAMES, Map

frame.head(
    "The map",
    "**Every point is a picture, where the encoder put it.** Move the pointer over it to see it, click between the "
    "points to see what would be there, and lasso two groups to find the way from one to the other.",
)

# Source: which model's atlas, laid out how
cards = registry.having("encode", "decode", without=("classes",))
default = models.first(cards, "vae-faces")
history = History("map", Map, model=default)
history.write_link()
choices = st.container(horizontal=True, vertical_alignment="bottom")
empty = {"place": (), "a": (), "b": ()}
if cards:
    reset = empty | {"colour": "", "having": (), "lacking": ()}
    choices.selectbox("Model", width=180, **history.widget("model", list(cards), **reset))
with frame.remedies():
    checkpoint, whole, total, source = widgets.load(history.current.model)
with choices:
    colour = widgets.colours(history, whole, checkpoint.card)
    st.segmented_control(
        "Layout", format_func=LAYOUT_NAMES.get, required=True, **history.widget("method", list(LAYOUT_NAMES), **empty)
    )
    with frame.remedies():
        layout = widgets.layout(history, whole, source)
if layout is None:
    frame.below("map", checkpoint.card)
    st.stop()
plane, atlas = layout

# Control, toolbar, filter
view = history.current
place = [view.place[0] % len(atlas)] if len(view.place) == 1 else view.place
is_latent_plane = view.method == "atlas" and atlas.latents.shape[1] == 2
scene = widgets.scene(checkpoint, atlas, plane, is_latent_plane)
map_place, toolbar = st.container(), st.container(horizontal=True, vertical_alignment="center")
with toolbar:
    history.buttons()
    picture = scene([-1.0, *place] if len(place) == 2 else [place[0] if place else 0, 0, 0])
    export = {"icon": ":material/download:", "on_click": "ignore"}
    st.download_button("Picture", lambda: encode(enlarge(picture, 8)), f"{view.model}.png", mime="image/png", **export)
    table = widgets.table(atlas, plane)
    st.download_button("Points", table, f"{view.model}-map.csv", mime="text/csv", **export)
    history.link()
if len(place) == 1:
    st.markdown(f"**Picture {place[0]}**: {widgets.label_text(atlas, place[0])}.")
st.caption(widgets.summary(view, whole, len(atlas), total, checkpoint.card))
with st.container(horizontal=True, vertical_alignment="bottom"):
    selection = widgets.selection(history, atlas)
with map_place:
    map_control(
        scene,
        plane,
        colouring(atlas, colour, selection),
        {"place": place, "a": view.a, "b": view.b},
        label=f"A map of {len(atlas):,} pictures; arrow keys move over it, plus and minus zoom",
        alt="The picture that the decoder makes of the chosen place",
        between=widgets.THERE if is_latent_plane else widgets.BETWEEN,
        key="map control",
        on_release=lambda state: history.push(**{name: tuple(numbers) for name, numbers in state.items()}),
    )

# The slow parts, which follow
left, right = st.columns(2, gap="large")
with left:
    groups.groups(history, checkpoint, atlas, plane, registry.offers(checkpoint.card, "sliders"))
with right:
    groups.reading(atlas, plane, colour)

frame.below("map", checkpoint.card)
