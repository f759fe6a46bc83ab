"""The widgets of the Captions page: the picture, the sentences side by side, the scores."""

import hashlib
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st
import torch
from PIL import Image

from gen_lab import device
from gen_lab.checkpoint import Checkpoint
from gen_lab.data import MissingData, flickr8k
from gen_lab.data.captions import CaptionData
from gen_lab.images import crop_square, encode, note
from gen_lab.links import SEEDS
from gen_lab.models.caption import WIDEST
from gen_lab.models.parts.decoding import Tree
from gen_lab.ui.frame import explain
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.language import _, language
from gen_lab.ui.pictures import grid, pages_of, upload
from pages.captions.pictures import PHOTOS, strip
from pages.captions.state import LONGEST, MOST_K, TEMPERATURES, WAYS, Captions, Sentence, covered_image, say

FLICKR = "flickr8k-"  # what the name of one of Flickr8k's validation photos begins with
OWN = "own-"  # what the name of a session's own picture begins with
MOST_OWN = 8  # pictures that a session may have of its own
INITIAL = {"prefix": (), "word": None, "cover": ()}  # what another picture resets
SETTINGS = {"greedy": (), "beam": ("beam",), "sampling": ("temperature", "top_k", "seed")}  # that a way depends on


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture on the page, with a name of its own."""

    name: str
    title: str
    credit: str
    pixels: np.ndarray  # uint8 (H, W, 3)
    is_outside: bool = False  # of the captioner's world


CAPTION_HASHES = HASHES | {Picture: lambda picture: picture.name}


# -- the picture -------------------------------------------------------------------------------------------------------


def find_picture(name: str) -> Picture | None:
    """A picture that ships, one of Flickr8k's, or one of the session's own; None if there is none of that name."""
    if name in PHOTOS:
        return _shipped(name, language())
    if re.fullmatch(FLICKR + r"\d{1,4}", name) and flickr8k.is_ready():
        return _validation(int(name.removeprefix(FLICKR)), language())
    return st.session_state.get("captions pictures", {}).get(name)


@st.cache_resource(max_entries=64, show_spinner=False)
def _shipped(name: str, language: str) -> Picture:
    photo = PHOTOS[name]
    credit = f"{photo.credit}. {reasons()[name]}" if photo.is_outside else photo.credit
    return Picture(name, titles()[name], credit, np.asarray(photo.open()), photo.is_outside)


def titles() -> dict[str, str]:
    """What PHOTOS show."""
    return {
        "closeup": _("Man with a camera"),
        "camera": _("Photographer"),
        "astronaut": _("Astronaut"),
        "chelsea": _("Cat"),
        "coffee": _("Coffee"),
        "rocket": _("Rocket"),
        "china": _("Tower"),
        "flower": _("Flower"),
        "avatar": _("Avatar"),
    }


def reasons() -> dict[str, str]:
    """Why the captioner is wrong about the photos that are outside its world."""
    return {
        "camera": _("From farther away, it takes the tripod for a swing: it has seen many swings and few tripods."),
        "astronaut": _("Outside its world: it has seen nobody in a space suit, but many children in blue shirts."),
        "chelsea": _("Outside its world: it has seen hundreds of dogs and hardly a cat."),
        "coffee": _("Outside its world: it has seen no cups from above."),
        "rocket": _("Outside its world: it has never seen a rocket."),
        "china": _("Outside its world: it expects people or dogs in a picture, and here there are none."),
        "flower": _("Outside its world: it expects people or dogs in a picture, and here there are none."),
        "avatar": _("Outside its world: it has only seen photos, and this is a drawing."),
    }


@st.cache_resource(max_entries=1, show_spinner=False)
def _validation_photos() -> CaptionData | None:
    """Flickr8k's validation split; None where it cannot be read."""
    try:
        return flickr8k.load("valid")
    except (MissingData, OSError, ValueError):
        return None


@st.cache_resource(max_entries=64, show_spinner=False)
def _validation(index: int, language: str) -> Picture | None:
    photos = _validation_photos()
    if photos is None or index >= len(photos):
        return None
    credit = _("Flickr8k: the model did not learn from this photo. Somebody wrote: “{words}”").format(
        words=photos.captions[index][0]
    )
    title = _("Photo {number}").format(number=index)
    return Picture(f"{FLICKR}{index}", title, credit, np.asarray(photos.images[index]))


