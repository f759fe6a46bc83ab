"""Pictures of every mode, format and size, and bytes that are none: the right values, or a refusal with the remedy."""

import io
import resource

import numpy as np
import pillow_heif
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from gen_lab.images import SIDE, BadImage, open_photo
from gen_lab.sources import unpack_picture
from tests.gen_lab.test_images import photo_bytes

pillow_heif.register_heif_opener()
MODES = ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "I;16", "I;16B", "F"]
FORMATS = ["PNG", "TIFF", "WEBP", "JPEG", "GIF", "BMP", "AVIF", "HEIF"]
LOSSY = ("WEBP", "JPEG", "AVIF", "HEIF")
SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40)) | st.sampled_from([(3000, 1), (1, 2100), (1500, 40)])


@st.composite
def pictures(draw) -> tuple[str, bytes]:
    """A file of two plain halves, in any mode that its format takes."""
    mode, kind, size = draw(st.sampled_from(MODES)), draw(st.sampled_from(FORMATS)), draw(SIZES)
    level = st.floats(-1e6, 1e6, width=32) if mode == "F" else st.integers(0, 65535 if mode[0] == "I" else 255)
    bands = len(Image.new(mode, (1, 1)).getbands())
    first, second = ([draw(level) for _ in range(bands)] for _ in range(2))
    picture = Image.new(mode, size, tuple(first) if bands > 1 else first[0])
    picture.paste(tuple(second) if bands > 1 else second[0], (size[0] // 2, 0, *size))
    if mode == "P":
        picture.putpalette(draw(st.binary(min_size=768, max_size=768)))
        if draw(st.booleans()):
            picture.info["transparency"] = first[0]
    try:
        return kind, photo_bytes(picture, kind)
    except (OSError, ValueError, KeyError, RuntimeError):  # a format that does not take the mode
        assume(False)


def expected(picture: Image.Image) -> np.ndarray:
    """What a picture looks like on white, float (H, W, 3) in 0 .. 255."""
    if picture.mode[0] in "IF":
        values = np.asarray(picture).astype(float)
        low, high = (0, 65535) if ";" in picture.mode else (values.min(), values.max())
        return 255 * ((values - low) / (high - low or 1))[..., None].repeat(3, 2)
    rgba = np.asarray(picture.convert("RGBA")).astype(float)
    alpha = rgba[..., 3:] / 255
    return alpha * rgba[..., :3] + 255 * (1 - alpha)


@settings(deadline=None, max_examples=200)
@given(pictures())
def test_a_picture_of_any_mode_has_the_right_values(file):
    kind, data = file
    photo, picture = open_photo(data), Image.open(io.BytesIO(data))
    longest = max(picture.size)
    if longest > SIDE:
        assert max(photo.size) == SIDE
        return
    assert photo.mode == "RGB" and photo.size == picture.size
    difference = np.abs(np.asarray(photo) - expected(picture))
    assert difference.max() <= (3 if kind in LOSSY else 1.01)


def reads_or_refuses(data: bytes) -> None:
    try:
        photo = open_photo(data)
    except BadImage as error:
        assert "please use" in str(error) and "\n" not in str(error)
    else:
        assert photo.mode == "RGB" and max(photo.size) <= SIDE
    with pytest.raises(ValueError, match="upload"):
        unpack_picture(data.decode("latin-1"), (3, 77, 77))


@settings(deadline=None, max_examples=200)
@given(pictures(), st.data())
def test_a_damaged_picture_is_read_or_refused(file, data):
    content = bytearray(file[1])
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    for _ in range(data.draw(st.integers(0, 4))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reads_or_refuses(bytes(content))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 450_000  # kB


BEGINNINGS = [photo_bytes(Image.new("RGB", (9, 9)), kind)[:40] for kind in FORMATS]


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([b"", *BEGINNINGS]), st.binary(max_size=400))
def test_bytes_that_are_no_picture_are_read_or_refused(beginning, rest):
    reads_or_refuses(beginning + rest)
