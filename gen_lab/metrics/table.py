"""The generators side by side, from the figures on their cards."""

import math

from gen_lab import registry

GROUPS = {
    "Faces": ("vae-faces", "wgan_gp-faces", "cgan-faces"),
    "Digits": ("gan-digits", "vae-digits", "cgan-digits"),
    "Toy bricks": ("dcgan-bricks",),
}
# The columns: where a card has the figure, where it has that of real pictures, and the figure's form.
COLUMNS = {
    "fd_lite0 ↓": (("fd_lite0", "samples"), ("fd_lite0", "real_floor"), ".0f"),
    "precision ↑": (("precision",), ("real", "precision"), ".2f"),
    "recall ↑": (("recall",), ("real", "recall"), ".2f"),
    "diversity": (("diversity",), (), ".2f"),
    "label accuracy ↑": (("label_accuracy",), ("judge_on_real",), ".1%"),
}
MISSING = "–"
EXPLANATION = """\
In brackets: what other real pictures score in the model's place. **fd_lite0**, lower is better: the Fréchet distance
between samples and real pictures in the features of an ImageNet network. It is not FID; its values compare only with
each other, on the same data, and they flatter models trained to please a network of the same family, as all three of
faces are. **Precision**: the share of samples that lie among the real pictures. **Recall**: the share of real pictures
that lie among the samples. **Diversity**: how far samples are from each other, real pictures being 1. **Label
accuracy**: how often the judge sees the label that was asked for; in brackets, how often it is right about real
pictures. A dash: not measured, or not to be measured."""


def columns() -> dict[str, list[str]]:
    """The table by column, a row for each model; a figure that its card does not have, or that is no number, is a
    dash."""
    cards = registry.cards()
    names = [name for group in GROUPS.values() for name in group]
    metrics = [card.get("metrics") if isinstance(card, dict) else None for card in map(cards.get, names)]
    figures = {title: [_cell(each, *places) for each in metrics] for title, places in COLUMNS.items()}
    return {"pictures": [group for group, names in GROUPS.items() for _ in names], "model": names} | figures


def markdown() -> str:
    """The table for the README."""
    found = columns()
    rows = zip(*(found | {"model": [f"`{name}`" for name in found["model"]]}).values(), strict=True)
    lines = [" | ".join(row) for row in (found, ["---"] * len(found), *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _cell(metrics, place: tuple[str, ...], of_real: tuple[str, ...], form: str) -> str:
    figure, real = _figure(metrics, place), _figure(metrics, of_real)
    if figure is None:
        return MISSING
    return f"{figure:{form}}" + ("" if real is None else f" ({real:{form}})")


def _figure(metrics, place: tuple[str, ...]) -> float | None:
    for key in place:
        metrics = metrics.get(key) if isinstance(metrics, dict) else None
    fits = isinstance(metrics, (int, float)) and not isinstance(metrics, bool) and math.isfinite(metrics)
    return metrics if fits else None
