"""Below the map: the two groups, the direction from one to the other, and how far to believe the map."""

import numpy as np
import streamlit as st
import torch

from gen_lab import device
from gen_lab.checkpoint import Checkpoint
from gen_lab.checkpoint.atlas import Atlas
from gen_lab.images import enlarge
from gen_lab.latent import layouts
from gen_lab.latent.layouts import Plane
from gen_lab.metrics.trustworthiness import readings
from gen_lab.sources import pack
from gen_lab.ui import navigation
from gen_lab.ui.charts import words
from pages.map import state
from pages.map.state import Map

DIFFERENCES = 4  # attributes listed in which two groups differ most
HOW = (
    "The arrow from the mean code of group A to that of group B, as long as one standard deviation of all points along "
    "it. A picture in both groups counts for neither."
)
READING = (
    "Of a point's ten nearest neighbours, the share that has its label: in latent space, on the map, and of two random "
    "points. Trustworthiness (Venna and Kaski 2001, from scikit-learn) is 1 where everything near on the map is near "
    "in latent space too."
)


def groups(history, checkpoint: Checkpoint, atlas: Atlas, plane: Plane, has_sliders: bool) -> None:
    """How many points are in the lassos, their mean pictures, and the difference as a slider of the Faces page."""
    view: Map = history.current
    st.subheader("Your two groups", anchor=False, help=HOW)
    inside = {name: layouts.inside(plane.positions, getattr(view, name)) for name in "ab"}
    if not (inside["a"].any() and inside["b"].any()):
        sizes = [f"group {name.upper()} has {points.sum():,}" for name, points in inside.items() if points.any()]
        st.markdown(
            "Choose *Lasso A* over the map and draw around some points, then *Lasso B* around others: the difference "
            "of their means is a direction." + (f" So far, {sizes[0]} pictures." if sizes else "")
        )
        return
    try:
        direction = state.difference(atlas.latents, inside["a"], inside["b"])
    except ValueError as error:
        st.info(str(error).capitalize() + ".", icon=":material/lasso_select:")
        return
    means = [torch.from_numpy(atlas.latents[points].mean(0)) for points in inside.values()]
    pictures = device.decode(checkpoint.model, torch.stack(means))
    columns = st.columns([1, 1, 2])
    for column, (name, points), picture in zip(columns, inside.items(), pictures, strict=False):
        side = max(1, 256 // len(picture))
        title = f"Mean of group {name.upper()}: {points.sum():,} pictures"
        column.image(enlarge(picture, side).squeeze(), caption=title, alt=title, width="stretch")
    with columns[2]:
        shares = {name: atlas.attributes[points].mean(0) for name, points in inside.items()}
        change = shares["b"] - shares["a"]
        rows = [
            f"- {words(atlas.attribute_names[i])}: {shares['a'][i]:.0%} → {shares['b'][i]:.0%}"
            for i in np.argsort(-np.abs(change))[:DIFFERENCES]
        ]
        st.markdown("Labels that differ most, A → B:\n\n" + "\n".join(rows))
        if has_sliders and st.button("Make it a slider", type="primary", icon=":material/tune:", help=HOW):
            navigation.go("faces", model=view.model, direction=pack(direction))
        if view.a or view.b:
            st.button("Clear both", icon=":material/close:", on_click=history.push, kwargs={"a": (), "b": ()})


@st.cache_data(max_entries=64, show_spinner="Reading the neighbours …")
def _readings(latents: np.ndarray, positions: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    return readings(latents, positions, labels)


def reading(atlas: Atlas, plane: Plane, colour: str) -> None:
    """How well the map keeps the neighbourhoods of the latent space."""
    st.subheader("How far to believe this map", anchor=False, help=READING)
    figures = _readings(atlas.latents, plane.positions, state.labels(atlas, colour))
    label = "all labels" if atlas.labels is None else "the label"
    label = words(colour) if colour in atlas.attribute_names else label
    st.markdown(f"Of a point's ten nearest neighbours, this share has its label ({label}):")
    shares = {"In latent space": "latent", "On the map": "map", "By chance": "chance"}
    for column, (title, name) in zip(st.columns(4), [*shares.items(), ("Trustworthiness", "")], strict=True):
        column.metric(title, f"{figures[name]:.0%}" if name else f"{figures['trustworthiness']:.2f}")
    st.caption(
        f"Read on {figures['points']:,} points. "
        "Neighbours on a UMAP or t-SNE map mean something; the gaps between its islands, their sizes and how far apart "
        "they lie do not."
    )
