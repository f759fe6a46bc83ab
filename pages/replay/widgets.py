"""What the Training replay page shows besides its control: the lesson, and the classes that the model draws."""

from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from gen_lab import registry
from gen_lab.checkpoint import replay
from gen_lab.ui import charts
from gen_lab.ui.language import _, later
from gen_lab.ui.language import read as read_text

TEXT = Path(__file__).parent / "text"
MOST_BARS = 20  # that can still be read
LESSONS = {"mode collapse": "{language}-collapse.md", "overwhelming discriminator": "{language}-overwhelmed.md"}


def read(name: str) -> replay.Replay:
    """A checkpoint's replay, which is read again after new training. Raises `CheckpointError`."""
    folder = registry.folder(name)
    files = (folder / file for file in ("card.json", "history.jsonl", "replay.webp"))
    return _read(name, tuple(path.stat().st_mtime_ns if path.is_file() else None for path in files))


@st.cache_resource(max_entries=6, show_spinner=later("Reading the history …"))
def _read(name: str, stamps: tuple) -> replay.Replay:
    return replay.read(registry.folder(name))


def lesson(card: dict) -> str | None:
    """The text of the lesson, where a run is one."""
    name = card.get("lesson")
    return read_text(TEXT, LESSONS[name]) if isinstance(name, str) and name in LESSONS else None


def class_shares(card: dict) -> dict[str, tuple[float, float]]:
    """Two shares for each class: of the model's random pictures, as its judge sees them, and of the real ones.

    They come from the card. Empty where it has none or more than a chart can show, or where they are malformed.
    """
    try:
        metrics = card["metrics"]
        shares = {name: (float(share), float(metrics["seen_as_of_real"][name]))
                  for name, share in metrics["seen_as"].items()}  # fmt: skip
        are_shares = all(0 <= share <= 1 for pair in shares.values() for share in pair)
        return shares if are_shares and len(shares) <= MOST_BARS else {}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def bars(shares: dict[str, tuple[float, float]]) -> go.Figure:
    """The `class_shares` as pairs of bars."""
    colours = (charts.colours()[0], "rgba(140,135,128,0.5)")
    kinds = ((_("model's pictures"), _("real ones")), zip(*shares.values(), strict=True), colours)
    hover = _("{name}: {share} of the {kind}") + "<extra></extra>"
    traces = [
        go.Bar(
            x=list(shares), y=list(values), name=name, marker_color=colour, textposition="outside",
            text=[f"{share:.0%}" for share in values], textfont={"color": charts.ink()}, cliponaxis=False,
            hovertemplate=hover.format(name="%{x}", share="%{y:.1%}", kind=name),
        )
        for name, values, colour in zip(*kinds, strict=True)
    ]  # fmt: skip
    axis = {"tickfont_size": 13, "showgrid": False}
    return charts.figure(
        traces, height=240, legend_y=1.2, xaxis={**axis, "type": "category"}, yaxis={**axis, "showticklabels": False}
    )


def extremes(shares: dict[str, tuple[float, float]]) -> str:
    """The bars in a sentence."""
    ranked = sorted(shares, key=lambda name: -shares[name][0])
    missing = [name for name in shares if shares[name][0] < 0.01 <= shares[name][1]]
    most, least = ranked[0], ranked[-1]
    sentence = _("Most often: {most} ({more}), least often: {least} ({less}).").format(
        most=most, more=f"{shares[most][0]:.0%}", least=least, less=f"{shares[least][0]:.1%}"
    )
    return sentence + (" " + _("Under 1%: {names}.").format(names=", ".join(missing)) if missing else "")
