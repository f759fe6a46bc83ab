"""Avatars: drawn faces whose attributes are the ground truth of the drawing. No download, any number from a seed.

The drawings are "Avataaars" by Pablo Stanley as DiceBear puts them together (`dicebear-core`, `dicebear-styles`),
rendered by resvg. Every choice that DiceBear would make at random is made here, by a generator seeded with the data
set's seed and the picture's index. So a picture depends on nothing else: not on how many are asked for, nor on the
number of processes.

    python -m train.data avatars

How the attributes hang together: each occurs in 20 to 50 % of the pictures and is independent of every other, except
where logic forbids it. The hair colours exclude each other; so do Pale_Skin and Dark_Skin; Bald excludes hair colour
and Long_Hair. A hat does not hide hair here: it is drawn over hair that shows below it, so Wearing_Hat is free of the
rest. Red and grey hair, like being bald, count as none of the three named colours.
"""

import copy
import io
import json
from collections.abc import Iterator, Mapping
from functools import cache as cached
from functools import partial
from importlib.resources import files

import numpy as np
import resvg_py
from dicebear import Avatar, Style
from PIL import Image
from tqdm import tqdm

from gen_lab.data import Dataset, cache, cache_root, parallel

COUNT = 30_000
SEED = 0
VERSION = 1  # of the drawings: raise it when they change, so that older caches are not taken for these
SIZE = 64  # pixels a side
BLOCK = 50  # pictures that a process renders at a time
LICENCE = "Remix of Avataaars (https://avataaars.com/) by Pablo Stanley: free for personal and commercial use"
MAY_SHIP = True  # a few of its pictures, with a checkpoint

ATTRIBUTE_NAMES = (
    "Smiling",
    "Black_Hair",
    "Blond_Hair",
    "Brown_Hair",
    "Bald",
    "Long_Hair",
    "Wearing_Hat",
    "Eyeglasses",
    "Facial_Hair",
    "Pale_Skin",
    "Dark_Skin",
)

Weights = Mapping[str, float]  # choice -> how often, in any unit

SMILING = {"smile": 5, "twinkle": 3, "default": 2}  # mouths
NOT_SMILING = {"serious": 4, "sad": 3, "disbelief": 3}
EYES = {"default": 2, "side": 1, "squint": 1}
EYEBROWS = {"default": 1, "defaultNatural": 1, "raisedExcitedNatural": 1}
EYEGLASSES = {"prescription01": 1, "prescription02": 1, "round": 1, "sunglasses": 1}
FACIAL_HAIR = {"beardLight": 2, "beardMedium": 2, "beardMajestic": 1, "moustacheMagnum": 2}
CLOTHES = {"shirtCrewNeck": 1, "shirtVNeck": 1, "collarAndSweater": 1}
HATS = {"hat": 1, "winterHat03": 1}
LONG_HAIR = {
    "straight01": 1,
    "straight02": 1,
    "straightAndStrand": 1,
    "bob": 1,
    "miaWallace": 1,
    "longButNotTooLong": 1,
}
SHORT_HAIR = {"shortFlat": 1, "shortRound": 1, "shortWaved": 1, "shortCurly": 1, "dreads01": 1, "shaggy": 1}
SHORT_HAIR_BELOW = {  # the short hair that a hat does not hide
    "hat": {"shortFlat": 1, "shortRound": 1, "shortWaved": 1, "shortCurly": 1, "dreads01": 1},
    "winterHat03": {"shaggy": 1},
}

# Hair and skin keep a distance from one another, so that hair of every colour shows on skin of every tone.
HAIR_COLOURS = {
    "Black_Hair": "#1f1a17",
    "Blond_Hair": "#f2cf5b",
    "Brown_Hair": "#5b331c",
    "red": "#c0391b",
    "grey": "#b9b6b2",
}
SKIN_COLOURS = {"Pale_Skin": ("#ffdfc4",), "Dark_Skin": ("#8d5a3c", "#a66b44"), "medium": ("#e5aa7d", "#dd9f70")}
HAT_COLOURS = ("#d6455d", "#2f6fbf", "#2e8b6f", "#7a4fb5")
CLOTHES_COLOURS = ("#262e33", "#5199e4", "#e6e6e6", "#ff5c5c", "#3f8f6b")
GLASSES_COLOURS = ("#262e33", "#b5253a")
BACKGROUND_COLOURS = ("#cfe3f7", "#cdebdc", "#dcd6f5", "#eeebe4")

