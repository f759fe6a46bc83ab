"""Tensors and pixels, and the pictures that strangers upload."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from gen_lab.images import BadImage, crop_square, encode, enlarge, grid, open_photo, to_float, to_uint8


def photo_bytes(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def test_all_256_values_survive_the_way_there_and_back():
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    assert np.array_equal(to_uint8(to_float(pixels)), pixels)
    assert to_float(pixels).min() == -1 and to_float(pixels).max() == 1


def test_overshoots_are_clipped_and_nan_is_grey():
    pixels = to_uint8(torch.tensor([-7.0, 7.0, float("nan"), 0.0]).reshape(1, 1, 2, 2))
    assert pixels.ravel().tolist() == [0, 255, 128, 128]


def test_to_float_refuses_what_is_no_picture():
    with pytest.raises(ValueError, match="uint8"):
        to_float(np.zeros((1, 2, 2, 3), np.float32))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_photos_of_any_common_format(kind):
    photo = open_photo(photo_bytes(Image.new("RGB", (40, 30), (200, 30, 30)), kind))
    assert photo.mode == "RGB" and photo.size == (40, 30)
    assert np.abs(np.asarray(photo)[15, 20].astype(int) - (200, 30, 30)).max() < 12


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_photos_of_any_mode(mode):
    assert open_photo(photo_bytes(Image.new(mode, (9, 9)), "TIFF" if mode in ("CMYK", "F") else "PNG")).mode == "RGB"


def test_exif_rotation_is_applied():
    picture = Image.new("RGB", (40, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate by 90 degrees to the right to show"
    assert open_photo(photo_bytes(picture, "JPEG", exif=exif)).size == (20, 40)


def test_transparency_lies_on_white():
    assert open_photo(photo_bytes(Image.new("RGBA", (4, 4), (0, 0, 0, 0)))).getpixel((0, 0)) == (255, 255, 255)


def test_a_hundred_megapixels_are_shrunk_and_more_are_refused():
    assert max(open_photo(photo_bytes(Image.new("L", (10_000, 10_000)))).size) == 1024
    with pytest.raises(BadImage, match="169 megapixels"):
        open_photo(photo_bytes(Image.new("1", (13_000, 13_000))))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"II*\0" + b"\xff" * 64,
        photo_bytes(Image.effect_noise((64, 64), 50).convert("RGB"), "JPEG")[:900],
        photo_bytes(Image.effect_noise((64, 64), 50))[:-1500],
    ],
)  # fmt: skip
def test_broken_files_say_what_to_do(data):
    with pytest.raises(BadImage, match="please use"):
        open_photo(data)


def test_crop_takes_the_square_it_is_asked_for():
    photo = Image.new("RGB", (300, 100), "black")
    photo.paste("white", (200, 0, 300, 100))
    assert crop_square(photo, 64, x=0.0).max() == 0
    assert crop_square(photo, 64, x=1.0).min() > 230  # the filter sees a little past the edge
    assert crop_square(photo, 64, x=9.0, y=-3.0, zoom=0.1).shape == (64, 64, 3)  # out of range goes as far as it can


def test_grid_lays_out_row_by_row():
    sheet = grid(np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1), columns=2, gap=1, background=9)
    assert sheet[:, :, 0].tolist() == [[0, 9, 1], [9, 9, 9], [2, 9, 9]]


@pytest.mark.parametrize("channels", [1, 3])
def test_png_is_lossless_and_enlarging_keeps_the_channels(channels):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, channels), np.uint8)
    again = np.asarray(Image.open(io.BytesIO(encode(pixels)))).reshape(pixels.shape)
    assert np.array_equal(again, pixels)
    assert enlarge(pixels, 4).shape == (32, 32, channels)
