"""The rows of choices over the map: which model, which layout with which parameters, which colours and filter."""

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
from gen_lab.ui.hashes import HASHES
from pages.map import computing
from pages.map import state as maps
from pages.map.state import RANGES, Map


def load(name: str) -> tuple[Checkpoint, Atlas, int, tuple]:
    """A checkpoint; its atlas, thinned to what a browser moves smoothly; how many points it has in all; and a key that
    names all this. Raises `CheckpointError`."""
    checkpoint = models.load(name, "encode", "decode", without=("classes",))
    path = registry.folder(name) / atlases.FILE
    stamp = path.stat().st_mtime_ns if path.is_file() else None
    return checkpoint, *_load(checkpoint, stamp), (name, checkpoint.card["sha256"], stamp)


@st.cache_resource(max_entries=8, show_spinner="Opening the atlas …", hash_funcs=HASHES)
def _load(checkpoint: Checkpoint, stamp: int | None) -> tuple[Atlas, int]:
    whole = atlases.load(registry.folder(checkpoint.card["name"]), checkpoint.card)
    return whole.rows(layouts.some(len(whole), maps.SHOWN)), len(whole)


def layout(history, atlas: Atlas, source: tuple) -> tuple[Plane, Atlas] | None:
    """The widgets of the chosen layout, the plane that it gives and the part of the atlas that is on it; None while it
    is not computed yet. Raises ValueError with the remedy."""
    view: Map = history.current
    if view.method == "pca":
        for field, label in (("first", "To the right"), ("second", "Upwards")):
            st.number_input(f"{label}: component", *RANGES[field], width=190, **history.widget(field))
    elif view.method == "umap":
        st.number_input(
            "Neighbours", *RANGES["n_neighbors"], width=130, help=NEIGHBOURS, **history.widget("n_neighbors")
        )
        st.number_input(
            "Least distance", *RANGES["min_dist"], step=0.05, width=130, help=DISTANCE, **history.widget("min_dist")
        )
        st.selectbox("Metric", width=150, **history.widget("metric", layouts.METRICS))
    elif view.method == "tsne":
        st.number_input("Perplexity", *RANGES["perplexity"], width=130, help=PERPLEXITY, **history.widget("perplexity"))
    return _computed(view, atlas, source)


BETWEEN = (
    f"Between the points: the mean of the {layouts.NEIGHBOURS} nearest points' codes, nearer ones weighing more. A "
    "guess, for the layout has no way back."
)
THERE = "This place of the latent space itself, decoded."
NEIGHBOURS = "How many neighbours a point is tied to: few keep small groups apart, many keep the large shape."
DISTANCE = "How closely points may lie on the map. It changes the look more than the meaning."
PERPLEXITY = "About how many neighbours each point has."


def _computed(view: Map, atlas: Atlas, source: tuple) -> tuple[Plane, Atlas] | None:
    parameters = {name: getattr(view, name) for name in ("n_neighbors", "min_dist", "metric")}
    is_umap = view.method == "atlas" or (view.method == "umap" and parameters == atlas.parameters)
    if is_umap and atlas.umap is not None:
        return _plane(atlas, "umap"), atlas
    if view.method == "atlas":
        return _plane(atlas, "latent" if atlas.latents.shape[1] == 2 else "pca"), atlas
    if view.method == "pca":
        return _plane(atlas, "pca", view.first, view.second), atlas
    few = atlas if len(atlas) <= maps.COMPUTED else atlas.rows(layouts.some(len(atlas), maps.COMPUTED))
    parameters = parameters if view.method == "umap" else {"perplexity": view.perplexity}
    plane = computing.plane(source, few.latents, view.method, parameters)
    return None if plane is None else (plane, few)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=HASHES)
def _plane(atlas: Atlas, method: str, first: int = 1, second: int = 2) -> Plane:
    if method == "pca":
        return Plane.of(layouts.pca(atlas.latents, first, second))
    return Plane.of(atlas.umap if method == "umap" else atlas.latents)