def browse(history) -> None:
    """A dialog with Flickr8k's validation photos, one of which becomes the page's picture."""

    @st.dialog(_("Photos of its own world"), width="medium")
    def dialog() -> None:
        st.caption(_("Flickr8k's validation photos: the model did not learn from them."))
        photos = _validation_photos()
        if photos is None:
            return
        indices = pages_of("captions browse page", range(len(photos)))
        tiles = [(index, _tile(index), "") for index in indices]
        if grid("captions browse", tiles, lambda index: history.push(picture=f"{FLICKR}{index}", **INITIAL)):
            st.rerun()

    dialog()


@st.cache_data(max_entries=1024, show_spinner=False)
def _tile(index: int) -> np.ndarray:
    """A validation photo as a small square."""
    photos = _validation_photos()
    assert photos is not None
    return crop_square(photos.images[index], 96)


def keep(photo: Image.Image) -> str:
    """Keeps a session's own picture, and returns its name. The oldest go when there are more than `MOST_OWN`."""
    pixels = np.asarray(photo)
    name = OWN + hashlib.sha256(pixels.tobytes()).hexdigest()[:12]
    pictures = st.session_state.setdefault("captions pictures", {})
    credit = _("It stays in this session: links cannot show it to others.") + f" {note(photo)}"
    pictures[name] = Picture(name, _("Your picture"), credit.strip(), pixels)
    while len(pictures) > MOST_OWN:
        del pictures[next(iter(pictures))]
    return name


def picture_names() -> list[str]:
    """The names of the pictures to choose from: those that ship, and the session's own."""
    return [*PHOTOS, *st.session_state.get("captions pictures", {})]


def ask(history) -> None:
    """A dialog for an upload or the camera's picture, which becomes the page's picture."""

    @st.dialog(_("Your picture"), width="medium")
    def dialog() -> None:
        st.caption(_("The picture stays in this session's memory. It is not stored, and no link holds it."))
        photo = upload(_("Picture"))
        if photo is not None:
            history.push(picture=keep(photo), **INITIAL)
            st.rerun()

    dialog()


def download(picture: Picture, sentence: Sentence, state: Captions) -> None:
    """A button for all words at once as one picture."""

    def draw() -> bytes:
        attention = torch.stack([step.attention for step in sentence.steps[: len(sentence.words)]])
        sheet = strip(Image.fromarray(picture.pixels), sentence.words, attention, state.strength, state.colours)
        return encode(np.asarray(sheet))

    st.download_button(
        _("Strip"), draw, f"{picture.name}-caption.png", mime="image/png", icon=":material/download:",
        on_click="ignore", disabled=not sentence.words, help=_("All words at once as one picture, for slides"),
    )  # fmt: skip


# -- the sentences -----------------------------------------------------------------------------------------------------


def features(checkpoint: Checkpoint, picture: Picture, cover: tuple[float, ...] = ()) -> torch.Tensor:
    """The captioner's features (1, 7, 7, C) of a picture that is grey where it is covered."""
    return device.on_device(checkpoint.model, checkpoint.model.features, covered_image(picture.pixels, cover))


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=CAPTION_HASHES)
def whole_features(checkpoint: Checkpoint, picture: Picture) -> torch.Tensor:
    """`features` of the whole picture, computed once for all sessions."""
    return features(checkpoint, picture)


def cover_effect(
    checkpoint: Checkpoint, picture: Picture, sentence: Sentence, state: Captions, cover: tuple[float, ...]
) -> tuple[Sentence, Sentence]:
    """A sentence as the captioner reads it when a part of the picture is covered, and the one that it says then."""

    def look(maps: torch.Tensor) -> tuple[Sentence, Sentence]:
        steps = checkpoint.model.read(maps, sentence.words)[: len(sentence.steps)]
        return Sentence(tuple(steps)), say(checkpoint.model, maps, state, state.way)

    return device.on_device(checkpoint.model, look, features(checkpoint, picture, cover))


def main_sentence(history, checkpoint: Checkpoint, picture: Picture) -> Sentence:
    """The sentence that is shown large. If its prefix has a word that the model does not know, the page says so, offers
    a way back, and stops."""
    try:
        return describe(checkpoint, picture, history.current, history.current.way)
    except ValueError as error:
        explain(error)
        st.button(_("Back to the model's own words"), on_click=history.push, kwargs={"prefix": ()})
        st.stop()


def describe(checkpoint: Checkpoint, picture: Picture, state: Captions, way: str) -> Sentence:
    """The sentence that one of WAYS finds for a picture. Raises ValueError if the model does not know the prefix."""
    settings = {name: getattr(state, name) for name in ("prefix", *SETTINGS[way])}
    return _describe(checkpoint, picture, Captions(state.model, way=way, **settings))


