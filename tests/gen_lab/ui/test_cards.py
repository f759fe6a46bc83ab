"""A model's card for readers."""

import pytest
from streamlit.testing.v1 import AppTest

from gen_lab import registry
from gen_lab.ui import cards

CARDS = {name: card for name, card in registry.cards().items() if isinstance(card, dict)}


def show(card: dict) -> AppTest:
    def script():
        import streamlit as st

        from gen_lab.ui import cards

        cards.show(st.session_state["card"])

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["card"] = card
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("name", CARDS)
def test_a_shipped_card_is_five_lines_in_plain_words(name):
    app = show(CARDS[name])
    lines = app.table[0].value.to_numpy().ravel().tolist()
    assert len(lines) == 5 and not app.warning
    assert not any(raw in " ".join(lines) for raw in ("lite0", "e+", "e-0", "threads"))


def test_the_rest_is_folded():
    app = show(CARDS["vae-faces"])
    assert [(expander.label, expander.proto.expanded) for expander in app.expander] == [
        ("What was tried", False), ("Everything on the card", False),
    ]  # fmt: skip


def test_what_was_measured_is_said_with_what_real_pictures_score():
    metrics = {"precision": 0.5451, "real": {"precision": 0.7188}}
    assert cards.figures({"metrics": metrics}) == ["55% of its pictures look like real ones (of real ones, 72% do)"]


def test_what_looks_real_is_said_as_the_judge_sees_it_where_it_has_looked():
    of_judge = {"precision": 0.7398, "real": {"precision": 0.9238}}
    metrics = {"precision": 0.5451, "real": {"precision": 0.7188}, "judge_features": of_judge}
    assert cards.figures({"metrics": metrics}) == ["74% of its pictures look like real ones (of real ones, 92% do)"]


@pytest.mark.parametrize("change", [{"data": None}, {"seconds": "long"}, {"steps": "many"}, {"metrics": [1]}])
def test_a_card_that_is_not_in_order_is_shown_all_the_same(change):
    app = show(CARDS["vae-avatars"] | change)
    assert "not in order" in app.warning[0].value and app.json


def test_a_card_in_a_few_words():
    assert cards.summary(CARDS["cgan-digits"]) == "Conditional GAN, trained on mnist"
    assert cards.summary({"family": "x", "data": 7}) == "x, trained on unknown data"
