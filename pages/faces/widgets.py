"""The widgets of the Faces page: the start of its picture, the strip, the judge's meter, the sliders' angles."""

from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gen_lab import data
from gen_lab.scenes import Scene
from gen_lab.sources import pack
from gen_lab.ui import charts, pictures
from gen_lab.ui.charts import words
from gen_lab.ui.controls.hand import keep
from pages.faces.state import STARTS, scene

CSS = Path(__file__).parent / "widgets.css"
NOTABLE = 0.10  # change of a probability that is marked


def choose(history, checkpoint) -> None:
    """A row of widgets for the start of `history.current`. Each change is a new state."""
    edit, name = history.current, checkpoint.card["data"]["name"]
    binding = history.widget("start", list(STARTS))

    def begin() -> None:
        start = st.session_state[binding["key"]]
        if (start == "data" and not data.is_ready(name)) or (start == "photo" and not edit.photo):
            pictures.ask(history.page, start)  # without a picture to start from, ask for one first
        else:
            binding["on_change"]()

    st.segmented_control("Start from", format_func=STARTS.get, required=True, **{**binding, "on_change": begin})
    dialog = pictures.dialog_for(history.page)
    if edit.start == "sample":
        st.number_input("Seed", 0, 999_999, width=150, **history.widget("seed"))
        st.button(
            "Another", icon=":material/casino:", help="Draw another face from the prior",
            on_click=lambda: history.push(seed=int(np.random.default_rng().integers(1_000_000))),
        )  # fmt: skip
    elif edit.start == "group":
        st.selectbox(
            "Group", width=240, format_func=lambda group: words(group) if group else "Everyone",
            **history.widget("group", ["", *checkpoint.directions]),
        )  # fmt: skip
    elif edit.start == "data":
        st.number_input("Face number", 0, 999_999, width=150, **history.widget("index"))
        if st.button("Browse …", icon=":material/grid_view:"):
            dialog = "data"
    elif st.button("Choose a photo …", icon=":material/photo_camera:"):
        dialog = "photo"
    if dialog == "data":
        pictures.browse(history.page, name, lambda index: history.push(start="data", index=index))
    elif dialog == "photo":
        pictures.photo(checkpoint, lambda latent: history.push(start="photo", photo=pack(latent)))


def scenes(edit, checkpoint, names: list[str]) -> tuple[Scene, Scene]:
    """The edit's scene, and the same without comparison. Raises ValueError and `MissingData` with the remedy.

    The session keeps them while only slider values change, so that a scene's token stays valid.
    """

    def make() -> tuple[Scene, Scene]:
        plain = scene(checkpoint, replace(edit, compare=False), names)
        return (scene(checkpoint, edit, names) if edit.compare else plain), plain

    return keep("faces scenes", (replace(edit, values={}), checkpoint), make)


def strip(frames: dict[float, np.ndarray], concept: str) -> str:
    """Pictures along a concept as HTML, slider units -> uint8 (H, W, 3), with their units below them."""
    labels = [f"{units:+g}".replace("-", "−") if units else "0" for units in frames]
    alts = [f"{words(concept)} at {label}" for label in labels]
    return charts.strip(zip(frames.values(), labels, alts, strict=True))


def meter(names: list[str], before: np.ndarray, after: np.ndarray, edited: set[str]) -> str:
    """The judge's verdict as HTML: a bar for each attribute's probability, with a mark at its value at the start.

    before, after (A,) in [0, 1]. `edited` are the names of the sliders that were moved. A change of `NOTABLE` or more
    is marked, and called unasked where its slider was not moved.
    """
    rows = []
    for name, start, end in zip(names, before.tolist(), after.tolist(), strict=True):
        kind, change = "", ""
        if abs(end - start) >= NOTABLE:
            kind = "asked" if name in edited else "unasked"
            change = f"{'▲' if end > start else '▼'} {abs(end - start):.0%}{'' if name in edited else ' unasked'}"
        rows.append(
            f'<tr class="{kind}"><th scope="row">{escape(words(name))}</th><td><div class="bar">'
            f'<i style="width: {end:.1%}"></i><b style="left: {start:.1%}"></b></div></td>'
            f'<td class="number">{end:.0%}</td><td class="change">{change}</td></tr>'
        )
    unasked = sum('class="unasked"' in row for row in rows)
    verdict = f"{unasked} of these moved although nobody asked." if unasked else "None of these moved unasked."
    caption = f"<caption>The upright mark is the start. {verdict}</caption>"
    return f'<table class="meter">{caption}<tbody>{"".join(rows)}</tbody></table>'


def cosine_map(names: list[str], cosines: np.ndarray) -> go.Figure:
    """Cosines between directions (k, k) as a heat map: purple at -1, the page's own colour at 0, teal at 1."""
    labels = [words(name) for name in names]
    colours = [[0, "rgb(124,78,173)"], [0.5, "rgba(150,150,140,0.06)"], [1, "rgb(11,120,113)"]]
    heat = go.Heatmap(
        z=cosines, x=labels, y=labels, zmin=-1, zmax=1, colorscale=colours, xgap=2, ygap=2,
        hovertemplate="%{y} and %{x}: %{z:.2f}<extra></extra>",
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
    ends = [
        f"{words(names[rows[i]])} and {words(names[columns[i]]).lower()} ({pairs[i]:+.2f})".replace("-", "−")
        for i in (pairs.argmax(), pairs.argmin())
    ]
    return f"Most alike: {ends[0]}. Most opposed: {ends[1]}."
