"""The Captions page's state, and the sentences and rectangles that follow from it.

    state = Captions("caption-photos", picture="china", way="beam", prefix=("a", "dog"))
    links.read(Captions, links.write(state)) == state
    sentence = say(model, features, state, "beam")
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from gen_lab import links
from gen_lab.images import to_float
from gen_lab.models.caption import WIDEST, Captioner, Word
from gen_lab.models.parts.text import END, SPECIAL
from pages.captions.pictures import COLOURS, PHOTOS

WAYS = ("greedy", "beam", "sampling")
LONGEST = 20  # words of a sentence
TEMPERATURES = (0.1, 2.0)
MOST_K = 100
SMALLEST = 0.02  # sides of a rectangle that covers something, as shares of the picture's
FOCUS = 3 / 7  # sides of the rectangle that covers where a word looked, as shares of the picture's
GREY = 0.0  # of what is covered, in [-1, 1]


def rectangle(sides: Sequence[float]) -> tuple[float, ...]:
    """Two corners (x, y, x, y) in [0, 1] as left, top, right, bottom to a thousandth; () if it would be too small."""
    x0, y0, x1, y1 = (round(float(side), 3) for side in sides)
    left, top, right, bottom = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    return (left, top, right, bottom) if min(right - left, bottom - top) >= SMALLEST else ()


@dataclass(frozen=True)
class Captions:
    """What the page shows. It all comes from a link, and so from a stranger: `links.read` checks types and ranges, the
    page whether there is such a picture, and whether the model knows the words of the prefix."""

    model: str = links.text()
    picture: str = links.text(next(iter(PHOTOS)), always=True)  # one of PHOTOS, or a picture of the session's own
    way: str = links.choice("beam", WAYS)  # to the sentence that is shown large
    beam: int = links.whole(5, 1, WIDEST)
    temperature: float = links.number(1.0, *TEMPERATURES)
    top_k: int = links.whole(0, 0, MOST_K)  # 0: all words
    seed: int = links.whole(1, 0, links.SEEDS - 1)
    prefix: tuple[str, ...] = links.names(most=LONGEST, between=",")  # words that the reader chose to begin with
    word: int | None = links.whole(None, 0, LONGEST)  # whose attention is shown; None: the last one's
    strength: float = links.number(0.6, 0.0, 1.0)  # of the attention over the picture
    colours: str = links.choice(next(iter(COLOURS)), COLOURS)
    cover: tuple[float, ...] = links.special(  # left, top, right, bottom of what is covered, as shares of the picture
        (), lambda text: rectangle([links.within(side, 0, 1) for side in links.floats(text, 4)]), links.joined, 120
    )


@dataclass(frozen=True, eq=False)
class Sentence:
    """A sentence of a model's, or one that it was made to say: all its words, and the end if it has one."""

    steps: tuple[Word, ...]

    @property
    def ended(self) -> bool:
        return bool(self.steps) and self.steps[-1].word == SPECIAL[END]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(step.word for step in self.steps[: len(self.steps) - self.ended])

    @property
    def log_probability(self) -> float:
        return sum(step.log_probability for step in self.steps)

    def place(self, word: int | None) -> int:
        """The place of the word that a link names; that of the last one if the link names none, or one too far on."""
        last = max(len(self.words) - 1, 0)
        return last if word is None or word >= len(self.steps) else word


def say(model: Captioner, features: torch.Tensor, state: Captions, way: str) -> Sentence:
    """The sentence that one of WAYS finds for a picture's features (1, h, w, C); it begins with `state.prefix`. Raises
    ValueError for a prefix with words that the model does not know."""
    options = {"longest": LONGEST, "prefix": state.prefix}
    try:
        if way == "beam":  # a beam search has no alternatives, so its best sentence is read again
            (caption,) = model.describe(features, state.beam, **options)
            return Sentence(tuple(model.read(features, caption.words)))
        if way == "sampling":
            options |= {"temperature": state.temperature, "top_k": state.top_k, "seed": state.seed}
        return Sentence(tuple(model.stream(features, **options)))
    except ValueError as error:
        raise ValueError(f"{error}: choose another word, or let it speak for itself") from error


def alt_text(words: Sequence[str]) -> str:
    """A sentence as it is written: a capital letter, a full stop."""
    text = " ".join(words)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def focus(attention: torch.Tensor) -> tuple[float, ...]:
    """The rectangle with the most of the attention (h, w), among those of `FOCUS` times the picture's sides."""
    height, width = attention.shape
    sides = [max(1, round(FOCUS * side)) for side in (height, width)]
    sums = F.avg_pool2d(attention[None, None], sides, stride=1)[0, 0]
    top, left = divmod(int(sums.argmax()), sums.shape[1])
    return rectangle((left / width, top / height, (left + sides[1]) / width, (top + sides[0]) / height))


def covered_image(pixels: np.ndarray, cover: Sequence[float]) -> torch.Tensor:
    """A picture, uint8 (H, W, 3), for the model: (1, 3, H, W) in [-1, 1], grey within the rectangle `cover`."""
    image = to_float(pixels[None])
    if cover:
        height, width = pixels.shape[:2]
        left, top, right, bottom = (round(side * size) for side, size in zip(cover, (width, height) * 2, strict=True))
        image[:, :, top:bottom, left:right] = GREY
    return image
