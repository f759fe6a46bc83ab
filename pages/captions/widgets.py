"""The widgets of the Captions page: which captioner, which picture, the sentences side by side."""

import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st
import torch
from PIL import Image

from gen_lab import device
from gen_lab.checkpoint import Checkpoint
from gen_lab.images import encode
from gen_lab.links import SEEDS
from gen_lab.models.caption import WIDEST
from gen_lab.models.parts.decoding import Tree
from gen_lab.ui.frame import explain
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.pictures import brought
from pages.captions.pictures import PHOTOS, strip
from pages.captions.state import LONGEST, MOST_K, TEMPERATURES, WAYS, Captions, Sentence, covered, say

OWN = "own-"  # what the name of a session's own picture begins with
KEPT = 8  # of them
FRESH = {"prefix": (), "word": None, "cover": ()}  # what belongs to one picture alone
SETTINGS = {"greedy": (), "beam": ("beam",), "sampling": ("temperature", "top_k", "seed")}  # on which a way depends
SCORES = ("bleu_1", "bleu_2", "bleu_3", "bleu_4", "cider", "words", "different_words")


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture on the page; `name` tells it from all others."""

    name: str
    title: str
    credit: str
    pixels: np.ndarray  # uint8 (H, W, 3)


CAPTION_HASHES = HASHES | {Shown: lambda shown: shown.name}


# -- the picture -------------------------------------------------------------------------------------------------------


def picture(name: str) -> Shown | None:
    """A shipped picture, or one that this session was given; None for what is neither."""
    if name in PHOTOS:
        return _shipped(name)
    return st.session_state.get("captions pictures", {}).get(name)


@st.cache_resource(max_entries=64, show_spinner=False)
def _shipped(name: str) -> Shown:
    photo = PHOTOS[name]
    return Shown(name, photo.title, photo.credit, np.asarray(photo.open()))


def keep(photo: Image.Image) -> str:
    """Holds a session's own picture, and returns its name. The oldest go when there are more than `KEPT`."""
    pixels = np.asarray(photo)
    name = OWN + hashlib.sha256(pixels.tobytes()).hexdigest()[:12]
    pictures = st.session_state.setdefault("captions pictures", {})
    pictures[name] = Shown(name, "Your picture", "It stays in this session: links cannot show it to others.", pixels)
    while len(pictures) > KEPT:
        del pictures[next(iter(pictures))]
    return name


def names() -> list[str]:
    """Of the pictures to choose from: those that ship, and the session's own."""
    return [*PHOTOS, *st.session_state.get("captions pictures", {})]


@st.dialog("Your picture", width="large")
def ask(history) -> None:
    """A dialog that takes an upload or the camera's picture, and makes it the page's picture."""
    st.caption("The picture stays in this session's memory and is not stored, and no link holds it.")
    photo = brought("Picture")
    if photo is None:
        return
    history.push(picture=keep(photo), **FRESH)
    st.rerun()


def download(shown: Shown, said: Sentence, state: Captions) -> None:
    """A button for all words at once as one picture."""

    def made() -> bytes:
        attention = torch.stack([step.attention for step in said.steps[: len(said.words)]])
        sheet = strip(Image.fromarray(shown.pixels), said.words, attention, state.strength, state.colours)
        return encode(np.asarray(sheet))

    st.download_button(
        "Strip", made, f"{shown.name}-caption.png", mime="image/png", icon=":material/download:", on_click="ignore",
        disabled=not said.words, help="All words at once as one picture, for slides",
    )  # fmt: skip


# -- the sentences -----------------------------------------------------------------------------------------------------


def features(checkpoint: Checkpoint, shown: Shown, cover: tuple[float, ...] = ()) -> torch.Tensor:
    """What the captioner sees of a picture (1, 7, 7, C), grey where it is covered."""
    return device.on_device(checkpoint.model, checkpoint.model.features, covered(shown.pixels, cover))


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=CAPTION_HASHES)
def seen(checkpoint: Checkpoint, shown: Shown) -> torch.Tensor:
    """`features` of the whole picture, looked at once for all sessions."""
    return features(checkpoint, shown)


def covering(
    checkpoint: Checkpoint, shown: Shown, said: Sentence, state: Captions, cover: tuple[float, ...]
) -> tuple[Sentence, Sentence]:
    """What the captioner makes of a sentence when a part of the picture is covered, and what it says itself then."""

    def look(found: torch.Tensor) -> tuple[Sentence, Sentence]:
        again = checkpoint.model.read(found, said.words)[: len(said.steps)]
        return Sentence(tuple(again)), say(checkpoint.model, found, state, state.way)

    return device.on_device(checkpoint.model, look, features(checkpoint, shown, cover))


