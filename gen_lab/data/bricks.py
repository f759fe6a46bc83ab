"""Bricks: several dozen kinds of toy brick, drawn in three dimensions from random sides in random light. No download.

The renderer is PyVista, off-screen. A picture's kind, side and light come from a generator seeded with the data set's
seed and the picture's index, so that it does not depend on how many are asked for, nor on the number of processes.

    python -m train.data bricks
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache as cached
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np
from tqdm import tqdm

from gen_lab.data import Dataset, cache, cache_root, parallel

if TYPE_CHECKING:
    from pyvista import Plotter, PolyData  # takes seconds to import, and only rendering needs it

COUNT = 40_000
SEED = 0
VERSION = 1  # of the drawings: raise it when they change, so that older caches are not taken for these
SIZE = 64  # pixels a side
FINE = 4  # pixels of the renderer along one of the picture, which is their mean
BLOCK = 50  # pictures that a process renders at a time
STAND_IN = "fake_bricks"  # what a dry run takes in its place
LICENCE = "made by gen_lab: no rights reserved"
MAY_SHIP = True  # a few of its pictures, with a checkpoint

Outline = tuple[tuple[float, float], ...]

# Lengths are in studs: a brick of one stud is 1 wide, 1 deep and 1.2 high, three times as high as a plate.
BRICK, PLATE = 1.2, 0.4
STUD_RADIUS, STUD_HEIGHT = 0.3, 0.21
CORNERS = 48  # of what is round
DISTANCE = 5.3  # of the camera


@dataclass(frozen=True)
class Solid:
    """An outline drawn out to a solid, with studs on it."""

    way: str  # "along": the outline of a side (x, z), along y; "up": of the top (x, y); "round": (radius, z), turned
    outline: Outline
    depth: float  # how far it is drawn out along y or up
    studs: Outline  # where their middles are
    top: float  # the height that the studs stand on


def _grid(width: int, length: int) -> Outline:
    return tuple((x + 0.5, y + 0.5) for x in range(width) for y in range(length))


def _block(width: int, length: int, height: float, studs: Outline | None = None) -> Solid:
    side = ((0, 0), (width, 0), (width, height), (0, height))
    return Solid("along", side, length, _grid(width, length) if studs is None else studs, height)


def _corner(height: float) -> Solid:
    top = ((0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2))
    return Solid("up", top, height, ((0.5, 0.5), (1.5, 0.5), (0.5, 1.5)), height)


def _round(side: int, *outline: tuple[float, float]) -> Solid:
    """With as many of side x side studs as fit on the circle."""
    places = tuple((x - side / 2, y - side / 2) for x, y in _grid(side, side))
    return Solid("round", outline, 0, tuple(p for p in places if np.hypot(*p) < side / 2), outline[-1][1])


def _arch(width: int, height: float) -> Solid:
    turn = np.linspace(0, np.pi, CORNERS // 2 + 1)
    opening = zip(width / 2 - (width / 2 - 0.5) * np.cos(turn), (height - 0.2) * np.sin(turn), strict=True)
    side = ((0, 0), *opening, (width, 0), (width, height), (0, height))
    return Solid("along", side, 1, _grid(width, 1), height)


SIZES = ((1, 1), (1, 2), (1, 3), (1, 4), (1, 6), (2, 2), (2, 3), (2, 4), (2, 6))
# The sides of what comes in several lengths, and how many columns of studs it has, counted from its right.
SIDES = {
    "slope_2x": (((0, 0), (2, 0), (2, 1.2), (1, 1.2), (0, 0.2)), 1),
    "slope_3x": (((0, 0), (3, 0), (3, 1.2), (2, 1.2), (0, 0.2)), 1),
    "slope_inverted_2x": (((1, 0), (2, 0), (2, 1.2), (0, 1.2), (0, 1)), 2),
    "roof_2x": (((0, 0), (2, 0), (2, 0.2), (1, 1.2), (0, 0.2)), 0),
    "cheese_1x": (((0, 0), (1, 0), (1, 0.8), (0, 0.1)), 0),
    "stairs_3x": (((0, 0), (3, 0), (3, 1.2), (2, 1.2), (2, 0.8), (1, 0.8), (1, 0.4), (0, 0.4)), 0),
}
SOLIDS = (
    {f"brick_{width}x{length}": _block(width, length, BRICK) for width, length in SIZES}
    | {f"plate_{width}x{length}": _block(width, length, PLATE) for width, length in (*SIZES, (4, 4))}
    | {f"tile_{width}x{length}": _block(width, length, PLATE, ()) for width, length in SIZES[:2] + SIZES[5:8:2]}
    | {
        f"{name}{length}": Solid(
            "along", side, length, tuple((side[1][0] - x, y) for x, y in _grid(columns, length)), BRICK
        )
        for name, (side, columns) in SIDES.items()
        for length in (1, 2)
    }
    | {
        "jumper_1x2": _block(1, 2, PLATE, ((0.5, 1),)),
        "arch_1x3": _arch(3, BRICK),
        "arch_1x4": _arch(4, 2 * BRICK),
        "brick_corner_2x2": _corner(BRICK),
        "plate_corner_2x2": _corner(PLATE),
        "round_brick_1x1": _round(1, (0, 0), (0.35, 0), (0.35, 0.25), (0.5, 0.25), (0.5, 1.2), (0, 1.2)),
        "round_brick_2x2": _round(2, (0, 0), (1, 0), (1, 1.2), (0, 1.2)),
        "round_plate_1x1": _round(1, (0, 0), (0.35, 0), (0.35, 0.15), (0.5, 0.15), (0.5, 0.4), (0, 0.4)),
        "round_plate_2x2": _round(2, (0, 0), (1, 0), (1, 0.4), (0, 0.4)),
        "round_plate_4x4": _round(4, (0, 0), (2, 0), (2, 0.4), (0, 0.4)),
        "round_tile_1x1": _round(0, (0, 0), (0.5, 0), (0.5, 0.4), (0, 0.4)),
        "round_tile_2x2": _round(0, (0, 0), (1, 0), (1, 0.4), (0, 0.4)),
        "cone_1x1": _round(1, (0, 0), (0.5, 0), (0.5, 0.3), (0.3, 1.2), (0, 1.2)),
        "cone_2x2": _round(1, (0, 0), (1, 0), (1, 0.3), (0.45, 2.4), (0, 2.4)),
        "dome_2x2": _round(0, (0, 0), *((np.cos(turn), 0.2 + np.sin(turn)) for turn in np.linspace(0, np.pi / 2, 12))),
        "wheel": _round(0, (0, 0), (0.8, 0), (1, 0.15), (1, 0.65), (0.8, 0.8), (0.65, 0.8), (0.6, 0.5), (0, 0.5)),
    }
)
KINDS = tuple(SOLIDS)


@dataclass(frozen=True)
class View:
    """What one picture shows; angles in degrees."""

    kind: str
    azimuth: float  # of the camera around the brick
    elevation: float  # of the camera above the ground
    light_azimuth: float  # from the camera's: negative is from the left
    light_elevation: float
    light: float  # its strength


def is_ready(count: int = COUNT, seed: int = SEED) -> bool:
    return cache.is_whole(_cache_folder(count, seed))


def prepare(count: int = COUNT, seed: int = SEED, processes: int | None = None) -> None:
    """Render the pictures into the cache, unless they are there; by default with one process per core.

    Raises RuntimeError, with the remedy, where the renderer does not start.
    """
    if is_ready(count, seed):
        return
    train, valid = round(0.9 * count), round(0.95 * count)
    splits = {"train": (0, train), "valid": (train, valid), "test": (valid, count)}
    shape = (count, SIZE, SIZE, 1)
    blocks = _blocks(count, seed, processes)
    cache.write(_cache_folder(count, seed), blocks, shape, _attributes(count, seed), KINDS, splits)


def load(split: str, count: int = COUNT, seed: int = SEED) -> Dataset:
    """36,000 grey pictures to train on, 2,000 to validate and 2,000 to test; the attributes are the kinds, one of
    which each picture has. Raises `MissingData` until `prepare` ran."""
    return cache.load(_cache_folder(count, seed), "bricks", LICENCE, split)


def render(count: int, seed: int = SEED, processes: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The first `count` bricks of a seed: images uint8 (count, 64, 64, 1), grey on black, and their kinds, bool
    (count, K)."""
    return np.concatenate(list(_blocks(count, seed, processes))), _attributes(count, seed)


