"""Tensors and pixels, and the pictures that strangers upload."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
import torch
from PIL import Image

from gen_lab.images import BadImage, crop_square, encode, enlarge, grid, note, open_photo, to_float, to_uint8


def photo_bytes(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


NOISE = photo_bytes(Image.effect_noise((64, 64), 50).convert("RGB"), "JPEG")


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


@pytest.mark.parametrize(
    "mode, kind", [("I;16", "PNG"), ("I;16", "TIFF"), ("I;16B", "TIFF"), ("I", "TIFF"), ("F", "TIFF")]
)
def test_more_than_eight_bits_are_scaled(mode, kind):
    ramp = Image.fromarray(np.arange(0, 65536, 257, np.uint16)[None].astype(np.int32)).convert(mode)
    photo = open_photo(photo_bytes(ramp, kind))
    assert np.array_equal(np.asarray(photo)[0, :, 0], np.arange(256))
    assert note(photo) == "This picture's values were scaled from 0 .. 65,535 to 0 .. 255."


def test_real_numbers_are_scaled_from_their_range():
    values = np.array([[-0.5, 0, 0.5, np.nan, np.inf, -np.inf]], np.float32)
    photo = open_photo(photo_bytes(Image.fromarray(values), "TIFF"))
    assert np.asarray(photo)[0, :, 0].tolist() == [0, 128, 255, 0, 255, 0]
    assert note(photo) == "This picture's values were scaled from -0.5 .. 0.5 to 0 .. 255."


def test_ordinary_pictures_need_no_note():
    assert note(open_photo(photo_bytes(Image.new("L", (9, 9))))) == ""


def test_a_picture_without_a_number_is_refused():
    with pytest.raises(BadImage, match="no finite values"):
        open_photo(photo_bytes(Image.new("F", (9, 9), float("nan")), "TIFF"))


def png(depth: int, colour: int, row: bytes, transparent: bytes, width: int) -> bytes:
    """A picture of one row, maybe with a transparent colour, also of depths that Pillow does not write."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 1, depth, colour, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" + row))
    extra = chunk(b"tRNS", transparent) if transparent else b""
    return b"\x89PNG\r\n\x1a\n" + header + extra + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("data, expected", [
    (png(1, 0, b"\x40", b"\0\0", 2), [255, 255]),
    (png(2, 0, b"\x18", b"\0\1", 3), [0, 255, 170]),
    (png(4, 0, b"\x7f", b"\0\7", 2), [255, 255]),
    (png(8, 0, b"\x07\x09", b"\0\7", 2), [255, 9]),
    (png(16, 0, struct.pack(">2H", 2570, 2571), struct.pack(">H", 2570), 2), [255, 10]),
    (png(8, 2, b"\0\0\0\1\1\1", bytes(6), 2), [255, 1]),
    (png(16, 2, struct.pack(">6H", *[60000] * 3, *[300] * 3), struct.pack(">3H", *[60000] * 3), 2), [255, 1]),
])  # fmt: skip
def test_a_transparent_colour_lies_on_white_at_every_depth(data, expected):
    assert np.asarray(open_photo(data))[0, :, 1].tolist() == expected


@pytest.mark.parametrize(
    "depth, row, expected", [(1, b"\x40", 255), (2, b"\x10", 85), (4, b"\x05", 85), (8, b"\0U", 85)]
)
def test_grey_pngs_of_every_depth_are_read(depth, row, expected):
    assert open_photo(png(depth, 0, row, b"", 2)).getpixel((1, 0)) == (expected,) * 3


@pytest.mark.parametrize("mode, kind", [
    ("RGBA", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "GIF"), ("RGBA", "WEBP"), ("RGBA", "TIFF"), ("LA", "TIFF"),
    ("RGBA", "AVIF"), ("RGBA", "HEIF"),
])  # fmt: skip
def test_transparency_lies_on_white_in_every_format(mode, kind):
    pillow_heif.register_heif_opener()
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    picture.paste((200, 30, 30, 255), (32, 0, 64, 64))
    photo = open_photo(photo_bytes(picture.convert(mode), kind))
    assert min(photo.getpixel((8, 8))) > 250 and max(photo.getpixel((56, 56))) < 210


def test_exif_rotation_is_applied():
    picture = Image.new("RGB", (40, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate by 90 degrees to the right to show"
    assert open_photo(photo_bytes(picture, "JPEG", exif=exif)).size == (20, 40)


def test_a_phones_picture_is_read_as_it_was_held():
    pillow_heif.register_heif_opener()
    picture, exif = Image.new("RGB", (64, 32), (200, 30, 30)), Image.Exif()
    exif[0x0112] = 6
    photo = open_photo(photo_bytes(picture, "HEIF", exif=exif.tobytes()))
    assert photo.size == (32, 64) and np.abs(np.asarray(photo)[16, 16].astype(int) - (200, 30, 30)).max() < 12


def test_damaged_exif_does_not_matter():
    assert open_photo(photo_bytes(Image.new("RGB", (40, 20)), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff")).size == (40, 20)


def test_of_an_animation_it_is_the_first_picture():
    red, blue = (Image.new("RGB", (40, 30), colour) for colour in ("red", "blue"))
    for kind in ("GIF", "WEBP", "PNG"):
        photo = open_photo(photo_bytes(red, kind, save_all=True, append_images=[blue]))
        assert photo.getpixel((5, 5))[0] > 240 > 20 > photo.getpixel((5, 5))[2]


def test_a_hundred_megapixels_of_jpeg_are_shrunk():
    assert max(open_photo(photo_bytes(Image.new("L", (10_000, 10_000)), "JPEG")).size) == 1024
    assert open_photo(photo_bytes(Image.new("L", (60_000, 1_500)), "JPEG")).size == (1024, 26)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"II*\0" + b"\xff" * 64,
        NOISE[:900], NOISE[:-40], photo_bytes(Image.effect_noise((64, 64), 50))[:-1500],
    ],
)  # fmt: skip
def test_broken_files_say_what_to_do(data):
    with pytest.raises(BadImage, match="please use"):
        open_photo(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_file_that_is_cut_short_says_so(kind):
    data = photo_bytes(Image.effect_noise((64, 64), 50), kind)
    with pytest.raises(BadImage, match="cut short: please use all of it"):
        open_photo(data[: len(data) // 2])


@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_without_its_end_mark_is_whole(missing):
    assert open_photo(NOISE[:-missing]) == open_photo(NOISE)


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
