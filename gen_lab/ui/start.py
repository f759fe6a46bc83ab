"""Where an edit starts: the row of choices over the picture of the Faces page, and its two dialogs."""

from dataclasses import replace
from itertools import compress

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from gen_lab import data
from gen_lab.edits import STARTS, encode_picture, pack, scene
from gen_lab.images import BadImage, crop_square, open_photo
from gen_lab.scenes import Scene
from gen_lab.ui import preparing
from gen_lab.ui.charts import words
from gen_lab.ui.frame import explain

SHOWN = 22  # faces on one leaf of the data set
EYES = ((0.368, 0.517), (0.632, 0.517))  # where they lie in the training pictures, as shares of the square
MOUTHS = {"avatars": (0.5, 0.735), "celeba": (0.5, 0.79)}


def choose(history, checkpoint) -> None:
    """A row of widgets for the start of `history.current`; each change is a new state."""
    edit, name = history.current, checkpoint.card["data"]["name"]
    tied = history.widget("start", list(STARTS))

    def begin() -> None:
        wanted = st.session_state[tied["key"]]
        if (wanted == "data" and not data.is_ready(name)) or (wanted == "photo" and not edit.photo):
            st.session_state["faces dialog"] = wanted  # nothing to start from yet: the picture stays until there is
        else:
            tied["on_change"]()

    st.segmented_control("Start from", format_func=STARTS.get, required=True, **{**tied, "on_change": begin})
    asked = st.session_state.pop("faces dialog", None)
    if edit.start == "sample":
        st.number_input("Seed", 0, 999_999, width=150, **history.widget("seed"))
        st.button(
            "Another", icon=":material/casino:", help="Draw another face from the prior",
            on_click=lambda: history.push(seed=int(np.random.default_rng().integers(1_000_000))),
        )  # fmt: skip
    elif edit.start == "group":
        st.selectbox(
            "Group", width=240, format_func=lambda group: words(group) if group else "Everyone",
            **history.widget("group", ["", *checkpoint.directions]),
        )  # fmt: skip
    elif edit.start == "data":
        st.number_input("Face number", 0, 999_999, width=150, **history.widget("index"))
        if st.button("Browse …", icon=":material/grid_view:"):
            asked = "data"
    elif st.button("Choose a photo …", icon=":material/photo_camera:"):
        asked = "photo"
    if asked == "data":
        _browse(history, name)
    elif asked == "photo":
        _photo(history, checkpoint)


def scenes(edit, checkpoint, names: list[str]) -> tuple[Scene, Scene]:
    """The edit's scene, and the same without comparison. Raises ValueError and `MissingData` with the remedy.

    The session keeps them while only slider values change, so that a scene's token stays good.
    """
    made_for = (replace(edit, values={}), checkpoint)
    held = st.session_state.get("faces scenes")
    if held is None or held[0] != made_for:
        name = checkpoint.card["data"]["name"]
        if edit.start == "data" and not data.is_ready(name):
            raise data.MissingData(name, f"the pictures of '{name}' are not ready on this machine")
        plain = scene(checkpoint, replace(edit, compare=False), names)
        held = made_for, (scene(checkpoint, edit, names) if edit.compare else plain, plain)
        st.session_state["faces scenes"] = held
    return held[1]


@st.dialog("Faces the model never saw", width="large")
def _browse(history, name: str) -> None:
    if not data.is_ready(name):
        preparing.offer(name, done=lambda: st.session_state.update({"faces dialog": "data"}))  # opens this again
        return
    try:
        faces = data.load(name, "test")
    except (data.MissingData, OSError, ValueError) as error:
        explain(error)
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
        st.info("No face of the test split is like that: take a filter away.", icon=":material/filter_alt_off:")
        return
    leaves = -(-len(found) // SHOWN)
    leaf = st.number_input(f"Leaf (of {leaves:,}, with {len(found):,} faces)", 1, leaves, width=240) - 1
    with st.container(horizontal=True, gap="small"):
        for index in found[leaf * SHOWN : (leaf + 1) * SHOWN].tolist():
            with st.container(width=92, gap="xxsmall"):
                shows = [words(attribute) for attribute in compress(faces.attribute_names, faces.attributes[index])]
                st.image(np.asarray(faces.images[index]), width="stretch", alt=f"Face {index}: {', '.join(shows)}")
                if st.button(
                    str(index), key=f"faces browse {index}", help="Start from this face", width="stretch",
                    on_click=history.push, kwargs={"start": "data", "index": index},
                ):  # fmt: skip
                    st.rerun()


@st.dialog("Your photo", width="large")
def _photo(history, checkpoint) -> None:
    st.caption("The photo stays in this session's memory and is not stored; only its latent vector goes on.")
    source = st.segmented_control("From", ["A file", "The camera"], default="A file", required=True)
    if source == "A file":
        upload = st.file_uploader("Photo", help="JPEG, PNG, WebP or anything else that Pillow reads")
    else:
        upload = st.camera_input("Photo")
        st.caption(
            "Browsers lend the camera to pages under https or on localhost only. Elsewhere, take a photo and upload it."
        )
    if upload is None:
        return
    try:
        photo = open_photo(upload.getvalue())
    except BadImage as error:
        explain(error)
        return
    picture, controls = st.columns(2)
    with controls:
        zoom = st.slider("Zoom", 1.0, 5.0, 1.0, 0.05)
        x = st.slider("Left – right", 0.0, 1.0, 0.5, 0.01)
        y = st.slider("Up – down", 0.0, 1.0, 0.5, 0.01)
        st.caption("Bring eyes and mouth to the rings: that is where they were in training.")
        use = st.button("Use this face", type="primary", width="stretch")
    ringed = _with_rings(crop_square(photo, 384, x, y, zoom), checkpoint.card["data"]["name"])
    picture.image(ringed, width="stretch", alt="The part of your photo that the model will see")
    if use:
        size = checkpoint.model.image_shape[-1]
        latent = encode_picture(checkpoint, crop_square(photo, size, x, y, zoom))
        history.push(start="photo", photo=pack(latent))
        st.rerun()


def _with_rings(pixels: np.ndarray, name: str) -> np.ndarray:
    picture = Image.fromarray(pixels)
    draw, side = ImageDraw.Draw(picture), len(pixels)
    for x, y in (*EYES, MOUTHS.get(name, MOUTHS["celeba"])):
        for radius, colour in ((0.035, "black"), (0.031, "white")):
            box = [(x - radius) * side, (y - radius) * side, (x + radius) * side, (y + radius) * side]
            draw.ellipse(box, outline=colour, width=2)
    return np.asarray(picture)
