"""The control of a caption: a picture, the sentence about it, and where the model looked for each of its words.

The browser gets a sentence's attention once, 49 numbers a word, and asks for nothing while the reader goes through the
words or changes how the attention looks. When the hand comes to rest the page reruns, so that the link follows. A whole
sentence is found in some tens of milliseconds, sooner than messages could bring its words one by one: so they are sent
together, and the browser lets them come in the order in which they were found.
"""

import base64
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from gen_lab.images import encode
from gen_lab.models.parts.text import SPECIAL
from gen_lab.ui.controls.hand import Hand, control
from gen_lab.ui.controls.modules import component
from pages.captions.pictures import COLOURS
from pages.captions.state import LONGEST, Captions, Sentence, alt_text
from pages.captions.widgets import CAPTION_HASHES, Shown, names, picture

LARGE, SMALL = 900, 112  # pixels of the longer side of the picture, and of the shorter one in the gallery

_component = component("caption", Path(__file__).parent, "control")


def caption_control(
    sentence: Sentence, shown: Shown, state: Captions, *, key: str, on_change: Callable[[dict], None]
) -> None:
    """A sentence about a picture, at the word and in the look of `state`.

    `on_change` gets what the user changed, before the page reruns: {"word", "strength", "colours"}, {"prefix", "word"}
    for another word in a word's place, or {"picture"}: a name, or None where the user wants to bring one.
    """

    def draw(hand: Hand) -> dict:
        return {
            "picture": address(shown, LARGE),
            "ratio": ratio(shown),
            "title": shown.title,
            "credit": shown.credit,
            "name": shown.name,
            "gallery": [_thumbnail(picture(name)) for name in names()],
            "steps": steps(sentence),
            "chosen": len(state.prefix),
            "longest": LONGEST,
            "alt": alt_text(sentence.words),
            "tables": tables(),
        }

    control(
        _component,
        {"word": sentence.place(state.word), "strength": state.strength, "colours": state.colours},
        draw,
        understand=lambda message: _understand(message, sentence),
        on_release=on_change,
        key=key,
    )


def steps(sentence: Sentence) -> list[dict]:
    """The words for the browser: each with its probability, its attention row by row, and what was as likely."""
    return [
        {
            "word": step.word,
            "probability": round(math.exp(step.log_probability), 5),
            "attention": [round(weight, 5) for weight in step.attention.flatten().tolist()],
            "size": list(step.attention.shape),
            "alternatives": [[word, round(probability, 5)] for word, probability in step.alternatives],
        }
        for step in sentence.steps
    ]


def ratio(shown: Shown) -> float:
    """Width over height of the place for a picture: its own, unless it is a mere line."""
    height, width = shown.pixels.shape[:2]
    return round(min(max(width / height, 1 / 3), 3), 4)


@st.cache_data(max_entries=1, show_spinner=False)
def tables() -> dict[str, str]:
    """The colour maps for the browser, 256 colours each."""
    return {name: base64.b64encode(np.asarray(table, np.uint8).tobytes()).decode() for name, table in COLOURS.items()}


@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs=CAPTION_HASHES)
def address(shown: Shown, longest: int) -> str:
    """A picture as the address of an HTML image, its longer side at most so many pixels."""
    photo = Image.fromarray(shown.pixels)
    photo.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    jpeg = encode(np.asarray(photo), "JPEG", quality=90)  # a tenth of the time that a WebP takes
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def _thumbnail(shown: Shown) -> dict[str, str]:
    short, long = sorted(shown.pixels.shape[:2])
    small = address(shown, min(SMALL * long // short, 4 * SMALL))
    return {"name": shown.name, "title": shown.title, "picture": small}


def _understand(message: dict, sentence: Sentence) -> dict | None:
    """What has changed, as for `on_change`, in a browser's message."""
    if "picture" in message:
        name = message["picture"]
        return {"picture": name} if name is None or name in names() else None
    word, strength = message["word"], float(message["strength"])
    if type(word) is not int or not 0 <= word < len(sentence.steps):
        return None
    if "alternative" in message:
        others = {alternative for alternative, _ in sentence.steps[word].alternatives} - set(SPECIAL)
        fits = message["alternative"] in others and word < LONGEST
        return {"prefix": (*sentence.words[:word], message["alternative"]), "word": word} if fits else None
    if "own" in message:
        return {"prefix": (), "word": None}
    fits = 0 <= strength <= 1 and message["colours"] in COLOURS
    return {"word": word, "strength": round(strength, 2), "colours": message["colours"]} if fits else None
