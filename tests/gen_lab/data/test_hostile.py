"""Whatever the files hold, a reader gives the right value, or one sentence that names the file and the remedy. It
writes nothing beside its cache, and takes little memory."""

import gzip
import io
import struct
import tracemalloc
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gen_lab import data
from gen_lab.data import celeba, coco, flickr8k, idx, reading
from tests.sources import photo, write_celeba

few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MEMORY = 30_000_000  # bytes that a reader may take for a file of some hundred
REMEDIES = ("fetch", "save it as UTF-8", "take one of them away", "take it away", "delete", "is not")

LETTERS = "aAé中😀1 ,#'\"()-_.\u2028\x85\x0b"
words = st.text(LETTERS, max_size=12)
names = st.sampled_from(["000000.jpg", "000001.JPG", "my face.jpg", "../x.jpg", "/etc/passwd.png", "../../b.png"])
texts = st.one_of(
    st.binary(max_size=200),
    st.text(LETTERS + "\r\n\t\0", max_size=100).map(str.encode),
    st.text(LETTERS + "\r\n\t\0", max_size=50).map(lambda text: text.encode("utf-16")),
)


def outcome(read, path: Path):
    """What a reader gives, or None where it refuses as it should."""
    tracemalloc.start()
    try:
        return read()
    except (ValueError, data.MissingData) as error:
        message = str(error)
        assert path.name in message and "\n" not in message and any(remedy in message for remedy in REMEDIES), message
    finally:
        assert tracemalloc.get_traced_memory()[1] < MEMORY
        tracemalloc.stop()


