"""Python's side of a control, and what it knows of the browser's.

While a control moves, the browser talks to /live (gen_lab/live.py) and no script runs. When it is released, its state
comes here and the whole page reruns, so that slow parts (charts, meters, links) follow. Without a socket, each step of
a drag reruns the control's own fragment instead. hand.js is the other side.
"""

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from gen_lab import live
from gen_lab.images import encode
from gen_lab.scenes import Scene
from gen_lab.ui.controls import queue
from gen_lab.ui.language import _

queue.mend()


@dataclass
class Hand:
    """What a control remembers between the runs of one session."""

    state: dict = field(default_factory=dict)  # the browser's
    session: str = field(default_factory=secrets.token_hex)  # another one tells the browser that this is another hand
    message: dict = field(default_factory=dict)  # the last one to the browser: state, revision, time last heard
    heard: int = 0  # the time of the browser's last final message
    dragged: dict | None = None  # the state of a drag without a socket
    released: bool = False  # the browser let go, and the page has not followed yet
    page_runs: bool = False  # the page's own run is under way, not just the fragment's
    scenes: list[tuple[Scene, str]] = field(default_factory=list)  # what can be seen live, with its token

    @property
    def tokens(self) -> list[str]:
        return [token for _, token in self.scenes]

    def tell(self, state: dict) -> None:
        """Sets the page's state. If the browser is there already, nothing is sent, so that a drag goes on undisturbed.
        Otherwise it is a new revision."""
        if self.message and all(name in self.state and self.state[name] == value for name, value in state.items()):
            return
        self.state, self.dragged = {**self.state, **state}, None
        self.message = {**state, "revision": secrets.token_hex(8), "heard": self.heard}

    def show(self, scenes: Sequence[Scene]) -> None:
        """Gives each scene a token. A scene that was shown before keeps its token while the store holds it."""
        if [scene for scene, _ in self.scenes] != list(scenes):
            self.dragged = None  # it was a drag of other scenes
        tokens = {id(scene): token for scene, token in self.scenes}
        self.scenes = [(scene, tokens.get(id(scene), "")) for scene in scenes]
        self.scenes = [
            (scene, token if live.scenes.get(token) is scene else live.scenes.register(scene, _owner()))
            for scene, token in self.scenes
        ]

    def hear(self, message, understand: Callable[[dict], dict | None], on_release: Callable[[dict], None]) -> None:
        """Takes a message of the browser: a step of a drag, or the state at its release.

        `understand` returns the changes; for a bad message it returns None, or raises an error. Our own script sends
        a bad message only if the page has changed meanwhile: then the browser gets the page's state.
        """
        if not isinstance(message, dict):
            return
        try:
            changes = understand(message)
        except (TypeError, ValueError, KeyError, IndexError, OverflowError):
            changes = None
        if message.get("dragging") is True:
            self.dragged = changes or self.dragged
            return
        self.heard = message["at"] if isinstance(message.get("at"), int) else self.heard
        self.dragged = None
        if changes is None:
            self.state = {}
            return
        self.state |= {name: value for name, value in changes.items() if name in message}
        self.released = True
        on_release(changes)


def control(
    component,
    state: dict,
    draw: Callable[[Hand], dict],
    *,
    understand: Callable[[dict], dict | None],
    on_release: Callable[[dict], None],
    key: str,
    scenes: Sequence[Scene] = (),
) -> Hand:
    """A control in its place on the page.

    `state` is the page's; a change of it moves the control (undo, reset, a link). `draw` returns the rest of the
    message to the browser, for `hand.dragged` or else `hand.state`, with `hand.tokens` of the `scenes`, and the
    control's own `words`. `understand` is as for `Hand.hear`; `on_release` gets its changes before the page reruns.
    `key` names the control within the session.
    """
    hand: Hand = st.session_state.setdefault(f"{key} hand", Hand())
    if key not in st.session_state:  # the browser's side is new, so it knows nothing
        hand.message = {}
    hand.page_runs = True
    try:
        _draw(component, key, hand, state, draw, understand, on_release, scenes)
        hand.released = False  # not reached if a newer run interrupts this one
    finally:
        hand.page_runs = False
    return hand


@st.fragment
def _draw(component, key: str, hand: Hand, state: dict, draw, understand, on_release, scenes) -> None:
    if hand.released and not hand.page_runs:
        st.rerun()
    hand.tell(state)
    hand.show(scenes)
    data = draw(hand)
    data["words"] = words() | data.get("words", {})
    component(
        key=key,
        data={**data, **hand.message, "session": hand.session, "received": hand.heard},
        on_control_change=lambda: hand.hear(st.session_state[key]["control"], understand, on_release),
    )


def words() -> dict[str, str]:
    """What every control says in the browser: how the connection is (live.js), and a player's buttons (player.js)."""
    return {
        "live": _("Live"),
        "turns": _("Live, many at once: pictures take turns"),
        "refused": _("Live connection refused: pictures follow with a delay"),
        "play": _("Play"),
        "pause": _("Pause"),
        "loop": _("Loop"),
    }


def keep(key: str, inputs, make: Callable):
    """The result of `make()`, kept in the session until `inputs` change. So a scene keeps its token."""
    entry = st.session_state.get(key)
    if entry is None or entry[0] != inputs:
        entry = st.session_state[key] = (inputs, make())
    return entry[1]


def data_url(pixels: np.ndarray) -> str:
    """A picture, uint8 (H, W, C), as the address of an HTML image, without loss; soon rather than small."""
    return "data:image/png;base64," + base64.b64encode(encode(pixels, compress_level=1)).decode()


@st.cache_resource(scope="session", on_release=live.scenes.release, show_spinner=False)
def _owner() -> str:
    """This session's name in the scene store. When the session ends, Streamlit releases it and its scenes."""
    return secrets.token_hex(16)
