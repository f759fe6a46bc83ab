"""A model's card, for readers: five lines, and the rest folded."""

import ast
import re
from collections.abc import Iterator

import streamlit as st

from gen_lab.checkpoint import family_module
from gen_lab.metrics.table import entry, figure
from gen_lab.ui.language import _

LONGEST = 2000  # characters of a text on a card
FEW = 3  # figures that a reader sees at once


def summary(card: dict) -> str:
    """A card in a few words."""
    data = entry(card, "data", "name")
    return _("{kind}, trained on {data}").format(kind=_(_kind(card)), data=data or _("unknown data"))


def offer_training() -> None:
    """What to do where there are no models."""
    st.info(_("There are no models yet. Train one, in the folder of gen_lab:"), icon=":material/model_training:")
    st.code("python -m train vae_avatars", language="bash")


def show(card: dict) -> None:
    """A card in five lines, what was tried, and the whole of it; the last two are folded."""
    try:
        st.table(_lines(card), border="horizontal")
    except (AttributeError, KeyError, TypeError, ValueError):  # anybody may have edited the card
        st.warning(_("This card is not in order; the model's recipe writes it anew."), icon=":material/warning:")
    if tried := _list(card.get("tried")):
        with st.expander(_("What was tried")):
            st.markdown(tried)
    with st.expander(_("Everything on the card")):
        for title, key in ((_("Intended use"), "intended_use"), (_("Limits"), "limits")):
            if content := _list(card.get(key)):
                st.markdown(f"**{title}**\n\n{content}")
        st.json(_cut(card), expanded=1)


def _lines(card: dict) -> dict[str, str]:
    """What it is, its data, its training, a few figures, and its data's licence."""
    data, minutes = card["data"], max(card["seconds"] / 60, 1)
    return {
        _("What"): _(_kind(card)),
        _("Data"): _("{count} pictures of *{name}* ({split} split)").format(
            count=f"{data['images']:,}", name=data["name"], split=data["split"]
        ),
        _("Training"): _("{steps} steps in {minutes} min on {device}, by `python -m train {recipe}`").format(
            steps=f"{card['steps']:,}", minutes=f"{minutes:.0f}", device=_device(card["device"]), recipe=card["recipe"]
        ),
        _("Figures"): _sentence("; ".join(figures(card)[:FEW])) or _("Not measured yet"),
        _("Licence of the data"): data["licence"],
    }


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _kind(card: dict) -> str:
    """What kind of model it is: how its family's docstring begins."""
    try:
        docstring = family_module(card["family"]).__doc__ or ""
    except ValueError:  # a family of another version
        return str(card["family"])
    return _beginning(docstring)


def _beginning(docstring: str) -> str:
    return re.split(r" \(|[:.\n]", docstring)[0]


def kinds(file, keywords, comment_tags, options) -> Iterator[tuple]:
    """Babel's extractor for a family's module (languages/babel.cfg): what kind of model it is."""
    if docstring := ast.get_docstring(ast.parse(file.read())):
        yield 1, "_", _beginning(docstring), []


def _device(name: str) -> str:
    """A device's name for readers."""
    if cpu := re.fullmatch(r"cpu, (\d+) threads?", name):
        return _("one CPU core") if cpu[1] == "1" else _("{count} CPU cores").format(count=cpu[1])
    return name


def figures(card: dict) -> list[str]:
    """What was measured of a model, in plain words, the most telling first."""
    metrics = [
        (_("it names {value} of test pictures right"), ("accuracy",), None),
        (_("{value} of its answers are right (guessing, {real} would be)"), ("mean_accuracy",), ("mean_guessing",)),
        (_("it scores {value} in BLEU-4, which counts the phrases that it shares with people"),
         ("beam_5", "bleu_4"), None),
        (_("the judge sees the label that was asked for in {value} (in real pictures, in {real})"),
         ("label_accuracy",), ("judge_on_real",)),
        (_("{value} of the digits that it encodes and decodes are still recognised"), ("recognised",), None),
        (_("{value} of its pictures look like real ones (of real ones, {real} do)"),
         ("precision",), ("real", "precision")),
        (_("they cover {value} of what real ones show (other real ones, {real})"),
         ("recall",), ("real", "recall")),
    ]  # fmt: skip
    measured, sentences = {**card.get("metrics", {})}, []
    if isinstance(by_judge := measured.get("judge_features"), dict):
        measured |= by_judge  # the same figures in the features of a network that no model was trained to please
    for sentence, place, of_real in metrics:
        value, real = figure(measured, *place), figure(measured, *of_real) if of_real else None
        if value is not None:
            sentences.append(sentence.format(value=_share(value), real=_("unknown") if real is None else _share(real)))
    return sentences


def _share(value: float) -> str:
    """A share in [0, 1], or in percent, for readers."""
    percent = value if value > 1 else 100 * value
    return f"{percent:.0f}%" if 10 <= percent <= 99 else f"{percent:.1f}%"


def _list(content) -> str:
    """A card's sentences as a list of Markdown; empty where there are none."""
    return "\n".join(f"- {line}" for line in (content if isinstance(content, list) else [content] if content else []))


def _cut(value):
    """A card's content, with very long texts cut short."""
    if isinstance(value, dict):
        return {key: _cut(part) for key, part in value.items()}
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:80]} … ({len(value):,} characters)"
    return value
