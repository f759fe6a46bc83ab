"""Bricks: solids of the right size, each kind as often, and the same pictures from the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from gen_lab import data
from gen_lab.data import bricks


@pytest.fixture(scope="module")
def rendered():
    """Images uint8 (60, 64, 64, 1) and kinds bool (60, 51), from two processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bricks, "BLOCK", 10)
        return bricks.render(60, processes=2)


def test_bricks_depend_on_seed_and_index_only(rendered):
    again, _ = bricks.render(25, processes=1)  # in one block, where those were in blocks of 10
    assert np.array_equal(again, rendered[0][:25])
    assert bricks.draw(7, seed=1) != bricks.draw(7)


def test_bricks_are_grey_on_black_and_within_the_picture(rendered):
    images, _ = rendered
    assert images.shape == (60, 64, 64, 1) and images.dtype == np.uint8
    assert not images[:, [0, -1]].any() and not images[:, :, [0, -1]].any()
    covered = (images > 20).mean((1, 2, 3))
    assert (covered > 0.03).all() and (covered < 0.7).all()
    assert (images.max((1, 2, 3)) > 60).all()


def test_every_kind_is_as_frequent(rendered):
    kinds = np.array([bricks.KINDS.index(bricks.draw(index).kind) for index in range(10_000)])
    counts = np.bincount(kinds, minlength=len(bricks.KINDS))
    assert len(bricks.KINDS) > 36
    assert np.abs(counts - counts.mean()).max() < 5 * np.sqrt(counts.mean())
    assert np.array_equal(rendered[1].argmax(1), kinds[:60]) and (rendered[1].sum(1) == 1).all()


@pytest.mark.parametrize(
    ("kind", "size", "studs"),
    [
        ("brick_2x4", (2, 4, 1.2), 8),
        ("plate_4x4", (4, 4, 0.4), 16),
        ("tile_1x2", (1, 2, 0.4), 0),
        ("slope_2x2", (2, 2, 1.2), 2),
        ("plate_corner_2x2", (2, 2, 0.4), 3),
        ("round_plate_4x4", (4, 4, 0.4), 12),
        ("arch_1x4", (4, 1, 2.4), 4),
        ("dome_2x2", (2, 2, 1.2), 0),
    ],
)
def test_a_solid_has_its_size_and_studs(kind, size, studs):
    solid = bricks.SOLIDS[kind]
    assert len(solid.studs) == studs
    low, high = np.reshape(bricks.mesh(solid).bounds, (3, 2)).T
    assert np.allclose(high, -low)  # around the origin
    assert np.allclose(high - low, np.add(size, (0, 0, bricks.STUD_HEIGHT * bool(studs))), atol=1e-5)


def test_the_surface_of_a_block_is_its_faces():
    block = bricks.mesh(bricks.SOLIDS["tile_1x2"])
    assert np.isclose(block.triangulate().area, 2 * (1 * 2 + 1 * 0.4 + 2 * 0.4))
    corner = bricks.SOLIDS["brick_corner_2x2"]  # not convex: its area would be larger if the notch were covered
    assert np.isclose(bricks.mesh(replace(corner, studs=())).triangulate().area, 2 * 3 + 8 * 1.2)


def test_bricks_are_kept_and_split(rendered, monkeypatch):
    monkeypatch.setattr(bricks, "_blocks", lambda *_: [rendered[0]])
    bricks.prepare(60)
    assert bricks.is_ready(60)
    parts = [bricks.load(split, 60) for split in data.SPLITS]
    assert [len(part) for part in parts] == [54, 3, 3]
    assert np.array_equal(np.concatenate([part.images for part in parts]), rendered[0])
    assert np.array_equal(np.concatenate([part.attributes for part in parts]), rendered[1])


@pytest.mark.slow
def test_without_opengl_the_remedy_is_named(monkeypatch, root):
    monkeypatch.setenv("VTK_DEFAULT_OPENGL_WINDOW", "no such window")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(RuntimeError, match="install libegl1 and libgl1-mesa-dri, and run python -m train.data bricks"):
        bricks.prepare(10, processes=1)
    assert not list(root.glob("cache/*"))
