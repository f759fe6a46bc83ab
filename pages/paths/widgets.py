"""The widgets of the Paths page: the row of keyframes, what the chart says in words, the films."""

import numpy as np
import streamlit as st
import torch

from gen_lab import registry
from gen_lab.checkpoint import Checkpoint
from gen_lab.device import decode
from gen_lab.sources import from_token, pack
from gen_lab.ui import models, pictures
from gen_lab.ui.frame import explain, remedies
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.language import _
from pages.paths import film
from pages.paths.state import LEAST, MOST, PLACES, Course

SECONDS = 2.0  # from one keyframe to the next, when it plays
FILMS = {"MP4": (film.mp4, "video/mp4"), "GIF": (film.gif, "image/gif")}


def names() -> tuple[str, str, str]:
    """The paths, in the order of `Course.pictures`."""
    return _("Linear"), _("Spherical"), _("Cross-fade")


def labels() -> list[tuple[str, float, float]]:
    """What stands on a scene's picture: text, left, top as shares."""
    linear, spherical, cross_fade = names()
    texts = linear, spherical, _("From"), cross_fade, _("To")
    return [(text, *place) for text, place in zip(texts, PLACES, strict=True)]


def about_speed() -> str:
    return _(
        "Every second changes the picture as much as any other, as the chart measures it. Without it, each keyframe is "
        "as far from the next on the slider, however much lies between them."
    )


def choose(history, checkpoint) -> torch.Tensor | None:
    """The keyframes in a row, to move, remove and add. Returns their latents (K, D), or None if too few can be read."""
    keys, latents, problem = history.current.keys, [], None
    for token in keys:
        try:
            latents.append(from_token(checkpoint, token))
        except (ValueError, OSError) as error:
            problem = problem or error
            latents.append(None)
    keyframes = [latent for latent in latents if latent is not None]
    images = iter(decode(checkpoint.model, torch.stack(keyframes)) if keyframes else ())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for place, latent in enumerate(latents):
            with st.container(width=104, gap="xxsmall"):
                if latent is None:
                    st.badge(_("not here"), icon=":material/broken_image:", color="red")
                else:
                    st.image(next(images), width="stretch", alt=_alt(place, keys[place]))
                _keyframe_buttons(history, keys, place)
        _add_buttons(history, checkpoint, keys)
    if problem is not None:
        explain(problem)
        st.caption(_("The path leaves this picture out: remove it, or fetch what is missing."))
    return torch.stack(keyframes) if len(keyframes) >= LEAST else None


def _alt(place: int, token: str) -> str:
    kinds = {
        "s": _("random, seed {value}"), "d": _("number {value} of the data set"), "p": _("a latent of your own")
    }  # fmt: skip
    origin = kinds[token[0]].format(value=token[1:])
    return _("Picture {number}: {origin}").format(number=place + 1, origin=origin)


def _keyframe_buttons(history, keys: tuple[str, ...], place: int) -> None:
    swapped = (*keys[: place - 1], keys[place], keys[place - 1], *keys[place + 1 :])
    without = (*keys[:place], *keys[place + 1 :])
    number = place + 1
    with st.container(horizontal=True, gap="xxsmall"):
        st.button(
            ":material/arrow_back:", key=f"paths earlier {place}",
            help=_("Move picture {number} to the left").format(number=number), disabled=place == 0,
            on_click=history.push, kwargs={"keys": swapped},
        )  # fmt: skip
        st.button(
            ":material/close:", key=f"paths remove {place}", help=_("Remove picture {number}").format(number=number),
            disabled=len(keys) <= LEAST, on_click=history.push, kwargs={"keys": without},
        )  # fmt: skip


