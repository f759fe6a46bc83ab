"""The widgets above the map, which choose its layout, colours and filter; and its scene, table and caption."""

from collections.abc import Callable
from itertools import compress

import numpy as np
import streamlit as st

from gen_lab import registry
from gen_lab.checkpoint import Checkpoint
from gen_lab.checkpoint import atlas as atlases
from gen_lab.checkpoint.atlas import Atlas
from gen_lab.latent import layouts
from gen_lab.latent.layouts import Plane
from gen_lab.scenes import Scene
from gen_lab.ui import models
from gen_lab.ui.charts import words
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.language import _
from pages.map import computing, state
from pages.map.state import RANGES, Map


def load(name: str) -> tuple[Checkpoint, Atlas, int, tuple]:
    """A checkpoint; its atlas, thinned to what a browser moves smoothly; the number of points before that; and a key
    that identifies the latents. Raises `CheckpointError`."""
    checkpoint = models.load(name, "encode", "decode", without=("classes",))
    path = registry.folder(name) / atlases.FILE
    stamp = path.stat().st_mtime_ns if path.is_file() else None
    with st.spinner(_("Opening the atlas …")):
        atlas, total = _load(checkpoint, stamp)
    return checkpoint, atlas, total, (name, checkpoint.card["sha256"], stamp)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=HASHES)
def _load(checkpoint: Checkpoint, stamp: int | None) -> tuple[Atlas, int]:
    whole = atlases.load(registry.folder(checkpoint.card["name"]), checkpoint.card)
    return whole.rows(layouts.some(len(whole), state.MAP_POINTS)), len(whole)


def layout(history, atlas: Atlas, source: tuple) -> tuple[str, Plane, Atlas]:
    """The widgets of the layout. Returns the method, its plane and the part of the atlas that is on it: until a layout
    has been computed, those of the map before. Raises ValueError with the remedy."""
    view: Map = history.current

    def number(label: str, field: str, hint: str = "", **also) -> None:
        st.number_input(label, *RANGES[field], width=150, help=hint or None, **also, **history.widget(field))

    if view.method == "pca":
        number(_("To the right: component"), "first")
        number(_("Upwards: component"), "second")
    elif view.method == "umap":
        number(_("Neighbours"), "n_neighbors", _("How many neighbours hold each point: few keep small groups apart."))
        number(_("Least distance"), "min_dist", _("How closely points may lie on the map."), step=0.05)
        st.selectbox(_("Metric"), width=150, **history.widget("metric", layouts.METRICS))
    elif view.method == "tsne":
        number(_("Perplexity"), "perplexity", _("About how many neighbours each point has."))
    answer, before = _layout(view, atlas, source), st.session_state.get("map before")
    if answer is not None:
        st.session_state["map before"] = source, view.method, answer
        return view.method, *answer
    if before is not None and before[0] == source:
        return before[1], *before[2]
    return "atlas", *_atlas_layout(atlas)


def layout_names() -> dict[str, str]:
    return {"atlas": _("Atlas"), **layouts.NAMES}


def between() -> str:
    return _(
        "A guess at what could be here: the mean of the {count} nearest points' codes, decoded. The layout has no way "
        "back."
    ).format(count=layouts.NEIGHBOURS)


def there() -> str:
    return _("This place of the latent space itself, decoded.")


def search(history, atlas: Atlas) -> None:
    """A label, whose points stay in colour, or the number of a picture, to which the map flies."""
    key, names = "map search", {words(name).lower(): name for name in atlas.attribute_names}

    def go() -> None:
        text = (st.session_state[key] or "").strip().lower()
        if text in names:
            history.push(having=(names[text],))
        elif text.removeprefix("#").isdecimal() and int(text.removeprefix("#")) < len(atlas):
            history.push(place=(int(text.removeprefix("#")),))
        elif not text:
            history.push(having=())
        else:
            st.toast(_("No label and no picture is called “{text}” here.").format(text=text))

    st.text_input(
        _("Find"), key=key, on_change=go, width=180, placeholder=_("A label, or #123"), max_chars=60,
        help=_("A label keeps its points in colour; a picture's number, such as #123, takes you there."),
    )  # fmt: skip


def thumbnails(checkpoint: Checkpoint, atlas: Atlas) -> Scene:
    """The scene of the small pictures on the map, kept as `scene` is."""
    return keep("map thumbnails", (checkpoint, atlas), lambda: state.thumbnails(checkpoint.model, atlas.latents))


def _atlas_layout(atlas: Atlas) -> tuple[Plane, Atlas]:
    if atlas.umap is not None:
        return _plane(atlas, "umap"), atlas
    return _plane(atlas, "latent" if atlas.latents.shape[1] == 2 else "pca"), atlas


