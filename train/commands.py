"""What the commands share that do one thing to each checkpoint they are given."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from gen_lab.checkpoint import CheckpointError
from gen_lab.data import MissingData
from gen_lab.values import plain


def for_each(
    module: str, description: str | None, kind: str, act: Callable[..., str], arguments=None, settings: Any = None
) -> int:
    """`python -m <module> NAME [NAME ...]`: acts on each checkpoint and prints what comes of it. `kind` says what a
    NAME may be. Returns the exit status, 1 after an error, whose text says the remedy.

    `settings`, if given, is a dataclass. Each of its fields is an option, and `act` takes an instance after the name.
    """
    parser = argparse.ArgumentParser(
        f"python -m {module}", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help=kind)
    for option in fields(settings) if settings else ():
        flag, text = "--" + option.name.replace("_", "-"), f"{option.metadata['help']} (default: {option.default})"
        parser.add_argument(flag, type=plain(option.type), default=option.default, help=text)
    options = vars(parser.parse_args(arguments))
    names = options.pop("names")
    try:
        chosen = (settings(**options),) if settings else ()
        for name in names:
            print(f"{name}: {act(name, *chosen)}")
    except (CheckpointError, MissingData, OSError, ValueError, ArithmeticError, ModuleNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
