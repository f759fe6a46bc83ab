"""`python -m train` lists the recipes; `python -m train RECIPE --help` shows its settings."""

import argparse
import importlib
import pkgutil
import sys
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_origin

import train
from gen_lab.data import MissingData
from train import loop


def recipes() -> dict:
    """Every module of `train` that has `steps`, by name."""
    names = [info.name for info in pkgutil.iter_modules(train.__path__) if info.name != "__main__"]
    modules = {name: importlib.import_module(f"train.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "steps")}


def parser(name: str, recipe) -> argparse.ArgumentParser:
    """One option per field of the recipe's settings, with its meaning and default."""
    options = argparse.ArgumentParser(
        f"python -m train {name}",
        description=recipe.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for field in fields(recipe.Settings):
        flag, text = "--" + field.name.replace("_", "-"), f"{field.metadata['help']} (default: {field.default})"
        if field.type is bool:
            options.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default, help=text)
        elif get_origin(field.type) is tuple:
            kind = get_args(field.type)[0]
            options.add_argument(flag, type=kind, nargs="+", default=field.default, help=text)
        else:
            options.add_argument(flag, type=field.type, default=field.default, help=text)
    options.add_argument("--dry-run", action="store_true", help="two steps on the fake data set, nothing is kept")
    options.add_argument("--runs", type=Path, default=loop.RUNS, help="folder for work in progress (default: runs)")
    options.add_argument("--checkpoints", type=Path, help="folder for the finished checkpoint (default: checkpoints)")
    return options


def main(arguments: list[str]) -> int:
    known = recipes()
    if not arguments or arguments[0] in ("-h", "--help"):
        print("usage: python -m train RECIPE [--help] [settings]\n\nrecipes:")
        for name, module in known.items():
            print(f"  {name:<16} {module.__doc__.strip().splitlines()[0]}")
        return 0
    name, *rest = arguments
    if name not in known:
        print(f"no recipe is called '{name}': there are {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = vars(parser(name, known[name]).parse_args(rest))
    dry, runs, checkpoints = chosen.pop("dry_run"), chosen.pop("runs"), chosen.pop("checkpoints")
    chosen = {key: tuple(value) if isinstance(value, list) else value for key, value in chosen.items()}
    settings = known[name].Settings(**chosen)
    try:
        if dry:
            with tempfile.TemporaryDirectory() as folder:
                settings = loop.dry_run(settings)
                loop.train(known[name], settings, runs=Path(folder) / "runs", checkpoints=Path(folder) / "checkpoints")
        else:
            loop.train(known[name], settings, runs=runs, checkpoints=checkpoints)
    except KeyboardInterrupt:
        return 130
    except (MissingData, RuntimeError, OSError, ArithmeticError, ValueError, ModuleNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