BALD, LONG = 0.2, 0.4  # shares of all pictures; the remaining 0.4 have short hair
# Each named colour is to be as frequent (0.2) among those with long hair as among all others, half of whom are bald
# without hair colour: so 0.3 of the short-haired. Independence needs it: with the same share in both, a hair colour
# would hint at long hair, as neither goes with Bald.
COLOURS_OF_LONG = {"Black_Hair": 0.2, "Blond_Hair": 0.2, "Brown_Hair": 0.2, "red": 0.2, "grey": 0.2}
COLOURS_OF_SHORT = {"Black_Hair": 0.3, "Blond_Hair": 0.3, "Brown_Hair": 0.3, "red": 0.05, "grey": 0.05}

VIEW = "45 14 190 190"  # the head and what surrounds it, of the drawing's 280 x 280


def is_ready(count: int = COUNT, seed: int = SEED) -> bool:
    return cache.is_whole(_cache_folder(count, seed))


def prepare(count: int = COUNT, seed: int = SEED, processes: int | None = None) -> None:
    """Render the pictures into the cache, unless they are there; by default with one process per core."""
    if is_ready(count, seed):
        return
    attributes = np.stack([draw(index, seed)[1] for index in range(count)])
    train, valid = round(0.9 * count), round(0.95 * count)
    splits = {"train": (0, train), "valid": (train, valid), "test": (valid, count)}
    shape = (count, SIZE, SIZE, 3)
    blocks = _blocks(count, seed, processes)
    cache.write(_cache_folder(count, seed), blocks, shape, attributes, ATTRIBUTE_NAMES, splits)


def load(split: str, count: int = COUNT, seed: int = SEED) -> Dataset:
    """27,000 pictures to train on, 1,500 to validate and 1,500 to test. Raises `MissingData` until `prepare` ran."""
    return cache.load(_cache_folder(count, seed), "avatars", LICENCE, split)