def _add_buttons(history, checkpoint, keys: tuple[str, ...]) -> None:
    def add(token: str) -> None:
        history.push(keys=(*history.current.keys, token)[:MOST])

    is_full, can_encode = len(keys) >= MOST, registry.offers(checkpoint.card, "encode")
    dialog = pictures.dialog_for("paths")
    with st.container(gap="xxsmall", width=190):
        st.button(
            _("Random"), icon=":material/casino:", width="stretch", disabled=is_full,
            help=_("Add a random picture; {most} at most").format(most=MOST),
            on_click=lambda: add(f"s{np.random.default_rng().integers(1_000_000)}"),
        )  # fmt: skip
        if can_encode and st.button(_("Data set …"), icon=":material/grid_view:", width="stretch", disabled=is_full):
            dialog = "data"
        photo = _("Your photo …")
        if can_encode and st.button(photo, icon=":material/photo_camera:", width="stretch", disabled=is_full):
            dialog = "photo"
    if dialog == "data":
        pictures.browse("paths", checkpoint.card["data"]["name"], lambda index: add(f"d{index}"))
    elif dialog == "photo":
        pictures.photo(checkpoint, lambda latent: add("p" + pack(latent)))


def changes(checkpoint: Checkpoint, course: Course) -> np.ndarray:
    """How much each step of the three paths changes the picture (3, N)."""
    has_judge = models.judge_for(checkpoint) is not None
    return _changes(checkpoint, course, models.load(checkpoint.card["judge"]) if has_judge else None)


@st.cache_data(
    max_entries=64, show_spinner=False,
    hash_funcs=HASHES | {Course: lambda course: (course.keyframes, course.steps)},
)  # fmt: skip
def _changes(checkpoint: Checkpoint, course: Course, judge: Checkpoint | None) -> np.ndarray:
    return course.changes(judge and judge.model.features)


def verdict(steps: np.ndarray, has_judge: bool) -> str:
    """The chart of steps (3, N) in sentences: what it measures, and how uneven each path is."""
    about = (
        _("The change is measured by the judge, a network that has learnt to tell such pictures apart.")
        if has_judge
        else _("The change is measured in pixels, since this model has no judge.")
    )
    ratios = steps.max(1) / np.maximum(steps.mean(1), 1e-9)
    figures = ", ".join(f"{name.lower()} {ratio:.1f} ×" for name, ratio in zip(names(), ratios, strict=True))
    return about + " " + _("The largest step, compared with the average one: {figures}.").format(figures=figures)


def export(course: Course, name: str) -> None:
    """Downloads. A film is drawn only when its button is pressed; it shows its progress and can be stopped.

    This is no fragment, because Streamlit finishes a running fragment before it handles a press. So the page calls it
    last.
    """
    default = SECONDS * (len(course.keyframes) - 1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seconds = st.number_input(_("Seconds"), 1.0, 60.0, default, 1.0, width=130, format="%.0f", key="paths seconds")
        for kind in FILMS:
            st.button(
                _("Make {kind}").format(kind=kind), icon=":material/movie:", on_click=_request, args=(kind,),
                type="primary" if kind == next(iter(FILMS)) else "secondary",
            )  # fmt: skip
        save = {"icon": ":material/download:", "on_click": "ignore"}
        st.download_button(_("Strip"), lambda: film.strip(course), f"{name}-path.png", "image/png", **save)
        st.download_button(_("Latents"), lambda: film.latents(course, seconds), f"{name}-path.npz", **save)
    kind = st.session_state.pop("paths film", None)
    if kind is None:
        return
    make, mime = FILMS[kind]
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, _("Drawing the {kind} …").format(kind=kind))
        st.button(_("Stop"), icon=":material/stop:", key="paths stop")  # any press ends the run that draws
        total = film.count(seconds)

        def frames():
            words = _("Drawing the {kind}: picture {done} of {total}")
            for done, picture in enumerate(film.frames(course, seconds, labels()), 1):
                bar.progress(done / total, words.format(kind=kind, done=done, total=total))
                yield picture

        with remedies(stop=False):
            contents = make(frames())
    place.empty()
    with place.container():
        show = st.image if kind == "GIF" else st.video
        show(contents, width=388)
        st.download_button(
            _("Save {kind}").format(kind=kind), contents, f"{name}-path.{kind.lower()}", mime, type="primary", **save
        )


def _request(kind: str) -> None:
    st.session_state["paths film"] = kind
