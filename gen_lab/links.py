"""What a page shows, as the query parameters of its link. They are written here, and read back with suspicion.

A page's state is a frozen dataclass. Each field says how it is read, written and bounded, and has a default:

    @dataclass(frozen=True)
    class State:
        model: str = text()  # no default: always in the link
        seed: int = whole(1, 0, SEEDS - 1)
        moves: tuple[float, ...] = numbers((0.0, 0.0), -3.0, 3.0)

    write(State("vae-faces", seed=7)) == {"model": "vae-faces", "seed": "7"}
    read(State, {"seed": "7", "moves": "nan,1"}, model="vae-faces") == State("vae-faces", seed=7)

Fields at their default are left out of a link. Values that are malformed, out of range or far too long are ignored.
Whether a model has such a class, or a data set such a picture, is for the page to check.
"""

import math
import re
from collections.abc import Callable, Collection
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, cast

SEEDS = 1_000_000  # that a link can name
NUMBER = 30  # characters of a number
LONGEST = 100  # of a name or another word
MOST = 100  # numbers by name, or names in a list
State = TypeVar("State")


@dataclass(frozen=True)
class _Form:
    """How a field's value becomes a parameter, and a parameter of at most `longest` characters the value."""

    read: Callable[[str], Any]  # raises ValueError
    write: Callable[[Any], str]
    longest: int
    always: bool = False  # written at its default too
    is_rest: bool = False  # a dictionary of all parameters that no other field reads, not one value


def write(state) -> dict[str, str]:
    """A state as query parameters."""
    query = {}
    for item in fields(state):
        form, value = item.metadata["form"], getattr(state, item.name)
        if form.is_rest:
            query |= {name: form.write(number) for name, number in value.items() if number}
        elif form.always or value != item.default:
            query[item.name] = form.write(value)
    return query


def read(kind: type[State], query: dict[str, str], **defaults) -> State:
    """The state of this kind that a link's query parameters describe. `defaults` override the fields' own defaults."""
    forms = {item.name: item.metadata["form"] for item in fields(cast(Any, kind))}
    for name, form in forms.items():
        if form.is_rest:
            others = [key for key in query if key not in forms and len(key) <= LONGEST][:MOST]
            values = {key: _value(form, query[key]) for key in others}
            defaults[name] = {key: value for key, value in values.items() if value}
        elif name in query and (value := _value(form, query[name])) is not None:
            defaults[name] = value
    return kind(**defaults)


def _value(form: _Form, part: str):
    try:
        return form.read(part) if len(part) <= form.longest else None
    except (ValueError, OverflowError):
        return None


# -- kinds of fields --------------------------------------------------------------------------------------------------


def special(default, parse: Callable[[str], Any], form: Callable[[Any], str], longest: int, always: bool = False):
    """A field with its own way of writing and reading. `parse` raises ValueError for malformed text."""
    return field(default=default, metadata={"form": _Form(parse, form, longest, always)})


def text(default=MISSING, longest: int = LONGEST, always: bool = False):
    """Any text."""
    return special(default, str, str, longest, always)


def whole(default: int | None, low: int, high: int):
    """A whole number, low .. high; None is a default that cannot be written."""
    return special(default, lambda part: within(int(part), low, high), str, NUMBER)


def number(default: float, low: float, high: float):
    """A number, low .. high."""
    return special(default, lambda part: within(float(part), low, high), digits, NUMBER)


def numbers(default: tuple[float, ...], low: float, high: float):
    """As many numbers as the default has, low .. high, separated by commas."""

    def parse(parts: str) -> tuple[float, ...]:
        return tuple(within(value, low, high) for value in floats(parts, len(default)))

    return special(default, parse, joined, NUMBER * len(default))


def flag(default: bool):
    """Yes or no: 1 or 0."""
    return special(default, lambda digit: bool(("0", "1").index(digit)), "{:d}".format, 1)


def choice(default, options: Collection, always: bool = False):
    """One of the options, which are texts or numbers, as the default is."""

    def parse(part: str):
        option = type(default)(part)
        if option not in options:
            raise ValueError(f"one of {', '.join(map(str, options))}")
        return option

    return special(default, parse, str if isinstance(default, str) else digits, LONGEST, always)


def names(
    default: tuple[str, ...] = (), pattern: str = ".+", least: int = 0, most: int = MOST, longest: int = 2000,
    between: str = ".", always: bool = False,
):  # fmt: skip
    """Names, separated by dots or by `between`. Malformed names are dropped, and those after the first `most`; at least
    `least` must remain."""
    form = re.compile(pattern, re.ASCII | re.DOTALL)

    def parse(parts: str) -> tuple[str, ...]:
        fitting = tuple(part for part in parts.split(between) if form.fullmatch(part))[:most]
        if len(fitting) < least:
            raise ValueError(f"{least} names or more")
        return fitting

    return special(default, parse, between.join, longest, always)


def rest(low: float, high: float):
    """Numbers by name, low .. high, other than zero: each is its own parameter, with a name that no field has."""
    form = _Form(lambda part: within(float(part), low, high), digits, NUMBER, is_rest=True)
    return field(default_factory=dict, hash=False, metadata={"form": form})


# -- for `special` fields ----------------------------------------------------------------------------------------------


def within(value, low, high):
    """The value, and 0 for -0. Raises ValueError if it is not low .. high, as NaN never is."""
    if not low <= value <= high:
        raise ValueError(f"a number from {low:g} to {high:g}")
    return value + 0


def floats(parts: str, count: int) -> tuple[float, ...]:
    """`count` finite numbers, separated by commas. Raises ValueError for anything else."""
    values = tuple(map(float, parts.split(",")))
    if len(values) != count or not all(map(math.isfinite, values)):
        raise ValueError(f"{count} numbers")
    return values


def joined(values: tuple[float, ...]) -> str:
    """Numbers, separated by commas."""
    return ",".join(map(digits, values))


def digits(value: float) -> str:
    """A number in its shortest exact form: 0.1, 2, -1.5."""
    return str(value).removesuffix(".0")
