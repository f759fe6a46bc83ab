"""Links: a state comes back as it was, and whatever a stranger writes is read within bounds."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen_lab.links import choice, flag, names, number, numbers, read, rest, special, text, whole, within, write


@dataclass(frozen=True)
class State:
    model: str = text()
    seed: int = whole(1, 0, 99)
    step: int | None = whole(None, 0, 9)
    scale: float = number(1.0, -2.0, 2.0)
    moves: tuple[float, ...] = numbers((0.0, 0.0), -3.0, 3.0)
    plane: bool = flag(False)
    method: str = choice("pca", ("pca", "sefa"))
    beta: float = choice(1.0, (0.5, 1.0))
    picture: str = text("cat", 5, always=True)
    keys: tuple[str, ...] = names(("s1", "s2"), r"s\d", least=2, most=3)
    words: tuple[str, ...] = names(between=",")
    half: float = special(0.5, lambda part: within(int(part) / 2, 0, 9), lambda half: str(round(half * 2)), 9)
    others: dict[str, float] = rest(-1.0, 1.0)


states = st.builds(
    State, model=st.text(max_size=100), seed=st.integers(0, 99), step=st.none() | st.integers(0, 9),
    scale=st.floats(-2, 2), moves=st.tuples(st.floats(-3, 3), st.floats(-3, 3)), plane=st.booleans(),
    method=st.sampled_from(["pca", "sefa"]), beta=st.sampled_from([0.5, 1.0]), picture=st.text(max_size=5),
    keys=st.lists(st.sampled_from(["s1", "s7"]), min_size=2, max_size=3).map(tuple),
    words=st.lists(st.sampled_from(["a", "two words", "ü.é"]), max_size=9).map(tuple),
    half=st.integers(0, 18).map(lambda steps: steps / 2),
    others=st.dictionaries(st.sampled_from(["Smiling", "Bald", "x"]), st.floats(0.01, 1)),
)  # fmt: skip


@given(states)
def test_a_link_restores_the_state(state):
    assert read(State, write(state)) == state


def test_what_is_at_its_default_is_left_out():
    assert write(State("m")) == {"model": "m", "picture": "cat"}


def test_a_state_in_a_link_is_short():
    state = State("m", seed=7, scale=0.1, moves=(1.5, -2.0), plane=True, beta=0.5, words=("a", "dog"), others={"x": -1})
    assert write(state) == {"model": "m", "seed": "7", "scale": "0.1", "moves": "1.5,-2", "plane": "1", "beta": "0.5",
                            "picture": "cat", "words": "a,dog", "x": "-1"}  # fmt: skip


BAD = {
    "model": ["x" * 101],
    "seed": ["", "x", "-1", "100", "1.5", "0x10", "9" * 5000, "1e1"],
    "step": ["None", "10", "-1"],
    "scale": ["", "nan", "inf", "1e999", "-2.1", "9" * 400, "1,1"],
    "moves": ["1", "1,2,3", "nan,0", "4,0", "1;2", "9," * 5000],
    "plane": ["", "2", "yes", "True", "01"],
    "method": ["lda", "", "p" * 5000],
    "beta": ["2", "nan", "x"],
    "picture": ["kitten"],
    "keys": ["s1", "", "s1.x2", "s1..s22", "s1." * 5000],
    "half": ["19", "1.5"],
    "Smiling": ["0", "nan", "1.1", "-9", "x"],
    "x" * 5000: ["1"],
}


@pytest.mark.parametrize("name, part", [(name, part) for name, parts in BAD.items() for part in parts],
                         ids=lambda part: part[:12])  # fmt: skip
def test_what_is_malformed_is_left_at_its_default(name, part):
    assert read(State, {name: part}, model="m") == State("m")


def test_names_that_are_malformed_or_too_many_are_left_out():
    assert read(State, {"keys": "s1.evil.s2..s3.s4"}, model="m").keys == ("s1", "s2", "s3")


@given(st.dictionaries(st.sampled_from([*vars(State("m")), "Smiling", "__class__"]), st.text(max_size=200)))
def test_any_link_gives_a_state(query):
    assert read(State, write(read(State, query, model="m"))) == read(State, query, model="m")


def test_a_state_can_be_a_key():
    assert {State("m", others={"x": 0.5}): 1}[State("m", others={"x": 0.5})] == 1
