"""The control of a training run's replay: pictures, scrubber, losses and notes, which move together.

The browser gets all of a run at once, a few hundred kilobytes, so it needs no server while it is scrubbed or played.
When the user lets go, the page reruns, so that the link follows.
"""

import base64
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from gen_lab.checkpoint.replay import VERDICTS, Replay
from gen_lab.ui.charts import words
from gen_lab.ui.controls.hand import Hand, control
from gen_lab.ui.controls.modules import component
from pages.replay.state import View

_component = component("replay", Path(__file__).parent, "control")
LOOKS = ("smoothing", "log_losses", "log_steps")


def replay_control(run: Replay, view: View, *, key: str, on_release: Callable[[dict], None]) -> None:
    """A run at the step of `view`, with its look.

    When the user lets go, `on_release` gets {"step", "smoothing", "log_losses", "log_steps"} before the page reruns.
    """
    row = len(run.rows) - 1 if view.step is None else int(np.abs(run.rows - view.step).argmin())
    looks = {name: getattr(view, name) for name in LOOKS}

    def draw(hand: Hand) -> dict:
        return {
            "sheet": "data:image/webp;base64," + base64.b64encode(run.sheet).decode(),
            "rows": run.rows.tolist(),
            "columns": run.pictures.shape[1],
            "height": run.pictures.shape[2],
            "width": run.pictures.shape[3],
            "steps": run.steps.tolist(),
            "perEpoch": float(run.steps[-1] / run.epochs[-1]) if run.epochs[-1] > 0 else 1.0,
            "last": int(max(run.steps[-1], run.rows[-1])),
            "panels": panels(run),
            "notes": [{"number": number, **asdict(note)} for number, note in enumerate(run.notes, 1)],
            "alt": f"What {run.pictures.shape[1]} fixed latents give at the chosen snapshot",
        }

    def release(changes: dict) -> None:
        on_release({"step": int(run.rows[changes["row"]])} | {name: changes[name] for name in LOOKS})

    control(
        _component,
        {"id": view.model, "row": row, **looks},
        draw,
        understand=lambda message: _understand(message, run, view.model),
        on_release=release,
        key=key,
    )


def panels(run: Replay) -> list[dict]:
    """The charts: related losses share one, and the last is of the pictures' diversity."""
    losses, charts = run.losses, []

    def chart(title: str, series: dict[str, str], note: str = "", **options) -> None:
        lines = [{"label": label, "values": _values(losses[name])} for name, label in series.items() if name in losses]
        charts.append({"title": title, "series": lines, "note": note, "range": None, "sparse": False, **options})

    if "critic" in losses:
        terms = {"critic": "loss", "wasserstein": "Wasserstein estimate", "penalty": "penalty"}
        chart("The critic's loss and its terms", terms, "loss = penalty − Wasserstein estimate.")
        if "generator" in losses:
            chart("The generator's loss", {"generator": "loss"})
        if losses.keys() & set(VERDICTS):
            chart("What the critic says", {"real": "of real pictures", "fake": "of generated ones"})
    elif {"discriminator", "generator"} <= losses.keys():
        chart("The losses", {"generator": "generator", "discriminator": "discriminator"})
        if losses.keys() & set(VERDICTS):
            chart(
                "The discriminator's verdict",
                {"real": "real pictures", "fake": "generated ones"},
                "Its probability of being real. 0.5 for both: it cannot tell.",
                range=[0, 1],
            )
    grouped = {"critic", "wasserstein", "penalty", "generator", *VERDICTS} if charts else set()
    if "generator" in losses:
        grouped.add("discriminator")
    for name in losses:
        if name not in grouped:
            chart("KL" if name == "kl" else words(name), {name: "loss"})
    note = "1: as different from each other as real ones." if run.is_relative else "In shares of the range of values."
    lines = [{"label": "diversity", "values": _values(run.diversity)}]
    options = {"range": [0, max(1.0, float(run.diversity.max()))], "sparse": True, "steps": run.rows.tolist()}
    charts.append({"title": "How different these pictures are", "series": lines, "note": note, **options})
    for panel in charts:
        lines = [(line["label"], [value for value in line["values"] if value is not None]) for line in panel["series"]]
        phrases = [f"{label} from {values[0]:.3g} to {values[-1]:.3g}" for label, values in lines if values]
        panel["alt"] = f"{panel['title']}: {', '.join(phrases)}"
    return [panel for panel in charts if any(value is not None for line in panel["series"] for value in line["values"])]


def _values(array: np.ndarray) -> list[float | None]:
    """A list for JSON, with None for NaN, which JSON lacks."""
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in array.tolist()]


def _understand(message: dict, run: Replay, model: str) -> dict | None:
    """Row and looks in a browser's message. None if they are malformed, or belong to the model before."""
    row, smoothing = message["row"], float(message["smoothing"])
    looks = {"smoothing": smoothing} | {name: message[name] is True for name in LOOKS[1:]}
    fits = message["id"] == model and type(row) is int and 0 <= row < len(run.rows) and 0 <= smoothing <= 0.99
    return {"row": row, **looks} if fits else None
