"""Attention over pictures, and captions of whatever strangers upload."""

import csv
import io

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from gen_lab import checkpoint
from pages.captions import pictures as captions
from pages.captions.pictures import COLOURS, FOLDER, PHOTOS, Row, as_csv, overlay, rows, sentence, smooth, strip, tensor
from tests.gen_lab.test_images import photo_bytes
from tests.tiny import make_captioner

maps = arrays(np.float32, (7, 7), elements=st.floats(0, 1, width=32))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return checkpoint.load(make_captioner(tmp_path_factory.mktemp("captioner")) / "caption-photos").model


def animated() -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    return photo_bytes(frames[0], "GIF", save_all=True, append_images=frames[1:])


def test_every_photo_that_ships_can_be_opened_and_is_credited():
    credits = (FOLDER / "CREDITS.md").read_text("utf-8")
    assert 6 <= len(PHOTOS) <= 8
    for photo in PHOTOS.values():
        assert max(photo.open().size) <= 512 and photo.title and photo.credit
        assert f"`{photo.path.name}`" in credits
    assert {photo.path for photo in PHOTOS.values()} == set(FOLDER.glob("*.webp"))
    assert sum(photo.path.stat().st_size for photo in PHOTOS.values()) < 300_000


@pytest.mark.parametrize("name", COLOURS)
def test_more_attention_is_always_lighter(name):
    table = COLOURS[name]
    assert table.shape == (256, 3) and table.dtype == np.uint8
    luminance = table @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(luminance) > -0.5).all() and luminance[-1] > luminance[0] + 100


@given(maps)
def test_a_smoothed_map_reaches_from_nothing_to_its_own_maximum(grid):
    fine = smooth(torch.from_numpy(grid), (50, 30))
    assert fine.shape == (30, 50) and fine.min() >= 0 and fine.max() <= 1
    assert fine.max() > 0.999 or grid.max() < 1e-9
    louder = smooth(torch.from_numpy(grid / 2), (50, 30))
    assert np.allclose(fine, louder, atol=1e-3) or grid.max() < 1e-9


def test_an_even_map_is_even_and_a_peak_stays_where_it_is():
    assert np.allclose(smooth(torch.full((7, 7), 1 / 49), (70, 70)), 1)
    peak = torch.zeros(7, 7)
    peak[1, 5] = 1
    row, column = np.unravel_index(smooth(peak, (140, 70)).argmax(), (70, 140))
    assert 10 <= row < 20 and 100 <= column < 120


