"""The control of latent planes: live grids side by side, panned, zoomed and pointed at by one hand; a drawing pad."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gen_lab.latent.planes import Box
from gen_lab.scenes import Scene
from gen_lab.ui.controls.brush import pixels
from gen_lab.ui.controls.hand import Hand, control, data_url
from gen_lab.ui.controls.modules import component
from pages.digits.state import checked_place, checked_view

PALETTE = ("#4cc9f0", "#f9844a", "#90be6d", "#f94144", "#b58df1", "#f9c74f", "#2ec4b6", "#ff8fc7", "#a7c957", "#dddddd")
INK = 56  # pixels a side of a drawing as the browser sends it
UNSURE = (255, 0, 110)  # the colour of what the judge does not recognise

_component = component("planes", Path(__file__).parent, "control")


@dataclass(frozen=True, eq=False)
class Panel:
    """One plane: its scenes, its encoded test set and what is said about it."""

    title: str
    note: str
    box: Box
    grid: Scene  # as `pages.digits.state.plane_scene`
    point: Scene  # as `pages.digits.state.point_scene`
    copy: Scene  # the same, for the reconstruction of a picture
    places: np.ndarray  # float (N, 2) of the test set
    certainty: np.ndarray | None = None  # float (S, S) in [0, 1], over the box
    drawn: tuple[float, float] | None = None  # where the user's drawing lies


def plane_control(
    panels: Sequence[Panel],
    *,
    view: tuple[float, ...],
    place: tuple[float, ...],
    labels: np.ndarray,
    classes: Sequence[str],
    points: bool,
    album: Scene | None,
    drawing: np.ndarray | None,
    key: str,
    on_release: Callable[[dict], None],
) -> None:
    """One or two planes and a drawing pad.

    `view` and `place` as in `pages.digits.state.Digits`; `labels` (N,) index `classes` for the test set's dots, which
    show if `points`; `album` has the test set's pictures where they are on this machine; `drawing` uint8 (28, 28).
    `on_release` gets {"view", "place"} and, where the user drew, {"drawing": uint8 (56, 56), or None if it was
    cleared}, before the page reruns.
    """
    scenes = [scene for panel in panels for scene in (panel.grid, panel.point, panel.copy)]

    def draw(hand: Hand) -> dict:
        shown = hand.dragged or hand.state
        tokens = [hand.tokens[first : first + 3] for first in range(0, len(scenes), 3)]
        return {
            "planes": [_panel(panel, *each, shown) for panel, each in zip(panels, tokens, strict=True)],
            "shown": {"view": shown["view"], "place": shown["place"]},
            "album": hand.tokens[-1] if album else None,
            "labels": base64.b64encode(labels.astype(np.uint8).tobytes()).decode(),
            "classes": list(classes),
            "palette": PALETTE,
            "points": points,
            "drawing": None if drawing is None else data_url(drawing[..., None]),
        }

    control(
        _component,
        {"view": view, "place": place},
        draw,
        understand=_understand,
        on_release=on_release,
        key=key,
        scenes=[*scenes, album] if album else scenes,
    )


def _panel(panel: Panel, grid: str, point: str, copy: str, shown: dict) -> dict:
    quantised = np.clip(np.round(panel.places * 4096), -32768, 32767).astype("<i2")
    drawn = panel.drawn
    return {
        "title": panel.title,
        "note": panel.note,
        "label": f"Latent plane, {panel.title}: arrow keys move the ring, with Shift the view; plus and minus zoom",
        "alt": f"What the {panel.title} decodes at the ring",
        "tokens": {"grid": grid, "point": point, "copy": copy},
        "places": base64.b64encode(quantised.tobytes()).decode(),
        "heat": None if panel.certainty is None else data_url(_heat(panel.certainty)),
        "drawn": drawn,
        "pictures": {
            "grid": data_url(panel.grid(shown["view"])),
            "point": data_url(panel.point(shown["place"])),
            "copy": data_url(panel.copy(drawn)) if drawn else None,
        },
    }


def _heat(certainty: np.ndarray) -> np.ndarray:
    """A veil over what is not recognised: uint8 (S, S, 4)."""
    veil = np.full((*certainty.shape, 4), (*UNSURE, 0), np.uint8)
    veil[..., 3] = np.round(190 * np.clip((1 - certainty) / 0.5, 0, 1))
    return veil


def _understand(message: dict) -> dict:
    """What has changed, as for `on_release`, in a browser's message."""
    changes = {"view": checked_view(message["view"]), "place": checked_place(message["place"])}
    if isinstance(message["drawing"], str):
        changes["drawing"] = pixels(message["drawing"], (INK, INK)) if message["drawing"] else None
    return changes
