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