def test_without_strength_the_picture_is_left_and_with_all_of_it_only_colours_are():
    picture, grid = PHOTOS["coffee"].open(), torch.rand(7, 7, generator=torch.Generator().manual_seed(0))
    assert np.array_equal(overlay(picture, grid, 0), picture)
    alone = np.asarray(overlay(picture, grid, 1, "viridis"))
    assert {tuple(pixel) for pixel in alone.reshape(-1, 3)} <= {tuple(colour) for colour in COLOURS["viridis"]}
    half = np.asarray(overlay(picture, grid, 0.5, "viridis"), int)
    assert np.abs(half - (np.asarray(picture, int) + alone) / 2).max() <= 1


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (1024, 1), (1, 1024)])
def test_a_strip_has_the_picture_and_then_every_word(size):
    picture = Image.new("RGB", size, "red")
    words = ("a", "photographer", "antidisestablishmentarianism", *"bcdefghijklmnopqr")
    sheet = strip(picture, words, torch.rand(len(words), 7, 7))
    columns = -(-(len(words) + 1) // 4)
    assert columns == captions.COLUMNS and sheet.mode == "RGB"
    width, tall = captions.TILE + captions.GAP, (sheet.height - captions.GAP) // 4
    assert sheet.width == columns * width + captions.GAP
    for place in range(len(words) + 1):  # a title is dark on white, the picture's own has none
        left, top = captions.GAP + place % columns * width, captions.GAP + place // columns * tall
        title = np.asarray(sheet.crop((left, top, left + captions.TILE, top + captions.TILE // 6)))
        assert (title.min() < 60) == (place > 0) and title.max() == 255


def test_no_words_give_the_picture_alone():
    assert strip(Image.new("RGB", (64, 64)), (), torch.empty(0, 7, 7)).width == captions.TILE + 2 * captions.GAP


STRANGE = {
    "huge": lambda: photo_bytes(Image.new("L", (10_000, 10_000), 90), compress_level=1),
    "grey": lambda: photo_bytes(Image.new("L", (50, 40), 90)),
    "palette": lambda: photo_bytes(Image.effect_noise((50, 40), 60).convert("P")),
    "cmyk": lambda: photo_bytes(Image.new("CMYK", (50, 40), (10, 90, 30, 0)), "JPEG"),
    "animated": animated,
    "transparent": lambda: photo_bytes(Image.new("RGBA", (50, 40), (200, 30, 30, 0))),
    "grey and transparent": lambda: photo_bytes(Image.new("LA", (50, 40), (90, 0))),
    "sixteen bits": lambda: photo_bytes(Image.new("I;16", (50, 40), 9000)),
    "one pixel": lambda: photo_bytes(Image.new("RGB", (1, 1))),
    "a line": lambda: photo_bytes(Image.new("RGB", (3000, 1))),
}
BROKEN = {
    "corrupt": lambda: photo_bytes(Image.effect_noise((64, 64), 50).convert("RGB"), "JPEG")[:900],
    "empty": lambda: b"",
    "no picture": lambda: b"%PDF-1.7",
    "a bomb": lambda: photo_bytes(Image.new("1", (13_000, 13_000))),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strange_picture_has_a_caption(model, kind):
    (row,) = rows(model, [(kind, STRANGE[kind]())])
    assert row.error == "" and row.greedy.words and row.beam.words
    assert torch.allclose(row.beam.attention.sum((1, 2)), torch.ones(len(row.beam.words)), atol=1e-4)
    assert max(row.thumbnail.size) <= captions.THUMBNAIL


def test_what_is_no_picture_says_so_and_stops_nothing(model):
    files = [(kind, make()) for kind, make in BROKEN.items()]
    shape = photo_bytes(PHOTOS["flower"].open())
    found = list(rows(model, [("first", shape), *files, ("last", shape)]))
    assert [row.name for row in found] == ["first", *BROKEN, "last"]
    assert all("please use" in row.error and row.greedy is None for row in found[1:-1])
    assert found[0].greedy.words == found[-1].greedy.words != ()


def test_a_batch_says_what_one_picture_alone_hears_and_is_as_lazy_as_it_is_asked(model):
    taken = []

    def files():
        for name, photo in PHOTOS.items():
            taken.append(name)
            yield name, photo.path.read_bytes()

    found = rows(model, files(), beam=3)
    first = next(found)
    assert len(taken) == captions.BATCH
    for row in (first, *found):
        images = tensor(PHOTOS[row.name].open())
        for caption, width in ((row.greedy, 1), (row.beam, 3)):
            (alone,) = model.caption(images, beam=width)
            assert caption.words == alone.words
            assert caption.log_probability == pytest.approx(alone.log_probability, abs=1e-3)
    assert taken == list(PHOTOS)


def test_a_csv_file_reads_back_and_holds_no_formulas(model):
    picture = PHOTOS["flower"].path.read_bytes()
    names = ['=cmd|"/c calc"!A1', "+1", "-1", "@sum", "\t=1", " =1", "a, \"b\"\nc.png", "plain.png", "Straße 😀.png"]
    found = [*rows(model, [(name, picture) for name in names]), Row("broken.png", error="no, it is not")]
    data = as_csv(found)
    assert data.startswith(b"\xef\xbb\xbf")
    head, *lines = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert [line[0].removeprefix("'") for line in lines] == [*names, "broken.png"]
    assert [line[0].startswith("'") for line in lines] == [True] * 6 + [False] * 4
    assert lines[0][1] == sentence(found[0].greedy) and lines[0][3] == sentence(found[0].beam)
    assert float(lines[0][2]) == pytest.approx(found[0].greedy.log_probability, abs=1e-4)
    assert lines[-1][1:] == ["", "", "", "", "no, it is not"] and len(head) == 6
