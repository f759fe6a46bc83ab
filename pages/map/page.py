"""Map: Thousands of pictures, each where the encoder put it: like beside like."""

import streamlit as st

from gen_lab import registry
from gen_lab.images import encode, enlarge
from gen_lab.ui import frame, models
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.map import groups, widgets
from pages.map.control import colouring, map_control
from pages.map.state import METHODS, Map

frame.head(
    _("Map"),
    _(
        "**Every point is a picture, and similar pictures lie together.** Point at one to see it, zoom in to see many, "
        "or click between the points to see what could be there."
    ),
)

# Source: which model's atlas, laid out how
cards = registry.having("encode", "decode", without=("classes",))
# Without a query the page opens on what separates best: 93% of a point's neighbours on the map share its digit. Links
# without a model have always meant the faces.
best = "vae-digits-16" if "vae-digits-16" in cards and not st.query_params else "vae-faces"
default = models.first(cards, best)
history = History("map", Map, model=default)
history.write_link()
choices = frame.options()
empty = {"place": (), "a": (), "b": ()}
if cards:
    reset = empty | {"colour": "", "having": (), "lacking": ()}
    choices.selectbox(_("Model"), width=180, **history.widget("model", list(cards), **reset))
with frame.remedies():
    checkpoint, whole, total, source = widgets.load(history.current.model)
with choices:
    colour = widgets.colours(history, whole, checkpoint.card)
    st.segmented_control(
        _("Layout"), format_func=widgets.layout_names().get, required=True,
        **history.widget("method", list(METHODS), **empty),
    )  # fmt: skip
    with frame.remedies():
        method, plane, atlas = widgets.layout(history, whole, source)

# Control, toolbar, filter
view = history.current
place = [view.place[0] % len(atlas)] if len(view.place) == 1 else view.place
is_latent_plane = method == "atlas" and atlas.latents.shape[1] == 2
scene = widgets.scene(checkpoint, atlas, plane, is_latent_plane)
map_place, toolbar = st.container(), st.container(horizontal=True, vertical_alignment="center")
with toolbar:
    history.buttons()
    picture = scene([-1.0, *place] if len(place) == 2 else [place[0] if place else 0, 0, 0])
    export = {"icon": ":material/download:", "on_click": "ignore"}
    file = f"{view.model}.png"
    st.download_button(_("Picture"), lambda: encode(enlarge(picture, 8)), file, mime="image/png", **export)
    table = widgets.table(atlas, plane)
    st.download_button(_("Points"), table, f"{view.model}-map.csv", mime="text/csv", **export)
    history.link()
if len(place) == 1:
    labels = widgets.label_text(atlas, place[0])
    st.markdown(_("Picture {number}. Its labels: {labels}.").format(number=place[0], labels=labels))
st.caption(widgets.summary(method, whole, len(atlas), total, checkpoint.card))
with st.container(horizontal=True, vertical_alignment="bottom"):
    widgets.search(history, atlas)
    selection = widgets.selection(history, atlas)
with map_place:
    map_control(
        scene,
        widgets.thumbnails(checkpoint, atlas),
        plane,
        colouring(atlas, colour, selection),
        {"place": place, "a": view.a, "b": view.b},
        alt=_("The picture that the decoder makes of the chosen place"),
        between=widgets.there() if is_latent_plane else widgets.between(),
        key="map control",
        on_release=lambda state: history.push(**{name: tuple(numbers) for name, numbers in state.items()}),
    )

frame.picture_first()

# The slow parts
left, right = st.columns(2, gap="large")
with left:
    groups.groups(history, checkpoint, atlas, plane, registry.offers(checkpoint.card, "sliders"))
with right:
    groups.reading(atlas, plane, colour)

frame.below("map", checkpoint.card)
