"""Data sets: the drawings are what their attributes say, splits are disjoint, caches survive whatever happens."""

import errno
import io
import json
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gen_lab import data, files
from gen_lab.data import MissingData, avatars, bricks, cache, celeba, lego
from train import data as command


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """An empty data folder for each test."""
    folder = tmp_path / "data"
    monkeypatch.setenv("GEN_LAB_DATA", str(folder))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return folder


# Avatars


@pytest.fixture(scope="module")
def drawn():
    """Images uint8 (300, 64, 64, 3) and attributes bool (300, 11)."""
    return avatars.render(300, processes=1)


def column(attributes, name):
    return attributes[:, avatars.ATTRIBUTE_NAMES.index(name)]


@pytest.mark.slow
def test_avatars_depend_on_seed_and_index_only(drawn):
    images, attributes = avatars.render(520, processes=2)
    assert np.array_equal(images[:300], drawn[0])
    assert np.array_equal(attributes[:300], drawn[1])
    assert not np.array_equal(avatars.render(8, seed=1, processes=1)[0], images[:8])


def test_dicebear_is_left_no_choice():
    for index in range(50):
        options, _ = avatars.draw(index)
        # What DiceBear settled on, whatever its own seed is.
        first, second = (
            avatars.Avatar(avatars._style(), options | {"seed": seed}).to_json()["options"] for seed in "ab"
        )
        assert first == second


@pytest.fixture(scope="module")
def many_attributes():
    return np.stack([avatars.draw(index)[1] for index in range(10_000)])  # (10000, 11)


def test_each_attribute_is_common_enough_to_learn(many_attributes):
    share = many_attributes.mean(0)
    assert (share >= 0.15).all() and (share <= 0.85).all()


def test_attributes_are_independent_but_for_logic(many_attributes):
    hair = ["Black_Hair", "Blond_Hair", "Brown_Hair"]
    exclusive = [{a, b} for a in hair for b in hair if a < b]
    exclusive += [{"Bald", other} for other in [*hair, "Long_Hair"]] + [{"Pale_Skin", "Dark_Skin"}]
    phi = np.corrcoef(many_attributes.T)
    for row, first in enumerate(avatars.ATTRIBUTE_NAMES):
        for second in avatars.ATTRIBUTE_NAMES[:row]:
            both = column(many_attributes, first) & column(many_attributes, second)
            if {first, second} in exclusive:
                assert not both.any()
            else:
                value = phi[row, avatars.ATTRIBUTE_NAMES.index(second)]
                assert abs(value) < 0.05, f"{first} and {second} go together: {value:.3f}"


@pytest.mark.parametrize("name", ["Black_Hair", "Blond_Hair", "Brown_Hair"])
def test_hair_is_seen_even_below_a_hat(drawn, name):
    images, attributes = drawn
    wanted = np.array([int(avatars.HAIR_COLOURS[name][i : i + 2], 16) for i in (1, 3, 5)])
    chosen = column(attributes, name) & ~column(attributes, "Facial_Hair") & ~column(attributes, "Eyeglasses")
    pixels = (np.abs(images[chosen].astype(int) - wanted).max(-1) < 24).sum((1, 2))
    assert pixels.min() >= 30


@pytest.mark.parametrize(
    ("name", "option", "values"),
    [
        ("Smiling", "mouthVariant", avatars.SMILING),
        ("Long_Hair", "topVariant", avatars.LONG_HAIR),
        ("Wearing_Hat", "hatProbability", {100}),
        ("Eyeglasses", "accessoriesProbability", {100}),
        ("Facial_Hair", "facialHairProbability", {100}),
        ("Bald", "topProbability", {0}),
        ("Pale_Skin", "skinColor", avatars.SKIN_COLOURS["Pale_Skin"]),
        ("Dark_Skin", "skinColor", avatars.SKIN_COLOURS["Dark_Skin"]),
    ],
)
def test_attributes_are_the_drawing(name, option, values):
    for index in range(200):
        options, attributes = avatars.draw(index)
        shown = options[option] in values and not (name == "Long_Hair" and options["topProbability"] == 0)
        assert attributes[avatars.ATTRIBUTE_NAMES.index(name)] == shown