def spoken(history, checkpoint: Checkpoint, shown: Shown) -> Sentence:
    """The sentence that is shown large. Where the link puts a word in the model's mouth that it does not know, says so,
    offers a way back, and stops the run."""
    try:
        return sentence(checkpoint, shown, history.current, history.current.way)
    except ValueError as error:
        explain(error)
        st.button("Back to the model's own words", on_click=history.push, kwargs={"prefix": ()})
        st.stop()


def sentence(checkpoint: Checkpoint, shown: Shown, state: Captions, way: str) -> Sentence:
    """What one of WAYS says about a picture. Raises ValueError for a prefix that the model does not know."""
    settings = {name: getattr(state, name) for name in ("prefix", *SETTINGS[way])}
    return _sentence(checkpoint, shown, Captions(state.model, way=way, **settings))


@st.cache_resource(max_entries=512, show_spinner=False, hash_funcs=CAPTION_HASHES)
def _sentence(checkpoint: Checkpoint, shown: Shown, state: Captions) -> Sentence:
    model = checkpoint.model
    return device.on_device(model, lambda maps: say(model, maps, state, state.way), seen(checkpoint, shown))


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=CAPTION_HASHES)
def tree(checkpoint: Checkpoint, shown: Shown, beam: int, prefix: tuple[str, ...]) -> Tree:
    """The whole beam search behind the sentence of the way "beam"."""
    model, options = checkpoint.model, {"longest": LONGEST, "prefix": prefix}
    (search,) = device.on_device(model, lambda maps: model.trees(maps, beam, **options), seen(checkpoint, shown))
    return search


def side_by_side(history, checkpoint: Checkpoint, shown: Shown) -> None:
    """The sentences of all WAYS, each with what it depends on, and a button that shows it large."""
    state = history.current
    for column, (way, title) in zip(st.columns(len(WAYS)), WAYS.items(), strict=True):
        with column, st.container(border=True, height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(f"**{title}**")
                st.button(
                    "Shown above" if way == state.way else "Show above", key=f"captions show {way}",
                    disabled=way == state.way, on_click=history.push, kwargs={"way": way, "word": None},
                )  # fmt: skip
            st.html(_quoted(sentence(checkpoint, shown, state, way), state.prefix))
            with st.container(horizontal=True, vertical_alignment="bottom"):
                _settings(history, way)


def _quoted(said: Sentence, prefix: tuple[str, ...]) -> str:
    """A sentence as HTML, with the words that the reader chose marked, and its log-probability."""
    words = [f"<u>{escape(word)}</u>" if place < len(prefix) else escape(word)
             for place, word in enumerate(said.words)]  # fmt: skip
    log_probability = f"{said.log_probability:.2f}".replace("-", "−")
    figures = f"log-probability {log_probability}, {len(words)} words"
    style = f"<style>{(Path(__file__).parent / 'widgets.css').read_text('utf-8')}</style>"
    return f'<p class="said">{" ".join(words) or "(nothing)"}</p><p class="figures">{figures}</p>{style}'


def _settings(history, way: str) -> None:
    if way == "greedy":
        st.caption("The most probable word each time. What it costs later, greedy does not see.")
    elif way == "beam":
        st.slider(
            "Beams", 1, WIDEST, help="So many sentences are followed at once; the best by log-probability over "
            "length to the power 0.7 is shown", **history.widget("beam", word=None),
        )  # fmt: skip
    else:
        st.number_input("Temperature", *TEMPERATURES, step=0.1, width=130, **history.widget("temperature", word=None))
        st.number_input("Top k", 0, MOST_K, width=110, help="0: of all words", **history.widget("top_k", word=None))
        st.number_input("Seed", 0, SEEDS - 1, width=130, **history.widget("seed", word=None))
        st.button(
            ":material/casino:", help="Draw another sentence",
            on_click=lambda: history.push(seed=int(np.random.default_rng().integers(SEEDS)), word=None),
        )  # fmt: skip


def scores(card: dict) -> dict[str, list[str]] | None:
    """What a card says of its captions as a table by column; None where it says nothing that can be read."""
    try:
        found = {title: card["metrics"][key] for key, title in (("greedy", "Greedy"), ("beam_5", "Beam of 5"))}
        names = [name for name in SCORES if all(name in each for each in found.values())]
        rows = {title: [f"{each[name]:,.4g}" for name in names] for title, each in found.items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if not names:
        return None
    return {"": [name.replace("_", "-").replace("bleu", "BLEU").replace("cider", "CIDEr") for name in names]} | rows