def tree(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


# Lists


@few
@given(content=texts)
@pytest.mark.parametrize(
    "read", [celeba.read_attributes, celeba.read_partition, flickr8k.read_captions, coco.read_captions]
)
def test_no_list_gives_another_error(tmp_path, read, content):
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    outcome(lambda: read(path), path)
    assert tree(tmp_path) == {str(path)}


rows = st.dictionaries(
    st.text("aAé中1 ()-_.", min_size=1, max_size=12).map(str.strip).filter(bool),
    st.integers(0, 2), min_size=1, max_size=20,
)  # fmt: skip
codings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
ends = st.sampled_from(["\n", "\r\n", "\r"])


@few
@given(parts=rows, coding=codings, end=ends, comma=st.booleans())
def test_any_partition_is_read_as_it_was_written(tmp_path, parts, coding, end, comma):
    assume(len({reading.key(name) for name in parts}) == len(parts))
    path = tmp_path / ("list.csv" if comma else "list.txt")
    lines = [f"{name}.jpg{',' if comma else ' '}{part}" for name, part in parts.items()]
    path.write_bytes(end.join([*(["image_id,partition"] if comma else []), *lines]).encode(coding))
    assert celeba.read_partition(path) == {reading.key(f"{name}.jpg"): part for name, part in parts.items()}


@few
@given(parts=rows, coding=codings, end=ends, comma=st.booleans(), counted=st.booleans())
def test_any_attributes_are_read_as_they_were_written(tmp_path, parts, coding, end, comma, counted):
    assume(len({reading.key(name) for name in parts}) == len(parts))
    path, sign = tmp_path / "list.txt", "," if comma else " "
    values = {name: [part > 0, part > 1] for name, part in parts.items()}
    lines = [sign.join([f"{name}.jpg", *("1" if value else "-1" for value in row)]) for name, row in values.items()]
    header = ["image_id,Smiling,Bald"] if comma else [*([str(len(parts))] if counted else []), "Smiling Bald"]
    path.write_bytes(end.join([*header, *lines]).encode(coding))
    attribute_names, table = celeba.read_attributes(path)
    assert attribute_names == ("Smiling", "Bald")
    assert {name: row.tolist() for name, row in table.items()} == {
        reading.key(f"{name}.jpg"): row for name, row in values.items()
    }


@few
@given(captions=st.lists(words.map(str.strip).filter(bool), min_size=1, max_size=10), coding=codings, end=ends)
def test_any_captions_are_read_as_they_were_written(tmp_path, captions, coding, end):
    path = tmp_path / "captions.txt"
    path.write_bytes(end.join(f"1.jpg#{n}\t{text}" for n, text in enumerate(captions)).encode(coding))
    assert flickr8k.read_captions(path) == {"1": tuple(captions)}


# Zips


@cache
def zipped() -> bytes:
    """A sound zip with a picture."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("img_align_celeba/000000.jpg", photo("red"))
    return buffer.getvalue()


@few
@given(st.data())
def test_no_damage_to_a_zip_gives_another_error(tmp_path, data):
    content = bytearray(zipped())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "faces.zip"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    pictures = outcome(lambda: reading.Pictures(path), path)
    for file in pictures.files if pictures else ():
        photo = outcome(lambda file=file: pictures.open(file), path)
        assert photo is None or photo.mode == "RGB"
    assert tree(tmp_path) == {str(path)}


@few
@given(members=st.lists(st.tuples(names, st.sampled_from([photo("red"), b"", b"no picture"])), max_size=5))
def test_no_name_in_a_zip_leads_out_of_it(tmp_path, members):
    path = tmp_path / "faces.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in dict(members).items():
            archive.writestr(name, content)
    pictures = reading.Pictures(path)
    for key, file in pictures.by_name().items():
        assert key == reading.key(file)
        photo = outcome(lambda file=file: pictures.open(file), path)
        assert (photo is None) == (len(dict(members)[file]) < 20)
    assert tree(tmp_path) == {str(path)}


@settings(few, max_examples=15)
@given(rows=st.lists(st.tuples(names, st.sampled_from("0123")), max_size=8))
def test_no_partition_writes_anything_beside_the_cache(tmp_path_factory, rows):
    root = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEN_LAB_DATA", str(root))
        folder = write_celeba(root, count=3)
        path = folder / celeba.FILES[1]
        path.write_text("\n".join(f"{name} {part}" for name, part in rows), "utf-8")
        before = tree(root)
        train = outcome(lambda: celeba.load("train"), root)
        made = tree(root) - before
        assert all(place.startswith(str(root / "cache")) for place in made)
        if train is None:
            return
        parts = {reading.key(name): part for name, part in rows}
        assert len(train) == sum(parts.get(key) == "0" for key in ("000000", "000001", "000002"))


# IDX


@few
@given(
    shape=st.lists(st.integers(0, 2**32 - 1), max_size=5), kind=st.sampled_from([8, 8, 8, 13, 0, 255]),
    body=st.binary(max_size=100), packed=st.booleans(),
)  # fmt: skip
def test_no_header_gives_another_error_or_takes_memory(tmp_path, shape, kind, body, packed):
    path = tmp_path / "train-images-idx3-ubyte"
    content = struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape) + body
    path.write_bytes(gzip.compress(content) if packed else content)
    tracemalloc.start()
    try:
        numbers = idx.read(path)
    except ValueError:
        return
    finally:
        assert tracemalloc.get_traced_memory()[1] < MEMORY
        tracemalloc.stop()
    assert (kind, numbers.shape, numbers.tobytes()) == (8, tuple(shape), body)


def test_a_header_that_claims_much_takes_no_memory(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(struct.pack(">HBBI", 0, 8, 1, 199_000_000))
    tracemalloc.start()
    with pytest.raises(ValueError, match="truncated"):
        idx.read(path)
    assert tracemalloc.get_traced_memory()[1] < MEMORY
    tracemalloc.stop()


@few
@given(numbers=st.lists(st.integers(0, 255), min_size=1, max_size=50), packed=st.booleans())
def test_any_numbers_are_read_as_they_were_written(tmp_path, numbers, packed):
    path, written = tmp_path / "labels", np.array(numbers, np.uint8)
    content = struct.pack(">HBBI", 0, 8, 1, len(numbers)) + written.tobytes()
    path.write_bytes(gzip.compress(content) if packed else content)
    assert np.array_equal(idx.read(path), written)
