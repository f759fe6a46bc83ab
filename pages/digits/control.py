"""The control of latent planes: live grids side by side, panned, zoomed and pointed at by one hand, and a drawing pad.

It follows the same rules as gen_lab/ui/controls/sliders.py: while the pointer moves the browser talks to /live, and the
page reruns when it rests.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import streamlit as st

from gen_lab.images import encode
from gen_lab.latent.planes import Box
from gen_lab.live import scenes
from gen_lab.scenes import Scene
from gen_lab.ui.controls.modules import component
from gen_lab.ui.controls.sliders import _owner
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


@dataclass
class _Memory:
    """What the control remembers between the runs of one session."""

    heard: int | None = None  # the time of the browser's last final message
    released: bool = False  # it was final, and the page has not followed yet
    drawing: bool = False  # the page's own run is under way, not just the fragment's
    asked: tuple | None = None  # view and place of a pointer without socket
    tokens: dict[int, str] = field(default_factory=dict)  # id of a scene -> its token
    held: list[Scene] = field(default_factory=list)  # so that an id stays a scene's own


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
    memory: _Memory = st.session_state.setdefault(f"{key} memory", _Memory())
    memory.drawing = True
    data = {
        "view": view,
        "place": place,
        "labels": base64.b64encode(labels.astype(np.uint8).tobytes()).decode(),
        "classes": list(classes),
        "palette": PALETTE,
        "points": points,
        "drawing": None if drawing is None else _data_url(drawing[..., None]),
    }
    try:
        _draw(list(panels), album, data, key, on_release)
        memory.released = False  # not reached where a newer run interrupts this one: the news stays news
    finally:
        memory.drawing = False


@st.fragment
def _draw(panels: list[Panel], album: Scene | None, data: dict, key: str, on_release) -> None:
    memory: _Memory = st.session_state[f"{key} memory"]
    if memory.released and not memory.drawing:
        st.rerun()
    shown = [scene for panel in panels for scene in (panel.grid, panel.point, panel.copy)] + ([album] if album else [])
    tokens = {id(scene): memory.tokens.get(id(scene), "") for scene in shown}
    memory.tokens = {
        id(scene): token if scenes.get(token) is scene else scenes.register(scene, _owner())
        for scene, token in zip(shown, tokens.values(), strict=True)
    }
    memory.held = shown
    view, place = memory.asked or (data["view"], data["place"])
    _component(
        key=key,
        data=data
        | {
            "planes": [_panel(panel, memory.tokens, view, place) for panel in panels],
            "album": memory.tokens[id(album)] if album else None,
            "heard": memory.heard,
        },
        on_control_change=lambda: _received(key, on_release),
    )


def _panel(panel: Panel, tokens: dict[int, str], view, place) -> dict:
    quantised = np.clip(np.round(panel.places * 4096), -32768, 32767).astype("<i2")
    drawn = panel.drawn
    return {
        "title": panel.title,
        "note": panel.note,
        "label": f"Latent plane, {panel.title}: arrow keys move the ring, with Shift the view; plus and minus zoom",
        "alt": f"What the {panel.title} decodes at the ring",
        "tokens": {name: tokens[id(getattr(panel, name))] for name in ("grid", "point", "copy")},
        "places": base64.b64encode(quantised.tobytes()).decode(),
        "heat": None if panel.certainty is None else _data_url(_heat(panel.certainty)),
        "drawn": drawn,
        "pictures": {
            "grid": _data_url(panel.grid(view)),
            "point": _data_url(panel.point(place)),
            "copy": _data_url(panel.copy(drawn)) if drawn else None,
        },
    }


def _heat(certainty: np.ndarray) -> np.ndarray:
    """A veil over what is not recognised: uint8 (S, S, 4)."""
    veil = np.full((*certainty.shape, 4), (*UNSURE, 0), np.uint8)
    veil[..., 3] = np.round(190 * np.clip((1 - certainty) / 0.5, 0, 1))
    return veil


def _data_url(pixels: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(encode(pixels)).decode()


def _received(key: str, on_release) -> None:
    """A message of the browser: where the pointer is, or a new state."""
    message = st.session_state[key]["control"]
    memory: _Memory = st.session_state[f"{key} memory"]
    state = _understand(message)
    if state is None:
        return
    if message.get("dragging") is True:
        memory.asked = (state["view"], state["place"])
        return
    memory.heard, memory.asked, memory.released = message.get("at"), None, True
    on_release(state)


def _understand(message) -> dict | None:
    """The state in a browser's message; None if anything is wrong with it, for our own script sends no such thing."""
    try:
        state = {"view": checked_view(message["view"]), "place": checked_place(message["place"])}
        if isinstance(message["drawing"], str):
            ink = np.frombuffer(base64.b64decode(message["drawing"][: 2 * INK * INK], validate=True), np.uint8)
            state["drawing"] = ink.reshape(INK, INK) if len(ink) else None
        return state
    except (TypeError, ValueError, KeyError, OverflowError, binascii.Error):
        return None
