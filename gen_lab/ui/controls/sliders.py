"""The live control: a picture and its sliders, which the picture follows while they move.

While a slider is dragged the browser talks to /live (gen_lab/live.py) and no script runs. When it is let go, the values
come here and the whole page reruns, so that slow parts (charts, meters, links) follow. Where no socket can be had, each
step of a drag reruns the control's own fragment instead.

A further kind of control is a further script in assets/ next to sliders.js, on top of live.js.
"""

import base64
import math
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import streamlit as st

from gen_lab.images import encode
from gen_lab.live import scenes
from gen_lab.scenes import Scene
from gen_lab.ui.controls.modules import component


@dataclass(frozen=True)
class Slider:
    """One number of a scene. Consecutive sliders of the same `group` stand under its name."""

    name: str
    label: str
    help: str = ""
    group: str = ""
    neutral: float = 0.0  # where its reset leads
    low: float | None = None  # its range, where it is narrower than the scene's
    high: float | None = None


@dataclass(frozen=True)
class Drag:
    """Two of a scene's numbers, which a drag of the picture moves: by so much over its whole width, and its height."""

    x: int
    y: int
    across: float
    up: float


@dataclass(frozen=True)
class SliderState:
    """What the control stands at: one value per slider, names of the held ones, the slider last let go; and, for
    `on_release`, where a picture that can be dragged was clicked, as shares of its width and height."""

    values: list[float]
    locked: list[str]
    touched: str | None
    place: tuple[float, float] | None = None


@dataclass
class _Memory:
    """What a control remembers between the runs of one session."""

    state: SliderState | None = None  # what the browser shows
    revision: str = ""  # changes when Python, not the browser, has set the state
    released: bool = False  # the browser let go, and the page has not followed yet
    drawing: bool = False  # the page's own run is under way, not just the fragment's
    dragged: list[float] | None = None  # where a drag without socket is
    scene: Scene | None = None
    token: str = ""


_component = component("sliders", Path(__file__).parent, "sliders")


def held(key: str, made_for, make: Callable):
    """What `make()` gave, kept in the session until `made_for` changes: a scene that is kept keeps its token."""
    found = st.session_state.get(key)
    if found is None or found[0] != made_for:
        found = st.session_state[key] = (made_for, make())
    return found[1]


@st.cache_resource(scope="session", on_release=scenes.release, show_spinner=False)
def _owner() -> str:
    """This session's name in the scene store. Streamlit drops it when the session ends, and its scenes with it."""
    return secrets.token_hex(16)


def slider_control(
    scene: Scene,
    sliders: Sequence[Slider],
    *,
    values: Sequence[float],
    locked: Sequence[str] = (),
    alt: str,
    key: str,
    lockable: bool = True,
    stacked: bool = False,
    wide: bool = False,
    labels: Sequence[tuple[str, float, float]] = (),
    seconds: float = 0.0,
    drag: Drag | None = None,
    on_release: Callable[[SliderState], None] | None = None,
) -> SliderState:
    """A picture of `scene` with one slider for each of its `scene.count` numbers.

    `values` and `locked` are what the control stands at, as the page keeps them; a change of them moves the sliders
    (undo, reset, a link). `on_release` is called with the new state before the page reruns, so the page can keep it
    and build the next scene from it; without it, the returned state carries the news, for the page to keep.
    `alt` describes the picture; `key` names the control within the session. `stacked` puts the sliders below it, and
    `wide` too, with as much room for the picture as there is; `labels` (text, left, top as shares) are written on it.
    With `seconds`, a scene of one number can be played: the slider then takes so long from one end to the other. With
    `drag` the picture itself can be dragged, and clicked.
    """
    if len(sliders) != scene.count or len(values) != scene.count:
        raise ValueError(f"{len(sliders)} sliders, {len(values)} values for a scene of {scene.count} numbers")
    memory: _Memory = st.session_state.setdefault(f"{key} memory", _Memory())
    values, locked = [float(value) for value in values], list(locked)
    news = memory.released and on_release is None
    if not news and (memory.state is None or (values, locked) != (memory.state.values, memory.state.locked)):
        memory.state = SliderState(values, locked, memory.state and memory.state.touched)
        memory.revision, memory.dragged = secrets.token_hex(8), None
    memory.drawing = True
    try:
        look = {
            "lockable": lockable,
            "stacked": stacked,
            "wide": wide,
            "labels": [list(label) for label in labels],
            "seconds": seconds,
            "drag": drag and asdict(drag),
        }
        _draw(scene, list(sliders), alt, key, look, on_release)
        memory.released = False  # not reached where a newer run interrupts this one: the news stays news
    finally:
        memory.drawing = False
    return memory.state


@st.fragment
def _draw(scene, sliders, alt, key, look, on_release) -> None:
    memory: _Memory = st.session_state[f"{key} memory"]
    if memory.released and not memory.drawing:
        st.rerun()
    if memory.scene is not scene or scenes.get(memory.token) is None:
        memory.scene, memory.token = scene, scenes.register(scene, _owner())
    shown = memory.dragged or memory.state.values
    _component(
        key=key,
        data={
            "token": memory.token,
            "picture": "data:image/png;base64," + base64.b64encode(encode(scene(shown))).decode(),
            "shown": shown,
            "revision": memory.revision,
            **asdict(memory.state),
            "sliders": [asdict(slider) for slider in sliders],
            "low": scene.low,
            "high": scene.high,
            "alt": alt,
            **look,
        },
        on_control_change=lambda: _received(scene, sliders, key, on_release),
    )


def _received(scene: Scene, sliders: list[Slider], key: str, on_release) -> None:
    """A message of the browser: a step of a drag, or a release."""
    message = st.session_state[key]["control"]
    memory: _Memory = st.session_state[f"{key} memory"]
    state = _understand(message, scene, [slider.name for slider in sliders])
    if state is None:
        return
    if message.get("dragging") is True:
        memory.dragged = state.values
        return
    memory.state, memory.dragged, memory.released = replace(state, place=None), None, True
    if on_release is not None:
        on_release(state)


def _understand(message, scene: Scene, names: list[str]) -> SliderState | None:
    """The state in a browser's message; None if anything is wrong with it, for our own script sends no such thing."""
    try:
        values = [float(value) for value in message["values"]]
        locked, touched = [name for name in names if name in message["locked"]], message["touched"]
        place = message.get("place")
        place = None if place is None else (float(place[0]), float(place[1]))
    except (TypeError, ValueError, KeyError, IndexError, OverflowError):
        return None
    fits = len(values) == scene.count and all(math.isfinite(v) and scene.low <= v <= scene.high for v in values)
    fits = fits and (touched is None or touched in names) and (place is None or all(0 <= share <= 1 for share in place))
    return SliderState(values, locked, touched, place) if fits else None
