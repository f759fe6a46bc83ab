"""Which lesson the page shows: the teacher's own, one that ships with gen_lab, or one from a link.

    view = View(shipped="autoencoders")
    links.read(View, links.write(view)) == view

The lessons that ship lie in `lessons/`, in the form in which the page saves them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from gen_lab import lessons, links
from gen_lab.lessons import Lesson

FOLDER = Path(__file__).with_name("lessons")


@dataclass(frozen=True)
class View:
    """The teacher's own lesson if both are empty."""

    shipped: str = links.text("")
    lesson: str = links.text("", lessons.LINK)  # packed


def shipped(pages: Collection[str]) -> dict[str, Lesson]:
    """The lessons that ship: name -> lesson, in the order of a course."""
    files = sorted(FOLDER.glob("*.json"))
    return {file.stem.partition("-")[2]: lessons.from_json(file.read_text("utf-8"), pages) for file in files}


def lesson(view: View, own: Lesson, pages: Collection[str]) -> Lesson:
    """The lesson that is shown. Raises ValueError, with the remedy, for one that cannot be."""
    if view.lesson:
        return lessons.unpack(view.lesson, pages)
    if not view.shipped:
        return own
    available = shipped(pages)
    if view.shipped not in available:
        raise ValueError(f"no lesson '{view.shipped}' ships with gen_lab: choose another")
    return available[view.shipped]
