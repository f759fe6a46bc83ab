"""Arithmetic with pictures: A - B + C, each the mean of one to five exemplars (Radford et al. 2015, DCGAN, 6.3.2).

    formula = Sum("vae-avatars", a_keys=("s1", "s4"), b_keys=("s2",), c_keys=("s3",))
    links.read(Sum, links.write(formula)) == formula
    picture = scene(faces, terms(faces, formula))([1.0, 0.25])

Exemplars are named by the tokens of `gen_lab.sources`. A term's filters say how they were chosen: `Male` for faces
that have the attribute, `-Eyeglasses` for faces that do not.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch

from gen_lab import links
from gen_lab.data import Dataset
from gen_lab.device import decode
from gen_lab.images import grid, to_uint8
from gen_lab.latent import analogy
from gen_lab.metrics.judge import probabilities
from gen_lab.scenes import Scene
from gen_lab.sources import TOKEN, from_token

TERMS = ("a", "b", "c")
MOST = 5  # exemplars of a term
LIMIT = 2.0  # of strength and spread
CANDIDATES = 40  # pictures that a preset chooses from
SAMPLES = 400  # random pictures to choose exemplars from without a data set
FILTER = r"-?\w{1,60}"
PRESETS = {  # filters of A, B and C, those that work first; a page offers those whose attributes its pictures have
    "smiling man": (("-Male", "Smiling"), ("-Male", "-Smiling"), ("Male", "-Smiling")),
    "glasses and hat": (
        ("Eyeglasses", "-Wearing_Hat"), ("-Eyeglasses", "-Wearing_Hat"), ("-Eyeglasses", "Wearing_Hat"),
    ),
    "beard and long hair": (
        ("Facial_Hair", "-Long_Hair"), ("-Facial_Hair", "-Long_Hair"), ("-Facial_Hair", "Long_Hair"),
    ),
    "smile and dark skin": (("Smiling", "-Dark_Skin"), ("-Smiling", "-Dark_Skin"), ("-Smiling", "Dark_Skin")),
    "blond man": (("-Male", "Blond_Hair"), ("-Male", "Black_Hair"), ("Male", "Black_Hair")),
    "woman with glasses": (("Male", "Eyeglasses"), ("Male", "-Eyeglasses"), ("-Male", "-Eyeglasses")),
    "digits": (("9",), ("4",), ("7",)),
}  # fmt: skip


def _filters():
    return links.names(pattern=FILTER, most=12)


def _keys():
    return links.names(pattern=TOKEN, most=MOST, longest=20_000)


@dataclass(frozen=True)
class Sum:
    """A - B + C as a few plain values. They come from a link, so they are not to be trusted: `links.read` checks shapes
    and ranges, `terms` checks them against the model."""

    model: str = links.text()
    a: tuple[str, ...] = _filters()
    b: tuple[str, ...] = _filters()
    c: tuple[str, ...] = _filters()
    a_keys: tuple[str, ...] = _keys()  # tokens of the exemplars
    b_keys: tuple[str, ...] = _keys()
    c_keys: tuple[str, ...] = _keys()
    strength: float = links.number(1.0, 0.0, LIMIT)  # of the difference C - B
    spread: float = links.number(0.25, 0.0, LIMIT)  # of the neighbourhood, in deviations of the model's samples
    pick: int = links.whole(5, 1, 9)  # which of the nine pictures goes on; 5 is the result itself


def samples(checkpoint, judge=None) -> Dataset:
    """The model's random pictures of the seeds 0 .. `SAMPLES` - 1, with the attributes that the judge sees in them."""
    seeds = range(SAMPLES)
    latents = torch.cat([from_token(checkpoint, f"s{seed}")[None] for seed in seeds])
    images = decode(checkpoint.model, latents)
    names = judge.config.attribute_names if judge else ()
    attributes = probabilities(judge, images).numpy() > 0.5 if judge else np.zeros((SAMPLES, 0), bool)
    return Dataset(checkpoint.card["data"]["name"], images, attributes, tuple(names), "", "samples")


def split(filters: tuple[str, ...], pictures: Dataset) -> tuple[list[str], list[str]]:
    """The attributes that filters require, and those that they exclude, without any that the pictures lack."""
    names = pictures.attribute_names
    required = [name for name in filters if name in names]
    excluded = [name[1:] for name in filters if name.startswith("-") and name[1:] in names]
    return required, excluded