def _layout(view: Map, atlas: Atlas, source: tuple) -> tuple[Plane, Atlas] | None:
    parameters = {name: getattr(view, name) for name in ("n_neighbors", "min_dist", "metric")}
    is_umap = view.method == "atlas" or (view.method == "umap" and parameters == atlas.parameters)
    if is_umap and atlas.umap is not None:
        return _plane(atlas, "umap"), atlas
    if view.method == "atlas":
        return _atlas_layout(atlas)
    if view.method == "pca":
        return _plane(atlas, "pca", view.first, view.second), atlas
    part = atlas if len(atlas) <= state.COMPUTED_POINTS else atlas.rows(layouts.some(len(atlas), state.COMPUTED_POINTS))
    parameters = parameters if view.method == "umap" else {"perplexity": view.perplexity}
    plane = computing.plane(source, part.latents, view.method, parameters)
    return None if plane is None else (plane, part)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=HASHES)
def _plane(atlas: Atlas, method: str, first: int = 1, second: int = 2) -> Plane:
    if method == "pca":
        return Plane.of(layouts.pca(atlas.latents, first, second))
    return Plane.of(atlas.umap if method == "umap" else atlas.latents)


def colours(history, atlas: Atlas, card: dict) -> str:
    """The attribute that colours the points, or a latent coordinate (z1, z2, ...), or "" for their label. The default
    is the label where the atlas has one, else the first of the model's sliders."""
    names, size = atlas.attribute_names, atlas.latents.shape[1]
    sliders = card.get("sliders") if isinstance(card.get("sliders"), list) else []
    default = "" if atlas.labels is not None else next((name for name in (*sliders, *names) if name in names), "z1")
    options = [name for name in (*names, *(f"z{i + 1}" for i in range(size))) if name != default]
    titles = {f"z{i + 1}": _("Latent coordinate {number}").format(number=i + 1) for i in range(size)}
    titles[""] = (titles.get(default) or words(default)) if default else _("Label")
    st.selectbox(
        _("Colour by"), width=190, format_func=lambda name: titles.get(name) or words(name),
        **history.widget("colour", ["", *options]),
    )  # fmt: skip
    colour = history.current.colour
    return colour if colour in options else default


def selection(history, atlas: Atlas) -> np.ndarray:
    """The points that the filter leaves in colour, bool (N,)."""
    is_selected = np.ones(len(atlas), bool)
    has_classes = atlas.labels is not None
    having = _("Show only these") if has_classes else _("Show only those with")
    for field, label in (("having", having), ("lacking", _("Show only those without"))):
        key, options = f"map {field}", atlas.attribute_names
        names = [name for name in getattr(history.current, field) if name in options]
        st.session_state[key] = names

        def push(field=field, key=key) -> None:
            history.push(**{field: tuple(st.session_state[key])})

        st.multiselect(label, options, format_func=words, key=key, on_change=push, width=260, placeholder=_("Any"))
        columns = atlas.attributes[:, [options.index(name) for name in names]]
        if names:
            is_selected &= ~columns.any(1) if field == "lacking" else columns.any(1) if has_classes else columns.all(1)
    return is_selected


def scene(checkpoint: Checkpoint, atlas: Atlas, plane: Plane, is_latent_plane: bool) -> Scene:
    """The map's scene. The session keeps it while the map is the same, so that its token stays valid."""

    def make() -> Scene:
        return state.scene(checkpoint.model, plane, atlas.latents, is_latent_plane)

    return keep("map scene", (checkpoint, plane, is_latent_plane), make)  # the first two compare by identity


def label_text(atlas: Atlas, point: int) -> str:
    """A point's labels in words."""
    return ", ".join(words(name) for name in compress(atlas.attribute_names, atlas.attributes[point])) or _("no labels")


def table(atlas: Atlas, plane: Plane) -> Callable[[], bytes]:
    """A function that writes the map as CSV: number, x, y, labels."""

    def csv() -> bytes:
        lines = (f"{i},{x:.4f},{y:.4f},{label_text(atlas, i)!r}" for i, (x, y) in enumerate(plane.positions.tolist()))
        return "\n".join(["number,x,y,labels", *lines]).encode()

    return csv


def summary(method: str, atlas: Atlas, count: int, total: int, card: dict) -> str:
    """A caption of the map: how many points of how many, and for the atlas how it was laid out."""
    data = card.get("data")
    name = data.get("name") if isinstance(data, dict) else _("unknown data")
    if count == total:
        text = _("{total} pictures of {name} ({split} split).")
    elif count == state.MAP_POINTS:
        text = _("{count} of the {total} pictures of {name} ({split} split), at random: more would not move smoothly.")
    else:
        text = _("{count} of the {total} pictures of {name} ({split} split), at random: more would take too long.")
    text = text.format(count=f"{count:,}", total=f"{total:,}", name=name, split=atlas.split)
    return f"{text} {_origin(atlas)}" if method == "atlas" else text


def _origin(atlas: Atlas) -> str:
    """Where the layout of an atlas comes from."""
    if atlas.latents.shape[1] == 2:
        return _("The latent space has two dimensions: this is the space itself.")
    if atlas.umap is None:
        return _("This atlas holds no UMAP: these are the first two principal components.")
    parameters = ", ".join(f"{name} {value}" for name, value in atlas.parameters.items())
    return _("UMAP, computed when the atlas was made ({parameters}).").format(parameters=parameters)
