"""novelty.npz: whatever a stranger puts there is explained."""

import numpy as np
import pytest

from gen_lab.checkpoint import CheckpointError, usual_distances
from gen_lab.checkpoint.usual_distances import SETS


def test_distances_come_back(tmp_path):
    distances = {space: {name: np.arange(3, dtype=np.float32) for name in SETS} for space in ("pixels", "features")}
    usual_distances.save(tmp_path, distances)
    restored = usual_distances.load(tmp_path)
    assert restored.keys() == distances.keys()
    assert all(np.array_equal(restored[space][name], distances[space][name]) for space in restored for name in SETS)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"not a zip", {"pixels_held_out": np.ones(3)}, {"x": np.ones(3)},
        {f"pixels_{name}": np.ones((3, 2)) for name in SETS},
        {f"pixels_{name}": np.full(3, np.nan) for name in SETS},
        {f"pixels_{name}": np.ones(0) for name in SETS},
        {f"pixels_{name}": np.ones(2_000_000) for name in SETS},
        {f"pixels_{name}": np.array([{}]) for name in SETS},
    ],
)  # fmt: skip
def test_a_damaged_file_is_explained(tmp_path, content):
    path = tmp_path / "vae-shapes" / usual_distances.FILE
    path.parent.mkdir()
    path.write_bytes(content) if isinstance(content, bytes) else np.savez_compressed(path, **content)
    with pytest.raises(CheckpointError, match=r"train.novelty vae-shapes"):
        usual_distances.load(path.parent)