def colours(history, atlas: Atlas, card: dict) -> str:
    """What the points are coloured by: an attribute, a latent coordinate (z1, z2, ...), or "" for their label. The
    model's own choice is its label where it has one, else the first of its sliders."""
    names, dims = atlas.attribute_names, atlas.latents.shape[1]
    sliders = card.get("sliders") if isinstance(card.get("sliders"), list) else []
    own = "" if atlas.labels is not None else next((name for name in (*sliders, *names) if name in names), "z1")
    offered = [name for name in (*names, *(f"z{i + 1}" for i in range(dims))) if name != own]
    titles = {"": words(own) if own else "Label"} | {f"z{i + 1}": f"Latent coordinate {i + 1}" for i in range(dims)}
    st.selectbox(
        "Colour by", width=190, format_func=lambda name: titles.get(name) or words(name),
        **history.widget("colour", ["", *offered]),
    )  # fmt: skip
    chosen = history.current.colour
    return chosen if chosen in offered else own


def selection(history, atlas: Atlas) -> np.ndarray:
    """Which points the filter leaves in colour, bool (N,)."""
    selected = np.ones(len(atlas), bool)
    one_each = atlas.labels is not None
    for field, label in (("having", "these" if one_each else "with"), ("lacking", "without")):
        key, options = f"map {field}", atlas.attribute_names
        chosen = [name for name in getattr(history.current, field) if name in options]
        st.session_state[key] = chosen

        def changed(field=field, key=key) -> None:
            history.push(**{field: tuple(st.session_state[key])})

        st.multiselect(
            f"Show only {label}", options, format_func=words, key=key, on_change=changed, width=260, placeholder="Any"
        )
        columns = atlas.attributes[:, [options.index(name) for name in chosen]]
        if chosen:
            selected &= ~columns.any(1) if field == "lacking" else columns.any(1) if one_each else columns.all(1)
    return selected


def scene(checkpoint: Checkpoint, atlas: Atlas, plane: Plane, is_latent_plane: bool) -> Scene:
    """The map's scene; the session keeps it while the map is the same, so that its token stays good."""
    key = (checkpoint, plane, is_latent_plane)  # the first two compare by identity
    held = st.session_state.get("map scene")
    if held is None or held[0] != key:
        held = key, maps.scene(checkpoint.model, plane, atlas.latents, is_latent_plane)
        st.session_state["map scene"] = held
    return held[1]


def label_text(atlas: Atlas, point: int) -> str:
    """A point's labels in words."""
    return ", ".join(words(name) for name in compress(atlas.attribute_names, atlas.attributes[point])) or "no labels"


def table(atlas: Atlas, plane: Plane) -> Callable[[], bytes]:
    """The map as CSV, made when it is asked for: number, x, y, labels."""

    def csv() -> bytes:
        lines = (f"{i},{x:.4f},{y:.4f},{label_text(atlas, i)!r}" for i, (x, y) in enumerate(plane.positions.tolist()))
        return "\n".join(["number,x,y,labels", *lines]).encode()

    return csv


def summary(view: Map, atlas: Atlas, count: int, total: int, card: dict) -> str:
    """What the map shows, in words: how many points of how many, and for the atlas how it was laid out."""
    data = card.get("data")
    name = data.get("name") if isinstance(data, dict) else "unknown data"
    text = f"{total:,} pictures of {name} ({atlas.split})"
    if count < total:
        why = "more would not move smoothly" if count == maps.SHOWN else "more would take too long"
        text += f", a random {count:,} of them shown: {why}"
    if view.method == "atlas" and atlas.latents.shape[1] == 2:
        return f"{text}. The latent space has two dimensions: this is the space itself."
    if view.method == "atlas" and atlas.umap is None:
        return f"{text}. This atlas holds no UMAP: these are the first two principal components."
    if view.method == "atlas":
        parameters = ", ".join(f"{name} {value}" for name, value in atlas.parameters.items())
        return f"{text}. UMAP, computed when the atlas was made ({parameters})."
    return f"{text}."
