"""Types that say what may be set, and the sentence that refuses everything else."""

import math
from dataclasses import dataclass
from typing import Literal

import pytest

from gen_lab.values import Count, Decay, Name, NameOrNone, Positive, Share, Widths, check, check_fields

GOOD = [
    (Count, 1),
    (Count, 10**9),
    (Share, 0),
    (Share, 1.0),
    (Decay, 0.999),
    (Positive, 1e-45),
    (Widths, ()),
    (Widths, (8, 16)),
    (tuple[Decay, Decay], (0.5, 0.9)),
    (Literal["adam", "sgd"], "sgd"),
    (Literal[1, 3], 3),
    (bool, True),
    (Name, "vae-digits-beta0.5"),
    (Name, "_1"),
    (Name, "x" * 100),
    (NameOrNone, ""),
    (NameOrNone, "a"),
]
BAD = [
    (Count, 0, "a whole number from 1 to 1,000,000,000"),
    (Count, 1.5, "a whole number from 1"),
    (Count, True, "a whole"),
    (Count, 10**400, "a whole number"),
    (Share, math.nan, "a number from 0 to 1$"),
    (Share, "1", "a number"),
    (Positive, 0.0, "a number above 0"),
    (Positive, math.inf, "a number above 0"),
    (Decay, 1.0, "a number from 0 to less"),
    (Widths, (8, 0), "a whole number from 1"),
    (Widths, (1,) * 17, "16 at most$"),
    (Widths, 8, "a list$"),
    (Widths, ((8,), 8), "a whole number"),
    (tuple[Decay, Decay], (0.5,), "2 of them$"),
    (Literal["adam", "sgd"], "rmsprop", "one of adam, sgd$"),
    (Literal[1, 3], True, "one of 1, 3$"),
    (bool, 1, "true or false"),
    (str, None, "text$"),
    (NameOrNone, "a b", ".*; or nothing$"),
]
NO_NAMES = ["", ".", "..", ".hid", "-x", "../x", "/tmp/x", "a/b", "my run", "é", "x\n", "x" * 101, None, {}]


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_what_fits_passes(kind, value):
    check("value", kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "words"), [*BAD, *((Name, name, "letters from a to z") for name in NO_NAMES)]
)
def test_what_does_not_fit_is_refused_with_what_to_use(kind, value, words):
    with pytest.raises(ValueError, match=f"^value is .*: use {words}") as caught:
        check("value", kind, value)
    assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)


def test_the_first_field_that_does_not_fit_is_named():
    @dataclass
    class Settings:
        steps: Count = 1
        seed: Count = 0

    with pytest.raises(ValueError, match="^--seed is 0: use a whole number"):
        check_fields(Settings(), lambda name: f"--{name}")
