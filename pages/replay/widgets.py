"""What the page of the replays shows besides its control: a run, its lesson, and what the finished model draws."""

from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from gen_lab import registry
from gen_lab.checkpoint import replay
from gen_lab.ui import charts

TEXT = Path(__file__).parent / "text"
LESSONS = {"mode collapse": "en-collapse.md", "overwhelming discriminator": "en-overwhelmed.md"}


def read(name: str) -> replay.Replay:
    """A checkpoint's replay; one that has been trained again since is read again. Raises `CheckpointError`."""
    folder = registry.folder(name)
    files = (folder / each for each in ("card.json", "history.jsonl", "replay.webp"))
    return _read(name, tuple(path.stat().st_mtime_ns if path.is_file() else None for path in files))


@st.cache_resource(max_entries=6, show_spinner="Reading the history …")
def _read(name: str, stamps: tuple) -> replay.Replay:
    return replay.read(registry.folder(name))


def lesson(card: dict) -> str | None:
    """The text of the lesson that a run is, where it is one."""
    name = card.get("lesson")
    return (TEXT / LESSONS[name]).read_text("utf-8") if isinstance(name, str) and name in LESSONS else None


def class_shares(card: dict) -> dict[str, tuple[float, float]]:
    """By class: the share of the model's random pictures that its judge takes for it, and its share of the real ones.

    As the card says; nothing where it does not, or is not in order.
    """
    try:
        metrics = card["metrics"]
        shares = {name: (float(share), float(metrics["seen_as_of_real"][name]))
                  for name, share in metrics["seen_as"].items()}  # fmt: skip
        return shares if all(0 <= share <= 1 for pair in shares.values() for share in pair) else {}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def bars(shares: dict[str, tuple[float, float]]) -> go.Figure:
    """What `class_shares` gives, as pairs of bars."""
    colours = (charts.colours()[0], "rgba(140,135,128,0.5)")
    kinds = (("model's pictures", "real ones"), zip(*shares.values(), strict=True), colours)
    bars = [
        go.Bar(
            x=list(shares), y=list(values), name=name, marker_color=colour, textposition="outside",
            text=[f"{share:.0%}" for share in values], textfont={"color": charts.ink()}, cliponaxis=False,
            hovertemplate=f"%{{x}}: %{{y:.1%}} of the {name}<extra></extra>",
        )
        for name, values, colour in zip(*kinds, strict=True)
    ]  # fmt: skip
    axis = {"tickfont_size": 13, "showgrid": False}
    return charts.figure(
        bars, height=240, legend_y=1.2, xaxis={**axis, "type": "category"}, yaxis={**axis, "showticklabels": False}
    )


def extremes(shares: dict[str, tuple[float, float]]) -> str:
    """The bars in a sentence."""
    ranked = sorted(shares, key=lambda name: -shares[name][0])
    missing = [name for name in shares if shares[name][0] < 0.01 <= shares[name][1]]
    words = f"Most often: {ranked[0]} ({shares[ranked[0]][0]:.0%}), least: {ranked[-1]} ({shares[ranked[-1]][0]:.1%})."
    return words + (f" Under 1 %: {', '.join(missing)}." if missing else "")
