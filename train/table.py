"""Lays out every figure of the cards as docs/RESULTS.md.

    python -m train.table            writes it
    python -m train.table --print    prints it
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from gen_lab import files, registry
from gen_lab.metrics.table import EXPLANATION, MISSING, cell, columns, entry, figure, subject

RESULTS = Path(__file__).parents[1] / "docs" / "RESULTS.md"
HEAD = """\
# Results

Every figure here stands on a model's card, `checkpoints/NAME/card.json`, and was put there by `python -m train.evaluate
NAME` or `python -m train.novelty NAME`. `python -m train.table` makes this document from the cards: do not edit it. How
fast the app is stands in [BENCHES.md](BENCHES.md)."""
VAES = """\
On the test split. Squared error is that of the posterior mean's reconstruction, with pixels in [-1, 1]. KL in nats.
`fd_judge` and `fd_lite0` are Fréchet distances, in the features of the data's judge and of EfficientNet-Lite0; in
brackets, what real pictures score. Neither is FID, and `fd_lite0` is flattered: the models of faces and avatars were
trained with a loss that looks through a network of the same family."""
BY_JUDGE = """\
The figures that decide, in the features of the data's judge, which no generator was trained to please; in brackets,
what other real pictures score. Precision and recall as above; density (how crowded with real pictures the places of the
samples are) and coverage (the share of real pictures that have a sample nearby) by Naeem et al. (2020). Figures by
different judges do not compare."""
SEEN = """\
Which digit the judge sees in 5,000 samples. A generator that covers its data draws every digit as often as it occurs
there."""
FAILED = """\
They are shown on *Training replay* and *GANs*, beside the runs that went well."""
CAPTIONS = """\
On the validation split, by which the captioner was also chosen. BLEU by sacrebleu over the corpus, with all five
references. For comparison: Xu et al. (2015) report a BLEU-4 of 19.5 (soft attention) and 21.3 (hard) on the test split
of Flickr8k, from which these figures differ in the split and in the network that sees. Outside of its world of people,
dogs and sports the captioner is fluent and wrong."""
PLANES = """\
10,000 test pictures, nats per picture, grey values taken as probabilities. *Reconstruction* is that of the posterior
mean. *Recognised plane* is the share of the plane's box of which the judge is at least 90% sure. The autoencoder's is
no smaller than the variational autoencoder's: that a KL term closes holes does not show in this figure."""
UNPICKED = """\
`vae-avatars`: 64 random pictures, as seed 0 draws them, and the first 64 test pictures as the model gives them back.
`python -m train.sheet vae-avatars docs/pictures/samples.webp` draws the first; `--reconstructions` asks for the second.
Sheets of faces are not shown here, for they are nearly photographs of people.

![64 random avatars](pictures/samples.webp)
![64 avatars, encoded and decoded](pictures/reconstructions.webp)"""
SLIDERS = """\
Sliders at +2 and -2 on encoded test pictures, directions by mean difference. *Asked side*: how often the attribute ends
there, for the judge. *Side effect*: the largest mean change of another attribute's probability. Then the same with all
other sliders locked. A rare attribute, such as blond hair or glasses, needs more than two units on many faces. A lock
weakens the sliders that lie close to the locked one. Blond hair cannot come without black hair going, so that pair
always moves."""
GENERATED = """\
Generators without an encoder have directions too, found from samples that the judge labelled (`python -m
train.directions`); fresh samples are moved by two units. *Has it at +2*, *lacks it at −2*: the shares that the judge
sees there. *Others*: how much the probability of another attribute changes, on average, and which changes most. A
direction is a slider where both shares are at least as large as the card's settings ask."""
ELSEWHERE = """\
How far two units of a slider change a pixel outside of the region that its name speaks of (the mouth, the hair), on
average, in a range of 2."""
SIDE_EFFECTS = """\
What a slider moves besides, where 95% of encoded test pictures have flipped for the judge, either way: the mean change
of the other attributes' probability; in brackets, that of the attribute that changes most; then, where the attribute
has a place, how far the pixels outside of it change, in a range of 2. *Line* is the mean difference, *locked* the same
with all other sliders locked, *learned* the small networks (`python -m train.sliders`). Attributes that belong to a
concept, as an open mouth to a smile, or exclude it, as hair colours each other, are free to move with it. A dash: fewer
have flipped at three units, the slider's end."""
JUDGES = """\
They measure the other models, and their errors are in every figure that they measure. *Guessing* is always giving the
commoner answer; a judge of ten classes has no such figure."""
NOVELTY = """\
Is a sample nearer to a training picture than 99 of 100 held-out pictures are? *Alarms* is the share of 1,000 samples of
which that is true; about 1% would be chance. The *memoriser* returns training pictures, moved by two pixels: a space
that does not raise the alarm for it shows nothing. *C_T* (Meehan, Chaudhuri and Dasgupta 2020) is far below zero for a
copier; *p* is the probability of one as low by chance."""
MODELS = """\
What each was found unable to do, and what was tried."""


def document(cards: Iterable[dict]) -> str:
    """The whole document, in Markdown."""
    cards = list(cards)
    sections = {
        "Models": table(models(cards)),
        "Generators side by side": f"{table(columns())}\n\n{EXPLANATION}",
        "As the judge sees it": f"{BY_JUDGE}\n\n{table(by_judge(cards))}",
        "Runs that failed on purpose": f"{FAILED}\n\n{table(failures(cards))}",
        "Which digits a generator draws": f"{SEEN}\n\n{table(digits(cards))}",
        "Variational autoencoders": f"{VAES}\n\n{table(vaes(cards))}",
        "Sixty-four, unpicked": UNPICKED,
        "Sliders": "\n\n".join(
            [SLIDERS, *sliders(cards), ELSEWHERE, table(elsewhere(cards)), GENERATED, table(generated(cards))]
        ),
        "What sliders move besides": "\n\n".join([SIDE_EFFECTS, *side_effects(cards)]),
        "Planes of two latent numbers": f"{PLANES}\n\n{table(planes(cards))}",
        "Captions": f"{CAPTIONS}\n\n{table(captions(cards))}",
        "Judges": f"{JUDGES}\n\n{table(judges(cards))}",
        "New, or learned by heart?": f"{NOVELTY}\n\n{table(novelty(cards))}",
        "Model by model": "\n\n".join([MODELS, *map(notes, cards)]),
    }
    return "\n\n".join([HEAD, *(f"## {title}\n\n{text}" for title, text in sections.items())]) + "\n"


def table(content: dict[str, list[str]]) -> str:
    """Columns as a table in Markdown; those called model have their cells in the type of code."""
    content = {key: [f"`{cell}`" for cell in cells] if key == "model" else cells for key, cells in content.items()}
    rows = [list(content), ["---"] * len(content), *zip(*content.values(), strict=True)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def models(cards: list[dict]) -> dict[str, list[str]]:
    return {
        "model": [card["name"] for card in cards],
        "data": [f"{card['data']['name']}, {card['data']['images']:,} pictures" for card in cards],
        "recipe": [card["recipe"] for card in cards],
        "steps": [f"{card['steps']:,}" for card in cards],
        "minutes": [f"{card['seconds'] / 60:.0f}" for card in cards],
        "device": [card["device"].replace("cpu, 1 threads", "cpu, 1 thread") for card in cards],
    }


def failures(cards: list[dict]) -> dict[str, list[str]]:
    cards = [card for card in cards if "lesson" in card]
    return {
        "model": [card["name"] for card in cards],
        "lesson": [card["lesson"] for card in cards],
        "fd_judge ↓": [number(card, ".2f", "metrics", "fd_judge", "samples") for card in cards],
        "fd_lite0 ↓": [number(card, ".0f", "metrics", "fd_lite0", "samples") for card in cards],
        "precision ↑": [number(card, ".2f", "metrics", "precision") for card in cards],
        "recall ↑": [number(card, ".2f", "metrics", "recall") for card in cards],
        "diversity": [number(card, ".2f", "metrics", "diversity") for card in cards],
    }


def by_judge(cards: list[dict]) -> dict[str, list[str]]:
    cards = having(cards, "metrics", "fd_judge")
    figures = {"fd_judge ↓": (("fd_judge", "samples"), ("fd_judge", "real_floor"))} | {
        f"{name} ↑": (("judge_features", name), ("judge_features", "real", name))
        for name in ("precision", "recall", "density", "coverage")
    }
    return {
        "model": [card["name"] for card in cards],
        "judge": [f"`{entry(card, 'metrics', 'judge_features', 'judge')}`" for card in cards],
        **{title: [cell(card, *places, ".2f") for card in cards] for title, places in figures.items()},
    }


def digits(cards: list[dict]) -> dict[str, list[str]]:
    cards = [card for card in having(cards, "metrics", "seen_as") if card["data"]["name"] == "mnist"]
    rows = {f"`{card['name']}`": card["metrics"]["seen_as"] for card in cards}
    if cards:
        rows["real digits"] = cards[0]["metrics"]["seen_as_of_real"]
    classes = next(iter(rows.values()), {})
    return {"": list(rows)} | {name: [f"{row[name]:.0%}" for row in rows.values()] for name in classes}


def vaes(cards: list[dict]) -> dict[str, list[str]]:
    cards = having(cards, "metrics", "fd_lite0", "reconstructions")
    distances = {
        f"{network} of {kind}": [cell(card, (network, kind), (network, floor), form) for card in cards]
        for network, form in (("fd_judge", ".2f"), ("fd_lite0", ".0f"))
        for kind, floor in (("reconstructions", "reconstructions_floor"), ("samples", "real_floor"))
    }
    return {
        "pictures": [subject(card) for card in cards],
        "model": [card["name"] for card in cards],
        "squared error": [number(card, ".4f", "metrics", "squared_error") for card in cards],
        "KL": [number(card, ".0f", "metrics", "kl_nats") for card in cards],
        **distances,
    }


def sliders(cards: list[dict]) -> list[str]:
    """A table for each model with sliders."""
    return [_sliders(card) for card in having(cards, "metrics", "sliders")]


def _sliders(card: dict) -> str:
    results = card["metrics"]["sliders"]
    free, locked = (results[f"mean difference{others}"]["encoded"] for others in ("", ", others locked"))
    content = {f"`{card['name']}`": [words(name) for name in free]}
    for title, effects in (("", free), ("locked: ", locked)):
        content[f"{title}asked side"] = [f"{effect['success']:.0%}" for effect in effects.values()]
        worst = [effect["worst_side_effect"] for effect in effects.values()]
        content[f"{title}side effect"] = [f"{change:.2f} ({words(name)})" for name, change in worst]
    return table(content)


def elsewhere(cards: list[dict]) -> dict[str, list[str]]:
    rows = [
        (card["name"], name, change)
        for card in having(cards, "metrics", "change_elsewhere")
        for name, change in card["metrics"]["change_elsewhere"].items()
    ]
    return {
        "model": [name for name, _, _ in rows],
        "slider": [words(name) for _, name, _ in rows],
        "change": [f"{change:.3f}" for *_, change in rows],
    }


def generated(cards: list[dict]) -> dict[str, list[str]]:
    rows = [
        (card["name"], name, effect, name in card["sliders"])
        for card in having(cards, "directions", "effects")
        for name, effect in card["directions"]["effects"].items()
    ]
    return {
        "model": [model for model, *_ in rows],
        "direction": [words(name) for _, name, *_ in rows],
        "has it at +2": [f"{effect['up']:.0%}" for *_, effect, _ in rows],
        "lacks it at −2": [f"{effect['down']:.0%}" for *_, effect, _ in rows],
        "others": [f"{e['others']:.2f} (most {words(e['most'][0])}, {e['most'][1]:.2f})" for *_, e, _ in rows],
        "slider": ["yes" if is_slider else "no" for *_, is_slider in rows],
    }


def side_effects(cards: list[dict]) -> list[str]:
    """A table for each model whose sliders were compared at equal success."""
    return [_side_effects(card) for card in having(cards, "metrics", "side_effects")]


def _side_effects(card: dict) -> str:
    curves = card["metrics"]["side_effects"]["curves"]
    methods = {"line": "mean difference", "locked": "mean difference, others locked", "learned": "learned"}
    methods = {title: curves[method] for title, method in methods.items() if method in curves}
    content = {f"`{card['name']}`": [words(name) for name in curves["mean difference"]]}
    for title, by_slider in methods.items():
        content[title] = [_besides(curve["at"]) for curve in by_slider.values()]
    for title, by_slider in methods.items():
        content[f"{title}: pixels"] = [number(curve["at"] or {}, ".3f", "pixels") for curve in by_slider.values()]
    return table(content)


def _besides(place: dict | None) -> str:
    if place is None:
        return MISSING
    name, most = place["most"]
    return f"{place['others']:.3f} ({words(name)} {most:.2f})"


def planes(cards: list[dict]) -> dict[str, list[str]]:
    cards = having(cards, "metrics", "reconstruction_nats_at_mean")
    return {
        "pictures": [subject(card) for card in cards],
        "model": [card["name"] for card in cards],
        "β": [number(card, "g", "beta") for card in cards],
        "reconstruction": [number(card, ".1f", "metrics", "reconstruction_nats_at_mean") for card in cards],
        "KL": [number(card, ".1f", "metrics", "kl_nats") for card in cards],
        "ELBO": [number(card, ".1f", "metrics", "elbo_nats") for card in cards],
        "recognised plane": [number(card, ".0%", "metrics", "coverage", "box") for card in cards],
    }


def captions(cards: list[dict]) -> dict[str, list[str]]:
    decodings = {"greedy": "greedy", "beam_5": "five beams"}
    rows = [(card, key) for card in having(cards, "metrics", "greedy") for key in decodings]
    return {
        "model": [card["name"] for card, _ in rows],
        "decoding": [decodings[key] for _, key in rows],
        **{f"BLEU-{n}": [number(card, ".1f", "metrics", key, f"bleu_{n}") for card, key in rows] for n in (1, 2, 3, 4)},
        "CIDEr-D": [number(card, ".3f", "metrics", key, "cider") for card, key in rows],
    }


def judges(cards: list[dict]) -> dict[str, list[str]]:
    attributes, classes = having(cards, "metrics", "attributes"), having(cards, "metrics", "accuracy_by_class")
    cards = attributes + classes
    return {
        "model": [card["name"] for card in cards],
        "test pictures": [number(card, ",", "metrics", "test_images") for card in cards],
        "it names": [f"{len(card['metrics']['attributes'])} attributes" for card in attributes]
        + [f"{len(card['metrics']['accuracy_by_class'])} classes" for card in classes],
        "accuracy": [number(card, ".1%", "metrics", "mean_accuracy") for card in attributes]
        + [number(card, ".2%", "metrics", "accuracy") for card in classes],
        "guessing": [number(card, ".1%", "metrics", "mean_guessing") for card in cards],
    }


def novelty(cards: list[dict]) -> dict[str, list[str]]:
    rows = [
        (card["name"], space, card["novelty"][space])
        for card in having(cards, "novelty")
        for space in ("pixels", "features")
        if space in card["novelty"]
    ]
    return {
        "model": [name for name, _, _ in rows],
        "by": [space for _, space, _ in rows],
        "alarms": [f"{results['model']['closer']:.1%}" for *_, results in rows],
        "memoriser's alarms": [f"{results['memoriser']['closer']:.1%}" for *_, results in rows],
        "C_T": [number(results, "+.1f", "model", "c_t") for *_, results in rows],
        "p": [f"{p:.2g}" if (p := results["model"]["p"]) >= 1e-4 else "< 0.0001" for *_, results in rows],
    }


def notes(card: dict) -> str:
    """A model's limits and what was tried, as lists."""
    attempts = [f"- {line}" for line in card.get("tried", [])]
    lines = [f"### `{card['name']}`", "", *(f"- {line}" for line in card.get("limits", []))]
    return "\n".join(lines + (["", "Tried:", "", *attempts] if attempts else []))


def having(cards: list[dict], *place: str) -> list[dict]:
    """The cards on which something stands at this place."""
    return [card for card in cards if entry(card, *place) is not None]


def number(card: dict, form: str, *place: str) -> str:
    """A figure of a card as text, or a dash."""
    value = figure(card, *place)
    return MISSING if value is None else f"{value:{form}}".replace("-", "−")


def words(name: str) -> str:
    return name.replace("_", " ")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m train.table", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--print", action="store_true", help="print it instead")
    to_screen = parser.parse_args(arguments).print
    cards = []
    for card in registry.cards().values():
        if isinstance(card, registry.CheckpointError):
            print(card, file=sys.stderr)
            return 1
        cards.append(card)
    if to_screen:
        print(document(cards), end="")
    else:
        with files.whole_file(RESULTS) as file:
            file.write(document(cards).encode())
        print(f"written: {RESULTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
