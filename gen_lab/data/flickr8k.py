"""Flickr8k: 8,000 photos with five captions each (Hodosh, Young and Hockenmaier, "Framing Image Description as a
Ranking Task", JAIR 2013).

Reads the official layout in `$GEN_LAB_DATA/flickr8k`: the pictures in `Flicker8k_Dataset.zip` or in a folder
`Flicker8k_Dataset/` (sic), `Flickr8k.token.txt`, and the lists of the official splits, `Flickr_8k.trainImages.txt`,
`Flickr_8k.devImages.txt` (our "valid") and `Flickr_8k.testImages.txt`, each of which is needed for its split only.
"""

from pathlib import Path

from gen_lab.data import MissingData, data_root
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
    return data_root() / "flickr8k"


def is_present() -> bool:
    return _pictures().exists() and all((folder() / name).is_file() for name in (CAPTIONS, LISTS["train"]))


is_ready = is_present  # pictures are opened one at a time, from where they are


def prepare() -> None:
    """Raises `MissingData` without source files; there is nothing else to do."""
    if not is_present():
        raise MissingData("flickr8k")


def load(split: str) -> CaptionData:
    """Pictures in the order of the split's list, each with its captions."""
    prepare()
    path = folder() / LISTS[split]
    if not path.is_file():
        raise MissingData("flickr8k", f"Flickr8k's list of the split '{split}', {path}, is not there")
    files = tuple(path.read_text(encoding="utf-8").split())
    captions = read_captions(folder() / CAPTIONS)
    if missing := [file for file in files if file not in captions]:
        raise ValueError(f"{folder() / CAPTIONS} has no caption of {missing[0]}: fetch both files again")
    photos = Photos(_pictures(), files, PICTURES)
    return CaptionData("flickr8k", photos, tuple(captions[file] for file in files), LICENCE, split)


def read_captions(path: Path) -> dict[str, tuple[str, ...]]:
    """The captions of each picture by file name: lines "<file>#<number>, a tab, <caption>"."""
    captions = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            picture, tab, caption = line.partition("\t")
            if not tab:
                raise ValueError(f"{path}: the line {line[:40]!r} is not a picture, a tab and a caption")
            captions.setdefault(picture.rpartition("#")[0], []).append(caption)
    return {picture: tuple(texts) for picture, texts in captions.items()}


def _pictures() -> Path:
    pictures = folder() / PICTURES
    return pictures if pictures.is_dir() else folder() / f"{PICTURES}.zip"
