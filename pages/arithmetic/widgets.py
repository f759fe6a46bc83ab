"""The widgets of the Arithmetic page: its exemplars, the equation, and the dialog that changes a term."""

from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from gen_lab import data, registry
from gen_lab.data import Dataset
from gen_lab.device import decode
from gen_lab.latent import analogy
from gen_lab.metrics.judge import probabilities
from gen_lab.ui import charts
from gen_lab.ui import pictures as picture_dialogs
from gen_lab.ui.charts import source, words
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.language import _, later
from gen_lab.ui.models import judge_for
from pages.arithmetic import state
from pages.arithmetic.state import MOST, TERMS, Sum, samples, split, token

CSS = Path(__file__).parent / "widgets.css"
ROW = Path(__file__).parent / "row.css"


def gallery(checkpoint) -> Dataset:
    """The pictures to choose exemplars from: the data set's test split, or random pictures labelled by the judge."""
    name = checkpoint.card["data"]["name"]
    if registry.offers(checkpoint.card, "encode") and data.is_ready(name):
        return data.load(name, "test")
    return _samples(checkpoint)


@st.cache_resource(max_entries=6, show_spinner=later("Looking at random pictures …"), hash_funcs=HASHES)
def _samples(checkpoint) -> Dataset:
    return samples(checkpoint, judge_for(checkpoint))


def examples() -> dict[str, str]:
    """The titles of the presets."""
    return {
        "smiling man": _("Smiling woman − woman + man"),
        "glasses and hat": _("Glasses − none + hat"),
        "beard and long hair": _("Beard − none + long hair"),
        "smile and dark skin": _("Smile − none + dark skin"),
        "blond man": _("Blond woman − dark-haired woman + dark-haired man"),
        "woman with glasses": _("Man with glasses − man + woman"),
        "digits": _("9 − 4 + 7"),
    }


def title(filters: tuple[str, ...]) -> str:
    """Filters in words: "Male, not eyeglasses"."""
    phrases = [
        _("not {trait}").format(trait=words(name[1:]).lower()) if name.startswith("-") else words(name).lower()
        for name in filters
    ]
    return ", ".join(phrases).capitalize() or _("Chosen by hand")


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
            _show(history, checkpoint, pictures, available[st.session_state[key]])

    st.selectbox(
        _("Example"), available, key=key, on_change=choose, format_func=examples().get, width=430,
        placeholder=_("Chosen by hand"),
    )  # fmt: skip


def _show(history, checkpoint, pictures: Dataset, filters: tuple[tuple[str, ...], ...]) -> None:
    history.push(**state.fields(filters, checkpoint, pictures, judge_for(checkpoint)))


def change(history, checkpoint, pictures: Dataset) -> None:
    """A button for each term; it opens a dialog with the pictures to choose from."""
    with st.container(horizontal=True):
        for term in TERMS:
            label = _("Change {term}").format(term=term.upper())
            if st.button(label, key=f"arithmetic change {term}", icon=":material/edit:"):
                required, excluded = split(getattr(history.current, term), pictures)
                tokens = [token(index, pictures) for index in range(len(pictures))]
                keys = [key for key in getattr(history.current, f"{term}_keys") if key in tokens]
                picked = {tokens.index(key): True for key in keys}
                browse = {"arithmetic browse with": required, "arithmetic browse without": excluded}
                st.session_state.update(browse | {"arithmetic picked": picked})
                _choose(history, pictures, term)


def _choose(history, pictures: Dataset, term: str) -> None:
    picked: dict[int, bool] = st.session_state["arithmetic picked"]

    def toggle(index: int) -> None:
        if not picked.pop(index, False):
            picked[index] = True

    @st.dialog(_("Pictures for {term}").format(term=term.upper()), width="medium")
    def dialog() -> None:
        st.caption(_("Click one to {most} pictures: their mean is the term.").format(most=MOST))
        if pictures.split == "samples":
            st.caption(_("These are random pictures of the model's own, labelled by the judge."))
        picture_dialogs.grid(
            "arithmetic", picture_dialogs.search("arithmetic", pictures), toggle, picked, is_full=len(picked) >= MOST
        )
        label = _("Use {count} for {term}").format(count=len(picked), term=term.upper())
        if st.button(label, type="primary", disabled=not picked):
            required, excluded = (st.session_state[f"arithmetic browse {side}"] for side in ("with", "without"))
            filters = (*required, *(f"-{name}" for name in excluded))
            history.push(**{term: filters, f"{term}_keys": tuple(token(index, pictures) for index in picked)})
            st.rerun()

    dialog()


def equation(formula: Sum, means: np.ndarray, exemplars: list[np.ndarray]) -> str:
    """A - B + C = as HTML: the decoded means (3, H, W, C), a sign after each, and exemplars (n, H, W, C) below."""
    figures = []
    for sign, term, mean, pictures in zip("−+=", TERMS, means, exemplars, strict=True):
        name, letter = escape(title(getattr(formula, term))), term.upper()
        thumbnails = "".join(f'<img src="{source(picture)}" alt="">' for picture in pictures)
        alt = escape(_("Mean of {letter}: {title}").format(letter=letter, title=title(getattr(formula, term))))
        figures.append(
            f'<figure><img src="{source(mean)}" alt="{alt}">'
            f"<figcaption><strong>{letter}</strong> {name}</figcaption><div>{thumbnails}</div></figure>"
            f'<b aria-hidden="true">{sign}</b>'
        )
    return f'<div class="equation">{"".join(figures)}</div>'