def render(count: int, seed: int = SEED, processes: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The first `count` avatars of a seed: images uint8 (count, 64, 64, 3) and attributes bool (count, 11)."""
    images = np.concatenate(list(_blocks(count, seed, processes)))
    return images, np.stack([draw(index, seed)[1] for index in range(count)])


def draw(index: int, seed: int = SEED) -> tuple[dict, np.ndarray]:
    """One avatar: what DiceBear is to draw, down to the last option, and its attributes, bool (11,)."""
    random = np.random.default_rng([seed, index])

    def one_of(choices: Weights | tuple[str, ...]) -> str:
        weights = np.array([*choices.values()] if isinstance(choices, Mapping) else [1] * len(choices), float)
        return tuple(choices)[random.choice(len(weights), p=weights / weights.sum())]

    def happens(probability: float) -> bool:
        return bool(random.random() < probability)

    smiling, hat, eyeglasses, facial_hair = happens(0.5), happens(0.3), happens(0.35), happens(0.35)
    length = one_of({"bald": BALD, "long": LONG, "short": 1 - BALD - LONG})
    bald, long_hair = length == "bald", length == "long"
    hat_kind = one_of(HATS)
    hair_kind = one_of(LONG_HAIR if long_hair else SHORT_HAIR_BELOW[hat_kind] if hat else SHORT_HAIR)
    hair_colour = one_of(COLOURS_OF_LONG if long_hair else COLOURS_OF_SHORT)  # of a bald head: its beard's
    skin = one_of({"Pale_Skin": 0.3, "Dark_Skin": 0.35, "medium": 0.35})

    options = {
        "seed": "",
        "topVariant": hair_kind,
        "topProbability": 0 if bald else 100,
        "hairColor": HAIR_COLOURS[hair_colour],
        "hatVariant": hat_kind,
        "hatProbability": 100 if hat else 0,
        "hatColor": one_of(HAT_COLOURS),
        "mouthVariant": one_of(SMILING if smiling else NOT_SMILING),
        "noseVariant": "default",
        "eyesVariant": one_of(EYES),
        "eyebrowsVariant": one_of(EYEBROWS),
        "accessoriesVariant": one_of(EYEGLASSES),
        "accessoriesProbability": 100 if eyeglasses else 0,
        "accessoriesColor": one_of(GLASSES_COLOURS),
        "facialHairVariant": one_of(FACIAL_HAIR),
        "facialHairProbability": 100 if facial_hair else 0,
        "facialHairColor": HAIR_COLOURS[hair_colour],
        "clothesVariant": one_of(CLOTHES),
        "clothesColor": one_of(CLOTHES_COLOURS),
        "skinColor": one_of(SKIN_COLOURS[skin]),
        "backgroundColor": one_of(BACKGROUND_COLOURS),
    }
    attributes = {
        "Smiling": smiling,
        "Bald": bald,
        "Long_Hair": long_hair,
        "Wearing_Hat": hat,
        "Eyeglasses": eyeglasses,
        "Facial_Hair": facial_hair,
    }
    attributes |= {name: not bald and name == hair_colour for name in HAIR_COLOURS}
    attributes |= {name: name == skin for name in SKIN_COLOURS}
    return options, np.array([attributes[name] for name in ATTRIBUTE_NAMES])


@cached
def _style() -> Style:
    """Avataaars, with the hats as a layer of their own above the hair (the original draws either hair or a hat)."""
    definition = copy.deepcopy(json.loads(files("dicebear_styles").joinpath("avataaars.json").read_text("utf-8")))
    top = definition["components"]["top"]
    definition["components"]["hat"] = top | {"variants": {hat: top["variants"][hat] for hat in HATS}}
    layers = definition["canvas"]["elements"]
    above_hair = [layer["name"] for layer in layers].index("top") + 1
    # A little higher than the original, so that hair shows below the brim.
    layers.insert(above_hair, {"type": "component", "name": "hat", "attributes": {"transform": "translate(8 -18)"}})
    return Style(definition)


def region(attribute: str, size: int = SIZE) -> np.ndarray:
    """Where an attribute shows in any picture of the data: bool (size, size). Hair has the colour of the beard."""
    y, x = np.mgrid[:size, :size] * (SIZE / size)
    beside = abs(x - 31.5)  # of the middle
    if attribute == "Smiling":
        return (beside < 9) & (abs(y - 47.5) < 6)
    if attribute == "Eyeglasses":
        return (beside < 23) & (abs(y - 32.5) < 10)
    if attribute == "Wearing_Hat":
        return y < 37
    if attribute.endswith("_Skin"):
        return (beside < 24) & (y > 7)
    beard = (beside < 21) & (y > 28)
    if attribute == "Facial_Hair":
        return beard
    hair = (beside > 19) | (y < 26) | (y > 58)
    return hair if attribute in ("Bald", "Long_Hair") else hair | (beard & (y > 40))


def _cache_folder(count: int, seed: int):
    return cache_root() / f"avatars-{count}-seed{seed}-v{VERSION}"


def _picture(index: int, seed: int) -> np.ndarray:
    """uint8 (64, 64, 3)."""
    drawing = Avatar(_style(), draw(index, seed)[0]).to_string()
    drawing = drawing.replace('viewBox="0 0 280 280"', f'viewBox="{VIEW}"', 1)
    png = resvg_py.svg_to_bytes(svg_string=drawing, skip_system_fonts=True, width=SIZE, height=SIZE)
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def _block(indices: range, seed: int) -> np.ndarray:
    """uint8 (n, 64, 64, 3)."""
    return np.stack([_picture(index, seed) for index in indices])


def _blocks(count: int, seed: int, processes: int | None) -> Iterator[np.ndarray]:
    """The pictures in order, in blocks uint8 (n, 64, 64, 3), from parallel processes."""
    indices = [range(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    block = partial(_block, seed=seed)
    results = map(block, indices) if processes == 1 else parallel.ordered(block, indices, processes)
    with tqdm(total=count, desc="avatars", unit="face") as progress:
        for pictures in results:
            progress.update(len(pictures))
            yield pictures
