"""`python -m bench NAME` measures; the last line it prints is one JSON object. Without a name: what can be measured.

The keyword arguments of a bench's `measure` are its options: `python -m bench soak --minutes 60`."""

import ast
import importlib
import inspect
import json
import sys
from argparse import ArgumentParser
from pathlib import Path

FOLDER = Path(__file__).parent


def benches() -> dict[str, str]:
    """Every bench (a module here with a function `measure() -> dict`) and the first line of its docstring."""
    paths = sorted(path for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    return {path.stem: ast.get_docstring(ast.parse(path.read_text("utf-8"))).partition("\n")[0] for path in paths}


def main() -> None:
    names = benches()
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print("python -m bench NAME, one of\n")
        for name, line in names.items():
            print(f"  {name:<12}{line}")
        sys.exit(len(sys.argv) > 1)
    name, *arguments = sys.argv[1:]
    measure = importlib.import_module(f"bench.{name}").measure
    parser = ArgumentParser(f"python -m bench {name}", description=names[name])
    for option in inspect.signature(measure).parameters.values():
        kind = {"action": "store_true"} if option.default is False else {"type": type(option.default)}
        parser.add_argument(f"--{option.name}", default=option.default, **kind)
    print(json.dumps(measure(**vars(parser.parse_args(arguments)))), flush=True)


if __name__ == "__main__":
    main()
