"""The paths' picture, the slider that goes along them, and over the slider a chart of what each step changes, whose
cursor follows the drag."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from gen_lab.scenes import Scene
from gen_lab.ui import charts
from gen_lab.ui.controls.hand import Hand, control, data_url
from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _

_component = component("path", Path(__file__).parent, "control")


def path_control(
    scene: Scene,
    steps: np.ndarray | None,
    *,
    t: float,
    legs: int,
    names: Sequence[str],
    labels: Sequence[tuple[str, float, float]],
    seconds: float,
    alt: str,
    key: str,
    on_release: Callable[[float], None],
) -> None:
    """The picture of a `Course.scene` at t in [0, 1], which the user drags, plays, and lets go (`on_release`).

    steps (3, N) are how much each step changes the picture on each path, None before they are measured, and `names`
    are the paths'. The keyframes divide the way into `legs`. `labels` (text, left, top as shares) are written on the
    picture; playing takes `seconds`.
    """
    rows = np.zeros((len(names), 1)) if steps is None else steps
    relative = rows / np.maximum(rows.mean(1, keepdims=True), 1e-9)  # so that paths can be compared
    look = {
        "low": 0.0,
        "high": 1.0,
        "legs": legs,
        "seconds": seconds,
        "labels": [list(label) for label in labels],
        "lines": [
            {"name": name, "colour": colour, "heights": np.round(row, 3).tolist()}
            for name, colour, row in zip(names, charts.colours(), relative, strict=False)
        ],
        "alt": alt,
        "words": {
            "position": _("Position"),
            "chart": _("Measuring the paths …") if steps is None else _("How much the picture changes, step by step"),
        },
    }

    def draw(hand: Hand) -> dict:
        values = (hand.dragged or hand.state)["values"]
        return look | {"token": hand.tokens[0], "picture": data_url(scene(values)), "shown": values}

    control(
        _component,
        {"values": [t]},
        draw,
        understand=_understand,
        on_release=lambda changes: on_release(changes["values"][0]),
        key=key,
        scenes=[scene],
    )


def _understand(message: dict) -> dict | None:
    (t,) = map(float, message["values"])
    return {"values": [t]} if math.isfinite(t) and 0 <= t <= 1 else None
