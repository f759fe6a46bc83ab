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
from gen_lab.ui import charts
from gen_lab.ui.controls.hand import Hand, control
from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _
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
            "alt": _("What {count} fixed latents give at the chosen snapshot").format(count=run.pictures.shape[1]),
            "words": words(),
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


def words() -> dict[str, str]:
    """What the control says, in the reader's language. The browser fills in what stands in braces."""
    return {
        "snapshot": _("Snapshot"),
        "smoothing": _("Smoothing"),
        "log_losses": _("Log losses"),
        "log_steps": _("Log steps"),
        "film": _("Show how this picture changed"),
        "latent": _("Latent {number}: show how its picture changed"),
        "filmOf": _("Latent {latent} at {number} of the {all} snapshots, first to last"),
        "step": _("step {step}"),
        "steps": _("steps {step} to {until}"),
        "place": _("step {step} of {last} · epoch {epoch}"),
        "measured": _("measured"),
        "notLogarithmic": _("Not logarithmic: some values are not above zero."),
        "cut": _("Outliers are cut off."),
    }


def panels(run: Replay) -> list[dict]:
    """The charts: related losses share one, and the last is of the pictures' diversity. Losses that were measured to
    the end of the run come before those of a part of it, which say so."""
    losses, whole, partial = run.losses, [], []

    def chart(title: str, series: dict[str, str], note: str = "", **options) -> None:
        lines = [{"label": label, "values": _values(losses[name])} for name, label in series.items() if name in losses]
        lasting, remark = _lasting(run.steps, [losses[name] for name in series if name in losses])
        panel = {"title": title, "series": lines, "note": f"{note} {remark}".strip(), "range": None, "sparse": False}
        (whole if lasting else partial).append({**panel, **options})

    if "critic" in losses:
        terms = {"critic": _("loss"), "wasserstein": _("Wasserstein estimate"), "penalty": _("penalty")}
        chart(_("The critic's loss and its terms"), terms, _("loss = penalty − Wasserstein estimate."))
        if "generator" in losses:
            chart(_("The generator's loss"), {"generator": _("loss")})
        if losses.keys() & set(VERDICTS):
            chart(_("What the critic says"), {"real": _("of real pictures"), "fake": _("of generated ones")})
    elif {"discriminator", "generator"} <= losses.keys():
        chart(_("The losses"), {"generator": _("generator"), "discriminator": _("discriminator")})
        if losses.keys() & set(VERDICTS):
            chart(
                _("The discriminator's verdict"),
                {"real": _("real pictures"), "fake": _("generated ones")},
                _("Its probability of being real. 0.5 for both: it cannot tell."),
                range=[0, 1],
            )
    grouped = {"critic", "wasserstein", "penalty", "generator", *VERDICTS} if whole or partial else set()
    if "generator" in losses:
        grouped.add("discriminator")
    for name in losses:
        if name not in grouped:
            chart("KL" if name == "kl" else charts.words(name), {name: _("loss")})
    note = _("1: as different from each other as real ones.") if run.is_relative else _("In shares of the value range.")
    lines = [{"label": _("diversity"), "values": _values(run.diversity)}]
    options = {"range": [0, max(1.0, float(run.diversity.max()))], "sparse": True, "steps": run.rows.tolist()}
    diversity = {"title": _("How different these pictures are"), "series": lines, "note": note, **options}
    entries = [*whole, *partial, diversity]
    phrase = _("{label} from {first} to {last}")
    for panel in entries:
        lines = [(line["label"], [value for value in line["values"] if value is not None]) for line in panel["series"]]
        phrases = [
            phrase.format(label=label, first=f"{values[0]:.3g}", last=f"{values[-1]:.3g}")
            for label, values in lines
            if values
        ]
        panel["alt"] = f"{panel['title']}: {', '.join(phrases)}"
    return [
        panel for panel in entries if any(value is not None for line in panel["series"] for value in line["values"])
    ]


def _lasting(steps: np.ndarray, series: list[np.ndarray]) -> tuple[bool, str]:
    """Whether any of a chart's series was measured to the end of the run, and where not, a remark on its part."""
    measured = np.flatnonzero(np.isfinite(np.stack(series)).any(0)) if series else np.array([], int)
    margin = (steps[-1] - steps[0]) / 20
    if not len(measured) or steps[-1] - steps[measured[-1]] > margin:
        until = f"{steps[measured[-1]]:,}" if len(measured) else "0"
        return False, _("This was part of the training until step {step}.").format(step=until)
    if steps[measured[0]] - steps[0] > margin:
        return False, _("This was part of the training from step {step} on.").format(step=f"{steps[measured[0]]:,}")
    return True, ""


def _values(array: np.ndarray) -> list[float | None]:
    """A list for JSON, with None for NaN, which JSON lacks."""
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in array.tolist()]


def _understand(message: dict, run: Replay, model: str) -> dict | None:
    """Row and looks in a browser's message. None if they are malformed, or belong to the model before."""
    row, smoothing = message["row"], float(message["smoothing"])
    looks = {"smoothing": smoothing} | {name: message[name] is True for name in LOOKS[1:]}
    fits = message["id"] == model and type(row) is int and 0 <= row < len(run.rows) and 0 <= smoothing <= 0.99
    return {"row": row, **looks} if fits else None
