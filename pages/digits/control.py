"""The control of latent planes: live grids side by side that pan, zoom and follow the pointer together, and a drawing
pad whose drawing flies over them while it is drawn."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gen_lab.scenes import Scene
from gen_lab.ui.controls.brush import pixels
from gen_lab.ui.controls.hand import Hand, control, data_url
from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _
from pages.digits.state import INK, checked_place, checked_view

# Of the ten classes, on black. Any two differ by 12 or more in 100 times OKLab (Ottosson 2020), also for eyes without
# red or green cones as Machado et al. (2009) simulate them; close digits (4 and 9, 3, 5 and 8) by much more.
PALETTE = ("#00e5ff", "#ab7504", "#4aff11", "#bd0a62", "#959eff", "#d6c1a4", "#4ea296", "#af09ff", "#0969a7", "#8abd00")
UNSURE = (255, 0, 110)  # the colour over pictures that the judge does not recognise

_component = component("planes", Path(__file__).parent, "control")


@dataclass(frozen=True, eq=False)
class Panel:
    """One plane: its scenes, its encoded test set, its title and its note."""

    title: str
    note: str
    grid: Scene  # as `pages.digits.state.plane_scene`
    point: Scene  # as `pages.digits.state.point_scene`: the picture at the ring
    dot: Scene  # the same, for the reconstruction of a test picture
    copy: Scene  # as `pages.digits.state.drawing_scene`
    places: np.ndarray  # float (N, 2), the test set
    certainty: np.ndarray | None = None  # float (S, S) in [0, 1], over the box
    drawing: tuple[np.ndarray, tuple[float, float]] | None = None  # the user's, as `copy` returns it

    @property
    def scenes(self) -> dict[str, Scene]:
        return {"grid": self.grid, "point": self.point, "dot": self.dot, "copy": self.copy}


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
    scenes = [scene for panel in panels for scene in panel.scenes.values()]

    def draw(hand: Hand) -> dict:
        state, tokens = hand.dragged or hand.state, iter(hand.tokens)
        ink = (hand.dragged or {}).get("drawing")  # of a stroke without a socket
        return {
            "planes": [_panel(panel, dict(zip(panel.scenes, tokens, strict=False)), state, ink) for panel in panels],
            "shown": {"view": state["view"], "place": state["place"]},
            "album": hand.tokens[-1] if album else None,
            "labels": base64.b64encode(labels.astype(np.uint8).tobytes()).decode(),
            "classes": list(classes),
            "palette": PALETTE,
            "points": points,
            "drawing": None if drawing is None else data_url(drawing[..., None]),
            "words": _words(),
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


def _panel(panel: Panel, tokens: dict[str, str], state: dict, ink: np.ndarray | None) -> dict:
    places = np.clip(np.round(panel.places * 4096), -32768, 32767).astype("<i2")
    picture, place = (panel.drawing or (None, None)) if ink is None else panel.copy((), ink)
    label = _("Latent plane, {title}: arrow keys move the ring, with Shift the view; plus and minus zoom")
    return {
        "title": panel.title,
        "note": panel.note,
        "label": label.format(title=panel.title),
        "alt": _("The picture that the {title} decodes at the ring").format(title=panel.title),
        "tokens": tokens,
        "places": base64.b64encode(places.tobytes()).decode(),
        "heat": None if panel.certainty is None else data_url(_heat(panel.certainty)),
        "drawn": place,
        "pictures": {
            "grid": data_url(panel.grid(state["view"])),
            "point": data_url(panel.point(state["place"])),
            "copy": None if picture is None else data_url(picture),
        },
    }


def _words() -> dict[str, str]:
    return {
        "pad": _("Draw a digit here"),
        "keys": _("Arrow keys move the pen, finer with Shift; Space puts it down and lifts it; Delete clears."),
        "hint": _("Draw a 4, then slowly close its top"),
        "clear": _("Clear"),
        "closer": _("Closer"),
        "farther": _("Farther"),
        "whole": _("Whole plane"),
        "planes": _("Planes"),
        "only": _("Only {name}"),
        "ring": _("at the ring"),
        "drawing": _("your drawing"),
        "reconstruction": _("this dot, decoded"),
        "decoded": _("What the model makes of it"),
        "picture": _("Test picture {number}: {name}"),
        "missing": _("Its original is not on this machine."),
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
