"""demonstration.npz: it comes back, whatever a stranger puts there is explained, and those that ship are small."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from gen_lab import checkpoint, data, registry
from gen_lab.checkpoint import CheckpointError, demonstration, remedies
from gen_lab.checkpoint.demonstration import Demonstration

LOADED = SimpleNamespace(card={"sha256": "a" * 64}, model=SimpleNamespace(image_shape=(1, 3, 2)))
HANDFUL = Demonstration(
    np.arange(24, dtype=np.uint8).reshape(4, 3, 2, 1), np.array([0, 3, 7, 8]), 9,
    {"sample": (1, 2), "memoriser": (5,)}, "a" * 64, "b" * 64, np.ones(2, np.float32),
)  # fmt: skip
SHIPPED = sorted(remedies.ROOT.glob(f"checkpoints/*/{demonstration.FILE}"))


@pytest.mark.parametrize("handful", [HANDFUL, replace(HANDFUL, judge="", scale=None)])
def test_a_demonstration_comes_back(tmp_path, handful):
    demonstration.save(tmp_path, handful)
    restored = demonstration.load(tmp_path, LOADED)
    for name, value in vars(handful).items():
        assert np.array_equal(getattr(restored, name), value) or getattr(restored, name) == value, name


def test_a_checkpoint_may_have_none(tmp_path):
    assert demonstration.load(tmp_path, LOADED) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"pictures": np.zeros((4, 2, 3, 1), np.uint8)}, {"pictures": np.zeros((4, 3, 2, 1))},
        {"pictures": np.zeros((0, 3, 2, 1), np.uint8)}, {"rows": np.array([0, 3, 3, 8])}, {"rows": np.array([0, 3, 7])},
        {"rows": np.array([0, 3, 7, 9])}, {"rows": np.array([-1, 3, 7, 8])}, {"count": 2.5}, {"count": np.ones(2, int)},
        {"seeds": {"sample": (1,), "memoriser": ((1,),)}}, {"model": "c" * 64}, {"scale": np.zeros(2, np.float32)},
        {"scale": np.full(2, np.nan, np.float32)}, {"scale": np.ones((2, 2), np.float32)},
        {"pictures": np.zeros((4, 3000, 2000, 1), np.uint8)},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_explained(tmp_path, changes):
    folder = tmp_path / "vae-shapes"
    folder.mkdir()
    demonstration.save(folder, replace(HANDFUL, **changes))
    with pytest.raises(CheckpointError, match=r"train.novelty vae-shapes"):
        demonstration.load(folder, LOADED)


@pytest.mark.parametrize("content", [b"", b"not a zip", {"x": np.ones(3)}, {"pictures": np.array([{}])}])
def test_a_damaged_file_is_explained(tmp_path, content):
    path = tmp_path / "vae-shapes" / demonstration.FILE
    path.parent.mkdir()
    path.write_bytes(content) if isinstance(content, bytes) else np.savez_compressed(path, **content)
    with pytest.raises(CheckpointError, match=r"train.novelty vae-shapes"):
        demonstration.load(path.parent, LOADED)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_one_that_ships_is_small_loads_and_may(path):
    handful = demonstration.load(path.parent, checkpoint.load(path.parent))
    card = checkpoint.read_card(path.parent)
    assert path.stat().st_size < 300_000 and data.module(card["data"]["name"]).MAY_SHIP
    if handful.scale is not None:
        assert handful.judge == checkpoint.read_card(registry.folder(card["judge"]))["sha256"]


@pytest.mark.parametrize("name", ["celeba", "flickr8k", "coco", "lego"])
def test_pictures_that_may_not_be_passed_on_never_ship(name):
    assert not hasattr(data.module(name), "MAY_SHIP")
