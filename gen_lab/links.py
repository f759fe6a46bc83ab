"""What a page shows, as the query parameters of its link: written, and read again from a stranger's hand."""

from collections.abc import Callable

SEEDS = 1_000_000  # that a link can name


def written(state, default, always: tuple[str, ...] = ()) -> dict[str, str]:
    """The fields of a dataclass that are not as in `default`, and those of `always`, as query parameters."""
    changed = {name: value for name, value in vars(state).items() if name in always or value != getattr(default, name)}
    return {name: _text(value) for name, value in changed.items()}


def _text(value) -> str:
    if isinstance(value, tuple):
        return ",".join(_text(each) for each in value)
    return str(int(value)) if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def read(query: dict[str, str], readers: dict[str, Callable]) -> dict:
    """What each reader makes of the parameter of its name; one that is missing or that it refuses is left out."""
    found = {}
    for name, reader in readers.items():
        try:
            if name in query:
                found[name] = reader(query[name])
        except (ValueError, OverflowError):
            pass
    return found


def one_of(value, known):
    """The value. Raises ValueError if it is none of `known`."""
    if value not in known:
        raise ValueError(f"one of {', '.join(map(str, known))}")
    return value


def flag(text: str) -> bool:
    """A yes or no. Raises ValueError for anything else."""
    return one_of(text, ("0", "1")) == "1"


def seed(text: str) -> int:
    """A seed, brought into 0 .. `SEEDS` - 1. Raises ValueError for what is no whole number."""
    return min(max(int(text[:9]), 0), SEEDS - 1)


def numbers(text: str, count: int, low: float, high: float) -> tuple[float, ...]:
    """So many numbers, brought into their range. Raises ValueError for NaN and for another count."""
    found = [float(part) for part in text[:400].split(",")]
    if len(found) != count or any(number != number for number in found):
        raise ValueError(f"{count} numbers from {low:g} to {high:g}")
    return tuple(min(max(number, low), high) for number in found)
