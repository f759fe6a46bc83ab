"""The verdicts of the Novelty page in words."""

import pytest

from pages.novelty.state import SOURCES
from pages.novelty.verdict import evidence, sources, summary, text

INNOCENT, CAUGHT, TYPICAL = {"closer": 0.01, "p": 0.5}, {"closer": 0.6, "p": 0.0}, {"closer": 0.01, "p": 0.0}


def test_every_source_has_a_name():
    assert tuple(sources()) == SOURCES


@pytest.mark.parametrize(
    ("decision", "says"),
    [
        ("same", "**This is a training picture**"),
        ("pixels near", "**Pixels alone cannot tell**"),
        ("pixels", "**Pixels alone cannot tell**"),
        ("copy", "**This looks like a copy.**"),
        ("moved", "**This looks like a copy that was moved"),
        ("near", "**Near by pixels alone.**"),
        ("undecided", "**Undecided.**"),
        ("powerless", "**This check cannot tell.**"),
        ("strange", "**No sign of copying, but strange.**"),
        ("new", "**No sign of copying.** Real pictures"),
    ],
)
def test_every_verdict_has_its_words(decision, says):
    assert text(decision, 0.6).startswith(says)


@pytest.mark.parametrize("decision", ["powerless", "new"])
def test_a_verdict_that_rests_on_the_checks_power_names_it(decision):
    assert "60%" in text(decision, 0.6) and "nan%" in text(decision, float("nan"))


def test_the_evidence_is_a_line_for_each_space():
    lines = evidence({"pixels": 0.25, "features": 0.5}, {"pixels": 1000, "features": 2000}).split("\n")
    assert lines[0].startswith("- By **pixels**, 75% of 1,000 held-out")
    assert lines[1].startswith("- By **features of the judge**, 50% of 2,000 held-out")


@pytest.mark.parametrize(
    ("pixels", "features", "says"),
    [
        (INNOCENT, {}, "**Pixels alone cannot tell.** By pixels, 1.0% of the samples"),
        (INNOCENT, {"model": INNOCENT, "memoriser": CAUGHT}, "**No sign of copying.** By features of the judge, 1.0%"),
        (INNOCENT, {"model": CAUGHT, "memoriser": CAUGHT}, "**Many samples are too near.**"),
        (INNOCENT, {"model": INNOCENT, "memoriser": TYPICAL}, "Only their C_T gives them away."),
        (TYPICAL, {"model": INNOCENT, "memoriser": CAUGHT}, "By pixels the samples are nearer as a rule"),
    ],
)
def test_the_summary_of_a_whole_model_names_the_shares(pixels, features, says):
    entry = {"pixels": {"model": pixels, "memoriser": CAUGHT}}
    assert says in summary(entry | ({"features": features} if features else {}))
