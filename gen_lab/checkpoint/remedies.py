"""The commands that bring back a checkpoint, or one of its files, derived from its name and its card.

Git restores what it tracks. Everything else is trained again: by the recipe of the same name, as in
`train/recipes/variants.toml`, or as the card says.
"""

import shlex
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]  # the folder of gen_lab, where commands are typed


def checkpoint(folder: Path, card: dict | None = None) -> list[str]:
    """What brings back a whole checkpoint: git, and its training. Empty if neither knows it."""
    return [*restoring(folder), *training(folder.name, card or {})]


def file(path: Path, module: str) -> list[str]:
    """What brings back one file of a checkpoint: git, and the module that makes it, such as train.atlas."""
    return [*restoring(path), shlex.join(["python", "-m", module, path.parent.name])]


def restoring(path: Path) -> list[str]:
    """Git's command for a file or folder that it tracks in this repository."""
    path = Path(path).resolve()
    if not path.is_relative_to(ROOT):
        return []
    place = path.relative_to(ROOT).as_posix()
    try:
        tracked = subprocess.run(["git", "-C", ROOT, "ls-files", "--", place], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):  # no git, or no repository
        return []
    return [shlex.join(["git", "checkout", "--", place])] if tracked else []


def training(name: str, card: dict) -> list[str]:
    """The command that trains a checkpoint of this name. The `card` helps if no recipe has that name."""
    recipes = ROOT / "train" / "recipes"
    variants = tomllib.loads((recipes / "variants.toml").read_text("utf-8"))
    if name in variants:
        return [f"python -m train {variants[name]}"]
    stems = [path.stem for path in recipes.glob("[a-z]*.py")]
    recipe, settings = name.replace("-", "_"), card.get("settings")
    if recipe in stems:
        return [f"python -m train {recipe}"]
    if card.get("recipe") in stems and isinstance(settings, dict):
        options = [option for field, value in {**settings, "name": name}.items() for option in _option(field, value)]
        return [shlex.join(["python", "-m", "train", card["recipe"], *options])]
    return []


def _option(field: str, value) -> list[str]:
    """A recipe's setting as its card has it, for the command line."""
    flag = field.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{flag}" if value else f"--no-{flag}"]
    values = value if isinstance(value, list) else [value]
    return [f"--{flag}", *map(str, values)] if values else []