def pick(history) -> None:
    """Which of the nine pictures goes on to another page."""
    arrows = dict(enumerate("↖↑↗←●→↙↓↘", 1))
    st.pills(
        _("Continue with"), format_func=arrows.get, required=True,
        help=_("● is the result, in the middle; an arrow is the neighbour on that side"),
        **history.widget("pick", list(arrows)),
    )  # fmt: skip


def verdict(checkpoint, formula: Sum, means: np.ndarray, picture: np.ndarray) -> None:
    """Whether the sum worked, and what the judge sees in the means (3, H, W, C) and the picture that goes on."""
    filters = tuple(getattr(formula, term) for term in TERMS)
    table = readings(checkpoint, filters, np.stack([*means, picture]))
    if not table:
        return
    result = {name: chances[-1] for name, chances in table.items()}
    charts.show(outcome(state.promise(filters, result), result), CSS)
    columns = zip(("A", "B", "C", _("Result")), zip(*table.values(), strict=True), strict=True)
    rows = {column: [f"{chance:.0%}" for chance in chances] for column, chances in columns}
    with st.expander(_("What the judge sees in each"), icon=":material/visibility:"):
        st.table({"": [words(name) for name in table]} | rows, border="horizontal")
        st.caption(_("The judge is a classifier, trained on labelled pictures."))


def readings(checkpoint, filters: tuple[tuple[str, ...], ...], pictures: np.ndarray) -> dict[str, list[float]]:
    """What the judge sees in pictures, uint8 (N, H, W, C): attribute -> N probabilities, for the attributes that the
    filters name. Empty without such a judge or such attributes."""
    judge = judge_for(checkpoint)
    names = judge.config.attribute_names if judge else ()
    attributes = dict.fromkeys(name.lstrip("-") for term in filters for name in term)
    attributes = [name for name in attributes if name in names]
    if not attributes:
        return {}
    chances = probabilities(judge, pictures)[:, [names.index(name) for name in attributes]]
    return dict(zip(attributes, chances.T.tolist(), strict=True))


def outcome(promises: dict[str, bool], chances: dict[str, float]) -> str:
    """What the judge sees in the result, attribute by attribute, as HTML; with a word on whether the sum worked."""
    if not promises:
        return ""
    marks = []
    for name, wanted in promises.items():
        is_right = state.is_kept({name: wanted}, chances)
        text = words(name) if wanted else _("not {trait}").format(trait=words(name).lower())
        share = chances[name] if wanted else 1 - chances[name]
        kind, sign = ("right", "✓") if is_right else ("wrong", "✗")
        marks.append(f'<li class="{kind}"><i aria-hidden="true">{sign}</i>{escape(text)} <b>{share:.0%}</b></li>')
    title = _("It worked") if state.is_kept(promises, chances) else _("It did not work")
    return f'<div class="outcome"><strong>{title}</strong><ul>{"".join(marks)}</ul></div>'


def all_examples(history, checkpoint, pictures: Dataset) -> None:
    """The result of each preset, with what the judge sees in it: first those that worked, then those that did not."""
    results = _results(checkpoint, pictures.split) if len(state.presets(pictures)) > 1 else {}
    if not results:
        return
    st.subheader(_("Where it works, and where it fails"), anchor=False)
    promises = {name: state.promise(state.PRESETS[name], chances) for name, (_picture, chances) in results.items()}
    by_outcome = sorted(results, key=lambda name: not state.is_kept(promises[name], results[name][1]))
    for column, name in zip(st.columns(max(len(results), 4)), by_outcome, strict=False):
        picture, chances = results[name]
        with column:
            st.image(picture, width="stretch", alt=_("The result of {title}").format(title=examples()[name]))
            charts.show(outcome(promises[name], chances), CSS)
            st.button(
                examples()[name], key=f"arithmetic example {name}", width="stretch", on_click=_show,
                args=(history, checkpoint, pictures, state.PRESETS[name]),
            )  # fmt: skip


@st.cache_resource(max_entries=6, show_spinner=False, hash_funcs=HASHES)
def _results(checkpoint, split: str) -> dict[str, tuple[np.ndarray, dict[str, float]]]:
    """Preset -> the picture (H, W, C) of its result and what the judge sees in it; of `gallery` with this split."""
    pictures, judge, results = gallery(checkpoint), judge_for(checkpoint), {}
    for name, filters in state.presets(pictures).items():
        fields = state.fields(filters, checkpoint, pictures, judge)
        if judge is None or not all(fields[f"{term}_keys"] for term in TERMS):
            continue
        latent = analogy(*state.terms(checkpoint, Sum(checkpoint.card["name"], **fields)))
        picture = decode(checkpoint.model, latent[None])
        chances = {attribute: values[0] for attribute, values in readings(checkpoint, filters, picture).items()}
        results[name] = (picture[0], chances)
    return results
