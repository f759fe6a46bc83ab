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
from gen_lab.sources import opening, pack
from gen_lab.ui import navigation
from gen_lab.ui.charts import words
from gen_lab.ui.language import _
from pages.map import state
from pages.map.state import Map

DIFFERENCES = 4  # attributes listed in which two groups differ most


def direction_help() -> str:
    return _(
        "The arrow from the mean code of group A to that of group B, as long as one standard deviation of all points "
        "along it. A picture in both groups counts for neither."
    )


def groups(history, checkpoint: Checkpoint, atlas: Atlas, plane: Plane, has_sliders: bool) -> None:
    """How many points are in the lassos, their mean pictures, and the difference as a slider of the Faces page."""
    view: Map = history.current
    st.subheader(_("Your two groups"), anchor=False, help=direction_help())
    inside = {name: layouts.inside(plane.positions, getattr(view, name)) for name in "ab"}
    if not (inside["a"].any() and inside["b"].any()):
        st.markdown(
            _(
                "Choose *Lasso A* above the map and draw around some points, then *Lasso B* and draw around others. "
                "The difference between their means is a direction."
            )
        )
        for name, points in inside.items():
            if points.any():
                count = f"{points.sum():,}"
                st.markdown(_("Pictures in group {name} so far: {count}.").format(name=name.upper(), count=count))
        return
    try:
        direction = state.difference(atlas.latents, inside["a"], inside["b"])
    except ValueError:
        remedy = _("Each group needs a picture that the other does not have: draw two lassos that differ.")
        st.info(remedy, icon=":material/lasso_select:")
        return
    means = [torch.from_numpy(atlas.latents[points].mean(0)) for points in inside.values()]
    pictures = device.decode(checkpoint.model, torch.stack(means))
    columns = st.columns([1, 1, 2])
    for column, (name, points), picture in zip(columns, inside.items(), pictures, strict=False):
        side = max(1, 256 // len(picture))
        title = _("Mean of group {name}: {count} pictures").format(name=name.upper(), count=f"{points.sum():,}")
        column.image(enlarge(picture, side).squeeze(), caption=title, alt=title, width="stretch")
    with columns[2]:
        shares = {name: atlas.attributes[points].mean(0) for name, points in inside.items()}
        change = shares["b"] - shares["a"]
        rows = [
            f"- {words(atlas.attribute_names[i])}: {shares['a'][i]:.0%} → {shares['b'][i]:.0%}"
            for i in np.argsort(-np.abs(change))[:DIFFERENCES]
        ]
        st.markdown(_("Labels that differ most, A → B:"))
        st.markdown("\n".join(rows))
        if has_sliders and st.button(
            _("Make it a slider"), type="primary", icon=":material/tune:", help=direction_help()
        ):
            face = opening(checkpoint.card, "seed")
            navigation.go("faces", model=view.model, direction=pack(direction), **face)
        if view.a or view.b:
            st.button(_("Clear both"), icon=":material/close:", on_click=history.push, kwargs={"a": (), "b": ()})


@st.cache_data(max_entries=64, show_spinner=False)
def _readings(latents: np.ndarray, positions: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    return readings(latents, positions, labels)


def reading(atlas: Atlas, plane: Plane, colour: str) -> None:
    """How well the map keeps the neighbourhoods of the latent space."""
    explanation = _(
        "How many of a point's ten nearest neighbours share its label: in latent space, on the map, and by chance, "
        "that is, for two random points. Trustworthiness (Venna and Kaski 2001, from scikit-learn) is 1 where whatever "
        "is near on the map is also near in latent space."
    )
    st.subheader(_("How far to trust this map"), anchor=False, help=explanation)
    with st.spinner(_("Comparing neighbours …")):
        figures = _readings(atlas.latents, plane.positions, state.labels(atlas, colour))
    if colour in atlas.attribute_names:
        question = _("How many of a point's ten nearest neighbours share its label for *{label}*:")
        question = question.format(label=words(colour))
    elif atlas.labels is None:
        question = _("How many of a point's ten nearest neighbours share its labels, on average over all of them:")
    else:
        question = _("How many of a point's ten nearest neighbours share its label:")
    st.markdown(question)
    shares = {_("In latent space"): "latent", _("On the map"): "map", _("By chance"): "chance"}
    for column, (title, name) in zip(st.columns(4), [*shares.items(), (_("Trustworthiness"), "")], strict=True):
        column.metric(title, f"{figures[name]:.0%}" if name else f"{figures['trustworthiness']:.2f}")
    st.caption(
        _(
            "Measured on {count} points. On a UMAP or t-SNE map, neighbours mean something; the sizes of the islands "
            "and the distances between them do not."
        ).format(count=f"{figures['points']:,}")
    )
