"""What the commands share that do one thing to each checkpoint they are given."""

import argparse
import sys
from collections.abc import Callable

from gen_lab.checkpoint import CheckpointError
from gen_lab.data import MissingData


def for_each(module: str, description: str | None, kind: str, act: Callable[[str], str], arguments=None) -> int:
    """`python -m <module> NAME [NAME ...]`: acts on each checkpoint and prints what comes of it. `kind` says what a
    NAME may be. Returns the exit status, 1 after an error, whose text says the remedy."""
    parser = argparse.ArgumentParser(
        f"python -m {module}", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help=kind)
    try:
        for name in parser.parse_args(arguments).names:
            print(f"{name}: {act(name)}")
    except (CheckpointError, MissingData, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
