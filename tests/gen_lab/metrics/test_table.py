"""The table of generators shows what cards say, and a dash for everything else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen_lab import registry
from gen_lab.metrics import table
from train import table as command

MEASURED = {
    "fd_lite0": {"samples": 87.6, "real_floor": 12.2},
    "precision": 0.654,
    "recall": 0.321,
    "diversity": 0.9,
    "real": {"precision": 0.81, "recall": 0.8, "diversity": 1.0},
    "label_accuracy": 0.987,
    "judge_on_real": 0.9957,
}


def row(monkeypatch, metrics, name="cgan-faces") -> list[str]:
    monkeypatch.setattr(registry, "cards", lambda: {name: {"name": name, "metrics": metrics}})
    (found,) = [line for line in table.markdown().splitlines() if f"`{name}`" in line]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_figures_stand_beside_those_of_real_pictures(monkeypatch):
    expected = ["Faces", "`cgan-faces`", "88 (12)", "0.65 (0.81)", "0.32 (0.80)", "0.90", "98.7% (99.6%)"]
    assert row(monkeypatch, MEASURED) == expected


def test_what_is_missing_or_no_number_is_a_dash(monkeypatch):
    odd = {"fd_lite0": 3, "precision": None, "recall": "<b>1</b>", "diversity": float("nan"), "label_accuracy": True}
    for metrics in ({}, None, [], "x", odd):
        assert row(monkeypatch, metrics)[2:] == ["–"] * 5
    assert row(monkeypatch, {"precision": 0.5})[3] == "0.50"  # without what real pictures score


def test_every_model_has_its_row_without_any_card(monkeypatch, tmp_path):
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    lines = table.markdown().splitlines()
    assert len(lines) == 2 + sum(len(names) for names in table.GROUPS.values())
    assert {line.count("|") for line in lines} == {len(table.COLUMNS) + 3}
    assert lines[1] == "| --- | --- | --- | --- | --- | --- | --- |"
    assert all(line.endswith("| – | – | – | – | – |") for line in lines[2:])
    assert {len(column) for column in table.columns().values()} == {len(lines) - 2}


CARDS = st.recursive(
    st.none() | st.floats() | st.text(), lambda inner: st.dictionaries(st.sampled_from(list(MEASURED)), inner)
)


@given(CARDS)
def test_a_card_that_anybody_edited_breaks_nothing(metrics):
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert len(row(monkeypatch, metrics)) == 2 + len(table.COLUMNS)


def test_the_command_prints_table_and_explanation(monkeypatch, tmp_path, capsys):
    folder = tmp_path / "dcgan-bricks"
    folder.mkdir()
    card = {"name": "dcgan-bricks", "family": "dcgan", "config": {}, "sha256": "", "metrics": MEASURED}
    (folder / "card.json").write_text(json.dumps(card))
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    command.main()
    printed = capsys.readouterr().out
    assert "| Toy bricks | `dcgan-bricks` | 88 (12) |" in printed and "It is not FID" in printed
