"""Captions of whatever strangers upload, many at a time."""

import csv
import io

import pytest
import torch
from PIL import Image

from gen_lab import checkpoint
from pages.captions.batch import AT_ONCE, THUMBNAIL, Row, as_csv, caption_text, rows
from pages.captions.pictures import PHOTOS, tensor
from tests.gen_lab.test_images import photo_bytes
from tests.tiny import make_captioner


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return checkpoint.load(make_captioner(tmp_path_factory.mktemp("captioner")) / "caption-photos").model


def animated() -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    return photo_bytes(frames[0], "GIF", save_all=True, append_images=frames[1:])


STRANGE = {
    "huge": lambda: photo_bytes(Image.new("L", (8_000, 8_000), 90), compress_level=1),
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
    assert max(row.thumbnail.size) <= THUMBNAIL


def test_what_is_no_picture_says_so_and_stops_nothing(model):
    files = [(kind, make()) for kind, make in BROKEN.items()]
    shape = photo_bytes(PHOTOS["flower"].open())
    results = list(rows(model, [("first", shape), *files, ("last", shape)]))
    assert [row.name for row in results] == ["first", *BROKEN, "last"]
    assert all("please use" in row.error and row.greedy is None for row in results[1:-1])
    assert results[0].greedy.words == results[-1].greedy.words != ()


def test_a_batch_says_what_one_picture_alone_hears_and_is_as_lazy_as_it_is_asked(model):
    opened = []

    def files():
        for name, photo in PHOTOS.items():
            opened.append(name)
            yield name, photo.path.read_bytes()

    results = rows(model, files(), beam=3)
    first = next(results)
    assert len(opened) == AT_ONCE
    for row in (first, *results):
        images = tensor(PHOTOS[row.name].open())
        for caption, width in ((row.greedy, 1), (row.beam, 3)):
            (alone,) = model.caption(images, beam=width)
            assert caption.words == alone.words
            assert caption.log_probability == pytest.approx(alone.log_probability, abs=1e-3)
    assert opened == list(PHOTOS)


def test_a_csv_file_reads_back_and_holds_no_formulas(model):
    picture = PHOTOS["flower"].path.read_bytes()
    names = ['=cmd|"/c calc"!A1', "+1", "-1", "@sum", "\t=1", " =1", "a, \"b\"\nc.png", "plain.png", "Straße 😀.png"]
    results = [*rows(model, [(name, picture) for name in names]), Row("broken.png", error="no, it is not")]
    data = as_csv(results)
    assert data.startswith(b"\xef\xbb\xbf")
    head, *lines = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert [line[0].removeprefix("'") for line in lines] == [*names, "broken.png"]
    assert [line[0].startswith("'") for line in lines] == [True] * 6 + [False] * 4
    assert lines[0][1] == caption_text(results[0].greedy) and lines[0][3] == caption_text(results[0].beam)
    assert float(lines[0][2]) == pytest.approx(results[0].greedy.log_probability, abs=1e-4)
    assert lines[-1][1:] == ["", "", "", "", "no, it is not"] and len(head) == 6
