"""Map: What the encoder sees, as a landscape to hover, lasso and walk through."""

import streamlit as st

from gen_lab import registry
from gen_lab.images import encode, enlarge
from gen_lab.ui import frame, models
from gen_lab.ui.history import History
from pages.map import groups as map_groups
from pages.map import widgets as map_choices
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
moved = {"place": (), "a": (), "b": ()}
if cards:
    fresh = moved | {"colour": "", "having": (), "lacking": ()}
    choices.selectbox("Model", width=180, **history.widget("model", list(cards), **fresh))
with frame.remedies():
    checkpoint, whole, total, source = map_choices.load(history.current.model)
with choices:
    colour = map_choices.colours(history, whole, checkpoint.card)
    st.segmented_control(
        "Layout", format_func=LAYOUT_NAMES.get, required=True, **history.widget("method", list(LAYOUT_NAMES), **moved)
    )
    with frame.remedies():
        found = map_choices.layout(history, whole, source)
if found is None:
    frame.below("map", checkpoint.card)
    st.stop()
plane, atlas = found

# Control, toolbar, filter
view = history.current
place = [view.place[0] % len(atlas)] if len(view.place) == 1 else view.place
is_latent_plane = view.method == "atlas" and atlas.latents.shape[1] == 2
scene = map_choices.scene(checkpoint, atlas, plane, is_latent_plane)
map_place, toolbar = st.container(), st.container(horizontal=True, vertical_alignment="center")
with toolbar:
    history.buttons()
    picture = scene([-1.0, *place] if len(place) == 2 else [place[0] if place else 0, 0, 0])
    export = {"icon": ":material/download:", "on_click": "ignore"}
    st.download_button("Picture", encode(enlarge(picture, 8)), f"{view.model}.png", mime="image/png", **export)
    points = map_choices.table(atlas, plane)
    st.download_button("Points", points, f"{view.model}-map.csv", mime="text/csv", **export)
    history.link()
if len(place) == 1:
    st.markdown(f"**Picture {place[0]}**: {map_choices.label_text(atlas, place[0])}.")
st.caption(map_choices.summary(view, whole, len(atlas), total, checkpoint.card))
with st.container(horizontal=True, vertical_alignment="bottom"):
    coloured = map_choices.selection(history, atlas)
with map_place:
    map_control(
        scene,
        plane,
        colouring(atlas, colour, coloured),
        {"place": place, "a": view.a, "b": view.b},
        label=f"A map of {len(atlas):,} pictures; arrow keys move over it, plus and minus zoom",
        alt="The picture that the decoder makes of the chosen place",
        between=map_choices.THERE if is_latent_plane else map_choices.BETWEEN,
        key="map control",
        on_release=lambda state: history.push(**{name: tuple(numbers) for name, numbers in state.items()}),
    )

# The slow parts, which follow
left, right = st.columns(2, gap="large")
with left:
    map_groups.groups(history, checkpoint, atlas, plane, registry.offers(checkpoint.card, "sliders"))
with right:
    map_groups.reading(atlas, plane, colour)

frame.below("map", checkpoint.card)
