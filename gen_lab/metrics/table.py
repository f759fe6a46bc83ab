"""The generators side by side, from the figures on their cards.

A generator has a row once its precision was measured (`python -m train.evaluate NAME`), unless its card has a lesson,
which means that it failed on purpose.
"""

import math

from gen_lab import registry

N_ = str  # marks what a page translates, for Babel
# What the pictures of a data set show, in the table's order.
SUBJECTS = {
    "avatars": N_("Avatars"), "celeba": N_("Faces"), "mnist": N_("Digits"), "fashion": N_("Clothes"),
    "bricks": N_("Toy bricks"),
}  # fmt: skip
# By title: the figure's place on a card, that of the same figure of real pictures, and its format.
COLUMNS = {
    N_("fd_judge ↓"): (("fd_judge", "samples"), ("fd_judge", "real_floor"), ".2f"),
    N_("fd_lite0 ↓"): (("fd_lite0", "samples"), ("fd_lite0", "real_floor"), ".0f"),
    N_("precision ↑"): (("precision",), ("real", "precision"), ".2f"),
    N_("recall ↑"): (("recall",), ("real", "recall"), ".2f"),
    N_("diversity"): (("diversity",), (), ".2f"),
    N_("label accuracy ↑"): (("label_accuracy",), ("judge_on_real",), ".1%"),
}
MISSING = "–"
EXPLANATION = N_("""\
In brackets: what other real pictures score in the model's place. **fd_judge**, lower is better: the Fréchet distance
between samples and real pictures, as the judge of these pictures sees them, a classifier that no generator was trained
to please. It decides. **fd_lite0** is the same as an ImageNet network sees them. It is not FID, and it flatters models
that were trained to please a network of the same family, as those of faces were. The values of either compare only with
each other, on the same data. What follows is measured as the ImageNet network sees. **Precision**: the share of samples
that lie among the real pictures. **Recall**: the share of real pictures that lie among the samples. **Diversity**: how
far samples are from each other, real pictures being 1. **Label accuracy**: how often the judge sees the label that was
asked for; in brackets, how often it is right about real pictures. A dash: not measured, or not to be measured.""")


def generators() -> list[dict]:
    """The cards of the generators to compare, sorted by what their pictures show."""
    cards = [card for card in registry.cards().values() if isinstance(card, dict) and "lesson" not in card]
    order = list(SUBJECTS.values())
    return sorted(
        (card for card in cards if figure(card, "metrics", "precision") is not None),
        key=lambda card: order.index(subject(card)) if subject(card) in order else len(order),
    )


def subject(card: dict) -> str:
    """What the pictures of a card's data set show, such as "Faces"."""
    name = str(entry(card, "data", "name"))
    return SUBJECTS.get(name, name)


def columns() -> dict[str, list[str]]:
    """The table by column, with a row for each generator. A figure that is missing, or not a number, is a dash."""
    cards = generators()
    names = {N_("pictures"): [subject(card) for card in cards], N_("model"): [str(card.get("name")) for card in cards]}
    return names | {title: [cell(card, *places) for card in cards] for title, places in COLUMNS.items()}


def entry(card, *place: str):
    """The entry at a place of a card, such as `entry(card, "metrics", "fd_lite0")`, or None."""
    for key in place:
        card = card.get(key) if isinstance(card, dict) else None
    return card


def figure(card: dict, *place: str) -> float | None:
    """The number at a place of a card, or None."""
    value = entry(card, *place)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    return None


def cell(card: dict, place: tuple[str, ...], of_real: tuple[str, ...], form: str) -> str:
    """A figure, at a place of a card's metrics, as text, with that of real pictures in brackets; or a dash."""
    value, real = figure(card, "metrics", *place), figure(card, "metrics", *of_real)
    if value is None:
        return MISSING
    return f"{value:{form}}" + ("" if real is None else f" ({real:{form}})")
