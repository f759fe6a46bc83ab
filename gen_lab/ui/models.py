"""Models on pages: loaded once per process, shared by all sessions, frozen."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
import torch

from gen_lab import device, registry
from gen_lab.checkpoint import Checkpoint, CheckpointError, learned_sliders, remedies
from gen_lab.latent.learned import LearnedSliders
from gen_lab.latent.principal import principal
from gen_lab.metrics.table import entry
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.language import _, later

FEW = 5  # models that have a button each


def load(name: str, *abilities: str, without: Sequence[str] = ()) -> Checkpoint:
    """A checkpoint by name, for a page that needs these abilities (`gen_lab.registry`) and none in `without`.

    A checkpoint that was trained again is loaded again, and so is one whose GPU has failed. Raises `CheckpointError`,
    with the remedy, for one that is missing or broken or does not fit.
    """
    card = registry.folder(name) / "card.json"
    checkpoint = _load(name, card.stat().st_mtime_ns if card.is_file() else None, device.best_device().type)
    registry.require(checkpoint, *abilities, without=without)
    return checkpoint


@st.cache_resource(max_entries=12, show_spinner=later("Loading the model …"))
def _load(name: str, stamp: int | None, kind: str) -> Checkpoint:
    return registry.load(name, kind)


def learned(checkpoint: Checkpoint) -> LearnedSliders | None:
    """The learned sliders of a model; None where it has none. Raises `CheckpointError` for a damaged file."""
    path = registry.folder(checkpoint.card["name"]) / learned_sliders.FILE
    return _learned(checkpoint, path.stat().st_mtime_ns) if path.is_file() else None


@st.cache_resource(max_entries=12, show_spinner=False, hash_funcs=HASHES)
def _learned(checkpoint: Checkpoint, stamp: int) -> LearnedSliders | None:
    return learned_sliders.load(registry.folder(checkpoint.card["name"]), checkpoint)


def first(cards: dict[str, dict], favourite: str) -> str:
    """The model that a page begins with: its favourite, if that is there or no model is."""
    return favourite if favourite in cards or not cards else next(iter(cards))


def choice(history, cards: dict[str, dict], place=st, **also) -> None:
    """Chooses the model, with buttons if there are few, or from a list. The fields in `also` change with it."""
    if len(cards) <= FEW:
        place.segmented_control(_("Model"), required=True, **history.widget("model", list(cards), **also))
        return
    labels = {name: f"{_subject(card)}: {name}" for name, card in cards.items()}
    arguments = history.widget("model", sorted(cards, key=labels.__getitem__), **also)
    place.selectbox(_("Model"), format_func=labels.get, placeholder=_("Choose a model"), width=250, **arguments)


def _subject(card: dict) -> str:
    """What a model's training pictures show."""
    subjects = {
        "celeba": _("Faces"), "avatars": _("Avatars"), "mnist": _("Digits"), "fashion": _("Clothes"),
        "lego": _("Toy bricks"), "bricks": _("Toy bricks"),
    }  # fmt: skip
    return subjects.get(str(entry(card, "data", "name")), _("Other"))


def judge_of(card: dict, names: list[str]) -> tuple[Any, list[int]]:
    """The judge that a card names, and which of its outputs are the attributes `names`. Raises `CheckpointError`."""
    name = card.get("judge")
    judge = load(name if isinstance(name, str) else "", "probabilities", "features").model
    attributes = judge.config.attribute_names
    if not set(names) <= set(attributes):
        raise CheckpointError(f"'{name}' does not judge these sliders", remedies.training(str(card["name"]), card))
    return judge, [attributes.index(attribute) for attribute in names]


def judge_for(checkpoint: Checkpoint) -> Any | None:
    """The judge of a model's pictures; None if there is none that fits."""
    try:
        judge, _ = judge_of(checkpoint.card, [])
    except CheckpointError:
        return None
    return judge if judge.image_shape == checkpoint.model.image_shape else None


@st.cache_resource(max_entries=24, show_spinner=later("Looking for the principal directions …"), hash_funcs=HASHES)
def directions(checkpoint: Checkpoint, method: str, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Principal directions (count, D) of a generator, and their shares (count,)."""
    return principal(checkpoint.model, method, count)
