"""Values that people set on the command line, and models on their cards: types that say what is allowed, and the check.

    @dataclass(frozen=True)
    class Settings:
        steps: Count = 1000                            # a whole number from 1 to 1,000,000,000
        betas: tuple[Decay, Decay] = (0.5, 0.999)
        critic: Literal["pixels", "projected"] = "pixels"

    check_fields(Settings(steps=-5))                   # ValueError: steps is -5: use a whole number from 1 to ...

To a type checker `Count` is `int`.
"""

import re
import reprlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_args, get_origin


@dataclass(frozen=True)
class Rule:
    """What a value of a type must be besides."""

    allows: Callable[[Any], object]  # true if it does
    words: str


def whole(least: int, most: int) -> Rule:
    return Rule(lambda value: least <= value <= most, f"a whole number from {least:,} to {most:,}")


def at_most(count: int) -> Rule:
    return Rule(lambda values: len(values) <= count, f"{count:,} at most")


Count = Annotated[int, whole(1, 10**9)]  # of steps, say
Natural = Annotated[int, whole(0, 10**9)]
Seed = Annotated[int, whole(0, 10**9)]
Width = Annotated[int, whole(1, 16_384)]  # of a layer
Widths = Annotated[tuple[Width, ...], at_most(16)]
Side = Annotated[int, whole(1, 4096)]  # of a picture, in pixels
Channels = Literal[1, 3]
Few = Annotated[int, whole(1, 64)]
Share = Annotated[float, Rule(lambda value: 0 <= value <= 1, "a number from 0 to 1")]
Decay = Annotated[float, Rule(lambda value: 0 <= value < 1, "a number from 0 to less than 1")]
Weight = Annotated[float, Rule(lambda value: 0 <= value <= 1e9, "a number from 0 to a billion")]
Positive = Annotated[float, Rule(lambda value: 0 < value <= 1e9, "a number above 0, up to a billion")]
Names = Annotated[tuple[str, ...], at_most(1000)]
Name = Annotated[  # of a checkpoint, and so of a folder
    str,
    Rule(
        re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}").fullmatch,
        "letters from a to z, digits, '_', '-' and '.', up to 100, of which the first is a letter, a digit or '_'",
    ),
]
NameOrNone = Annotated[
    str, Rule(lambda value: not value or get_args(Name)[1].allows(value), get_args(Name)[1].words + "; or nothing")
]


def check(label: str, kind: Any, value: Any) -> None:
    """Raises ValueError, with what to use instead, unless a value is of a type as above, a plain one, or a tuple."""
    if words := remedy(kind, value):
        raise ValueError(f"{label} is {reprlib.repr(value)}: use {words}")


def check_fields(instance, label: Callable[[str], str] = str) -> None:
    """Raises ValueError for the first field of a dataclass's instance that is not of its type."""
    for field in fields(instance):
        check(label(field.name), field.type, getattr(instance, field.name))


def plain(kind: Any) -> Any:
    """A type without its rule or its choices."""
    if get_origin(kind) is Literal:
        return type(get_args(kind)[0])
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def remedy(kind: Any, value: Any) -> str | None:
    """What to use instead of a value that is not of a type; None for one that is."""
    if get_origin(kind) is Annotated:
        base, rule = get_args(kind)
        words = remedy(base, value)
        if words and get_origin(base) is tuple:  # of a part of it
            return words
        return rule.words if words or not rule.allows(value) else None
    if get_origin(kind) is Literal:
        fits = any(type(value) is type(choice) and value == choice for choice in get_args(kind))
        return None if fits else "one of " + ", ".join(map(str, get_args(kind)))
    if get_origin(kind) is tuple:
        if type(value) is not tuple:
            return "a list"
        kinds = get_args(kind)
        kinds = kinds[:1] * len(value) if kinds[-1] is ... else kinds
        if len(kinds) != len(value):
            return f"{len(kinds)} of them"
        return next(filter(None, map(remedy, kinds, value)), None)
    fits = type(value) is kind or (kind is float and type(value) is int)
    return None if fits else {int: "a whole number", float: "a number", str: "text", bool: "true or false"}[kind]
