"""Models on pages: loaded once per process, shared by all sessions, frozen."""

import streamlit as st

from gen_lab import registry
from gen_lab.checkpoint import Checkpoint


def load(name: str) -> Checkpoint:
    """A checkpoint by name; one that has been trained again since is loaded again. Raises `CheckpointError`."""
    card = registry.folder(name) / "card.json"
    return _load(name, card.stat().st_mtime_ns if card.is_file() else None)


@st.cache_resource(max_entries=12, show_spinner="Loading the model …")
def _load(name: str, stamp: int | None) -> Checkpoint:
    return registry.load(name)


def of_family(family: str) -> list[str]:
    """Names of the checkpoints of a family, as the cards say."""
    return [name for name, card in registry.cards().items() if isinstance(card, dict) and card["family"] == family]
