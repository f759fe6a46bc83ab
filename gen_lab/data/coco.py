"""COCO Captions 2017: 123,000 photos with five captions each (Chen et al., "Microsoft COCO Captions: Data Collection
and Evaluation Server", 2015).

Reads the official files anywhere in `$GEN_LAB_DATA/coco`: `captions_train2017.json` and `captions_val2017.json`, the
pictures in folders `train2017` and `val2017` or in zips of these names. COCO keeps the captions of its test split to
itself, so there is none.
"""

import json
from pathlib import Path

from gen_lab.data import MissingData, reading
from gen_lab.data.captions import CaptionData, Photos

PARTS = {"train": "train2017", "valid": "val2017"}
STAND_IN = "fake_captions"  # what a dry run takes in its place
LICENCE = (
    "COCO: the captions are CC BY 4.0; the images belong to their photographers, are under Flickr's terms of use and "
    "may not be redistributed"
)


def folder() -> Path:
    return reading.folder("coco")


def sources() -> reading.Sources:
    """Where each part's captions and pictures lie."""
    place = folder()
    captions = {f"captions_{part}.json": reading.find_file(place, f"captions_{part}.json") for part in PARTS.values()}
    return captions | {f"{part}.zip": reading.find_pictures(place, part) for part in PARTS.values()}


def is_ready() -> bool:
    return all(sources().values())  # pictures are opened one at a time, from where they are


def prepare() -> None:
    """Raises `MissingData` without source files; there is nothing else to do."""
    reading.require("coco", sources())


def load(split: str) -> CaptionData:
    """Pictures in the order of their ids, each with its captions; those without any are left out. Raises `MissingData`
    without source files and for the test split, and ValueError for files that are damaged."""
    if split not in PARTS:
        raise MissingData("coco", "COCO's test split has no public captions: use the split 'valid'", commands=())
    prepare()
    part, places = PARTS[split], sources()
    path, source = places[f"captions_{part}.json"], places[f"{part}.zip"]
    assert path and source
    names, captions = read_captions(path)
    pictures = reading.Pictures(source)
    members = pictures.by_name()
    is_there = {number: reading.key(file) in members for number, file in names.items()}
    left_out = reading.account({
        f"in {path.name} but not in {source.name}": {file for number, file in names.items() if not is_there[number]},
        f"without a caption in {path.name}": {file for number, file in names.items() if number not in captions},
        f"not in {path.name}": [members[name] for name in members.keys() - {*map(reading.key, names.values())}],
        **pictures.left_out,
    })  # fmt: skip
    ids = [number for number in sorted(names) if number in captions and is_there[number]]
    photos = Photos(pictures, tuple(names[number] for number in ids))
    return CaptionData("coco", photos, tuple(captions[number] for number in ids), LICENCE, split, left_out)


def read_captions(path: Path) -> tuple[dict[int, str], dict[int, tuple[str, ...]]]:
    """The file names of the pictures, and the captions of those that have some, by the pictures' ids. Raises ValueError
    for a file that is damaged."""
    content = reading.text(path)
    try:
        contents, captions = json.loads(content), {}
        names = {int(picture["id"]): str(picture["file_name"]) for picture in contents["images"]}
        for annotation in contents["annotations"]:
            captions.setdefault(int(annotation["image_id"]), []).append(str(annotation["caption"]))
    except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"{path} does not hold COCO's captions, or is damaged: fetch it again") from error
    return names, {number: tuple(sentences) for number, sentences in captions.items()}
