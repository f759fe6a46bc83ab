"""COCO Captions 2017: 123,000 photos with five captions each (Chen et al., "Microsoft COCO Captions: Data Collection
and Evaluation Server", 2015).

Reads the official layout in `$GEN_LAB_DATA/coco`: `annotations/captions_train2017.json` and `captions_val2017.json`,
the pictures in `train2017/` and `val2017/` or in zips of these names. Annotations are read by pycocotools
(requirements-dev.txt). COCO keeps the captions of its test split to itself, so there is none.
"""

import contextlib
import io
from pathlib import Path
from typing import Any

from gen_lab.data import MissingData, data_root
from gen_lab.data.captions import CaptionData, Photos
from gen_lab.errors import MissingPackage

PARTS = {"train": "train2017", "valid": "val2017"}
STAND_IN = "fake_captions"  # what a dry run takes in its place
LICENCE = (
    "COCO: the captions are CC BY 4.0; the images belong to their photographers, are under Flickr's terms of use and "
    "may not be redistributed"
)


def folder() -> Path:
    return data_root() / "coco"


def is_present() -> bool:
    return all(_pictures(part).exists() and _annotations(part).is_file() for part in PARTS.values())


is_ready = is_present  # pictures are opened one at a time, from where they are


def prepare() -> None:
    """Raises `MissingData` without source files; there is nothing else to do."""
    if not is_present():
        raise MissingData("coco")


def load(split: str) -> CaptionData:
    """Pictures in the order of their ids, each with its captions; those without any are left out."""
    prepare()
    if split not in PARTS:
        raise MissingData("coco", "COCO's test split has no public captions")
    part = PARTS[split]
    try:
        from pycocotools.coco import COCO
    except ModuleNotFoundError as error:
        raise MissingPackage("COCO is read by pycocotools") from error
    with contextlib.redirect_stdout(io.StringIO()):  # it reports its progress by print
        coco = COCO(str(_annotations(part)))
    ids = [number for number in sorted(coco.imgs) if coco.imgToAnns[number]]
    files = tuple(coco.imgs[number]["file_name"] for number in ids)
    annotations: dict[int, list[Any]] = coco.imgToAnns  # whose stubs know those of objects alone
    captions = tuple(tuple(annotation["caption"] for annotation in annotations[number]) for number in ids)
    return CaptionData("coco", Photos(_pictures(part), files, part), captions, LICENCE, split)


def _annotations(part: str) -> Path:
    return folder() / "annotations" / f"captions_{part}.json"


def _pictures(part: str) -> Path:
    pictures = folder() / part
    return pictures if pictures.is_dir() else folder() / f"{part}.zip"
