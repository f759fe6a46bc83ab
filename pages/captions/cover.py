"""The control of the occlusion lesson: a part of the picture is covered, and the words change, or do not.

It has no socket. While the rectangle is dragged, the control's fragment reruns, one run at a time and always for the
newest rectangle. The page follows when the hand lets go.
"""

from collections.abc import Callable
from pathlib import Path

from gen_lab.ui.controls.hand import Hand, control
from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _
from pages.captions.control import address, ratio, steps, tables
from pages.captions.state import Captions, Sentence, focus, rectangle
from pages.captions.widgets import Picture, cover_effect

LARGE = 560  # pixels of the picture's longer side: it is sent with every step of a drag

_component = component("cover", Path(__file__).parent, "cover")


def cover_control(
    checkpoint, picture: Picture, sentence: Sentence, state: Captions, *, key: str, on_release: Callable[[dict], None]
) -> None:
    """A picture that is grey within `state.cover`, what the captioner says of it, and how it then reads `sentence`.

    `on_release` gets {"cover"}, and {"word"} if another was chosen, before the page reruns.
    """

    def draw(hand: Hand) -> dict:
        cover = (hand.dragged or hand.state)["cover"]
        reading, reply = sentence, sentence
        if cover:
            reading, reply = cover_effect(checkpoint, picture, sentence, state, cover)
        return {
            "name": picture.name,
            "picture": address(picture, LARGE),
            "ratio": ratio(picture),
            "title": picture.title,
            "steps": steps(sentence),
            "places": [focus(step.attention) for step in sentence.steps],
            "after": [step["probability"] for step in steps(reading)],
            "sums": [sentence.log_probability, reading.log_probability],
            "now": " ".join(reply.words),
            "before": " ".join(sentence.words),
            "covered": bool(cover),
            "table": tables()[state.colours],
            "strength": state.strength,
            "words": _words(),
        }

    control(
        _component,
        {"cover": state.cover, "word": sentence.place(state.word)},
        draw,
        understand=lambda message: _understand(message, sentence),
        on_release=on_release,
        key=key,
    )


def _words() -> dict[str, str]:
    """What the control says in the browser, by what it means."""
    return {
        "pad": _("Picture to cover: arrow keys move the cover, with Shift they change its size, Delete takes it off"),
        "hint": _("Drag over the picture to cover a part of it; drag the grey part to move it."),
        "uncover": _("Uncover"),
        "effects": _("What the cover does to each word"),
        "before": _("It said"),
        "after": _("Covered, it says"),
        "end": _("end of the sentence"),
        "shortEnd": _("(end)"),
        "where": _("Where it looked for “{word}”, with nothing covered"),
        "look": _("Cover where it looked for “{word}”"),
        "sum": _("Log-probability of these words: {before}"),
        "sums": _(
            "Log-probability of these words: {before}; with the cover {after}. The upper bar is the word's probability "
            "before, the lower one with the cover; ▼ and ▲: at least halved or doubled."
        ),
    }


def _understand(message: dict, sentence: Sentence) -> dict | None:
    """The changes, as for `on_release`, in a browser's message; None for a message that makes no sense."""
    sides = [float(side) for side in message["cover"]]
    if len(sides) not in (0, 4) or not all(0 <= side <= 1 for side in sides):
        return None
    changes = {"cover": rectangle(sides) if sides else ()}
    if "word" not in message:
        return changes
    word = message["word"]
    return changes | {"word": word} if type(word) is int and 0 <= word < len(sentence.steps) else None
