"""The pages, read from `pages/`: a folder each, whose script's docstring begins with `Title: one sentence.`"""

import ast
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "pages"


@dataclass(frozen=True)
class Page:
    name: str  # of its folder, and the page's address
    title: str
    sentence: str
    path: Path


def pages(folder: Path = FOLDER) -> list[Page]:
    """All pages: home first, the others by name."""
    found = []
    for path in folder.glob("*/page.py"):
        first_line = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]
        title, _, sentence = first_line.partition(":")
        found.append(Page(path.parent.name, title.strip() or path.parent.name.capitalize(), sentence.strip(), path))
    return sorted(found, key=lambda page: (page.name != "home", page.name))
