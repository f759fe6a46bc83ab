"""docs/RESULTS.md is made of the cards."""

import pytest

from gen_lab import registry
from train import table


def test_the_document_is_what_the_shipped_cards_say(monkeypatch, capsys):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS", raising=False)
    assert table.main(["--print"]) == 0
    stale = table.RESULTS.read_text("utf-8") != capsys.readouterr().out
    assert not stale, "a card was changed, or the layout: run python -m train.table"


def test_the_command_writes_the_document(monkeypatch, tmp_path):
    monkeypatch.setattr(table, "RESULTS", tmp_path / "RESULTS.md")
    assert table.main([]) == 0
    assert table.RESULTS.read_text("utf-8") == table.document(registry.cards().values())


def test_every_shipped_model_is_in_it():
    document = table.document(registry.cards().values())
    assert all(f"### `{name}`" in document for name in registry.names())


def test_every_row_of_a_table_has_as_many_cells_as_its_head():
    blocks = table.document(registry.cards().values()).split("\n\n")
    for block in (block.splitlines() for block in blocks if block.startswith("|")):
        assert {line.count(" | ") for line in block} == {block[0].count(" | ")}


def test_what_a_judge_saw_has_a_table_and_a_card_without_it_a_dash():
    shares = {"precision": 0.5, "recall": 0.25, "density": 1.5, "coverage": 0.75}
    metrics = {
        "fd_judge": {"samples": 9.852, "real_floor": 0.0556, "reconstructions": 4.0, "reconstructions_floor": 1.0},
        "fd_lite0": {"samples": 88.0, "real_floor": 12.0, "reconstructions": 80.0, "reconstructions_floor": 10.0},
        "judge_features": {"judge": "judge-x", **shares, "real": dict.fromkeys(shares, 1)},
    }
    cards = [{"name": "a", "data": {"name": "celeba"}, "metrics": metrics}]
    cards.append({"name": "b", "data": {"name": "celeba"}, "metrics": {"fd_lite0": metrics["fd_lite0"]}})
    assert table.by_judge(cards) == {
        "model": ["a"], "judge": ["`judge-x`"], "fd_judge ↓": ["9.85 (0.06)"], "precision ↑": ["0.50 (1.00)"],
        "recall ↑": ["0.25 (1.00)"], "density ↑": ["1.50 (1.00)"], "coverage ↑": ["0.75 (1.00)"],
    }  # fmt: skip
    vaes = table.vaes(cards)
    assert vaes["fd_judge of reconstructions"] == ["4.00 (1.00)", "–"]
    assert vaes["fd_lite0 of reconstructions"] == ["80 (10)", "80 (10)"]


def test_only_digits_are_counted_as_digits():
    seen = {"seen_as": {"brick": 1.0}, "seen_as_of_real": {"brick": 1.0}}
    assert table.digits([{"name": "bricks", "data": {"name": "bricks"}, "metrics": seen}]) == {"": []}


def test_without_cards_it_has_empty_tables():
    assert "| model | data |" in table.document([])


def test_a_broken_card_is_named_and_nothing_is_written(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(table, "RESULTS", tmp_path / "RESULTS.md")
    monkeypatch.setattr(registry, "cards", lambda: {"x": registry.CheckpointError("the card of 'x' is broken")})
    assert table.main([]) == 1
    assert "the card of 'x' is broken" in capsys.readouterr().err
    assert not table.RESULTS.exists()


@pytest.mark.parametrize(("card", "text"), [({}, "–"), ({"metrics": {"kl": -1.25}}, "−1.2")])
def test_a_figure_is_written_with_a_minus_and_a_missing_one_as_a_dash(card, text):
    assert table.number(card, ".1f", "metrics", "kl") == text


def test_sliders_are_compared_where_as_many_pictures_have_flipped():
    place = {"units": 1.5, "others": 0.041, "most": ["Young", 0.09], "identity": 0.3, "pixels": 0.02}
    curves = {"mean difference": {"Blond_Hair": {"at": None}}, "learned": {"Blond_Hair": {"at": place}}}
    (text,) = table.side_effects([{"name": "a", "metrics": {"side_effects": {"curves": curves}}}])
    assert text.splitlines()[-1] == "| Blond Hair | – | 0.041 (Young 0.09) | – | 0.020 |"
