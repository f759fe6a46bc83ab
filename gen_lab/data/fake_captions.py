"""A tiny data set for tests in the manner of Flickr8k: some of the shapes of `fake`, five sentences about each."""

from PIL import Image

from gen_lab.data import fake
from gen_lab.data.captions import CaptionData, Photos

COUNT = 16  # pictures in each split: each combination of attributes once
PATTERNS = (
    "A {size} {colour} {shape} on a {ground} ground .",
    "There is a {shape} .",
    "The {shape} is {size} and {colour} .",
    "A {colour} {shape} , {size} .",
    "One {size} {shape} before something {ground} !",
)
LICENCE = fake.LICENCE


class Shapes(Photos):
    """The shapes of one split, in memory."""

    def __init__(self, pixels, split: str):
        self.files, self._pixels = tuple(f"{index}.png" for index in range(len(pixels))), pixels

    def __getitem__(self, index: int) -> Image.Image:
        return Image.fromarray(self._pixels[index])

    @property
    def state(self) -> str:
        return "0"


def is_ready() -> bool:
    return True


def prepare() -> None:
    """Nothing to do."""


def load(split: str) -> CaptionData:
    shapes = fake.load(split)
    captions = []
    for disc, red, large, bright in shapes.attributes[:COUNT]:
        words = {
            "size": "large" if large else "small",
            "colour": "red" if red else "blue",
            "shape": "disc" if disc else "square",
            "ground": "bright" if bright else "dark",
        }
        captions.append(tuple(pattern.format(**words) for pattern in PATTERNS))
    return CaptionData("fake_captions", Shapes(shapes.images[:COUNT], split), tuple(captions), LICENCE, split)
