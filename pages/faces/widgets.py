"""The widgets of the Faces page: the start of its picture, the network, the strip, the judge's meter, the sliders'
angles."""

from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from gen_lab import data, registry
from gen_lab.latent import Directions, cosines
from gen_lab.latent.learned import LearnedSliders
from gen_lab.scenes import Scene
from gen_lab.sources import encode_picture, pack
from gen_lab.ui import charts, pictures
from gen_lab.ui.charts import words
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.controls.network import Network
from gen_lab.ui.language import _
from pages.faces.state import Start, moves, scene, start

CSS = Path(__file__).parent / "widgets.css"
BENDS = (-3.0, -1.0, 1.0, 3.0)  # units at which the network below the picture knows what a slider moves
NOTABLE = 0.10  # change of a probability that is marked


def title(card: dict) -> str:
    """What a model draws, and whether it is a GAN."""
    subject = card["name"].partition("-")[2].capitalize()
    return _("{subject} (GAN)").format(subject=subject) if registry.offers(card, "score") else subject


def starts(card: dict) -> dict[str, str]:
    """The labels of `state.STARTS` that a model can start from: without an encoder it reads no pictures."""
    labels = {"sample": _("Random"), "data": _("Data set"), "group": _("Mean face"), "photo": _("Your photo")}
    fitting = labels if registry.offers(card, "encode") else ("sample", "group")
    return {start: labels[start] for start in fitting}


def estimators() -> dict[str, str]:
    """The labels of `gen_lab.latent.ESTIMATORS`."""
    return {"mean difference": _("Mean difference"), "classifier": _("Classifier")}


def ways() -> dict[str, str]:
    """The labels of `state.WAYS`."""
    return {"line": _("Line"), "learned": _("Learned")}


def choose(history, checkpoint) -> None:
    """A row of widgets for the start of `history.current`. Each change is a new state."""
    edit, name, labels = history.current, checkpoint.card["data"]["name"], starts(checkpoint.card)
    binding = history.widget("start", list(labels), noise=0)

    def begin() -> None:
        choice = st.session_state[binding["key"]]
        if (choice == "data" and not data.is_ready(name)) or (choice == "photo" and not edit.photo):
            pictures.ask(history.page, choice)  # without a picture to start from, ask for one first
        else:
            binding["on_change"]()

    st.segmented_control(_("Start from"), format_func=labels.get, required=True, **{**binding, "on_change": begin})
    if "photo" not in labels:
        st.caption(_("This model has no encoder. It draws faces of its own, and cannot find the numbers of yours."))
    dialog = pictures.dialog_for(history.page)
    if edit.start == "sample":
        st.number_input(_("Seed"), 0, 999_999, width=150, **history.widget("seed"))
        st.button(
            _("Another"), icon=":material/casino:", help=_("Draw another face at random"),
            on_click=lambda: history.push(seed=int(np.random.default_rng().integers(1_000_000))),
        )  # fmt: skip
    elif edit.start == "group":
        st.selectbox(
            _("Mean of"), width=240, format_func=lambda group: words(group) if group else _("Everyone"),
            **history.widget("group", ["", *checkpoint.directions]),
        )  # fmt: skip
    elif edit.start not in labels:
        return
    elif edit.start == "data":
        st.number_input(_("Face number"), 0, 999_999, width=150, **history.widget("index", noise=0))
        if st.button(_("Browse …"), icon=":material/grid_view:"):
            dialog = "data"
    elif st.button(_("Choose a photo …"), icon=":material/photo_camera:"):
        dialog = "photo"
    if dialog == "data":
        pictures.browse(history.page, name, lambda index: history.push(start="data", index=index, noise=0))
    elif dialog == "photo":
        _ask_for_photo(history, checkpoint)


def _ask_for_photo(history, checkpoint) -> None:
    @st.dialog(_("Your photo"), width="large")
    def dialog() -> None:
        st.caption(_("The photo stays in this session's memory and is not stored; only its latent vector goes on."))
        pixels = pictures.crop(checkpoint)
        if pixels is not None:
            code = pack(encode_picture(checkpoint, pixels))
            st.session_state["faces original"] = (code, pixels)
            history.push(start="photo", photo=code, noise=0)
            st.rerun()

    dialog()


def way(history, learned: LearnedSliders | None) -> None:
    """The choice of how sliders move a picture, where there is one."""
    if learned is None:
        return
    labels = ways()
    about = _(
        "A line moves every face alike, and takes along what goes with it in the data. Learned: a small network bends "
        "the line for each face, so that the rest stays."
    )
    binding = history.widget("way", list(labels))
    st.segmented_control(_("Sliders"), format_func=labels.get, required=True, help=about, **binding)


def draw(history) -> None:
    """Buttons that draw z from what the encoder said of the picture, and that go back to its mean."""
    st.button(
        _("Draw z"), icon=":material/casino:",
        help=_("Take z = μ + σ ε with fresh noise ε, as in training. The face hardly changes: that is what σ allows."),
        on_click=lambda: history.push(noise=int(np.random.default_rng().integers(1, 1_000_000))),
    )  # fmt: skip
    if history.current.noise:
        st.button(_("Back to μ"), on_click=history.push, kwargs={"noise": 0})


