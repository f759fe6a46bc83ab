"""COCO captions in their official layout."""

import json

import pytest

from gen_lab import data
from gen_lab.data import MissingData
from tests.sources import photo


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


def write(root, annotations="annotations", pictures="", coding="utf-8"):
    """Both parts, one picture each."""
    folder = root / "coco"
    (folder / annotations).mkdir(parents=True)
    for number, part in enumerate(("train2017", "val2017")):
        (folder / pictures / part).mkdir(parents=True)
        (folder / pictures / part / f"{number:012}.jpg").write_bytes(photo("blue"))
        contents = {
            "images": [{"id": number, "file_name": f"{number:012}.jpg"}],
            "annotations": [{"image_id": number, "caption": "A café."}],
        }
        text = json.dumps(contents, ensure_ascii=False)
        (folder / annotations / f"captions_{part}.json").write_text(text, coding)
    return folder


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("places", [("annotations", ""), ("", ""), ("annotations", "images")])
def test_coco_is_found_where_people_have_it_and_in_any_unicode(root, places, coding):
    write(root, *places, coding)
    assert data.load("coco", "valid").captions == (("A café.",),)


def test_coco_tells_what_it_leaves_out(root):
    folder = write(root)
    path = folder / "annotations" / "captions_train2017.json"
    contents = json.loads(path.read_text("utf-8"))
    contents["images"] += [{"id": 8, "file_name": "8.jpg"}, {"id": 9, "file_name": "9.jpg"}]
    contents["annotations"] += [{"image_id": 8, "caption": "No picture."}]
    path.write_text(json.dumps(contents), "utf-8")
    (folder / "train2017" / "9.jpg").write_bytes(photo("red"))
    train = data.load("coco", "train")
    assert train.images.files == ("000000000000.jpg",)
    assert train.left_out == (
        "left out 1 in captions_train2017.json but not in train2017: 8.jpg; "
        "1 without a caption in captions_train2017.json: 9.jpg"
    )


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"images": [{}]}', "[" * 100_000, '{"images": 1}'])
def test_a_damaged_caption_file_is_named(root, content):
    path = write(root) / "annotations" / "captions_val2017.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="captions_val2017.json does not hold COCO's captions, or is damaged: fetch"):
        data.load("coco", "valid")


def test_the_test_split_advises_no_command_that_cannot_help(root):
    with pytest.raises(MissingData, match="use the split 'valid'$") as caught:
        data.load("coco", "test")
    assert caught.value.commands == ()
