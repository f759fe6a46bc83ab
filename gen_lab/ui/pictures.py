"""Where a picture comes from: dialogs with the data set's pictures, and with a file or the camera."""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import compress
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import streamlit as st
import torch
from PIL import Image, ImageDraw

from gen_lab import data
from gen_lab.data import Dataset
from gen_lab.images import READS, BadImage, crop_square, note, open_photo
from gen_lab.sources import encode_picture
from gen_lab.ui import jobs
from gen_lab.ui.charts import source, words
from gen_lab.ui.frame import explain
from gen_lab.ui.language import _

CSS = Path(__file__).with_name("pictures.css")
PAGE = 32  # pictures on one page of the data set: eight in a row, four rows
EYES = ((0.368, 0.517), (0.632, 0.517))  # where they lie in the training pictures, as shares of the square
MOUTHS = {"avatars": (0.5, 0.735), "celeba": (0.5, 0.79)}


def ask(page: str, dialog: str) -> None:
    """Makes the page open a dialog at its next run."""
    st.session_state[f"{page} dialog"] = dialog


def dialog_for(page: str) -> str | None:
    """The dialog that `ask` named, once."""
    return st.session_state.pop(f"{page} dialog", None)


def browse(page: str, name: str, on_choice: Callable[[int], None]) -> None:
    """A dialog with a data set's test split, or with what to do if it is not on this machine."""

    @st.dialog(_("Click a picture"), width="medium")
    def dialog() -> None:
        if not data.is_ready(name):
            jobs.offer(name, done=lambda: ask(page, "data"))  # opens this again
            return
        try:
            pictures = data.load(name, "test")
        except (data.MissingData, OSError, ValueError) as error:
            explain(error)
            return
        st.caption(_("The model never saw these in training."))
        if grid(f"{page} browse", search(page, pictures), on_choice):
            st.rerun()

    dialog()


def search(page: str, pictures: Dataset) -> list[tuple[int, np.ndarray, str]]:
    """Filters, and one page of the pictures that pass them, each with its index, its pixels and a label."""
    left, right = st.columns(2)
    names = pictures.attribute_names
    having = left.multiselect(_("With"), names, format_func=words, key=f"{page} browse with")
    lacking = right.multiselect(_("Without"), names, format_func=words, key=f"{page} browse without")
    indices = pictures.having(having, lacking)
    if not len(indices):
        st.info(_("No picture is like that: remove a filter."), icon=":material/filter_alt_off:")
        return []
    return [
        (index, np.asarray(pictures.images[index]), ", ".join(map(words, compress(names, pictures.attributes[index]))))
        for index in pages_of(f"{page} browse page", indices.tolist())
    ]


