"""What pages show beside their picture: charts in the look of the theme, and pictures and tables as HTML."""

import base64
import json
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gen_lab.images import encode
from gen_lab.ui.language import _

CSS = Path(__file__).parent / "charts.css"


def words(name: str) -> str:
    """An attribute's or a class's name for readers: Blond_Hair -> Blond hair, not Blond_Hair -> Not blond hair."""
    return _(_english(name))


def _english(name: str) -> str:
    return name.replace("_", " ").capitalize()


def names(file, keywords, comment_tags, options) -> Iterator[tuple]:
    """Babel's extractor for a model's card (languages/babel.cfg): the names of its attributes and classes."""
    card = json.load(file)
    for entry in (card["config"], card.get("atlas", {})):
        for name in [*entry.get("attribute_names", ()), *entry.get("classes", ())]:
            yield 1, "_", _english(name), []


def losses(file, keywords, comment_tags, options) -> Iterator[tuple]:
    """Babel's extractor for a run's history: the names of its losses."""
    for name in dict.fromkeys(name for line in file for name in json.loads(line)):
        yield 1, "_", _english(name), []


# -- charts ------------------------------------------------------------------------------------------------------------


def ink() -> str:
    """The colour of the page's text, in light or dark."""
    return st.get_option(f"theme.{st.context.theme.type or 'light'}.textColor")


def colours() -> list[str]:
    """The theme's colours for the series of a chart, in order."""
    return st.get_option("theme.chartCategoricalColors")


def figure(traces=(), **layout) -> go.Figure:
    """A chart in the page's look: its text in the page's ink, its axes without zoom, its legend in a row.

    `layout` is the rest of this chart's layout, in Plotly's words: `height=300, xaxis_title_text="position"`.
    """
    text = {"color": ink()}
    axis = {"fixedrange": True, "zeroline": False, "tickfont": text, "title": {"font": text}}
    chart = go.Figure(traces)
    chart.update_layout(
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        legend={"orientation": "h", "font": {**text, "size": 13}},
        xaxis=axis,
        yaxis=axis,
    )
    return chart.update_layout(**layout)


def plot(chart: go.Figure) -> None:
    """Puts a chart on the page, without Plotly's buttons over it."""
    st.plotly_chart(chart, config={"displayModeBar": False})


# -- HTML --------------------------------------------------------------------------------------------------------------


def show(html: str, *styles: Path) -> None:
    """Puts HTML such as that of `strip` on the page, with the page's own style sheets, if any."""
    css = "".join(path.read_text("utf-8") for path in (CSS, *styles))
    st.html(f'<div class="charts">{html}</div><style>{css}</style>')


def source(picture: np.ndarray) -> str:
    """A picture, uint8 (H, W, C), as the address of an HTML image."""
    return "data:image/webp;base64," + base64.b64encode(encode(picture, "WEBP", quality=92)).decode()


def strip(pictures: Iterable[tuple[np.ndarray, str, str]]) -> str:
    """Pictures in a row. Each has its pixels, uint8 (H, W, C), a caption, and an alternative text."""
    figures = (
        f'<figure><img src="{source(pixels)}" alt="{escape(alt)}"><figcaption>{escape(caption)}</figcaption></figure>'
        for pixels, caption, alt in pictures
    )
    return f'<div class="strip">{"".join(figures)}</div>'