def draw(index: int, seed: int = SEED) -> View:
    """What one picture is to show: any kind, as often as any other, standing on the ground and seen from above."""
    random = np.random.default_rng([seed, index])
    return View(
        kind=KINDS[random.integers(len(KINDS))],
        azimuth=random.uniform(0, 360),
        elevation=random.uniform(15, 70),
        light_azimuth=random.uniform(-90, 90),
        light_elevation=random.uniform(25, 75),
        light=random.uniform(0.85, 1.1),
    )


def mesh(solid: Solid) -> "PolyData":
    """The surface of a solid; the middle of its bounding box is the origin."""
    import pyvista

    points = np.zeros((len(solid.outline), 3))
    points[:, (0, 1) if solid.way == "up" else (0, 2)] = solid.outline
    if solid.way == "round":
        line = pyvista.PolyData(points, lines=[len(points), *range(len(points))])
        body = line.extrude_rotate(resolution=CORNERS, capping=False)
    else:
        face = pyvista.PolyData(points, faces=[len(points), *range(len(points))]).triangulate()
        body = face.extrude((0, 0, solid.depth) if solid.way == "up" else (0, solid.depth, 0), capping=True)
    stud = pyvista.Cylinder(direction=(0, 0, 1), radius=STUD_RADIUS, height=STUD_HEIGHT, resolution=CORNERS)
    studs = [stud.translate((x, y, solid.top + STUD_HEIGHT / 2)) for x, y in solid.studs]
    whole = body.append_polydata(*studs)
    return cast("PolyData", whole.translate(-np.array(whole.center)))