def pages_of(key: str, indices: Sequence[int]) -> Sequence[int]:
    """Buttons that turn pages of pictures; returns those on the page that is open."""
    pages = -(-len(indices) // PAGE)
    place = min(st.session_state.get(key, 0), pages - 1)
    st.session_state[key] = place

    def turn(by: int) -> None:
        st.session_state[key] += by

    with st.container(horizontal=True, vertical_alignment="center"):
        arrows = ((_("Previous page"), "chevron_left", -1), (_("Next page"), "chevron_right", 1))
        for label, icon, by in arrows:
            st.button(
                f":material/{icon}:", key=f"{key} {by}", help=label, on_click=turn, args=(by,),
                disabled=not 0 <= place + by < pages,
            )  # fmt: skip
        here = _("Page {page:,} of {pages:,}").format(page=place + 1, pages=pages)
        count = _("{count:,} pictures").format(count=len(indices))
        st.markdown(f"{here} · {count}", width="content")
    return indices[place * PAGE : (place + 1) * PAGE]


def grid(
    key: str,
    pictures: Iterable[tuple[int, np.ndarray, str]],
    on_click: Callable[[int], None],
    picked: Collection[int] = (),
    is_full: bool = False,
) -> bool:
    """Pictures (index, pixels uint8 (H, W, C), label) in rows, each of them a button; whether one was clicked just now.

    Those that are `picked` have a mark. If the choice `is_full`, only they can be clicked.
    """
    clicked, rules = False, [CSS.read_text("utf-8")]
    with st.container(key=f"pictures {key}"):
        for index, pixels, label in pictures:
            name = _("Picture {number}").format(number=index)
            clicked |= st.button(
                f"{name}: {label}" if label else name, key=f"picture {key} {index}", width="stretch",
                type="primary" if index in picked else "secondary", disabled=is_full and index not in picked,
                on_click=on_click, args=(index,),
            )  # fmt: skip
            selector = f".st-key-picture-{key.replace(' ', '-')}-{index} button"
            rules.append(f'{selector} {{ background-image: url("{source(pixels)}") !important; }}')
    st.html(f"<style>{''.join(rules)}</style>")
    return clicked


def photo(checkpoint, on_photo: Callable[[torch.Tensor], None]) -> None:
    """A dialog for an upload or the camera's picture; calls `on_photo` with the latent (D,) of its crop."""

    @st.dialog(_("Your photo"), width="medium")
    def dialog() -> None:
        st.caption(_("The photo stays in this session's memory and is not stored; only its latent vector goes on."))
        pixels = crop(checkpoint)
        if pixels is not None:
            on_photo(encode_picture(checkpoint, pixels))
            st.rerun()

    dialog()


def is_secure(address: str) -> bool:
    """Whether browsers lend the camera to a page of this address."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")


def upload(title: str) -> Image.Image | None:
    """A file or the camera's picture, RGB; None until there is one that can be read."""
    sources, origin = {"file": _("A file"), "camera": _("The camera")}, "file"
    if is_secure(st.context.url or ""):
        origin = st.segmented_control(
            _("From"), sources, format_func=sources.__getitem__, default=origin, required=True
        )
    else:
        st.caption(
            _(
                "Browsers lend the camera to pages under https only, and this one is not. `docs/CLASSROOM.md` says how "
                "it can be. Until then, take a photo and upload it."
            )
        )
    # A wider camera's button would be out of sight.
    file = st.file_uploader(title, help=READS) if origin == "file" else st.camera_input(title, width=480)
    if file is None:
        return None
    try:
        picture = open_photo(file.getvalue())
    except BadImage as error:
        explain(error)
        return None
    if note(picture):
        st.caption(note(picture))
    return picture


def crop(checkpoint) -> np.ndarray | None:
    """An upload or the camera's picture, with widgets that crop it to the model's size: uint8 (size, size, 3) once the
    user confirms, None until then."""
    picture = upload(_("Photo"))
    if picture is None:
        return None
    preview, controls = st.columns(2)
    name, size = checkpoint.card["data"]["name"], checkpoint.model.image_shape[-1]
    with controls:
        zoom = st.slider(_("Zoom"), 1.0, 5.0, 1.0, 0.05)
        x = st.slider(_("Left – right"), 0.0, 1.0, 0.5, 0.01)
        y = st.slider(_("Up – down"), 0.0, 1.0, 0.5, 0.01)
        if name in MOUTHS:
            st.caption(_("Bring eyes and mouth to the rings: that is where they were in training."))
        label = _("Use this face") if name in MOUTHS else _("Use this picture")
        is_confirmed = st.button(label, type="primary", width="stretch")
    square = crop_square(picture, 384, x, y, zoom)
    preview.image(
        _rings(square, MOUTHS[name]) if name in MOUTHS else square, width="stretch",
        alt=_("The part of your photo that the model will see"),
    )  # fmt: skip
    return crop_square(picture, size, x, y, zoom) if is_confirmed else None


def _rings(pixels: np.ndarray, mouth: tuple[float, float]) -> np.ndarray:
    """A square with rings where the eyes and the mouth belong."""
    picture = Image.fromarray(pixels)
    draw, side = ImageDraw.Draw(picture), len(pixels)
    for x, y in (*EYES, mouth):
        for radius, colour in ((0.035, "black"), (0.031, "white")):
            box = [(x - radius) * side, (y - radius) * side, (x + radius) * side, (y + radius) * side]
            draw.ellipse(box, outline=colour, width=2)
    return np.asarray(picture)
