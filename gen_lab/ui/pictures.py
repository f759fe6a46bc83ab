"""Where a picture comes from: dialogs with the data set's pictures, and with a file or the camera."""

from collections.abc import Callable
from itertools import compress

import numpy as np
import streamlit as st
import torch
from PIL import Image, ImageDraw

from gen_lab import data
from gen_lab.data import Dataset
from gen_lab.images import READS, BadImage, crop_square, note, open_photo
from gen_lab.sources import encode_picture
from gen_lab.ui import jobs
from gen_lab.ui.charts import words
from gen_lab.ui.frame import explain

LEAF = 22  # pictures on one leaf of the data set
EYES = ((0.368, 0.517), (0.632, 0.517))  # where they lie in the training pictures, as shares of the square
MOUTHS = {"avatars": (0.5, 0.735), "celeba": (0.5, 0.79)}


def ask(page: str, dialog: str) -> None:
    """Makes the page open a dialog at its next run."""
    st.session_state[f"{page} dialog"] = dialog


def asked_for(page: str) -> str | None:
    """The dialog that `ask` named, once."""
    return st.session_state.pop(f"{page} dialog", None)


@st.dialog("Pictures the model never saw", width="large")
def browse(page: str, name: str, chosen: Callable[[int], None]) -> None:
    """A dialog with a data set's test split, or with what to do if it is not on this machine."""
    if not data.is_ready(name):
        jobs.offer(name, done=lambda: ask(page, "data"))  # opens this again
        return
    try:
        pictures = data.load(name, "test")
    except (data.MissingData, OSError, ValueError) as error:
        explain(error)
        return
    for index, place in leaf(page, pictures):
        with place:
            if st.button(
                str(index), key=f"{page} browse {index}", help="Take this picture", width="stretch",
                on_click=chosen, args=(index,),
            ):  # fmt: skip
                st.rerun()


def leaf(page: str, pictures: Dataset) -> list:
    """Filters, and a leaf of the pictures that pass them: (index, container) of each picture."""
    left, right = st.columns(2)
    names = pictures.attribute_names
    having = left.multiselect("With", names, format_func=words, key=f"{page} browse with")
    lacking = right.multiselect("Without", names, format_func=words, key=f"{page} browse without")
    indices = pictures.having(having, lacking)
    if not len(indices):
        st.info("No picture is like that: take a filter away.", icon=":material/filter_alt_off:")
        return []
    leaves = -(-len(indices) // LEAF)
    at = st.number_input(f"Leaf (of {leaves:,}, with {len(indices):,} pictures)", 1, leaves, width=260) - 1
    places = []
    with st.container(horizontal=True, gap="small"):
        for index in indices[at * LEAF : (at + 1) * LEAF].tolist():
            place = st.container(width=92, gap="xxsmall")
            with place:
                labels = ", ".join(words(attribute) for attribute in compress(names, pictures.attributes[index]))
                st.image(np.asarray(pictures.images[index]), width="stretch", alt=f"Picture {index}: {labels}")
            places.append((index, place))
    return places


@st.dialog("Your photo", width="large")
def photo(checkpoint, used: Callable[[torch.Tensor], None]) -> None:
    """A dialog for an upload or the camera's picture; calls `used` with the latent (D,) of its crop."""
    st.caption("The photo stays in this session's memory and is not stored; only its latent vector goes on.")
    pixels = cropped(checkpoint)
    if pixels is not None:
        used(encode_picture(checkpoint, pixels))
        st.rerun()


def brought(title: str) -> Image.Image | None:
    """An upload or the camera's picture, RGB; None until there is one that can be read."""
    source = st.segmented_control("From", ["A file", "The camera"], default="A file", required=True)
    if source == "A file":
        upload = st.file_uploader(title, help=READS)
    else:
        upload = st.camera_input(title, width=480)  # any wider, its button would be out of sight
        st.caption(
            "Browsers lend the camera to pages under https or on localhost only. Elsewhere, take a photo and upload it."
        )
    if upload is None:
        return None
    try:
        picture = open_photo(upload.getvalue())
    except BadImage as error:
        explain(error)
        return None
    if note(picture):
        st.caption(note(picture))
    return picture


def cropped(checkpoint) -> np.ndarray | None:
    """An upload or the camera's picture, with widgets that crop it to the model's size: uint8 (size, size, 3) once the
    user confirms, None until then."""
    picture = brought("Photo")
    if picture is None:
        return None
    preview, controls = st.columns(2)
    name, size = checkpoint.card["data"]["name"], checkpoint.model.image_shape[-1]
    with controls:
        zoom = st.slider("Zoom", 1.0, 5.0, 1.0, 0.05)
        x = st.slider("Left – right", 0.0, 1.0, 0.5, 0.01)
        y = st.slider("Up – down", 0.0, 1.0, 0.5, 0.01)
        if name in MOUTHS:
            st.caption("Bring eyes and mouth to the rings: that is where they were in training.")
        use = st.button("Use this face" if name in MOUTHS else "Use this", type="primary", width="stretch")
    crop = crop_square(picture, 384, x, y, zoom)
    preview.image(
        _with_rings(crop, MOUTHS[name]) if name in MOUTHS else crop, width="stretch",
        alt="The part of your photo that the model will see",
    )  # fmt: skip
    return crop_square(picture, size, x, y, zoom) if use else None


def _with_rings(pixels: np.ndarray, mouth: tuple[float, float]) -> np.ndarray:
    picture = Image.fromarray(pixels)
    draw, side = ImageDraw.Draw(picture), len(pixels)
    for x, y in (*EYES, mouth):
        for radius, colour in ((0.035, "black"), (0.031, "white")):
            box = [(x - radius) * side, (y - radius) * side, (x + radius) * side, (y + radius) * side]
            draw.ellipse(box, outline=colour, width=2)
    return np.asarray(picture)
