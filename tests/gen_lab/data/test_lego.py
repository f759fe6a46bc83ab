"""The toy bricks in their public layout, with stand-ins for the pictures."""

import shutil
import zipfile

import pytest
from PIL import Image

from gen_lab import data
from gen_lab.data import lego
from tests.sources import write_lego


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
def test_lego_reads_the_public_layout(root, packed):
    write_lego(root, packed)
    assert not data.is_ready("lego")
    parts = [data.load("lego", split) for split in data.SPLITS]
    assert data.is_ready("lego")
    assert [part.images.shape for part in parts] == [(32, 64, 64, 1), (4, 64, 64, 1), (4, 64, 64, 1)]
    assert parts[0].attribute_names == ("brick_1x1", "peg")
    for part in parts:
        assert (part.attributes.sum(1) == 1).all()
        assert part.attribute("peg").mean() == 0.5
    # Both cameras' views of a pose are in one part, and every pose is somewhere.
    poses = [set(part.images[:, 0, 0, 0].astype(int) // 10) for part in parts]
    assert poses == [set(range(8)), {8}, {9}]


def test_lego_is_decoded_once_and_again_when_the_source_changes(root, monkeypatch):
    folder = write_lego(root, packed=False)
    data.load("lego", "train")
    Image.new("L", (64, 64), 250).save(folder / "Train" / "brick_1x1" / "3005 brick_1x1 000L.png")
    assert not data.is_ready("lego")
    assert data.load("lego", "train").images[0, 0, 0, 0] == 250
    assert len(list((root / "cache").iterdir())) == 1  # what was decoded before is gone
    monkeypatch.setattr(lego, "_grey", None)
    data.load("lego", "test")


def test_lego_names_what_is_damaged(root):
    folder = write_lego(root, packed=False)
    (folder / "Train" / "peg" / "3005 peg 004R.png").write_bytes(b"no PNG")
    with pytest.raises(ValueError, match="peg 004R.png in .*Train cannot be used, for this file cannot be read"):
        data.load("lego", "train")
    shutil.rmtree(folder / "Train")
    (folder / lego.ARCHIVE).write_bytes(b"no zip")
    with pytest.raises(ValueError, match="lego-brick-images.zip is damaged"):
        data.load("lego", "train")
    with zipfile.ZipFile(folder / lego.ARCHIVE, "w") as archive:
        archive.writestr("Train/readme.txt", "")
    with pytest.raises(ValueError, match="lego-brick-images.zip has no pictures <kind>/"):
        data.load("lego", "train")
    assert not list(root.glob("cache/*"))


def test_the_files_of_macos_stop_nothing(root):
    folder = write_lego(root, packed=False)
    (folder / "Train" / "peg" / "._x.png").write_bytes(b"macOS")
    assert len(data.load("lego", "train")) == 32
    assert data.load("lego", "test").left_out == "left out 1 hidden, as macOS makes them: peg/._x.png"


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
def test_one_folder_for_all_kinds_is_read(root, packed):
    """As the second version of the public renders comes: dataset/3005 brick 1x1 000L.png."""
    folder = write_lego(root, packed=False)
    (folder / "dataset").mkdir()
    for path in (folder / "Train").glob("*/*.png"):
        path.rename(folder / "dataset" / path.name.replace("_", " "))
    Image.new("L", (64, 64)).save(folder / "dataset" / "cover.png")
    shutil.rmtree(folder / "Train")
    if packed:
        with zipfile.ZipFile(folder / lego.ARCHIVE, "w") as archive:
            for path in (folder / "dataset").iterdir():
                archive.write(path, f"dataset/{path.name}")
        shutil.rmtree(folder / "dataset")
    train = data.load("lego", "train")
    assert train.attribute_names == ("brick_1x1", "peg") and train.attributes.sum(0).tolist() == [16, 16]
    assert train.left_out.startswith("left out 1 of no kind: ") and train.left_out.endswith("cover.png")
