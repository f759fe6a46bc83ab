"""Map: What the encoder sees, as a landscape to hover, lasso and walk through."""

import streamlit as st

from gen_lab import maps
from gen_lab.images import encode, enlarge
from gen_lab.maps import Map
from gen_lab.ui import frame, map_choices, map_groups, models
from gen_lab.ui.history import History
from gen_lab.ui.map_control import colouring, map_control

frame.head(
    "The map",
    "**Every point is a picture, where the encoder put it.** Move the pointer over the points to see what the decoder "
    "makes of each, click between them to see what would be there, and draw two lassos to find the way from one group "
    "to the other.",
)

# Source: which model's atlas, laid out how
known = map_choices.with_encoder()
default = "vae-faces" if "vae-faces" in known or not known else known[0]
history = History("map", lambda: Map.from_query(st.query_params.to_dict(), default))
history.write_link()
choices = st.container(horizontal=True, vertical_alignment="bottom")
if known:
    fresh = {"colour": "", "having": [], "lacking": [], "place": [], "a": [], "b": []}
    choices.selectbox("Model", width=200, **history.widget("model", known, **fresh))
    moved = {"place": [], "a": [], "b": []}
    choices.segmented_control(
        "Layout", format_func=maps.METHODS.get, required=True, **history.widget("method", list(maps.METHODS), **moved)
    )
with frame.remedies():
    checkpoint, atlas, total, source = map_choices.load(history.current.model)
    with choices:
        found = map_choices.layout(history, atlas, source)
if found is None:
    frame.below("map", checkpoint.card)
    st.stop()
plane, atlas = found

# Colours, filter, control
view = history.current
sliders = checkpoint.card.get("sliders") or []
with st.container(horizontal=True, vertical_alignment="bottom"):
    colour = map_choices.colours(history, atlas, sliders)
    coloured = map_choices.shown(history, atlas)
    few = f"{len(atlas):,} of {total:,} points: more would not move smoothly. " if len(atlas) < total else ""
    filtered = f"{coloured.sum():,} match. " if not coloured.all() else ""
    st.caption(f"{filtered}{few}{total:,} pictures of {checkpoint.card['data']['name']} ({atlas.split}).")
is_latent_plane = view.method == "atlas" and atlas.latents.shape[1] == 2
scene = map_choices.scene(checkpoint, atlas, plane, is_latent_plane)
place = [view.place[0] % len(atlas)] if len(view.place) == 1 else view.place
between = (
    "This place itself, decoded."
    if is_latent_plane
    else (
        f"Between the points: the mean of the {maps.NEIGHBOURS} nearest points' codes, nearer ones weighing more. "
        "A guess, for the layout has no way back."
    )
)
map_control(
    scene,
    plane,
    colouring(atlas, colour, coloured),
    {"place": place, "a": view.a, "b": view.b},
    label=f"A map of {len(atlas):,} pictures; arrow keys move over it, plus and minus zoom",
    alt="The picture that the decoder makes of the chosen place",
    between=between,
    key="map control",
    on_release=lambda state: history.push(**state),
)
with st.container(horizontal=True, vertical_alignment="center"):
    history.buttons()
    picture = scene([-1.0, *place] if len(place) == 2 else [place[0] if place else 0, 0, 0])
    export = {"icon": ":material/download:", "on_click": "ignore"}
    st.download_button("Picture", encode(enlarge(picture, 8)), f"{view.model}.png", mime="image/png", **export)
    table = map_choices.table(atlas, plane)
    st.download_button("Points", table, f"{view.model}-map.csv", mime="text/csv", **export)
    history.link()
if len(place) == 1:
    st.markdown(f"**Picture {place[0]}**: {map_choices.said(atlas, place[0])}.")

# The slow parts, which follow
left, right = st.columns(2, gap="large")
with left:
    map_groups.groups(history, checkpoint, atlas, plane, view.model in models.with_sliders("vae"))
with right:
    map_groups.reading(view, atlas, plane, source, colour)

frame.below("map", checkpoint.card)
