"""Where an edit starts: the row of choices over the picture of the Faces page, and its two dialogs."""

from dataclasses import replace

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from gen_lab import data
from gen_lab.edits import STARTS, encode_picture, pack
from gen_lab.images import BadImage, crop_square, open_photo
from gen_lab.ui.charts import words

SHOWN = 12  # faces on one leaf of the data set
EYES_AND_MOUTH = ((0.368, 0.517), (0.632, 0.517), (0.5, 0.79))  # where they lie in the training pictures


def choose(history, checkpoint) -> None:
    """A row of widgets for the start of `history.current`; each change is a new state."""
    edit = history.current

    def change(**values):
        history.push(replace(history.current, **values))

    def widget(name: str, value):
        key = f"faces {name}"
        st.session_state[key] = value  # the history decides what a widget shows, or undo could not change it
        return {"key": key, "on_change": lambda: change(**{name: _given(st.session_state[key], edit, name)})}

    st.segmented_control(
        "Start from", list(STARTS), format_func=STARTS.get, required=True, **widget("start", edit.start)
    )
    if edit.start == "sample":
        st.number_input("Seed", 0, 999_999, width=150, **widget("seed", edit.seed))
        st.button(
            "Another", icon=":material/casino:", help="Draw another face from the prior",
            on_click=lambda: change(seed=int(np.random.default_rng().integers(1_000_000))),
        )
    elif edit.start == "group":
        st.selectbox(
            "Group", ["", *checkpoint.directions], width=240,
            format_func=lambda name: words(name) if name else "Everyone", **widget("group", edit.group),
        )
    elif edit.start == "data":
        st.number_input("Face number", 0, 999_999, width=150, **widget("index", edit.index))
        if st.button("Browse …", icon=":material/grid_view:"):
            _browse(history, checkpoint.card["data"]["name"])
    elif st.button("Choose a photo …", icon=":material/photo_camera:"):
        _photo(history, checkpoint)


def _given(value, edit, name: str):
    return getattr(edit, name) if value is None else value


@st.dialog("Faces the model never saw", width="large")
def _browse(history, name: str) -> None:
    try:
        faces = data.load(name, "test")
    except data.MissingData as error:
        st.info(f"{str(error)[0].upper()}{str(error)[1:]}", icon=":material/download:")
        return
    left, right = st.columns(2)
    wanted = left.multiselect("With", faces.attribute_names, format_func=words, key="faces browse with")
    unwanted = right.multiselect("Without", faces.attribute_names, format_func=words, key="faces browse without")
    fits = np.ones(len(faces), bool)
    for attribute in wanted:
        fits &= faces.attribute(attribute)
    for attribute in unwanted:
        fits &= ~faces.attribute(attribute)
    found = np.flatnonzero(fits)
    if not len(found):
        st.info("No face of the test split is like that: take a filter away.")
        return
    leaves = -(-len(found) // SHOWN)
    leaf = st.number_input(f"Leaf, of {leaves} with {len(found):,} faces", 1, leaves, key="faces browse leaf") - 1
    for start in range(leaf * SHOWN, min((leaf + 1) * SHOWN, len(found)), 6):
        for column, index in zip(st.columns(6), found[start : start + 6].tolist(), strict=False):
            column.image(np.asarray(faces.images[index]), width="stretch")
            if column.button(str(index), key=f"faces browse {index}", help="Start from this face", width="stretch"):
                history.push(replace(history.current, start="data", index=index))
                st.rerun()


@st.dialog("Your photo", width="large")
def _photo(history, checkpoint) -> None:
    st.caption("The photo stays in this session's memory and is not stored; only its latent vector goes on.")
    source = st.segmented_control("From", ["A file", "The camera"], default="A file", required=True)
    if source == "A file":
        upload = st.file_uploader("Photo", help="JPEG, PNG, WebP or anything else that Pillow reads")
    else:
        upload = st.camera_input("Photo")
    if upload is None:
        return
    try:
        photo = open_photo(upload.getvalue())
    except BadImage as error:
        st.error(f"{str(error)[0].upper()}{str(error)[1:]}.", icon=":material/broken_image:")
        return
    picture, controls = st.columns(2)
    with controls:
        zoom = st.slider("Zoom", 1.0, 5.0, 1.0, 0.05)
        x = st.slider("Left – right", 0.0, 1.0, 0.5, 0.01)
        y = st.slider("Up – down", 0.0, 1.0, 0.5, 0.01)
        st.caption("Bring eyes and mouth to the rings: that is where they were in training.")
        use = st.button("Use this face", type="primary", width="stretch")
    picture.image(_with_rings(crop_square(photo, 384, x, y, zoom)), width="stretch")
    if use:
        size = checkpoint.model.image_shape[-1]
        latent = encode_picture(checkpoint, crop_square(photo, size, x, y, zoom))
        history.push(replace(history.current, start="photo", photo=pack(latent)))
        st.rerun()


def _with_rings(pixels: np.ndarray) -> np.ndarray:
    picture = Image.fromarray(pixels)
    draw, side = ImageDraw.Draw(picture), len(pixels)
    for x, y in EYES_AND_MOUTH:
        for radius, colour in ((0.035, "black"), (0.031, "white")):
            draw.ellipse([(x - radius) * side, (y - radius) * side, (x + radius) * side, (y + radius) * side], outline=colour, width=2)
    return np.asarray(picture)
