"""The widgets of the Paths page: the row of keyframes, the chart of changes, the films."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from gen_lab import registry
from gen_lab.checkpoint import Checkpoint
from gen_lab.device import decode
from gen_lab.sources import from_token, pack
from gen_lab.ui import charts, models, pictures
from gen_lab.ui.frame import explain, remedies
from gen_lab.ui.hashes import HASHES
from pages.paths import film
from pages.paths.state import KINDS, LEAST, MOST, Course

SECONDS = 2.0  # from one keyframe to the next, when it plays
DASHES = ("solid", "dash", "dot")
FILMS = {"GIF": (film.gif, "image/gif"), "MP4": (film.mp4, "video/mp4")}


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
                    st.badge("not here", icon=":material/broken_image:", color="red")
                else:
                    st.image(next(images), width="stretch", alt=f"Picture {place + 1}: {_words(keys[place])}")
                _keyframe_buttons(history, keys, place)
        _add_buttons(history, checkpoint, keys)
    if problem is not None:
        explain(problem)
        st.caption("The path leaves this picture out; remove it, or bring what is missing.")
    return torch.stack(keyframes) if len(keyframes) >= LEAST else None


def _words(token: str) -> str:
    kinds = {"s": f"random {token[1:]}", "d": f"number {token[1:]} of the data set", "p": "a latent of your own"}
    return kinds[token[0]]


def _keyframe_buttons(history, keys: tuple[str, ...], place: int) -> None:
    swapped = (*keys[: place - 1], keys[place], keys[place - 1], *keys[place + 1 :])
    without = (*keys[:place], *keys[place + 1 :])
    with st.container(horizontal=True, gap="xxsmall"):
        st.button(
            ":material/arrow_back:", key=f"paths earlier {place}", help=f"Move picture {place + 1} to the left",
            disabled=place == 0, on_click=history.push, kwargs={"keys": swapped},
        )  # fmt: skip
        st.button(
            ":material/close:", key=f"paths remove {place}", help=f"Remove picture {place + 1}",
            disabled=len(keys) <= LEAST, on_click=history.push, kwargs={"keys": without},
        )  # fmt: skip


def _add_buttons(history, checkpoint, keys: tuple[str, ...]) -> None:
    def add(token: str) -> None:
        history.push(keys=(*history.current.keys, token)[:MOST])

    is_full, can_encode = len(keys) >= MOST, registry.offers(checkpoint.card, "encode")
    dialog = pictures.dialog_for("paths")
    with st.container(gap="xxsmall", width=190):
        st.button(
            "Random", icon=":material/casino:", width="stretch", disabled=is_full,
            help=f"Add a random picture; {MOST} at most",
            on_click=lambda: add(f"s{np.random.default_rng().integers(1_000_000)}"),
        )  # fmt: skip
        if can_encode and st.button("Data set …", icon=":material/grid_view:", width="stretch", disabled=is_full):
            dialog = "data"
        if can_encode and st.button("Your photo …", icon=":material/photo_camera:", width="stretch", disabled=is_full):
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
    max_entries=64, show_spinner="Measuring the paths …",
    hash_funcs=HASHES | {Course: lambda course: (course.keyframes, course.steps)},
)  # fmt: skip
def _changes(checkpoint: Checkpoint, course: Course, judge: Checkpoint | None) -> np.ndarray:
    return course.changes(judge and judge.model.features)


def chart(steps: np.ndarray, t: float) -> go.Figure:
    """The change along the paths (3, N) as lines over the position, with a mark at the picture's position t."""
    x = (np.arange(steps.shape[1]) + 0.5) / steps.shape[1]
    lines = [
        go.Scatter(
            x=x, y=row, name=name, mode="lines", line={"color": colour, "dash": dash, "width": 2.5},
            hovertemplate=f"{name} at %{{x:.2f}}: %{{y:.3g}}<extra></extra>",
        )
        for name, row, colour, dash in zip(KINDS, steps, charts.colours(), DASHES, strict=False)
    ]  # fmt: skip
    figure = charts.figure(
        lines, height=300, legend_y=1.12, hovermode="x",
        xaxis={"range": [0, 1], "title_text": "position", "showgrid": False},
        yaxis={"rangemode": "tozero", "title_text": "change per step"},
    )  # fmt: skip
    figure.add_vline(t, line={"color": charts.ink(), "width": 1})
    return figure


def unevenness(steps: np.ndarray) -> str:
    """The chart in a sentence."""
    ratios = steps.max(1) / np.maximum(steps.mean(1), 1e-9)
    figures = ", ".join(f"{name.lower()} {ratio:.1f}" for name, ratio in zip(KINDS, ratios, strict=True))
    return f"The largest step, in average steps: {figures}."


def export(course: Course, name: str) -> None:
    """Downloads. A film is drawn only when its button is pressed; it shows its progress and can be stopped.

    This is no fragment, because Streamlit finishes a running fragment before it handles a press. So the page calls it
    last.
    """
    default = SECONDS * (len(course.keyframes) - 1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seconds = st.number_input("Seconds", 1.0, 60.0, default, 1.0, width=130, format="%.0f", key="paths seconds")
        for kind in FILMS:
            st.button(f"Make {kind}", icon=":material/movie:", on_click=_request, args=(kind,))
        save = {"icon": ":material/download:", "on_click": "ignore"}
        st.download_button("Strip", lambda: film.strip(course), f"{name}-path.png", "image/png", **save)
        st.download_button("Latents", lambda: film.latents(course, seconds), f"{name}-path.npz", **save)
    kind = st.session_state.pop("paths film", None)
    if kind is None:
        return
    make, mime = FILMS[kind]
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, f"Drawing the {kind} …")
        st.button("Stop", icon=":material/stop:", key="paths stop")  # any press ends the run that draws
        total = film.count(seconds)

        def frames():
            for done, picture in enumerate(film.frames(course, seconds), 1):
                bar.progress(done / total, f"Drawing the {kind}: picture {done} of {total}")
                yield picture

        with remedies(stop=False):
            contents = make(frames())
    place.empty()
    with place.container():
        show = st.image if kind == "GIF" else st.video
        show(contents, width=388)
        st.download_button(f"Save {kind}", contents, f"{name}-path.{kind.lower()}", mime, type="primary", **save)


def _request(kind: str) -> None:
    st.session_state["paths film"] = kind
