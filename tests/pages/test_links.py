"""The states of all pages: whatever a link says is read as a state that its own link restores."""

import importlib
from dataclasses import fields, is_dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab import links

PAGES = sorted(path.parent.name for path in Path(__file__).parents[2].glob("pages/*/state.py"))
NUMBERS = st.one_of(st.integers(-3, 12_000), st.floats(-3, 5), st.floats(), st.integers()).map(str)
ABSURD = ["9" * 400, "9" * 5000, "1e400", "-0", "-0.0", "1_000", "٣", "²", " 7 ", "0x10", "nan", "\0", "%00", "../x"]
WORDS = st.one_of(
    NUMBERS,
    st.text(max_size=20),
    st.sampled_from(["s1", "d12", "pAAAA-_", "Male", "-Bald", "pca", "beam", "sample", *ABSURD]),
)
PARTS = st.one_of(
    WORDS, st.tuples(st.sampled_from(".,"), st.lists(WORDS, max_size=20)).map(lambda of: of[0].join(of[1]))
)
HUGE = ["1", "9" * 400, "9." * 3000, "1e999", "nan", "-inf", "0x10", "\0", "x" * 100_000, "1," * 50_000]


def state_of(page: str) -> type:
    """The class of a page's state: the one dataclass of its module that is written to links."""
    module = importlib.import_module(f"pages.{page}.state")
    kinds = [each for each in vars(module).values() if is_dataclass(each) and each.__module__ == module.__name__]
    (kind,) = [each for each in kinds if all("form" in one.metadata for one in fields(each))]
    return kind


@pytest.mark.parametrize("page", PAGES)
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_any_link_gives_a_state_that_its_own_link_restores(page, data):
    kind = state_of(page)
    names = st.sampled_from([*(each.name for each in fields(kind)), "Smiling", "__class__", ""])
    query = data.draw(st.dictionaries(names, PARTS))
    model = {"model": "m"} if "model" in [each.name for each in fields(kind)] else {}
    state = links.read(kind, query, **model)
    link = links.write(state)
    again = links.read(kind, dict(parse_qsl(urlencode(link), keep_blank_values=True, strict_parsing=bool(link))))
    assert again == state and hash(again) == hash(state)
    assert links.write(again) == link


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("part", HUGE, ids=lambda part: part[:6])
def test_absurd_links_give_a_state_of_bounded_size(page, part):
    kind = state_of(page)
    others = ["Smiling", *(f"other{number}" for number in range(10_000))]
    query = dict.fromkeys([*(each.name for each in fields(kind)), *others], part) | {"model": "m"}
    assert sum(map(len, links.write(links.read(kind, query)).values())) < 30_000
