"""`python -m train` lists the recipes; `python -m train RECIPE --help` shows its settings."""

import argparse
import importlib
import pkgutil
import sys
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_origin

import train.recipes
from gen_lab.data import MissingData
from gen_lab.values import plain
from train import loop


def recipes() -> dict:
    """Every module of `train.recipes`, by name."""
    names = [info.name for info in pkgutil.iter_modules(train.recipes.__path__)]
    return {name: importlib.import_module(f"train.recipes.{name}") for name in names}


def presets(recipe) -> dict:
    """A recipe's settings by name: its defaults, and what else its module has, such as `TEXTBOOK`."""
    others = {key.lower(): value for key, value in vars(recipe).items() if type(value) is recipe.Settings}
    return {"default": recipe.Settings(), **others}


def parser(name: str, recipe, preset: str = "default") -> argparse.ArgumentParser:
    """One option per field of the recipe's settings, with its meaning and its default in a preset."""
    settings = presets(recipe)
    options = argparse.ArgumentParser(
        f"python -m train {name}",
        description=recipe.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--preset", choices=settings, default=preset, help="whose values are the other defaults")
    for field in fields(recipe.Settings):
        default = getattr(settings[preset], field.name)
        flag, text = "--" + field.name.replace("_", "-"), f"{field.metadata['help']} (default: {default})"
        kind = plain(field.type)
        if kind is bool:
            options.add_argument(flag, action=argparse.BooleanOptionalAction, default=default, help=text)
        elif get_origin(kind) is tuple:
            item, *others = get_args(kind)
            count = "+" if others == [...] else 1 + len(others)
            options.add_argument(flag, type=plain(item), nargs=count, default=default, help=text)
        else:
            options.add_argument(flag, type=plain(kind), default=default, help=text)
    options.add_argument("--dry-run", action="store_true", help="two steps on the fake data set, nothing is kept")
    options.add_argument("--runs", type=Path, default=loop.RUNS, help="folder for work in progress (default: runs)")
    options.add_argument("--checkpoints", type=Path, help="folder for the finished checkpoint (default: checkpoints)")
    return options


def main(arguments: list[str]) -> int:
    modules = recipes()
    if not arguments or arguments[0] in ("-h", "--help"):
        print("usage: python -m train RECIPE [--help] [settings]\n\nrecipes:")
        for name, module in modules.items():
            print(f"  {name:<16} {module.__doc__.strip().splitlines()[0]}")
        return 0
    name, *rest = arguments
    if name not in modules:
        print(f"no recipe is called '{name}': there are {', '.join(modules)}", file=sys.stderr)
        return 2
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--preset", default="default")
    preset = first.parse_known_args(rest)[0].preset
    options = parser(name, modules[name], preset if preset in presets(modules[name]) else "default")
    values = vars(options.parse_args(rest))
    dry, runs, checkpoints = values.pop("dry_run"), values.pop("runs"), values.pop("checkpoints")
    del values["preset"]
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    try:
        settings = modules[name].Settings(**values)
        if dry:
            with tempfile.TemporaryDirectory() as folder:
                settings = loop.dry_run(settings)
                loop.train(
                    modules[name], settings, runs=Path(folder) / "runs", checkpoints=Path(folder) / "checkpoints"
                )
        else:
            loop.train(modules[name], settings, runs=runs, checkpoints=checkpoints)
    except KeyboardInterrupt:
        return 130
    except (MissingData, RuntimeError, OSError, ArithmeticError, ValueError, ModuleNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
