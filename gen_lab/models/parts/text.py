"""Words: a caption as a row of numbers, and back.

    vocabulary = Vocabulary.build(captions, minimum=5)
    vocabulary.encode("Two dogs run !")     # [<start>, two, dogs, run, <end>] as numbers
    vocabulary.decode([1, 17, 23, 40, 2])   # ("two", "dogs", "run")
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

SPECIAL = ("<pad>", "<start>", "<end>", "<unk>")
PAD, START, END, UNKNOWN = range(4)


def tokenize(text: str) -> tuple[str, ...]:
    """The words of a text: lower-case, punctuation removed (a "T-shirt" is a "tshirt"; emoji are punctuation)."""
    return tuple(re.sub(r"[^\w\s]|_", "", text.lower()).split())


@dataclass(frozen=True)
class Vocabulary:
    """The words that a model knows, each with a number: first the four special ones, then the commonest first."""

    words: tuple[str, ...]

    @classmethod
    def build(cls, captions: Iterable[str], minimum: int = 5) -> "Vocabulary":
        """Every word that occurs at least `minimum` times in the captions, which are those of the training split."""
        counts = Counter(word for caption in captions for word in tokenize(caption))
        words = sorted((word for word, count in counts.items() if count >= minimum), key=lambda w: (-counts[w], w))
        return cls((*SPECIAL, *words))

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    def encode(self, text: str, longest: int | None = None) -> list[int]:
        """<start>, a number for each word (<unk> for one that is not known), at most `longest` of them, <end>."""
        return [START, *(self.numbers.get(word, UNKNOWN) for word in tokenize(text)[:longest]), END]

    def decode(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The words up to the first <end>, without <start> and <pad>."""
        words = []
        for number in map(int, numbers):
            if number == END:
                break
            if number not in (PAD, START):
                words.append(self.words[number])
        return tuple(words)