@st.cache_resource(max_entries=512, show_spinner=False, hash_funcs=CAPTION_HASHES)
def _describe(checkpoint: Checkpoint, picture: Picture, state: Captions) -> Sentence:
    model = checkpoint.model
    return device.on_device(model, lambda maps: say(model, maps, state, state.way), whole_features(checkpoint, picture))


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=CAPTION_HASHES)
def tree(checkpoint: Checkpoint, picture: Picture, beam: int, prefix: tuple[str, ...]) -> Tree:
    """The whole beam search behind the sentence of the way "beam"."""
    model, options = checkpoint.model, {"longest": LONGEST, "prefix": prefix}
    maps = whole_features(checkpoint, picture)
    (search,) = device.on_device(model, lambda maps: model.trees(maps, beam, **options), maps)
    return search


def side_by_side(history, checkpoint: Checkpoint, picture: Picture) -> None:
    """The sentences of all WAYS, each with its settings, and a button that shows it large."""
    state = history.current
    ways = {"greedy": _("Greedy"), "beam": _("Beam search"), "sampling": _("Sampling")}
    for column, (way, title) in zip(st.columns(len(WAYS)), ways.items(), strict=True):
        with column, st.container(border=True, height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(f"**{title}**")
                st.button(
                    _("Shown above") if way == state.way else _("Show above"), key=f"captions show {way}",
                    disabled=way == state.way, on_click=history.push, kwargs={"way": way, "word": None},
                )  # fmt: skip
            st.html(_quotation(describe(checkpoint, picture, state, way), state.prefix))
            with st.container(horizontal=True, vertical_alignment="bottom"):
                _settings(history, way)


def _quotation(sentence: Sentence, prefix: tuple[str, ...]) -> str:
    """A sentence as HTML, with the words that the reader chose marked, and its log-probability."""
    words = [f"<u>{escape(word)}</u>" if place < len(prefix) else escape(word)
             for place, word in enumerate(sentence.words)]  # fmt: skip
    log_probability = f"{sentence.log_probability:.2f}".replace("-", "−")
    text = _("log-probability {total}, one word") if len(words) == 1 else _("log-probability {total}, {count} words")
    figures = text.format(total=log_probability, count=len(words))
    style = f"<style>{(Path(__file__).parent / 'widgets.css').read_text('utf-8')}</style>"
    said = " ".join(words) or escape(_("(nothing)"))
    return f'<p class="said">{said}</p><p class="figures">{escape(figures)}</p>{style}'


def _settings(history, way: str) -> None:
    if way == "greedy":
        st.caption(_("Always the most probable word, whatever it costs later."))
    elif way == "beam":
        st.slider(
            _("Beams"), 1, WIDEST, **history.widget("beam", word=None),
            help=_("How many sentences are followed at once. The best one is shown: its log-probability, divided by "
            "its length to the power 0.7, is the highest."),
        )  # fmt: skip
    else:
        temperature, top_k = (history.widget(field, word=None) for field in ("temperature", "top_k"))
        st.number_input(_("Temperature"), *TEMPERATURES, step=0.1, width=130, **temperature)
        most = _("Draw from this many of the most probable words; 0: from all")
        st.number_input(_("Top k"), 0, MOST_K, width=110, help=most, **top_k)
        st.number_input(_("Seed"), 0, SEEDS - 1, width=130, **history.widget("seed", word=None))
        st.button(
            ":material/casino:", help=_("Draw another sentence"),
            on_click=lambda: history.push(seed=int(np.random.default_rng().integers(SEEDS)), word=None),
        )  # fmt: skip


def scores(card: dict) -> dict[str, list[str]] | None:
    """The scores on a card, as a table by column; None if there are none that can be read."""
    names = {
        "bleu_1": "BLEU-1",
        "bleu_2": "BLEU-2",
        "bleu_3": "BLEU-3",
        "bleu_4": "BLEU-4",
        "cider": "CIDEr",
        "words": _("Words in a caption"),
        "different_words": _("Different words in all"),
    }
    ways = {"greedy": _("Greedy"), "beam_5": _("Five beams")}
    try:
        metrics = {title: card["metrics"][key] for key, title in ways.items()}
        keys = [key for key in names if all(key in figures for figures in metrics.values())]
        rows = {title: [f"{figures[key]:,.4g}" for key in keys] for title, figures in metrics.items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return {"": [names[key] for key in keys]} | rows if keys else None
