"""The control of a caption: a picture, the sentence about it, and where the model looked for each of its words.

The browser gets a sentence's attention once, 49 numbers a word, and asks for nothing more while the reader goes through
the words or changes how the attention looks. When the hand comes to rest, the page reruns, so that the link follows. A
whole sentence takes some tens of milliseconds, less than messages for each word would. So the words are sent together,
and the browser shows them one after another.
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
from gen_lab.ui.language import _
from pages.captions.pictures import COLOURS
from pages.captions.state import LONGEST, Captions, Sentence, alt_text
from pages.captions.widgets import CAPTION_HASHES, Picture, find_picture, picture_names

LARGE, SMALL = 900, 112  # pixels of the longer side of the picture, and of the shorter one in the gallery

_component = component("caption", Path(__file__).parent, "control")


def caption_control(
    sentence: Sentence, picture: Picture, state: Captions, *, key: str, on_change: Callable[[dict], None]
) -> None:
    """A sentence about a picture, with the word, strength and colours of `state`.

    `on_change` gets what the user changed, before the page reruns: {"word", "strength", "colours"}; {"prefix", "word"}
    if a word was replaced; or {"picture"}, which is a name, or None if the user wants to bring one.
    """

    def draw(hand: Hand) -> dict:
        return {
            "picture": address(picture, LARGE),
            "ratio": ratio(picture),
            "title": picture.title,
            "credit": picture.credit,
            "name": picture.name,
            "gallery": [_thumbnail(find_picture(name)) for name in picture_names()],
            "steps": steps(sentence),
            "chosen": len(state.prefix),
            "longest": LONGEST,
            "alt": alt_text(sentence.words),
            "tables": tables(),
            "words": _words(),
        }

    control(
        _component,
        {"word": sentence.place(state.word), "strength": state.strength, "colours": state.colours},
        draw,
        understand=lambda message: _understand(message, sentence),
        on_release=on_change,
        key=key,
    )


def _words() -> dict[str, str]:
    """What the control says in the browser, by what it means."""
    return {
        "outside": _("Outside its world"),
        "pictures": _("Pictures"),
        "sentence": _("Words of the caption: arrow keys go through them"),
        "copy": _("Copy as alt text"),
        "copied": _("Copied: {text}"),
        "byHand": _("Copy it by hand: {text}"),
        "own": _("Back to the model's own words"),
        "strength": _("Strength"),
        "strengthOf": _("Strength of the attention"),
        "coloursOf": _("Colours of the attention"),
        "strip": _("All words at once"),
        "bring": _("Your picture"),
        "yours": _("Yours"),
        "end": _("end of the sentence"),
        "looked": _(
            "“{word}” has a probability of {probability}. The brightest place got {times} times the average attention."
        ),
        "where": _("{title}: where the model looked for “{word}”"),
        "instead": _("Instead of “{word}”"),
        "goOn": _("Go on with “{word}”"),
    }


def steps(sentence: Sentence) -> list[dict]:
    """The words for the browser: each with its probability, its attention row by row, and its alternatives."""
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


def ratio(picture: Picture) -> float:
    """Width over height of the place for a picture: the picture's own, between 1/3 and 3."""
    height, width = picture.pixels.shape[:2]
    return round(min(max(width / height, 1 / 3), 3), 4)


@st.cache_data(max_entries=1, show_spinner=False)
def tables() -> dict[str, str]:
    """The colour maps for the browser, 256 colours each."""
    return {name: base64.b64encode(np.asarray(table, np.uint8).tobytes()).decode() for name, table in COLOURS.items()}


@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs=CAPTION_HASHES)
def address(picture: Picture, longest: int) -> str:
    """A picture as the address of an HTML image, at most `longest` pixels on its longer side."""
    photo = Image.fromarray(picture.pixels)
    photo.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    jpeg = encode(np.asarray(photo), "JPEG", quality=90)  # a tenth of the time that a WebP takes
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def _thumbnail(picture: Picture) -> dict:
    short, long = sorted(picture.pixels.shape[:2])
    small = address(picture, min(SMALL * long // short, 4 * SMALL))
    return {"name": picture.name, "title": picture.title, "picture": small, "outside": picture.is_outside}


def _understand(message: dict, sentence: Sentence) -> dict | None:
    """The changes, as for `on_change`, in a browser's message; None for a message that makes no sense."""
    if "picture" in message:
        name = message["picture"]
        return {"picture": name} if name is None or name in picture_names() else None
    word, strength = message["word"], float(message["strength"])
    if type(word) is not int or not 0 <= word < len(sentence.steps):
        return None
    if "alternative" in message:
        alternatives = {alternative for alternative, probability in sentence.steps[word].alternatives} - set(SPECIAL)
        fits = message["alternative"] in alternatives and word < LONGEST
        return {"prefix": (*sentence.words[:word], message["alternative"]), "word": word} if fits else None
    if "own" in message:
        return {"prefix": (), "word": None}
    fits = 0 <= strength <= 1 and message["colours"] in COLOURS
    return {"word": word, "strength": round(strength, 2), "colours": message["colours"]} if fits else None
