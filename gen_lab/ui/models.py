"""Models on pages: loaded once per process, shared by all sessions, frozen."""

from typing import Any

import streamlit as st

from gen_lab import data, registry
from gen_lab.checkpoint import Checkpoint, CheckpointError, family_module, remedies

FEW = 5  # models that have a button each
SUBJECTS = {  # of data sets
    "celeba": "Faces", "avatars": "Avatars", "mnist": "Digits", "fashion": "Clothes", "lego": "Toy bricks",
    "bricks": "Toy bricks",
}  # fmt: skip


def load(name: str) -> Checkpoint:
    """A checkpoint by name; one that has been trained again since is loaded again. Raises `CheckpointError`."""
    card = registry.folder(name) / "card.json"
    return _load(name, card.stat().st_mtime_ns if card.is_file() else None)


@st.cache_resource(max_entries=12, show_spinner="Loading the model …")
def _load(name: str, stamp: int | None) -> Checkpoint:
    return registry.load(name)


def with_sliders(family: str) -> list[str]:
    """Names of the checkpoints of a family whose pictures have concept sliders, as the cards say."""
    cards = {name: card for name, card in registry.cards().items() if isinstance(card, dict)}
    return [name for name, card in cards.items() if card["family"] == family and card.get("sliders")]


def load_with_sliders(name: str) -> tuple[Checkpoint, list[str]]:
    """A checkpoint and the names of its sliders. Raises `CheckpointError`, also where the card has none that fit."""
    checkpoint = load(name)
    card, directions = checkpoint.card, checkpoint.directions
    try:
        sliders = [slider for slider in card["sliders"] if slider in directions]
        dim = checkpoint.model.latent_dim
        fits = directions is not None and sliders == card["sliders"] != [] and directions.centre.shape == (dim,)
        data.module(card["data"]["name"])
    except (AttributeError, KeyError, TypeError, ValueError):
        fits = False
    if not fits:
        problem = f"'{name}' has no sliders, or its card and its directions do not fit each other"
        raise CheckpointError(problem, remedies.checkpoint(registry.folder(name), card))
    return checkpoint, sliders


def judge_of(card: dict, names: list[str]) -> tuple[Any, list[int]]:
    """The judge that a card names, and which of its outputs are the attributes `names`. Raises `CheckpointError`."""
    name = card.get("judge")
    judge = load(name if isinstance(name, str) else "").model
    known = getattr(judge.config, "attribute_names", ())
    if not set(names) <= set(known):
        raise CheckpointError(f"'{name}' does not judge these sliders", remedies.training(str(card["name"]), card))
    return judge, [known.index(attribute) for attribute in names]


def with_decoder(every: bool = False) -> list[str]:
    """Names of the checkpoints that make pictures from latents alone, which they can also draw at random.

    Those that were trained to fail, as a lesson, are left out. With `every` they are not, nor are conditional ones.
    """
    cards = {name: card for name, card in registry.cards().items() if isinstance(card, dict)}
    return [name for name, card in cards.items() if _decodes(card, every) and (every or not card.get("lesson"))]


def choice(history, known: list[str], place=st, **also) -> None:
    """The model, to be chosen from a few buttons or from a long list; what `also` names changes with it."""
    if len(known) <= FEW:
        place.segmented_control("Model", required=True, **history.widget("model", known, **also))
        return
    cards = registry.cards()
    words = {name: f"{_subject(cards.get(name))}: {name}" for name in known}
    tied = history.widget("model", sorted(known, key=words.__getitem__), **also)
    place.selectbox("Model", format_func=words.get, placeholder="Choose a model", width=300, **tied)


def _subject(card) -> str:
    """What the pictures are of that a model was trained on."""
    trained_on = card.get("data") if isinstance(card, dict) else None
    name = trained_on.get("name") if isinstance(trained_on, dict) else None
    return SUBJECTS.get(name, "Other") if isinstance(name, str) else "Other"


def _decodes(card: dict, every: bool) -> bool:
    """Whether the model that a card describes makes pictures; unless `every` may, without being told of what class."""
    try:
        model = family_module(card["family"]).Model
    except ValueError:
        return False
    config = card["config"]
    conditional = isinstance(config, dict) and bool(config.get("classes"))
    return hasattr(model, "decode") and hasattr(model, "sample") and (every or not conditional)


def load_with_decoder(name: str, every: bool = False) -> Checkpoint:
    """A checkpoint that makes pictures from latents alone; with `every`, also from latents and labels. Raises
    `CheckpointError`, also where its card names no data."""
    checkpoint = load(name)
    if not every and getattr(checkpoint.model, "classes", ()):
        raise CheckpointError(f"'{name}' wants to be told what to draw, which this page cannot: choose another one")
    try:
        fits = _decodes(checkpoint.card, every)
        data.module(checkpoint.card["data"]["name"])
    except (KeyError, TypeError, ValueError):
        fits = False
    if not fits:
        problem = f"'{name}' makes no pictures, or its card does not say of what"
        raise CheckpointError(problem, remedies.checkpoint(registry.folder(name), checkpoint.card))
    return checkpoint


def judge_for(checkpoint: Checkpoint):
    """The judge of a model's pictures; None where there is none that fits."""
    try:
        judge, _ = judge_of(checkpoint.card, [])
    except CheckpointError:
        return None
    fits = hasattr(judge, "features") and judge.image_shape == checkpoint.model.image_shape
    return judge if fits else None


def with_replay() -> list[str]:
    """Names of the checkpoints whose training can be watched again, as the cards say: adversarial ones first."""
    cards = {name: card for name, card in registry.cards().items() if isinstance(card, dict) and "replay" in card}
    return sorted(cards, key=lambda name: ("lesson" in cards[name], not _scores(cards[name]["family"]), name))


def _scores(family) -> bool:
    try:
        return hasattr(family_module(family).Model, "score")
    except ValueError:
        return False