def _attributes(count: int, seed: int) -> np.ndarray:
    kinds = np.array([KINDS.index(draw(index, seed).kind) for index in range(count)])
    return kinds[:, None] == np.arange(len(KINDS))


def _cache_folder(count: int, seed: int):
    return cache_root() / f"bricks-{count}-seed{seed}-v{VERSION}"


@cached
def _stage() -> "tuple[Plotter, dict]":
    """The renderer of this process, and its actor of each kind, all invisible."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")  # without a screen
    import pyvista

    plotter = pyvista.Plotter(off_screen=True, window_size=[FINE * SIZE, FINE * SIZE], lighting="none")
    plotter.set_background("black")  # pyright: ignore[reportArgumentType] - wrapped by pyvista, self is not seen
    plotter.camera.view_angle = 20
    plotter.camera.focal_point = (0, 0, 0)
    actors = {}
    for kind, solid in SOLIDS.items():
        surface = mesh(solid)
        # Small ones are drawn larger and large ones smaller, or a stud would be three pixels beside a plate of 4 x 4.
        surface = surface.scale(surface.length**-0.7)
        actors[kind] = plotter.add_mesh(surface, color="white", ambient=0.1, diffuse=0.9)
        actors[kind].visibility = False
    for _ in range(2):
        plotter.add_light(pyvista.Light(light_type="camera light"))
    return plotter, actors


def _direction(azimuth: float, elevation: float) -> np.ndarray:
    """The unit vector (3,) that these angles point to; the third of its numbers is up."""
    azimuth, elevation = np.radians(azimuth), np.radians(elevation)
    flat = np.cos(elevation)
    return np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)])


def _picture(index: int, seed: int) -> np.ndarray:
    """uint8 (64, 64, 1)."""
    view = draw(index, seed)
    plotter, actors = _stage()
    plotter.camera.position = DISTANCE * _direction(view.azimuth, view.elevation)
    plotter.camera.up = (0, 0, 1)
    plotter.reset_camera_clipping_range()
    key, fill = plotter.renderer.lights
    behind, right, above = _direction(view.light_azimuth, view.light_elevation)
    key.position = right, above, behind
    key.intensity, fill.intensity = 0.75 * view.light, 0.25 * view.light
    actors[view.kind].visibility = True
    plotter.render()
    picture = np.asarray(plotter.screenshot(return_img=True))[..., 0]  # (256, 256): red is as good as green and blue
    actors[view.kind].visibility = False
    return picture.reshape(SIZE, FINE, SIZE, FINE).mean((1, 3)).round().astype(np.uint8)[..., None]


def _block_of(indices: range, seed: int) -> np.ndarray:
    """uint8 (n, 64, 64, 1)."""
    return np.stack([_picture(index, seed) for index in indices])


def _blocks(count: int, seed: int, processes: int | None) -> Iterator[np.ndarray]:
    """The pictures in order, in blocks uint8 (n, 64, 64, 1), from parallel processes.

    They render in processes of their own even if it is one only: VTK ends a process in which it finds no OpenGL.
    """
    indices = [range(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    with tqdm(total=count, desc="bricks", unit="brick") as progress:
        try:
            for block in parallel.ordered(partial(_block_of, seed=seed), indices, processes):
                progress.update(len(block))
                yield block
        except BrokenProcessPool as error:
            raise RuntimeError(
                "the renderer stopped, as it does without OpenGL: on Debian or Ubuntu install libegl1 and "
                "libgl1-mesa-dri, and run python -m train.data bricks again"
            ) from error