def test_avatars_are_kept_and_split(drawn):
    avatars.prepare(300, processes=1)
    parts = [avatars.load(split, 300) for split in data.SPLITS]
    assert [len(part) for part in parts] == [270, 15, 15]
    assert isinstance(parts[0].images, np.memmap) and not parts[0].images.flags.writeable
    assert np.array_equal(np.concatenate([part.images for part in parts]), drawn[0])  # so no picture is in two parts
    assert np.array_equal(np.concatenate([part.attributes for part in parts]), drawn[1])
    assert np.array_equal(parts[0].attribute("Bald"), column(drawn[1][:270], "Bald"))


@pytest.mark.parametrize("file", ["images.npy", "attributes.npy", "contents.json"])
def test_a_truncated_cache_is_noticed_and_rendered_again(file):
    avatars.prepare(40, processes=1)
    whole = np.array(avatars.load("train", 40).images)
    path = avatars._cache_folder(40, 0) / file
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(MissingData, match="damaged: run python -m train.data avatars"):
        avatars.load("train", 40)
    avatars.prepare(40, processes=1)
    assert np.array_equal(avatars.load("train", 40).images, whole)


# Bricks


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


# What is missing or does not fit


@pytest.mark.parametrize("name", ["avatars", "celeba", "lego", "bricks", "flickr8k", "coco"])
def test_missing_data_names_the_command(name, root):
    assert not data.is_ready(name)
    with pytest.raises(MissingData) as caught:
        data.load(name, "train")
    assert str(caught.value) == f"no data set '{name}' under {root}: run python -m train.data {name}"
    assert isinstance(caught.value, FileNotFoundError)
    assert not root.exists()  # to ask leaves no trace


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=f"use one of {', '.join(data.NAMES)}"):
        data.load("../celeba", "train")
    with pytest.raises(ValueError, match="use one of train, valid, test"):
        data.load("fake", "training")


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


# CelebA, with stand-ins for its pictures


