"""The control of the occlusion lesson: a part of the picture is covered, and the words change, or do not.

There is no socket to what it says, so while the rectangle is dragged this control's fragment runs, once at a time and
always for the newest rectangle; the page follows when the hand lets go.
"""

from collections.abc import Callable
from pathlib import Path

from gen_lab.ui.controls.hand import Hand, control
from gen_lab.ui.controls.modules import component
from pages.captions import widgets as captions
from pages.captions.control import address, ratio, steps, tables
from pages.captions.state import Captions, Sentence, rectangle, where
from pages.captions.widgets import Shown

LARGE = 560  # pixels of the picture's longer side: it is sent with every step of a drag

_component = component("cover", Path(__file__).parent, "cover")


def cover_control(
    checkpoint, shown: Shown, sentence: Sentence, state: Captions, *, key: str, on_release: Callable[[dict], None]
) -> None:
    """A picture of which a part, `state.cover`, is grey; what the captioner says then, and what it makes of `sentence`.

    `on_release` gets {"cover"}, and {"word"} where another was chosen, before the page reruns.
    """

    def draw(hand: Hand) -> dict:
        cover = (hand.dragged or hand.state)["cover"]
        after, now = captions.covering(checkpoint, shown, sentence, state, cover) if cover else (sentence, sentence)
        return {
            "name": shown.name,
            "picture": address(shown, LARGE),
            "ratio": ratio(shown),
            "title": shown.title,
            "steps": steps(sentence),
            "places": [where(step.attention) for step in sentence.steps],
            "after": [step["probability"] for step in steps(after)],
            "sums": [sentence.log_probability, after.log_probability],
            "now": " ".join(now.words),
            "before": " ".join(sentence.words),
            "covered": bool(cover),
            "table": tables()[state.colours],
            "strength": state.strength,
        }

    control(
        _component,
        {"cover": state.cover, "word": sentence.place(state.word)},
        draw,
        understand=lambda message: _understand(message, sentence),
        on_release=on_release,
        key=key,
    )


def _understand(message: dict, sentence: Sentence) -> dict | None:
    """What has changed, as for `on_release`, in a browser's message."""
    sides = [float(side) for side in message["cover"]]
    if len(sides) not in (0, 4) or not all(0 <= side <= 1 for side in sides):
        return None
    changes = {"cover": rectangle(sides) if sides else ()}
    if "word" not in message:
        return changes
    word = message["word"]
    return changes | {"word": word} if type(word) is int and 0 <= word < len(sentence.steps) else None
