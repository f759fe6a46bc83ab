"""The widgets of the Arithmetic page: its exemplars, the equation, and the dialog that changes a term."""

from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from gen_lab import data, registry
from gen_lab.data import Dataset
from gen_lab.metrics.judge import probabilities
from gen_lab.ui import pictures as picture_dialogs
from gen_lab.ui.charts import source, words
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.models import judge_for
from pages.arithmetic import state
from pages.arithmetic.state import MOST, TERMS, Sum, samples, split, token

CSS = Path(__file__).parent / "widgets.css"


def gallery(checkpoint) -> Dataset:
    """The pictures to choose exemplars from: the data set's test split, or random pictures labelled by the judge."""
    name = checkpoint.card["data"]["name"]
    if registry.offers(checkpoint.card, "encode") and data.is_ready(name):
        return data.load(name, "test")
    return _samples(checkpoint)


@st.cache_resource(max_entries=6, show_spinner="Looking at random pictures …", hash_funcs=HASHES)
def _samples(checkpoint) -> Dataset:
    return samples(checkpoint, judge_for(checkpoint))


def title(filters: tuple[str, ...]) -> str:
    """Filters in words: "Male, not eyeglasses"."""
    phrases = [f"not {words(name[1:]).lower()}" if name.startswith("-") else words(name).lower() for name in filters]
    return ", ".join(phrases).capitalize() or "Chosen by hand"


def begin(history, checkpoint, pictures: Dataset) -> None:
    """Fills in the exemplars of a state that has none."""
    if not any(getattr(history.current, f"{term}_keys") for term in TERMS):
        history.complete(**state.first_fields(checkpoint, pictures, judge_for(checkpoint)))


def presets(history, checkpoint, pictures: Dataset) -> None:
    """The presets that these pictures allow, with the current one selected."""
    available = state.presets(pictures)
    if not available:
        return
    current = tuple(getattr(history.current, term) for term in TERMS)
    key = "arithmetic preset"
    st.session_state[key] = next((name for name, filters in available.items() if filters == current), None)

    def choose() -> None:
        if st.session_state[key]:
            filters = available[st.session_state[key]]
            history.push(**state.fields(filters, checkpoint, pictures, judge_for(checkpoint)))

    st.selectbox("Example", available, key=key, on_change=choose, placeholder="Chosen by hand", width=430)


def change(history, checkpoint, pictures: Dataset) -> None:
    """A button for each term; it opens a dialog with the pictures to choose from."""
    with st.container(horizontal=True):
        for term in TERMS:
            if st.button(f"Change {term.upper()} …", key=f"arithmetic change {term}", icon=":material/edit:"):
                required, excluded = split(getattr(history.current, term), pictures)
                tokens = [token(index, pictures) for index in range(len(pictures))]
                keys = [key for key in getattr(history.current, f"{term}_keys") if key in tokens]
                picked = {tokens.index(key): True for key in keys}
                browse = {"arithmetic browse with": required, "arithmetic browse without": excluded}
                st.session_state.update(browse | {"arithmetic picked": picked})
                _choose(history, checkpoint, pictures, term)


@st.dialog("Exemplars", width="large")
def _choose(history, checkpoint, pictures: Dataset, term: str) -> None:
    picked: dict[int, bool] = st.session_state["arithmetic picked"]

    def toggle(index: int) -> None:
        if not picked.pop(index, False):
            picked[index] = True

    if pictures.split == "samples":
        labels = ", with the attributes that the judge sees in them" if pictures.attribute_names else ""
        st.caption(f"These are the model's own random pictures{labels}.")
    for index, place in picture_dialogs.leaf("arithmetic", pictures):
        key = f"arithmetic pick {index}"
        st.session_state[key] = index in picked
        with place:
            full = len(picked) >= MOST and index not in picked
            st.checkbox(str(index), key=key, on_change=toggle, args=(index,), disabled=full)
    label = f"Use {len(picked)} for {term.upper()}" if picked else f"Tick one to {MOST} pictures"
    if st.button(label, type="primary", disabled=not picked):
        required, excluded = (st.session_state[f"arithmetic browse {side}"] for side in ("with", "without"))
        filters = (*required, *(f"-{name}" for name in excluded))
        history.push(**{term: filters, f"{term}_keys": tuple(token(index, pictures) for index in picked)})
        st.rerun()


def equation(formula: Sum, means: np.ndarray, exemplars: list[np.ndarray]) -> str:
    """A - B + C as HTML: the decoded means (3, H, W, C) with the signs between them, exemplars (n, H, W, C) below."""
    figures = []
    for sign, term, mean, pictures in zip(("", "−", "+"), TERMS, means, exemplars, strict=True):
        before = f'<b aria-hidden="true">{sign}</b>' if sign else ""
        name = escape(title(getattr(formula, term)))
        thumbnails = "".join(f'<img src="{source(picture)}" alt="">' for picture in pictures)
        figures.append(
            f'{before}<figure><img src="{source(mean)}" alt="Mean of {term.upper()}: {name}">'
            f"<figcaption><strong>{term.upper()}</strong> {name}</figcaption><div>{thumbnails}</div></figure>"
        )
    return f'<div class="equation">{"".join(figures)}</div>'


def readings(checkpoint, formula: Sum, pictures: np.ndarray) -> dict[str, list[str]] | None:
    """What the judge sees of the attributes in question in A, B, C and the picture taken on, uint8 (4, H, W, C): a
    table by column. None without such a judge or such attributes."""
    judge = judge_for(checkpoint)
    names = judge.config.attribute_names if judge else ()
    attributes = dict.fromkeys(name.lstrip("-") for term in TERMS for name in getattr(formula, term))
    attributes = [name for name in attributes if name in names]
    if not attributes:
        return None
    chances = probabilities(judge, pictures)[:, [names.index(name) for name in attributes]].tolist()
    columns = zip(("A", "B", "C", "taken on"), chances, strict=True)
    return {"": [words(name) for name in attributes]} | {name: [f"{p:.0%}" for p in column] for name, column in columns}
