"""The pages, read from the folder `pages/`: one script each, its docstring's first line is `Title: one sentence.`"""

import ast
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "pages"


@dataclass(frozen=True)
class Page:
    name: str  # the script's name, and the page's address
    title: str
    sentence: str
    path: Path


def pages(folder: Path = FOLDER) -> list[Page]:
    """All pages: home first, the others by name."""
    found = []
    for path in folder.glob("*.py"):
        first_line = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]
        title, _, sentence = first_line.partition(":")
        found.append(Page(path.stem, title.strip() or path.stem.capitalize(), sentence.strip(), path))
    return sorted(found, key=lambda page: (page.name != "home", page.name))
