"""Flickr8k: 8,000 photos with five captions each (Hodosh, Young and Hockenmaier, "Framing Image Description as a
Ranking Task", JAIR 2013).

Reads the official files anywhere in `$GEN_LAB_DATA/flickr8k`: the pictures in `Flicker8k_Dataset.zip` (sic; or
`Flickr8k_Dataset.zip`, or Kaggle's `Images`) or in a folder of that name, `Flickr8k.token.txt` or Kaggle's
`captions.txt`, and the lists of the official splits, `Flickr_8k.trainImages.txt`, `Flickr_8k.devImages.txt` (our
"valid") and `Flickr_8k.testImages.txt`, each of which is needed for its split only.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from gen_lab.data import MissingData, reading
from gen_lab.data.captions import CaptionData, Photos

PICTURES, CAPTIONS = "Flicker8k_Dataset", "Flickr8k.token.txt"
LISTS = {
    "train": "Flickr_8k.trainImages.txt",
    "valid": "Flickr_8k.devImages.txt",
    "test": "Flickr_8k.testImages.txt",
}
STAND_IN = "fake_captions"  # what a dry run takes in its place
LICENCE = (
    "Flickr8k (University of Illinois): non-commercial research and education only; the images belong to their "
    "photographers and may not be redistributed"
)


def folder() -> Path:
    return reading.folder("flickr8k")


def sources() -> reading.Sources:
    """Where the pictures, their captions and the training split's list lie."""
    place = folder()
    return {
        f"{PICTURES}.zip": reading.find_pictures(place, PICTURES, "Flickr8k_Dataset", "Images"),
        CAPTIONS: reading.find_file(place, CAPTIONS, "captions.txt"),
        LISTS["train"]: reading.find_file(place, LISTS["train"]),
    }


def is_ready() -> bool:
    return all(sources().values())  # pictures are opened one at a time, from where they are


def prepare() -> None:
    """Raises `MissingData` without source files; there is nothing else to do."""
    reading.require("flickr8k", sources())


def load(split: str) -> CaptionData:
    """Pictures in the order of the split's list, each with its captions. Raises `MissingData` without source files or
    this list, and ValueError for files that are damaged."""
    prepare()
    source, caption_file, _ = sources().values()
    assert source and caption_file
    lists = {part: _read_list(name) for part, name in LISTS.items()}
    if lists[split] is None:
        problem = f"Flickr8k's list of the split '{split}', {LISTS[split]}, is not in {folder()}: put it there"
        raise MissingData("flickr8k", problem, commands=())
    captions, pictures = read_captions(caption_file), reading.Pictures(source)
    members = pictures.by_name()
    names = {reading.key(file): file for files in lists.values() for file in files or ()}
    left_out = reading.account({
        f"named in the lists but not in {source.name}": [names[name] for name in names.keys() - members.keys()],
        f"without a caption in {caption_file.name}": [
            names[name] for name in (names.keys() & members.keys()) - captions.keys()
        ],
        "in no list": [members[name] for name in members.keys() - names.keys()],
        **pictures.left_out,
    })  # fmt: skip
    files = tuple(file for file in lists[split] or () if reading.key(file) in members.keys() & captions.keys())
    sentences = tuple(captions[reading.key(file)] for file in files)
    return CaptionData("flickr8k", Photos(pictures, files), sentences, LICENCE, split, left_out)


def read_captions(path: Path) -> dict[str, tuple[str, ...]]:
    """The captions of each picture by its `key`: lines "<file>#<number>, a tab, <caption>", or Kaggle's CSV, which
    begins with "image,caption". Raises ValueError, with the line, for anything else."""
    captions = {}
    is_csv = reading.lines(path)[0].replace(" ", "").casefold() == "image,caption"
    for picture, caption in _rows(path) if is_csv else _tabbed(path):
        captions.setdefault(reading.key(picture), []).append(caption)
    return {picture: tuple(texts) for picture, texts in captions.items()}


def _tabbed(path: Path) -> Iterator[tuple[str, str]]:
    for line in reading.lines(path):
        picture, tab, caption = line.partition("\t")
        if not tab:
            raise ValueError(f"{path}: the line {line[:40]!r} is not a picture, a tab and a caption")
        yield picture.rpartition("#")[0] or picture, caption


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """The rows after the header; a caption with commas may lack the quotes around it."""
    rows = csv.reader(io.StringIO("\n".join(reading.lines(path)[1:])))
    try:
        for picture, *parts in rows:
            caption = ",".join(parts)
            if not parts or "\n" in caption:
                raise csv.Error
            yield picture, caption
    except csv.Error as error:
        raise ValueError(f"{path}: line {rows.line_num + 1} is not a picture, a comma and a caption") from error


def _read_list(name: str) -> list[str] | None:
    path = reading.find_file(folder(), name)
    return None if path is None else list(dict.fromkeys(reading.lines(path)))
