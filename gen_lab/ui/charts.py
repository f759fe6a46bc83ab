"""Plotly figures of the pages. Colours come from the theme."""

import numpy as np
import plotly.graph_objects as go

ASKED, UNASKED, CALM = "#2a8f88", "#d9822b", "#8a8178"
MOVED = 0.10  # change of a probability from which on it is marked


def words(name: str) -> str:
    """An attribute's name for readers: Blond_Hair -> blond hair."""
    return name.replace("_", " ").capitalize()


def meter(names: list[str], before: np.ndarray, after: np.ndarray, asked: set[str]) -> go.Figure:
    """What the judge sees: a bar for each attribute's probability now, a mark where it was at the start.

    before, after (A,) in [0, 1]. What moved by `MOVED` or more is coloured by whether its slider was moved.
    """
    moved = np.abs(after - before) >= MOVED
    colours = [CALM if not m else ASKED if name in asked else UNASKED for name, m in zip(names, moved, strict=True)]
    labels = [words(name) for name in names]
    figure = go.Figure()
    figure.add_bar(
        y=labels, x=after, orientation="h", marker_color=colours, width=0.6, name="now",
        customdata=before, hovertemplate="%{y}: %{x:.0%} now, %{customdata:.0%} at the start<extra></extra>",
    )
    figure.add_scatter(
        y=labels, x=before, mode="markers", name="at the start", hoverinfo="skip",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 2.5, "color": CALM}},
    )
    figure.update_layout(
        height=50 + 26 * len(names), margin={"l": 0, "r": 24, "t": 4, "b": 30}, showlegend=False, bargap=0.3,
        xaxis={"range": [0, 1.02], "tickformat": ".0%", "tickvals": [0, 0.5, 1], "fixedrange": True},
        yaxis={"autorange": "reversed", "fixedrange": True},
    )
    return figure


def unasked(names: list[str], before: np.ndarray, after: np.ndarray, asked: set[str]) -> list[str]:
    """What moved by `MOVED` or more although its slider was not touched, largest first, in words."""
    change = dict(zip(names, after - before, strict=True))
    found = [name for name in names if name not in asked and abs(change[name]) >= MOVED]
    return [f"{words(name)} {change[name]:+.0%}" for name in sorted(found, key=lambda name: -abs(change[name]))]


def cosine_map(names: list[str], cosines: np.ndarray) -> go.Figure:
    """Cosines between directions (k, k) as a heat map from -1 to 1."""
    labels = [words(name) for name in names]
    figure = go.Figure(
        go.Heatmap(
            z=cosines, x=labels, y=labels, zmin=-1, zmax=1, colorscale="RdBu_r", xgap=1, ygap=1,
            hovertemplate="%{y} and %{x}: %{z:.2f}<extra></extra>", colorbar={"title": "cosine", "thickness": 12},
        )
    )
    figure.update_layout(
        height=90 + 22 * len(names), margin={"l": 0, "r": 0, "t": 4, "b": 0},
        yaxis={"autorange": "reversed", "fixedrange": True}, xaxis={"tickangle": -40, "fixedrange": True},
    )
    return figure
