"""What a page shows, as the query parameters of its link: written, and read again from a stranger's hand.

A page's state is a frozen dataclass; each field says how it is read, written and bounded, and what it is by default:

    @dataclass(frozen=True)
    class State:
        model: str = text()  # no default: always in the link
        seed: int = whole(1, 0, SEEDS - 1)
        moves: tuple[float, ...] = numbers((0.0, 0.0), -3.0, 3.0)

    write(State("vae-faces", seed=7)) == {"model": "vae-faces", "seed": "7"}
    read(State, {"seed": "7", "moves": "nan,1"}, model="vae-faces") == State("vae-faces", seed=7)

What is at its default is left out of a link. What is malformed, out of range or absurdly long is left at its default.
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
    for each in fields(state):
        form, value = each.metadata["form"], getattr(state, each.name)
        if form.is_rest:
            query |= {name: form.write(each) for name, each in value.items() if each}
        elif form.always or value != each.default:
            query[each.name] = form.write(value)
    return query


def read(kind: type[State], query: dict[str, str], **defaults) -> State:
    """The state of this kind that a link's query parameters describe; `defaults` go before the fields' own."""
    forms = {each.name: each.metadata["form"] for each in fields(cast(Any, kind))}
    for name, form in forms.items():
        if form.is_rest:
            others = {key: query[key] for key in query if key not in forms and len(key) <= LONGEST}
            values = {key: _value(form, part) for key, part in others.items()}
            defaults[name] = {key: value for key, value in values.items() if value}
        elif name in query and (value := _value(form, query[name])) is not None:
            defaults[name] = value
    return kind(**defaults)


def _value(form: _Form, part: str):
    try:
        return form.read(part) if len(part) <= form.longest else None
    except (ValueError, OverflowError):
        return None


# -- what fields can be ------------------------------------------------------------------------------------------------


def special(default, parse: Callable[[str], Any], form: Callable[[Any], str], longest: int, always: bool = False):
    """A field that is written and read in a way of its own. `parse` raises ValueError for what is malformed."""
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
    """As many numbers as there are in the default, low .. high, with commas between them."""

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
    default: tuple[str, ...] = (), pattern: str = ".+", least: int = 0, most: int = 100, longest: int = 2000,
    between: str = ".", always: bool = False,
):  # fmt: skip
    """Names with dots between them, or something else. Those that are malformed are left out, and those after the first
    `most`; `least` or more have to be left."""
    form = re.compile(pattern, re.ASCII | re.DOTALL)

    def parse(parts: str) -> tuple[str, ...]:
        fitting = tuple(part for part in parts.split(between) if form.fullmatch(part))[:most]
        if len(fitting) < least:
            raise ValueError(f"{least} names or more")
        return fitting

    return special(default, parse, between.join, longest, always)


def rest(low: float, high: float):
    """Numbers by name, low .. high, other than zero: each is a parameter of its own, of a name that no field has."""
    form = _Form(lambda part: within(float(part), low, high), digits, NUMBER, is_rest=True)
    return field(default_factory=dict, hash=False, metadata={"form": form})


# -- for fields with a way of their own --------------------------------------------------------------------------------


def within(value, low, high):
    """The value. Raises ValueError if it is not low .. high, as NaN never is."""
    if not low <= value <= high:
        raise ValueError(f"a number from {low:g} to {high:g}")
    return value


def floats(parts: str, count: int) -> tuple[float, ...]:
    """So many finite numbers with commas between them. Raises ValueError for anything else."""
    values = tuple(map(float, parts.split(",")))
    if len(values) != count or not all(map(math.isfinite, values)):
        raise ValueError(f"{count} numbers")
    return values


def joined(values: tuple[float, ...]) -> str:
    """Numbers with commas between them."""
    return ",".join(map(digits, values))


def digits(value: float) -> str:
    """A number as short as it can be written and read again: 0.1, 2, -1.5."""
    return str(value).removesuffix(".0")