def scenes(edit, checkpoint, names: list[str], learned: LearnedSliders | None = None) -> tuple[Scene, Scene, Start]:
    """The edit's scene, the same without comparison, and its start. Raises ValueError and `MissingData` with the
    remedy.

    The session keeps them while only slider values change, so that a scene's token stays valid.
    """
    code, pixels = st.session_state.get("faces original", ("", None))
    photo = pixels if code == edit.photo else None

    def make() -> tuple[Scene, Scene, Start]:
        plain = scene(checkpoint, replace(edit, compare=False), names, learned=learned)
        shown = scene(checkpoint, edit, names, photo, learned) if edit.compare else plain
        return shown, plain, start(checkpoint, edit, photo)

    return keep("faces scenes", (replace(edit, values={}), checkpoint, learned), make)


def labels(edit, begin: Start) -> list[tuple[str, float, float]]:
    """What stands on the pictures of a comparison: text, left, top as shares."""
    if not edit.compare:
        return []
    names = [_("Start") if begin.mean is None else _("Reconstruction"), _("Edited")]
    if begin.original is not None:
        names = [_("Original"), *names]
    return [(name, place / len(names), 0.0) for place, name in enumerate(names)]


def network(edit, checkpoint, names: list[str], begin: Start, learned: LearnedSliders | None = None) -> Network:
    """The edit's numbers, as they are drawn below its picture."""
    origins = {"sample": _("Drawn at random"), "group": _("The mean of many codes")}
    origin = origins.get(edit.start, _("From another page"))
    move, units = moves(checkpoint, edit, names, learned), BENDS if learned and edit.way == "learned" else (1.0,)
    values = torch.tensor(units)[:, None].expand(-1, len(names))  # the sliders' moves do not depend on each other
    directions = move(begin.latent.cpu().float().expand(len(units), -1), values) / values[..., None]
    return Network(begin.latent, directions, units, origin, begin.original, begin.mean, begin.spread)


def strip(frames: dict[float, np.ndarray], concept: str) -> str:
    """Pictures along a concept as HTML, slider units -> uint8 (H, W, 3), with their units below them."""
    labels = [f"{units:+g}".replace("-", "−") if units else "0" for units in frames]
    alts = [_("{concept} at {units}").format(concept=words(concept), units=label) for label in labels]
    return charts.strip(zip(frames.values(), labels, alts, strict=True))


def meter(names: list[str], before: np.ndarray, after: np.ndarray, edited: set[str]) -> str:
    """The judge's verdict as HTML: a bar for each attribute's probability, with a mark at its value at the start.

    before, after (A,) in [0, 1]. `edited` are the names of the sliders that were moved. A change of `NOTABLE` or more
    is marked, and called unasked where its slider was not moved.
    """
    rows = []
    for name, begin, end in zip(names, before.tolist(), after.tolist(), strict=True):
        kind, change = "", ""
        if abs(end - begin) >= NOTABLE:
            kind = "asked" if name in edited else "unasked"
            unasked = "" if name in edited else " " + _("unasked")
            change = f"{'▲' if end > begin else '▼'} {abs(end - begin):.0%}{unasked}"
        rows.append(
            f'<tr class="{kind}"><th scope="row">{escape(words(name))}</th><td><div class="bar">'
            f'<i style="width: {end:.1%}"></i><b style="left: {begin:.1%}"></b></div></td>'
            f'<td class="number">{end:.0%}</td><td class="change">{change}</td></tr>'
        )
    count = sum('class="unasked"' in row for row in rows)
    verdict = _("{count} of these moved unasked.").format(count=count) if count else _("None of these moved unasked.")
    mark = _("The upright mark shows where it started.")
    return f'<table class="meter"><caption>{mark} {verdict}</caption><tbody>{"".join(rows)}</tbody></table>'


def side_effects(card: dict, concept: str) -> None:
    """What a concept's slider moves besides, by each method, at equal success: the card's curves."""
    curves = side_effect_curves(card, concept)
    if not curves:
        return
    about = _(
        "The further a slider is moved, the more test faces flip, and the more else changes. Lower is better: less "
        "besides, at the same success."
    )
    title = _("{concept}: what else moves").format(concept=words(concept))
    st.subheader(title, anchor=False, help=about)
    charts.plot(side_effect_chart(curves))
    st.caption(side_effect_sentence(curves))


def methods() -> dict[str, str]:
    """The labels of the methods whose side effects are measured (`gen_lab.metrics.side_effects.ways`)."""
    line, learned, locked = _("Line"), _("Learned"), _("others locked")
    lines = {method: f"{line}: {label.lower()}" for method, label in estimators().items()}
    return {
        "learned": learned,
        "learned, others locked": f"{learned}, {locked}",
        **lines,
        "mean difference, others locked": f"{line}, {locked}",
    }


