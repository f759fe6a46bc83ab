"""The map control: points to pan, zoom, hover and lasso, beside the picture of the place under the pointer."""

import base64
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gen_lab.checkpoint.atlas import Atlas
from gen_lab.latent.layouts import Plane
from gen_lab.scenes import Scene
from gen_lab.ui.charts import words
from gen_lab.ui.controls.hand import Hand, control, data_url
from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _
from pages.map.state import is_lasso, is_place

FADED = 255  # level of points outside the selection
# Any two differ by 12 or more in 100 times OKLab, also for eyes without red or green cones; on light and dark pages.
CLASSES = ("#89c0fe", "#b20d0e", "#0de5ab", "#575968", "#f85700", "#000eff", "#ffb010", "#8102ab", "#3f81fc", "#23a282")
WITH, WITHOUT = "#d9722b", "#5b9aa0"
SCALE = ((124, 78, 173), (176, 170, 160), (11, 140, 131))  # of a latent coordinate: purple, grey, teal
STEPS = 64  # colours of that scale
SPREAD = 2.5  # standard deviations at its ends
NEAR, PURE = 50, 0.8  # a cluster is named where this share of so many points around its middle are its own

_component = component("map", Path(__file__).parent, "control")


@dataclass(frozen=True, eq=False)
class Colouring:
    """The colour of each point: `levels` (N,) index `palette`. Also the names of the levels, and the legend."""

    levels: np.ndarray
    palette: list[str]
    names: list[str]
    legend: dict


def colouring(atlas: Atlas, colour: str, selection: np.ndarray) -> Colouring:
    """Points coloured by an attribute, by their class (`colour` empty) or by a latent coordinate (z1, z2, ...). Those
    outside `selection`, bool (N,), are faded."""
    if colour in atlas.attribute_names:
        levels = atlas.attributes[:, atlas.attribute_names.index(colour)].astype(int)
        palette, names = [WITHOUT, WITH], [_("not {trait}").format(trait=words(colour).lower()), words(colour).lower()]
    elif not colour and atlas.labels is not None:
        levels, names = atlas.labels, [words(name) for name in atlas.attribute_names]
        palette = [CLASSES[index % len(CLASSES)] for index in range(len(names))]
    else:
        return _by_coordinate(atlas.latents[:, int(colour[1:] or 1) - 1], colour or "z1", selection)
    entries = [[name, hue] for name, hue in zip(names, palette, strict=True)]
    legend = {"title": words(colour) if colour else _("Label"), "entries": entries}
    return Colouring(np.where(selection, levels, FADED), palette, names, legend)


def _by_coordinate(values: np.ndarray, colour: str, selection: np.ndarray) -> Colouring:
    mean, spread = values.mean(), max(values.std(), 1e-9)
    shares = np.clip((values - mean) / (2 * SPREAD * spread) + 0.5, 0, 1)
    levels = np.round(shares * (STEPS - 1)).astype(int)
    hues = [np.interp(np.linspace(0, 2, STEPS), range(3), channel) for channel in zip(*SCALE, strict=True)]
    palette = ["#%02x%02x%02x" % tuple(int(channel) for channel in hue) for hue in zip(*hues, strict=True)]  # noqa: UP031
    ends = (f"{mean + side * SPREAD * spread:+.2f}".replace("-", "−") for side in (-1, 1))
    title = _("Latent coordinate {number}").format(number=colour[1:])
    legend = {"title": title, **dict(zip(("low", "high"), ends, strict=True))}
    return Colouring(np.where(selection, levels, FADED), palette, [], legend)


def map_control(
    scene: Scene,
    thumbnails: Scene,
    plane: Plane,
    colours: Colouring,
    state: dict[str, list[float]],
    *,
    alt: str,
    between: str,
    key: str,
    on_release: Callable[[dict], None],
) -> None:
    """A map of `plane` and the picture of `scene`, whose three numbers are those of `pages.map.state.scene`.

    `thumbnails` are the small pictures of points, as `pages.map.state.thumbnails`. `state` is {"place", "a", "b"} as
    in `pages.map.state.Map`. `on_release` gets a new one before the page reruns. `alt` describes the picture to screen
    readers. `between` is the caption of a place between the points. `key` names the control within the session.
    """
    label = _("A map of {count} pictures; arrow keys move over it, plus and minus zoom")
    label = label.format(count=f"{len(plane.positions):,}")
    clusters = cluster_names(plane.positions, colours)
    points = np.round(plane.positions * 65535).astype("<u2")

    def draw(hand: Hand) -> dict:
        place = hand.state["place"]
        values = [-1.0, *place] if len(place) == 2 else [place[0] if place else 0, 0, 0]
        values = hand.dragged["wanted"] if hand.dragged else values
        return {
            "points": base64.b64encode(points.tobytes()).decode(),
            "levels": base64.b64encode(colours.levels.astype(np.uint8).tobytes()).decode(),
            "palette": colours.palette,
            "names": colours.names,
            "legend": colours.legend,
            "label": label,
            "alt": alt,
            "between": between,
            "clusters": clusters,
            "words": _words(),
            "token": hand.tokens[0],
            "thumbnails": hand.tokens[1],
            "picture": data_url(scene(values)),
            "shown": values,
        }

    control(
        _component,
        state,
        draw,
        understand=lambda message: _understand(message, len(points)),
        on_release=lambda changes: on_release({name: changes[name] for name in state}),
        key=key,
        scenes=[scene, thumbnails],
    )


def cluster_names(positions: np.ndarray, colours: Colouring) -> list[list]:
    """[name, x, y] of each level that has a region of the map to itself: where most of its points lie, and most points
    there are its own. positions (N, 2)."""
    names = []
    for level, name in enumerate(colours.names):
        own = colours.levels == level
        if not own.any():
            continue
        middle = np.median(positions[own], 0)
        nearest = np.square(positions - middle).sum(1).argsort()[:NEAR]
        if own[nearest].mean() >= PURE:
            names.append([name, *middle.round(4).tolist()])
    return names


def _words() -> dict[str, str]:
    return {
        "move": _("Move"),
        "explore": _("Explore"),
        "a": _("Lasso A"),
        "b": _("Lasso B"),
        "moveHint": _("Drag moves the map, a click shows what lies there"),
        "exploreHint": _("The picture follows while you drag over the map"),
        "aHint": _("Draw around the pictures of group A; a click clears it"),
        "bHint": _("Draw around the pictures of group B; a click clears it"),
        "tools": _("What the pointer does"),
        "closer": _("Closer"),
        "farther": _("Farther"),
        "whole": _("The whole map"),
        "picture": _("Picture {number}, as the model decodes it"),
        "labelled": _("Picture {number}, as the model decodes it. Its label: {label}"),
    }


def _understand(message: dict, count: int) -> dict[str, list[float]] | None:
    """{"place", "a", "b"} of a browser's message, and "wanted", the scene's values that it asks for. None where they
    do not fit a map of `count` points."""
    lists = {name: [float(number) for number in message[name]] for name in ("place", "a", "b", "wanted")}
    if not all(math.isfinite(number) for numbers in lists.values() for number in numbers):
        return None
    values, place = lists["wanted"], lists["place"]
    if len(place) == 1:
        lists["place"] = place = [int(place[0])]
    fits = not place or is_place(place) or (len(place) == 1 and 0 <= place[0] < count)
    fits &= all(not lists[name] or is_lasso(lists[name]) for name in ("a", "b"))
    fits &= len(values) == 3 and -1 <= values[0] < count and is_place(values[1:])
    return lists if fits else None
