"""The widgets of the Arithmetic page: where exemplars come from, the equation, the dialog that changes a term."""

from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from gen_lab import data, registry
from gen_lab.data import Dataset
from gen_lab.metrics.judge import probabilities
from gen_lab.ui import pictures as start
from gen_lab.ui.charts import source, words
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.models import judge_for
from pages.arithmetic import state as arithmetic
from pages.arithmetic.state import MOST, TERMS, Sum, samples, split, token

CSS = Path(__file__).parent / "widgets.css"


def gallery(checkpoint) -> Dataset:
    """Where exemplars are looked for: the data set's test split, or else random pictures as the judge sees them."""
    name = checkpoint.card["data"]["name"]
    if registry.offers(checkpoint.card, "encode") and data.is_ready(name):
        return data.load(name, "test")
    return _samples(checkpoint)


@st.cache_resource(max_entries=6, show_spinner="Looking at random pictures …", hash_funcs=HASHES)
def _samples(checkpoint) -> Dataset:
    return samples(checkpoint, judge_for(checkpoint))


def title(filters: tuple[str, ...]) -> str:
    """Filters for readers: "Male, no eyeglasses"."""
    said = [f"not {words(each[1:]).lower()}" if each.startswith("-") else words(each).lower() for each in filters]
    return ", ".join(said).capitalize() or "Chosen by hand"


def begin(history, checkpoint, pictures: Dataset) -> None:
    """Fills in the exemplars of a state that has none."""
    if not any(getattr(history.current, f"{term}_keys") for term in TERMS):
        history.complete(**arithmetic.first(checkpoint, pictures, judge_for(checkpoint)))


def presets(history, checkpoint, pictures: Dataset) -> None:
    """The presets that these pictures allow; the current one is marked."""
    known = arithmetic.presets(pictures)
    if not known:
        return
    now = tuple(getattr(history.current, term) for term in TERMS)
    key = "arithmetic preset"
    st.session_state[key] = next((name for name, filters in known.items() if filters == now), None)

    def chosen() -> None:
        if st.session_state[key]:
            filters = known[st.session_state[key]]
            history.push(**arithmetic.chosen(filters, checkpoint, pictures, judge_for(checkpoint)))

    st.selectbox("Example", known, key=key, on_change=chosen, placeholder="Chosen by hand", width=430)


def change(history, checkpoint, pictures: Dataset) -> None:
    """A button for each term; it opens a dialog with the pictures to choose from."""
    with st.container(horizontal=True):
        for term in TERMS:
            if st.button(f"Change {term.upper()} …", key=f"arithmetic change {term}", icon=":material/edit:"):
                wanted, unwanted = split(getattr(history.current, term), pictures)
                known = [token(index, pictures) for index in range(len(pictures))]
                keys = [key for key in getattr(history.current, f"{term}_keys") if key in known]
                picked = {known.index(key): True for key in keys}
                fresh = {"arithmetic browse with": wanted, "arithmetic browse without": unwanted}
                st.session_state.update(fresh | {"arithmetic picked": picked})
                _choose(history, checkpoint, pictures, term)


@st.dialog("Exemplars", width="large")
def _choose(history, checkpoint, pictures: Dataset, term: str) -> None:
    picked: dict[int, bool] = st.session_state["arithmetic picked"]

    def toggle(index: int) -> None:
        if not picked.pop(index, False):
            picked[index] = True

    if pictures.split == "samples":
        seen = ", with the attributes that the judge sees in them" if pictures.attribute_names else ""
        st.caption(f"These are the model's own random pictures{seen}.")
    for index, place in start.leaf("arithmetic", pictures):
        key = f"arithmetic pick {index}"
        st.session_state[key] = index in picked
        with place:
            full = len(picked) >= MOST and index not in picked
            st.checkbox(str(index), key=key, on_change=toggle, args=(index,), disabled=full)
    said = f"Use {len(picked)} for {term.upper()}" if picked else f"Tick one to {MOST} pictures"
    if st.button(said, type="primary", disabled=not picked):
        chosen = [st.session_state[f"arithmetic browse {each}"] for each in ("with", "without")]
        filters = (*chosen[0], *(f"-{name}" for name in chosen[1]))
        history.push(**{term: filters, f"{term}_keys": tuple(token(index, pictures) for index in picked)})
        st.rerun()


def equation(made: Sum, means: np.ndarray, exemplars: list[np.ndarray]) -> str:
    """A - B + C as HTML: the decoded means (3, H, W, C) with the signs between them, exemplars (n, H, W, C) below."""
    figures = []
    for sign, term, mean, pictures in zip(("", "−", "+"), TERMS, means, exemplars, strict=True):
        before = f'<b aria-hidden="true">{sign}</b>' if sign else ""
        name = escape(title(getattr(made, term)))
        small = "".join(f'<img src="{source(picture)}" alt="">' for picture in pictures)
        figures.append(
            f'{before}<figure><img src="{source(mean)}" alt="Mean of {term.upper()}: {name}">'
            f"<figcaption><strong>{term.upper()}</strong> {name}</figcaption><div>{small}</div></figure>"
        )
    return f'<div class="equation">{"".join(figures)}</div>'


def readings(checkpoint, made: Sum, pictures: np.ndarray) -> dict[str, list[str]] | None:
    """What the judge sees of the attributes in question in A, B, C and the picture taken on, uint8 (4, H, W, C): a
    table by column. None without such a judge or such attributes."""
    judge = judge_for(checkpoint)
    known = judge.config.attribute_names if judge else ()
    asked = dict.fromkeys(each.lstrip("-") for term in TERMS for each in getattr(made, term))
    asked = [name for name in asked if name in known]
    if not asked:
        return None
    seen = probabilities(judge, pictures)[:, [known.index(name) for name in asked]].tolist()
    columns = zip(("A", "B", "C", "taken on"), seen, strict=True)
    return {"": [words(name) for name in asked]} | {name: [f"{p:.0%}" for p in column] for name, column in columns}