def find(filters: tuple[str, ...], checkpoint, pictures: Dataset, judge=None) -> tuple[str, ...]:
    """Tokens of up to `MOST` pictures, a test split's or `samples`, that pass the filters.

    A trait that the model cannot draw cannot be added. So the first `CANDIDATES` that pass are decoded, and those are
    kept in whose decoded pictures the judge is surest of the traits. Without a judge, the first ones are kept.
    """
    required, excluded = split(filters, pictures)
    tokens = [token(index, pictures) for index in pictures.having(required, excluded)[:CANDIDATES].tolist()]
    names = judge.config.attribute_names if judge else ()
    traits = [name for name in (*required, *excluded) if name in names]
    if not traits or not tokens:
        return tuple(tokens[:MOST])
    images = decode(checkpoint.model, torch.stack([from_token(checkpoint, key) for key in tokens]))
    chances = probabilities(judge, images)[:, [names.index(name) for name in traits]]
    scores = torch.where(torch.tensor([name in required for name in traits]), chances, 1 - chances).prod(1)
    return tuple(tokens[index] for index in scores.argsort(descending=True, stable=True)[:MOST].tolist())


def token(index: int, pictures: Dataset) -> str:
    """The token of one of the pictures."""
    return f"{'s' if pictures.split == 'samples' else 'd'}{index}"


def presets(pictures: Dataset) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Those of `PRESETS` whose attributes the pictures have."""
    available = set(pictures.attribute_names)
    return {
        name: filters
        for name, filters in PRESETS.items()
        if {attribute.lstrip("-") for term in filters for attribute in term} <= available
    }


def fields(filters: tuple[tuple[str, ...], ...], checkpoint, pictures: Dataset, judge=None) -> dict[str, tuple]:
    """The fields of a `Sum` for the filters of its three terms, exemplars included."""
    by_term = dict(zip(TERMS, filters, strict=True))
    return by_term | {f"{term}_keys": find(names, checkpoint, pictures, judge) for term, names in by_term.items()}


def first_fields(checkpoint, pictures: Dataset, judge=None) -> dict[str, tuple]:
    """The fields of the `Sum` that a page begins with: a preset, or three random pictures where no preset applies."""
    available = presets(pictures)
    if available:
        return fields(next(iter(available.values())), checkpoint, pictures, judge)
    return {f"{term}_keys": (f"s{seed}",) for seed, term in enumerate(TERMS, 1)}


def promise(filters: tuple[tuple[str, ...], ...], names: Collection[str]) -> dict[str, bool]:
    """What the filters of A, B and C say of A - B + C: attribute -> whether it should have it, for those in `names`.

    Each attribute counts +1 where a term has it, -1 where it has not; those whose sum is zero are left out.
    """
    sums: dict[str, int] = {}
    for sign, term in zip((1, -1, 1), filters, strict=True):
        for name in term:
            sums[name.lstrip("-")] = sums.get(name.lstrip("-"), 0) + (-sign if name.startswith("-") else sign)
    return {name: value > 0 for name, value in sums.items() if value and name in names}


def is_kept(promises: dict[str, bool], chances: dict[str, float]) -> bool:
    """Whether a judge, by the probabilities that it sees, agrees with every promise."""
    return all((chances[name] > 0.5) == wanted for name, wanted in promises.items())


def terms(checkpoint, formula: Sum) -> list[torch.Tensor]:
    """The latents (n, D) of the exemplars of A, B and C. Raises ValueError and `MissingData` with the remedy."""
    groups = []
    for term in TERMS:
        keys = getattr(formula, f"{term}_keys")
        if not keys:
            raise ValueError(f"no picture was found for {term.upper()}: choose others")
        groups.append(torch.stack([from_token(checkpoint, key) for key in keys]))
    return groups


def scene(checkpoint, groups: list[torch.Tensor]) -> Scene:
    """The result and its neighbourhood, 3 x 3 with the result in the middle, under two numbers: strength and spread.

    The neighbours are offset by uniform noise of +- spread standard deviations. Figure 7 of the DCGAN paper does the
    same with +- 0.25 in a space of standard deviation 0.58 (uniform in [-1, 1]).
    """
    generator = torch.Generator().manual_seed(0)
    scale = checkpoint.model.sample(256, generator).float().cpu().std(0)
    offsets = (2 * torch.rand(9, len(scale), generator=generator) - 1) * scale
    offsets[4] = 0

    def latents(values):
        strength, spread = values
        return analogy(*groups, strength) + spread * offsets

    def compose(images, values):
        return grid(to_uint8(images), columns=3, gap=2, background=128)

    return Scene(checkpoint.model, 2, 0.0, LIMIT, latents, compose)


def neighbour(scene: Scene, values, pick: int) -> torch.Tensor:
    """The latent (D,) of one of a scene's nine pictures, 1 .. 9 by rows."""
    return scene.inputs(torch.as_tensor(values, dtype=torch.float32))[pick - 1]


def term_pictures(checkpoint, groups: list[torch.Tensor]) -> tuple[np.ndarray, list[np.ndarray]]:
    """The decoded mean of each group of latents (n, D), and its decoded exemplars: uint8 (3, H, W, C), (n, H, W, C)."""
    pixels = decode(checkpoint.model, torch.cat([torch.stack([group.mean(0) for group in groups]), *groups]))
    return pixels[: len(groups)], np.split(pixels[len(groups) :], np.cumsum([len(group) for group in groups])[:-1])