def stand_in(size: tuple[int, int], number: int) -> Image.Image:
    """A picture whose useful square is grey, as bright as its number says, with a red upper left quarter."""
    width, height = size
    side = width if width == height else 148
    left, top = (width - side) // 2, (height - side) // 2
    picture = Image.new("RGB", size, "lime")  # must not be seen
    picture.paste((20 * number,) * 3, (left, top, left + side, top + side))
    picture.paste((255, 0, 0), (left, top, left + side // 2, top + side // 2))
    return picture


def write_celeba(root: Path, size=(178, 218), packed=True, count=9) -> Path:
    """`count` pictures in the official layout; every third one belongs to train, valid and test in turn."""
    folder = root / "celeba"
    folder.mkdir(parents=True)
    pictures = {}
    for number in range(count):
        buffer = io.BytesIO()
        stand_in(size, number).save(buffer, "JPEG", quality=100, subsampling=0)
        pictures[f"{number:06}.jpg"] = buffer.getvalue()
    if packed:
        with zipfile.ZipFile(folder / "img_align_celeba.zip", "w") as archive:
            for name, content in pictures.items():
                archive.writestr(f"img_align_celeba/{name}", content)
    else:
        (folder / "img_align_celeba").mkdir()
        for name, content in pictures.items():
            (folder / "img_align_celeba" / name).write_bytes(content)
    rows = [f"{name} {'1' if number % 2 else '-1':>2} -1" for number, name in enumerate(pictures)]
    (folder / "list_attr_celeba.txt").write_text("\n".join([str(count), "Smiling Bald ", *rows]) + "\n")
    splits = [f"{name} {number % 3}" for number, name in enumerate(pictures)]
    (folder / "list_eval_partition.txt").write_text("\n".join(splits) + "\n")
    return folder


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("size", [(178, 218), (128, 128)], ids=["official", "square"])
def test_celeba_reads_the_official_layout(root, size, packed):
    write_celeba(root, size, packed)
    assert not data.is_ready("celeba")
    for first, split in enumerate(data.SPLITS):
        part = data.load("celeba", split)
        assert part.images.shape == (3, 64, 64, 3) and part.images.dtype == np.uint8
        assert part.attribute_names == ("Smiling", "Bald")
        numbers = np.arange(first, 9, 3)
        assert np.array_equal(part.attributes, np.stack([numbers % 2 == 1, np.zeros(3, bool)], 1))
        for number, image in zip(numbers, part.images.astype(int), strict=True):
            assert np.abs(image[40:, 40:] - 20 * number).max() <= 6
            assert np.abs(image[:24, :24] - (255, 0, 0)).max() <= 12  # in the corner: nothing of the frame is left
            assert np.abs(image[40:, :24] - 20 * number).max() <= 6
    assert data.is_ready("celeba")


def test_celeba_is_decoded_once(root, monkeypatch):
    write_celeba(root)
    data.load("celeba", "train")
    monkeypatch.setattr(celeba, "crop", None)
    data.load("celeba", "test")


def test_celeba_notices_a_changed_source(root):
    folder = write_celeba(root, packed=False)
    data.load("celeba", "train")
    stand_in((178, 218), 12).save(folder / "img_align_celeba" / "000000.jpg", quality=100)
    assert not data.is_ready("celeba")
    assert abs(int(data.load("celeba", "train").images[0, 50, 50, 0]) - 240) <= 6
    assert len(list((root / "cache").iterdir())) == 1  # what was decoded before is gone


def test_celeba_rebuilds_a_truncated_cache(root):
    write_celeba(root)
    data.load("celeba", "train")
    os.truncate(celeba._cache_folder() / "images.npy", 5000)
    assert data.load("celeba", "train").images.shape == (3, 64, 64, 3)


def test_celeba_names_a_damaged_picture(root):
    folder = write_celeba(root, packed=False)
    (folder / "img_align_celeba" / "000004.jpg").write_bytes(b"\xff\xd8\xff, but no JPEG")
    with pytest.raises(ValueError, match="000004.jpg is missing or damaged"):
        data.load("celeba", "train")
    assert list((root / "cache").iterdir()) == []


def test_celeba_refuses_a_damaged_table(root):
    folder = write_celeba(root)
    (folder / "list_attr_celeba.txt").write_text("1\nSmiling Bald\n000000.jpg 1\n")
    with pytest.raises(ValueError, match="the row of 000000.jpg is not 2 values"):
        data.load("celeba", "train")


def test_a_read_only_data_folder_is_left_alone(root, tmp_path):
    write_celeba(root)
    root.chmod(0o555)  # root could write there nevertheless
    try:
        data.load("celeba", "train")
        assert [entry.name for entry in root.iterdir()] == ["celeba"]
        assert len(list((tmp_path / "home" / "gen_lab").iterdir())) == 1
    finally:
        root.chmod(0o755)


# Lego, with stand-ins for its pictures


def write_lego(root: Path, packed=True, poses=10) -> Path:
    """Two kinds in the public layout, each in `poses` poses, of which a picture's brightness tells: 10 x its number."""
    folder = root / "lego"
    folder.mkdir(parents=True)
    pictures = {}
    for kind in ("brick_1x1", "peg"):
        for pose in range(poses):
            for camera in "LR":
                buffer = io.BytesIO()
                Image.new("L", (64, 64), 10 * pose + (camera == "R")).save(buffer, "PNG")
                pictures[f"Train/{kind}/3005 {kind} {pose:03}{camera}.png"] = buffer.getvalue()
    if packed:
        with zipfile.ZipFile(folder / lego.ARCHIVE, "w") as archive:
            for name, content in pictures.items():
                archive.writestr(name, content)
    else:
        for name, content in pictures.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    return folder


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
    monkeypatch.setattr(lego, "_picture", None)
    data.load("lego", "test")


def test_lego_names_what_is_damaged(root):
    folder = write_lego(root, packed=False)
    (folder / "Train" / "peg" / "3005 peg 004R.png").write_bytes(b"no PNG")
    with pytest.raises(ValueError, match="peg 004R.png of the toy bricks is damaged"):
        data.load("lego", "train")
    shutil.rmtree(folder / "Train")
    (folder / lego.ARCHIVE).write_bytes(b"no zip")
    with pytest.raises(ValueError, match="lego-brick-images.zip is damaged"):
        data.load("lego", "train")
    with zipfile.ZipFile(folder / lego.ARCHIVE, "w") as archive:
        archive.writestr("Train/readme.txt", "")
    with pytest.raises(ValueError, match="has no pictures Train/<kind>/"):
        data.load("lego", "train")
    assert not list(root.glob("cache/*"))


# Fake


def test_fake_is_the_same_each_time_and_different_in_each_split():
    once, again, other = data.load("fake", "train"), data.load("fake", "train"), data.load("fake", "test")
    assert once.images.shape == (64, 64, 64, 3) and once.images.dtype == np.uint8
    assert np.array_equal(once.images, again.images) and np.array_equal(once.attributes, again.attributes)
    assert not np.array_equal(once.images, other.images)
    assert (once.attributes.mean(0) == 0.5).all()


def test_fake_attributes_can_be_seen():
    fake = data.load("fake", "valid")
    colours = fake.images.astype(int).mean((1, 2))  # (64, 3)
    assert np.array_equal(colours[:, 0] > colours[:, 2], fake.attribute("Red"))
    assert (fake.images[fake.attribute("Bright_Background"), 0, 0] == 220).all()


# Photos with captions: tiny folders in the official layouts


def photo(colour, size=(40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG")
    return buffer.getvalue()


def write_flickr8k(root: Path, zipped: bool = True) -> Path:
    """Two pictures to train with and one of dev; no list of the test split."""
    folder = root / "flickr8k"
    folder.mkdir(parents=True)
    pictures = {"1_a.jpg": photo("red"), "2_b.jpg": photo("blue", (20, 60)), "3_c.jpg": photo("lime")}
    if zipped:
        with zipfile.ZipFile(folder / "Flicker8k_Dataset.zip", "w") as archive:
            for name, content in pictures.items():
                archive.writestr(f"Flicker8k_Dataset/{name}", content)
    else:
        (folder / "Flicker8k_Dataset").mkdir()
        for name, content in pictures.items():
            (folder / "Flicker8k_Dataset" / name).write_bytes(content)
    lines = [f"{name}#{number}\tCaption {number} of {name} .\n" for name in pictures for number in range(5)]
    (folder / "Flickr8k.token.txt").write_text("".join(lines))
    (folder / "Flickr_8k.trainImages.txt").write_text("2_b.jpg\n1_a.jpg\n")
    (folder / "Flickr_8k.devImages.txt").write_text("3_c.jpg\n")
    return folder


@pytest.mark.parametrize("zipped", [True, False])
def test_flickr8k_is_read_in_the_order_of_its_lists(root, zipped):
    write_flickr8k(root, zipped)
    assert data.is_ready("flickr8k")
    train, dev = data.load("flickr8k", "train"), data.load("flickr8k", "valid")
    assert train.images.files == ("2_b.jpg", "1_a.jpg") and len(train) == 2 and len(dev) == 1
    assert train.images[0].size == (20, 60) and train.images[0].mode == "RGB"
    assert train.images[1].getpixel((5, 5))[0] > 250 and dev.images[0].getpixel((5, 5))[1] > 250
    assert train.captions[0] == tuple(f"Caption {number} of 2_b.jpg ." for number in range(5))
    assert "may not be redistributed" in train.licence and train.split == "train"
    with pytest.raises(MissingData, match="Flickr_8k.testImages.txt"):
        data.load("flickr8k", "test")


def test_a_changed_source_is_another_state(root):
    folder = write_flickr8k(root)
    before = data.load("flickr8k", "train").images.state
    assert data.load("flickr8k", "train").images.state == before
    os.utime(folder / "Flicker8k_Dataset.zip", (1, 1))
    assert data.load("flickr8k", "train").images.state != before


def test_what_does_not_fit_in_flickr8k_is_named(root):
    folder = write_flickr8k(root)
    (folder / "Flickr_8k.devImages.txt").write_text("3_c.jpg\n9_z.jpg\n")
    with pytest.raises(ValueError, match="no caption of 9_z.jpg"):
        data.load("flickr8k", "valid")
    (folder / "Flickr8k.token.txt").write_text("2_b.jpg#0 no tab\n")
    with pytest.raises(ValueError, match="is not a picture, a tab and a caption"):
        data.load("flickr8k", "train")


@pytest.mark.parametrize("content", [None, b"", b"no picture", photo("red")[:200]])
def test_a_damaged_photo_is_named(root, content):
    folder = write_flickr8k(root, zipped=False) / "Flicker8k_Dataset"
    if content is None:
        (folder / "1_a.jpg").unlink()
    else:
        (folder / "1_a.jpg").write_bytes(content)
    with pytest.raises(ValueError, match="1_a.jpg in .* is missing or damaged"):
        data.load("flickr8k", "train").images[1]


def test_a_zip_that_is_none_is_named(root):
    folder = write_flickr8k(root)
    (folder / "Flicker8k_Dataset.zip").write_bytes(b"<html>quota exceeded</html>")
    with pytest.raises(ValueError, match="missing or damaged: fetch the pictures again"):
        data.load("flickr8k", "train").images[0]


def test_coco_is_read_in_its_official_layout(root):
    (root / "coco" / "annotations").mkdir(parents=True)
    for part, ids in (("train2017", (30, 7, 12)), ("val2017", (5,))):
        (root / "coco" / part).mkdir()
        pictures = [{"id": number, "file_name": f"{number:012}.jpg", "width": 40, "height": 30} for number in ids]
        annotations = [
            {"id": 10 * number + each, "image_id": number, "caption": f"Caption {each} of {number}."}
            for number in ids if number != 12 for each in range(2)
        ]  # fmt: skip
        contents = {"info": {}, "licenses": [], "images": pictures, "annotations": annotations}
        (root / "coco" / "annotations" / f"captions_{part}.json").write_text(json.dumps(contents))
        for number in ids:
            (root / "coco" / part / f"{number:012}.jpg").write_bytes(photo("blue"))
    train = data.load("coco", "train")
    assert train.images.files == ("000000000007.jpg", "000000000030.jpg")  # 12 has no caption
    assert train.captions == (("Caption 0 of 7.", "Caption 1 of 7."), ("Caption 0 of 30.", "Caption 1 of 30."))
    assert train.images[0].getpixel((3, 3))[2] > 250 and len(data.load("coco", "valid")) == 1
    with pytest.raises(MissingData, match="no public captions"):
        data.load("coco", "test")


def test_fake_captions_say_what_is_seen():
    shown = data.load("fake_captions", "train")
    assert len(shown) == 16 and all(len(set(captions)) == 5 for captions in shown.captions)
    for index, captions in enumerate(shown.captions):
        red, _, blue = np.asarray(shown.images[index], int).mean((0, 1))
        assert ("red" in captions[0]) == (red > blue)


# The command


def test_the_command_lists_every_data_set(capsys):
    assert command.main([]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in data.NAMES)
    assert "missing: python -m train.data avatars" in listed and "non-commercial" in listed


def test_the_command_decodes_celeba(root, capsys):
    write_celeba(root)
    assert command.main(["celeba"]) == 0
    assert "celeba is ready: 3 train, 3 valid, 3 test" in capsys.readouterr().out


def test_the_command_says_where_photos_with_captions_belong(root, capsys):
    for name, needed in (("flickr8k", ("Flickr8k.token.txt", "Flickr_8k.devImages.txt")), ("coco", ("val2017.zip",))):
        assert command.main([name]) == 1
        message = capsys.readouterr().err
        assert str(root / name) in message and all(file in message for file in needed)
    write_flickr8k(root)
    assert command.main(["flickr8k"]) == 0
    assert "flickr8k is ready: 2 train, 1 valid; 5 captions each" in capsys.readouterr().out


def test_the_command_says_what_to_do_when_celeba_cannot_be_fetched(monkeypatch, capsys, root):
    import torchvision

    def no_network(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr(torchvision.datasets, "CelebA", no_network)
    assert command.main(["celeba"]) == 1
    message = capsys.readouterr().err
    assert "no route to host" in message and str(root / "celeba") in message
    assert all(file in message for file in ("img_align_celeba.zip", *celeba.FILES))


def test_the_command_decodes_lego_or_says_what_to_do_by_hand(root, capsys):
    assert command.main(["lego"]) == 1
    message = capsys.readouterr().err
    assert str(root / "lego") in message and lego.ARCHIVE in message and "Train/<kind>/" in message
    write_lego(root)
    assert command.main([]) == 0
    assert "there, not decoded yet: python -m train.data lego" in capsys.readouterr().out
    assert command.main(["lego"]) == 0
    assert "lego is ready: 32 train, 4 valid, 4 test; 64 x 64 pixels, 2 attributes" in capsys.readouterr().out
