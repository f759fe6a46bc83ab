"""A cache is written whole or not at all, whatever happens."""

import errno

import numpy as np
import pytest

from gen_lab import files
from gen_lab.data import avatars, cache


def blocks_until(error):
    yield np.zeros((4, 8, 8, 3), np.uint8)
    raise error


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_nothing(root, error):
    with pytest.raises(type(error)) as caught:
        cache.write(root / "x", blocks_until(error), (8, 8, 8, 3), np.zeros((8, 1), bool), ("A",), {"train": (0, 8)})
    assert list(root.iterdir()) == []
    if isinstance(error, OSError):
        assert "the disk is full" in str(caught.value)


def test_two_that_write_the_same_do_not_disturb_each_other(root):
    folder, pictures = root / "x", np.full((8, 8, 8, 3), 7, np.uint8)
    rest = ((8, 8, 8, 3), np.zeros((8, 1), bool), ("A",), {"train": (0, 8)})

    def overtaken():
        cache.write(folder, [pictures], *rest)
        yield pictures

    cache.write(folder, overtaken(), *rest)
    assert np.array_equal(cache.read(folder, "train")[0], pictures)
    assert list(root.iterdir()) == [folder]


def test_a_disk_too_small_is_noticed_beforehand(monkeypatch, root):
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 100_000}))
    with pytest.raises(OSError, match="the disk is full: .* needs 1 MB"):
        avatars.prepare(80, processes=1)
    assert list((root / "cache").iterdir()) == []
