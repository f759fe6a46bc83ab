"""The table of generators shows what cards say, and a dash for everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen_lab import registry
from gen_lab.metrics import table

MEASURED = {
    "fd_judge": {"samples": 9.852, "real_floor": 0.0556},
    "fd_lite0": {"samples": 87.6, "real_floor": 12.2},
    "precision": 0.654,
    "recall": 0.321,
    "diversity": 0.9,
    "real": {"precision": 0.81, "recall": 0.8, "diversity": 1.0},
    "label_accuracy": 0.987,
    "judge_on_real": 0.9957,
}


def card(metrics=MEASURED, name="cgan-faces", data="celeba", **entries) -> dict:
    return {"name": name, "data": {"name": data}, "metrics": metrics, **entries}


def rows(monkeypatch, *cards) -> list[list[str]]:
    monkeypatch.setattr(registry, "cards", lambda: dict(enumerate(cards)))
    return [list(row) for row in zip(*table.columns().values(), strict=True)]


def test_figures_stand_beside_those_of_real_pictures(monkeypatch):
    expected = ["Faces", "cgan-faces", "9.85 (0.06)", "88 (12)", "0.65 (0.81)", "0.32 (0.80)", "0.90", "98.7% (99.6%)"]
    assert rows(monkeypatch, card()) == [expected]


def test_what_is_missing_or_no_number_is_a_dash(monkeypatch):
    odd = {"fd_judge": "9", "fd_lite0": 3, "recall": "<b>1</b>", "diversity": float("nan"), "label_accuracy": True}
    for metrics in ({"precision": 0.5}, odd | {"precision": 0.5}):
        assert rows(monkeypatch, card(metrics))[0][2:] == ["–", "–", "0.50", "–", "–", "–"]


def test_a_card_from_before_there_was_fd_judge_has_its_other_figures(monkeypatch):
    (row,) = rows(monkeypatch, card({key: value for key, value in MEASURED.items() if key != "fd_judge"}))
    assert row[2:4] == ["–", "88 (12)"]


def test_only_what_was_measured_has_a_row_and_no_run_that_failed_on_purpose(monkeypatch):
    for metrics in ({}, None, [], "x", {"precision": None}):
        assert rows(monkeypatch, card(metrics), card(lesson="mode collapse"), registry.CheckpointError("broken")) == []


def test_models_of_the_same_pictures_stand_together(monkeypatch):
    cards = [card(name=name, data=data) for name, data in zip("abcd", ("new", "mnist", "celeba", "mnist"), strict=True)]
    assert [row[:2] for row in rows(monkeypatch, *cards)] == [
        ["Faces", "c"], ["Digits", "b"], ["Digits", "d"], ["new", "a"],
    ]  # fmt: skip


def test_without_any_card_the_table_is_empty(monkeypatch, tmp_path):
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    assert table.columns() == {title: [] for title in ("pictures", "model", *table.COLUMNS)}


CARDS = st.recursive(
    st.none() | st.floats() | st.text(),
    lambda inner: st.dictionaries(st.sampled_from([*MEASURED, "name", "data", "metrics"]), inner),
)


@given(CARDS, CARDS)
def test_a_card_that_anybody_edited_breaks_nothing(metrics, edited):
    with pytest.MonkeyPatch.context() as monkeypatch:
        for row in rows(monkeypatch, card(metrics), edited):
            assert all(isinstance(cell, str) for cell in row)
