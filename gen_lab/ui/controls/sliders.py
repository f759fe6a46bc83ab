"""A picture and its sliders, which the picture follows while they move."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gen_lab.scenes import Scene
from gen_lab.ui.controls.hand import Hand, control, data_url
from gen_lab.ui.controls.modules import component
from gen_lab.ui.controls.network import Network
from gen_lab.ui.language import _

_component = component("sliders", Path(__file__).parent, "sliders")


@dataclass(frozen=True)
class Slider:
    """One number of a scene. Consecutive sliders of the same `group` stand under its name."""

    name: str
    label: str
    help: str = ""
    group: str = ""
    neutral: float = 0.0  # its value after a reset
    low: float | None = None  # its range, if narrower than the scene's
    high: float | None = None


@dataclass(frozen=True)
class Drag:
    """Two of a scene's numbers that a drag of the picture moves: `across` over its width, `up` over its height."""

    x: int
    y: int
    across: float
    up: float


@dataclass(frozen=True)
class SliderState:
    """The control's state: a value for each slider, the names of the locked ones, and the slider last released. For
    `on_release` also where the picture was clicked, as shares of its width and height, if it can be dragged."""

    values: list[float]
    locked: list[str]
    touched: str | None
    place: tuple[float, float] | None = None


def slider_control(
    scene: Scene,
    sliders: Sequence[Slider],
    *,
    values: Sequence[float],
    locked: Sequence[str] = (),
    alt: str,
    key: str,
    on_release: Callable[[SliderState], None],
    lockable: bool = True,
    stacked: bool = False,
    wide: bool = False,
    labels: Sequence[tuple[str, float, float]] = (),
    seconds: float = 0.0,
    drag: Drag | None = None,
    network: Network | None = None,
) -> SliderState:
    """A picture of `scene` with one slider for each of its `scene.count` numbers.

    `values` and `locked` are the page's state; a change of them moves the sliders (undo, reset, a link). `on_release`
    is called with the new state before the page reruns, so that the page can store it and build the next scene from
    it. `alt` describes the picture; `key` names the control within the session. `stacked` and `wide` put the sliders
    below the picture, and `wide` gives the picture all the room there is; `labels` (text, left, top as shares) are
    written on it. With `seconds`, a scene of one number can be played: the slider then takes so long from one end to
    the other. With `drag` the picture itself can be dragged, and clicked. `network` is
    drawn below, and its numbers move with the sliders.
    """
    if len(sliders) != scene.count or len(values) != scene.count:
        raise ValueError(f"{len(sliders)} sliders, {len(values)} values for a scene of {scene.count} numbers")
    names = [slider.name for slider in sliders]
    look = {
        "sliders": [asdict(slider) for slider in sliders],
        "low": scene.low,
        "high": scene.high,
        "lockable": lockable,
        "stacked": stacked,
        "wide": wide,
        "labels": [list(label) for label in labels],
        "seconds": seconds,
        "drag": drag and asdict(drag),
    }
    numbers = network and network.look()

    def draw(hand: Hand) -> dict:
        values = (hand.dragged or hand.state)["values"]
        picture = {"token": hand.tokens[0], "picture": data_url(scene(values)), "shown": values, "alt": alt}
        words = {"reset": _("Reset all"), "hold": _("Hold {label}"), "sliders": _("All sliders")}
        return picture | {"touched": hand.state.get("touched"), "words": words, "network": numbers}

    hand = control(
        _component,
        {"values": [float(value) for value in values], "locked": list(locked), **look},
        draw,
        understand=lambda message: _understand(message, scene, names),
        on_release=lambda changes: on_release(SliderState(**changes)),
        key=key,
        scenes=[scene],
    )
    return SliderState(hand.state["values"], hand.state["locked"], hand.state.get("touched"))


def _understand(message: dict, scene: Scene, names: list[str]) -> dict | None:
    """The fields of a `SliderState` in a browser's message."""
    values = [float(value) for value in message["values"]]
    locked, touched = [name for name in names if name in message["locked"]], message["touched"]
    place = message.get("place")
    place = None if place is None else (float(place[0]), float(place[1]))
    fits = len(values) == scene.count and all(math.isfinite(v) and scene.low <= v <= scene.high for v in values)
    fits = fits and (touched is None or touched in names) and (place is None or all(0 <= share <= 1 for share in place))
    return {"values": values, "locked": locked, "touched": touched, "place": place} if fits else None
