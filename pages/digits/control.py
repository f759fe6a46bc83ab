"""The control of latent planes: live grids side by side that pan, zoom and follow the pointer together, and a
drawing pad."""

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
INK = 56  # side of a drawing as the browser sends it, in pixels
UNSURE = (255, 0, 110)  # the colour over pictures that the judge does not recognise

_component = component("planes", Path(__file__).parent, "control")


@dataclass(frozen=True, eq=False)
class Panel:
    """One plane: its scenes, its encoded test set, its title and its note."""

    title: str
    note: str
    box: Box
    grid: Scene  # as `pages.digits.state.plane_scene`
    point: Scene  # as `pages.digits.state.point_scene`
    copy: Scene  # the same, for the reconstruction of a picture
    places: np.ndarray  # float (N, 2), the test set
    certainty: np.ndarray | None = None  # float (S, S) in [0, 1], over the box
    drawing_place: tuple[float, float] | None = None


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

    `view` and `place` are as in `pages.digits.state.Digits`. `labels` (N,) index `classes` for the test set's dots,
    which are visible if `points` is true. `album` has the test set's pictures, if they are on this machine. `drawing`
    is uint8 (28, 28). Before the page reruns, `on_release` gets {"view", "place"}, and after the user has drawn,
    {"drawing": uint8 (56, 56), or None if it was cleared}.
    """
    scenes = [scene for panel in panels for scene in (panel.grid, panel.point, panel.copy)]

    def draw(hand: Hand) -> dict:
        state = hand.dragged or hand.state
        tokens = [hand.tokens[first : first + 3] for first in range(0, len(scenes), 3)]
        return {
            "planes": [_panel(panel, *trio, state) for panel, trio in zip(panels, tokens, strict=True)],
            "shown": {"view": state["view"], "place": state["place"]},
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


def _panel(panel: Panel, grid: str, point: str, copy: str, state: dict) -> dict:
    places = np.clip(np.round(panel.places * 4096), -32768, 32767).astype("<i2")
    return {
        "title": panel.title,
        "note": panel.note,
        "label": f"Latent plane, {panel.title}: arrow keys move the ring, with Shift the view; plus and minus zoom",
        "alt": f"What the {panel.title} decodes at the ring",
        "tokens": {"grid": grid, "point": point, "copy": copy},
        "places": base64.b64encode(places.tobytes()).decode(),
        "heat": None if panel.certainty is None else data_url(_heat(panel.certainty)),
        "drawn": panel.drawing_place,
        "pictures": {
            "grid": data_url(panel.grid(state["view"])),
            "point": data_url(panel.point(state["place"])),
            "copy": data_url(panel.copy(panel.drawing_place)) if panel.drawing_place else None,
        },
    }


def _heat(certainty: np.ndarray) -> np.ndarray:
    """A veil over the places that the judge does not recognise: uint8 (S, S, 4)."""
    veil = np.full((*certainty.shape, 4), (*UNSURE, 0), np.uint8)
    veil[..., 3] = np.round(190 * np.clip((1 - certainty) / 0.5, 0, 1))
    return veil


def _understand(message: dict) -> dict:
    """The changes in a browser's message, as `on_release` gets them."""
    changes = {"view": checked_view(message["view"]), "place": checked_place(message["place"])}
    if isinstance(message["drawing"], str):
        changes["drawing"] = pixels(message["drawing"], (INK, INK)) if message["drawing"] else None
    return changes