def side_effect_curves(card: dict, concept: str) -> dict[str, dict]:
    """By method, as far as the card has them in order: "units", "flipped" and "others" from zero on, and "at", the
    others' change where 95% have flipped, or None."""
    curves = {}
    for method in methods():
        try:
            figures = card["metrics"]["side_effects"]
            curve = figures["curves"][method][concept]
            series = [[0.0, *map(float, part)] for part in (figures["units"], curve["flipped"], curve["others"])]
            at = curve["at"] and float(curve["at"]["others"])
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        if len({len(part) for part in series}) == 1 and np.isfinite(series).all():
            curves[method] = {**dict(zip(("units", "flipped", "others"), series, strict=True)), "at": at}
    return curves


def side_effect_chart(curves: dict[str, dict]) -> go.Figure:
    """The share of flipped faces against the mean change of the other attributes' probability, a line per method."""
    labels = methods()
    lines = [
        go.Scatter(
            x=curve["flipped"], y=curve["others"], name=labels[method], mode="lines+markers", customdata=curve["units"],
            line={"dash": "dot" if "locked" in method else "solid", "width": 3 if method == "learned" else 2},
            hovertemplate=_("%{customdata:.1f} units: %{x:.0%} flipped, others %{y:.3f}") + "<extra></extra>",
        )
        for method, curve in curves.items()
    ]  # fmt: skip
    chart = charts.figure(lines, height=320, legend_y=-0.25, colorway=charts.colours())
    chart.update_xaxes(title_text=_("Flipped test faces"), tickformat=".0%", range=[-0.02, 1.03])
    chart.update_yaxes(title_text=_("Change of the others"), rangemode="tozero")
    return chart.add_vline(0.95, line={"dash": "dot", "width": 1, "color": charts.ink()})


def side_effect_sentence(curves: dict[str, dict]) -> str:
    """The chart in a sentence: what the others change where 95% have flipped."""
    never = _("not reached")
    figures = [
        f"{methods()[method]} " + (never if curve["at"] is None else f"{curve['at']:.3f}")
        for method, curve in curves.items()
    ]
    return _("Where 95% have flipped, the others' probability changed by: {figures}.").format(
        figures="; ".join(figures)
    )


def angles(history, directions: Directions, names: list[str]) -> None:
    """How the sliders' directions relate: the choice of the method, a heat map of their cosines, and a sentence."""
    about = _(
        "The cosine of the angle between two directions. Far from zero, one slider takes the other along; lock the "
        "other to stop it."
    )
    st.subheader(_("How the directions relate"), anchor=False, help=about)
    about = _(
        "The difference of two groups' mean codes, or the normal of the plane by which a classifier separates them."
    )
    labels = estimators()
    binding = history.widget("method", list(labels), way="line")
    st.segmented_control(_("Directions from"), format_func=labels.get, required=True, help=about, **binding)
    locked = list(history.current.fitted(names).locked)
    similarities = cosines(directions.using(history.current.method).locked(names, locked)).numpy()
    charts.plot(cosine_map(names, similarities))
    st.caption(extremes(names, similarities))


def cosine_map(names: list[str], cosines: np.ndarray) -> go.Figure:
    """Cosines between directions (k, k) as a heat map: purple at -1, the page's own colour at 0, teal at 1."""
    labels = [words(name) for name in names]
    colours = [[0, "rgb(124,78,173)"], [0.5, "rgba(150,150,140,0.06)"], [1, "rgb(11,120,113)"]]
    heat = go.Heatmap(
        z=cosines, x=labels, y=labels, zmin=-1, zmax=1, colorscale=colours, xgap=2, ygap=2,
        hovertemplate=_("%{y} and %{x}: %{z:.2f}") + "<extra></extra>",
        colorbar={"thickness": 10, "tickvals": [-1, 0, 1], "outlinewidth": 0, "tickfont": {"color": charts.ink()}},
    )  # fmt: skip
    axis = {"tickfont_size": 13, "showgrid": False, "ticks": ""}
    height = 110 + 25 * len(names)
    return charts.figure(heat, height=height, xaxis=axis, xaxis_tickangle=-50, yaxis={**axis, "autorange": "reversed"})


def extremes(names: list[str], cosines: np.ndarray) -> str:
    """The heat map in a sentence: the pair of directions that is most alike, and the pair that is most opposed."""
    if len(names) < 2:
        return ""
    rows, columns = np.triu_indices(len(names), 1)
    pairs = cosines[rows, columns]

    def words_for(place: int) -> str:
        one, other = words(names[rows[place]]), words(names[columns[place]]).lower()
        cosine = f"{pairs[place]:+.2f}".replace("-", "−")
        return _("{one} and {other} ({cosine})").format(one=one, other=other, cosine=cosine)

    alike, opposed = words_for(pairs.argmax()), words_for(pairs.argmin())
    return _("Most alike: {alike}. Most opposed: {opposed}.").format(alike=alike, opposed=opposed)
