"""Guided steps: a few sentences that lead through a page, one at a time, with a ring round what each speaks of.

They stand in the header, where nothing else is, so that they move nothing. A page's steps lie in its folder:

    # pages/faces/guide.py
    def steps() -> list[Step]:
        return [
            Step(_("Drag **Smiling** to the right."), slider("Smiling"), changes=("Smiling",)),
            Step(_("Look at the bars. What changed that nobody asked for?"), ".meter"),
        ]

guide.js draws the ring, notices when a step is done, and remembers in the browser how far the visitor came.
"""

import re
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _
from gen_lab.ui.navigation import FOLDER

_component = component("guide", Path(__file__).parent, "guide")


@dataclass(frozen=True)
class Step:
    """One sentence, in which `**words**` are strong, and what it speaks of: a CSS selector, which finds things inside
    our own controls too.

    A step is done when the visitor changes one of these fields of the page's link by the thing (Undo does not count),
    or presses or moves it. A step that is neither has nothing to do but look, and the visitor goes on with *Next*.
    """

    words: str
    at: str
    changes: tuple[str, ...] = ()
    press: bool = False


def widget(key: str) -> str:
    """The selector of Streamlit's widget with this key. A widget of a page's history has the key "page field"."""
    return ".st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key)


def slider(name: str) -> str:
    """The selector of one slider of the slider control."""
    return f'.row[data-name="{name}"]'


def steps(page: str) -> list[Step]:
    """The steps of a page; none where its folder has no guide.py."""
    return import_module(f"pages.{page}.guide").steps() if (FOLDER / page / "guide.py").is_file() else []


def show(page: str) -> None:
    """The page's guide, in its place in the header."""
    words = {
        "name": _("Guided steps"),
        "count": _("{step} of {steps}"),
        "back": _("Back"),
        "next": _("Next"),
        "skip": _("Skip"),
        "find": _("Show where"),
        "again": _("Show me how"),
        "end": _("That was all. Now it is your turn."),
        "close": _("Close"),
    }
    _component(key="guide", data={"page": page, "steps": [asdict(step) for step in steps(page)], "words": words})
