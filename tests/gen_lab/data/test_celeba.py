"""CelebA in its official layout, with stand-ins for its pictures."""

import os
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from gen_lab import data
from gen_lab.data import MissingData, celeba
from tests.sources import stand_in, write_celeba


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
    with pytest.raises(ValueError, match="000004.jpg in .* cannot be used, for .*: fetch it again, or take it away"):
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


def rewrite(path, change, coding="utf-8"):
    path.write_bytes(change(path.read_text()).encode(coding))


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
def test_lists_of_windows_lose_no_picture(root, coding):
    folder = write_celeba(root)
    for name in celeba.FILES:
        rewrite(folder / name, lambda text: text.replace("\n", "\r\n"), coding)
    parts = [data.load("celeba", split) for split in data.SPLITS]
    assert [len(part) for part in parts] == [3, 3, 3] and parts[0].left_out == ""
    assert parts[0].attribute("Smiling").tolist() == [False, True, False]


def test_what_is_left_out_is_told(root):
    folder = write_celeba(root, packed=False)
    rewrite(folder / celeba.FILES[0], lambda text: text.replace("000000.jpg -1 -1\n", ""))
    rewrite(folder / celeba.FILES[1], lambda text: text.replace("000001.jpg 1\n", "") + "000009.jpg 2\n")
    stand_in((128, 128), 3).save(folder / "img_align_celeba" / "extra.png")
    (folder / "img_align_celeba" / "._000002.jpg").write_bytes(b"macOS")
    account = (
        "left out 1 named in the lists but not in img_align_celeba: 000009; "
        "1 without a row in list_attr_celeba.txt: 000000.jpg; "
        "1 without a row in list_eval_partition.txt: 000001.jpg; "
        "1 in neither list: extra.png; 1 hidden, as macOS makes them: ._000002.jpg"
    )
    assert [(len(part), part.left_out) for part in (data.load("celeba", split) for split in data.SPLITS)] == [
        (2, account), (2, account), (3, account)
    ]  # fmt: skip


@pytest.mark.parametrize("change", [str.upper, lambda name: f"img_align_celeba/img_align_celeba/{name}", str,
                                    lambda name: name.replace(".jpg", " (1).jpg")],
                         ids=["upper case", "nested", "flat", "with a space"])  # fmt: skip
def test_zips_and_names_as_people_have_them(root, change):
    folder = write_celeba(root, packed=False)
    pictures = sorted((folder / "img_align_celeba").iterdir())
    with zipfile.ZipFile(folder / "img_align_celeba.zip", "w") as archive:
        for path in pictures:
            archive.write(path, change(path.name))
    shutil.rmtree(folder / "img_align_celeba")
    if " " in change(".jpg"):
        for name in celeba.FILES:
            rewrite(folder / name, lambda text: text.replace(".jpg", " (1).jpg"))
    train = data.load("celeba", "train")
    assert len(train) == 3 and train.left_out == "" and train.attribute("Smiling").tolist() == [False, True, False]
    assert abs(int(train.images[1, 50, 50, 0]) - 60) <= 6  # the fourth picture, whose number is 3


def test_kaggles_layout_is_read(root):
    folder = write_celeba(root, packed=False)
    (folder / "img_align_celeba").rename(folder / "pictures")
    (folder / "img_align_celeba").mkdir()
    (folder / "pictures").rename(folder / "img_align_celeba" / "img_align_celeba")
    attributes, partition = ((folder / name).read_text().splitlines() for name in celeba.FILES)
    rows = ["image_id,Smiling,Bald", *(",".join(row.split()) for row in attributes[2:])]
    (folder / "list_attr_celeba.csv").write_text("\n".join(rows))
    rows = ["image_id,partition", *(row.replace(" ", ",") for row in partition)]
    (folder / "list_eval_partition.csv").write_text("\n".join(rows))
    for name in celeba.FILES:
        (folder / name).unlink()
    train = data.load("celeba", "train")
    assert train.attribute_names == ("Smiling", "Bald") and train.attribute("Smiling").tolist() == [False, True, False]
    assert train.left_out == ""


def test_an_empty_partition_is_refused_and_so_are_lists_of_other_pictures(root):
    folder = write_celeba(root)
    (folder / celeba.FILES[1]).write_text("")
    with pytest.raises(ValueError, match="list_eval_partition.txt is empty: fetch it again"):
        data.load("celeba", "train")
    (folder / celeba.FILES[1]).write_text("another.jpg 0\n")
    message = "no picture in .*img_align_celeba.zip is named in both lists .left out .*: fetch all three again"
    with pytest.raises(ValueError, match=message):
        data.load("celeba", "train")


def test_a_picture_with_two_rows_is_refused(root):
    folder = write_celeba(root)
    rewrite(folder / celeba.FILES[1], lambda text: text + "000000.jpg 2\n")
    with pytest.raises(ValueError, match="list_eval_partition.txt has two rows of 000000.jpg: take one of them away"):
        data.load("celeba", "train")


def test_a_split_without_pictures_is_refused_and_the_others_stay(root):
    folder = write_celeba(root)
    rewrite(folder / celeba.FILES[1], lambda text: text.replace(" 0\n", " 1\n"))
    with pytest.raises(MissingData, match="has no picture in the split 'train': add some") as caught:
        data.load("celeba", "train")
    assert caught.value.commands == () and len(data.load("celeba", "valid")) == 6


@pytest.mark.parametrize("size", [(800, 100), (100, 800)])
def test_a_picture_of_any_shape_is_cut_within_its_borders(size):
    assert (celeba.crop(Image.new("RGB", size, "white")) == 255).all()
