"""What pages show beside their picture: the judge's meter and the strip (HTML), the cosines (Plotly)."""

import base64
from html import escape
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gen_lab.images import encode

CSS = Path(__file__).parent / "charts.css"
MOVED = 0.10  # change of a probability from which on it is marked


def words(name: str) -> str:
    """An attribute's name for readers: Blond_Hair -> Blond hair."""
    return name.replace("_", " ").capitalize()


def show(html: str) -> None:
    """Puts HTML such as that of `meter` or `strip` on the page."""
    st.html(f"{html}<style>{CSS.read_text('utf-8')}</style>")


def meter(names: list[str], before: np.ndarray, after: np.ndarray, asked: set[str]) -> str:
    """What the judge sees: a bar for each attribute's probability now, a mark where it was at the start.

    before, after (A,) in [0, 1]. What moved by `MOVED` or more says so, and whether its slider was moved.
    """
    rows = []
    for name, was, now in zip(names, before.tolist(), after.tolist(), strict=True):
        kind, change = "", ""
        if abs(now - was) >= MOVED:
            kind = "asked" if name in asked else "unasked"
            change = f"{'▲' if now > was else '▼'} {abs(now - was):.0%}{'' if name in asked else ' unasked'}"
        rows.append(
            f'<tr class="{kind}"><th scope="row">{escape(words(name))}</th><td><div class="bar">'
            f'<i style="width: {now:.1%}"></i><b style="left: {was:.1%}"></b></div></td>'
            f'<td class="number">{now:.0%}</td><td class="change">{change}</td></tr>'
        )
    unasked = sum('class="unasked"' in row for row in rows)
    verdict = f"{unasked} of these moved although nobody asked." if unasked else "Nothing moved unasked."
    caption = f"<caption>The upright mark is the start. {verdict}</caption>"
    return f'<table class="meter">{caption}<tbody>{"".join(rows)}</tbody></table>'


def source(picture: np.ndarray) -> str:
    """A picture, uint8 (H, W, C), as the address of an HTML image."""
    return "data:image/webp;base64," + base64.b64encode(encode(picture, "WEBP", quality=92)).decode()


def strip(pictures: dict[float, np.ndarray], concept: str) -> str:
    """Pictures in a row, slider units -> uint8 (H, W, 3), with their units below them."""
    figures = []
    for units, picture in pictures.items():
        label = f"{units:+g}".replace("-", "−") if units else "0"
        figures.append(
            f'<figure><img src="{source(picture)}" alt="{escape(words(concept))} at {label}">'
            f"<figcaption>{label}</figcaption></figure>"
        )
    return f'<div class="strip">{"".join(figures)}</div>'


def cosine_map(names: list[str], cosines: np.ndarray) -> go.Figure:
    """Cosines between directions (k, k) as a heat map from -1 to 1: purple, the page's own colour at 0, teal."""
    labels = [words(name) for name in names]
    ink = st.get_option(f"theme.{st.context.theme.type or 'light'}.textColor")
    colours = [[0, "rgb(124,78,173)"], [0.5, "rgba(150,150,140,0.06)"], [1, "rgb(11,120,113)"]]
    figure = go.Figure(
        go.Heatmap(
            z=cosines, x=labels, y=labels, zmin=-1, zmax=1, colorscale=colours, xgap=2, ygap=2,
            hovertemplate="%{y} and %{x}: %{z:.2f}<extra></extra>",
            colorbar={"thickness": 10, "tickvals": [-1, 0, 1], "outlinewidth": 0, "tickfont": {"color": ink}},
        )
    )  # fmt: skip
    axis = {"fixedrange": True, "tickfont": {"size": 13, "color": ink}, "showgrid": False, "ticks": ""}
    figure.update_layout(
        height=110 + 25 * len(names),
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        yaxis={**axis, "autorange": "reversed"},
        xaxis={**axis, "tickangle": -50},
    )
    return figure


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


def plane_figures(card: dict) -> str:
    """What a card says of a latent plane, in a line."""
    metrics = card.get("metrics", {})
    said = []
    if "reconstruction_nats_at_mean" in metrics:
        said.append(f"reconstruction {metrics['reconstruction_nats_at_mean']:.1f} nats a picture")
    if "kl_nats" in metrics:
        said.append(f"KL {metrics['kl_nats']:.1f} nats")
    if "coverage" in metrics:
        said.append(f"{metrics['coverage']['box']:.0%} of this plane decodes to a digit that the judge is sure of")
    return " · ".join(said) or "Not measured yet."


def beta_rows(cards: dict[float, dict], autoencoder: dict) -> dict[str, list[str]]:
    """A table of the cards by beta, below the autoencoder's, as columns."""

    def figure(card, key, form="{:.1f}"):
        value = card.get("metrics", {}).get(key)
        value = value["box"] if isinstance(value, dict) else value
        return "–" if value is None else form.format(value)

    rows = [("autoencoder", autoencoder), *((f"β = {beta:g}", card) for beta, card in cards.items())]
    return {
        "Model": [name for name, _ in rows],
        "Reconstruction (nats)": [figure(card, "reconstruction_nats_at_mean") for _, card in rows],
        "KL (nats)": [figure(card, "kl_nats") for _, card in rows],
        "Bound, ELBO (nats)": [figure(card, "elbo_nats").replace("-", "−") for _, card in rows],
        "Plane that is digits": [figure(card, "coverage", "{:.0%}") for _, card in rows],
    }
