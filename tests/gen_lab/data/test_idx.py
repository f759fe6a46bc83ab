"""MNIST and Fashion-MNIST: the official files are read as they are, and hostile ones do no harm."""

import gzip
import os
import resource
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab import data
from gen_lab.data import MissingData, fashion, idx
from train import data as command

FOLDERS = {"mnist": "MNIST/raw", "fashion": "FashionMNIST/raw"}


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """An empty data folder for each test, and no Debian package."""
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(fashion, "DEBIAN", tmp_path / "usr")
    return tmp_path / "data"


def packed(numbers: np.ndarray) -> bytes:
    """An IDX file's content."""
    return struct.pack(f">HBB{numbers.ndim}I", 0, 8, numbers.ndim, *numbers.shape) + numbers.tobytes()


def write(folder: Path, train=12, test=4, zipped=True) -> Path:
    """The four official files; each picture's brightness is its label."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, count in (("train", train), ("t10k", test)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = np.tile(labels[:, None, None], (1, 28, 28))
        for name, numbers in ((f"{part}-images-idx3-ubyte", images), (f"{part}-labels-idx1-ubyte", labels)):
            if zipped:
                (folder / f"{name}.gz").write_bytes(gzip.compress(packed(numbers)))
            else:
                (folder / name).write_bytes(packed(numbers))
    return folder


@pytest.mark.parametrize("zipped", [True, False], ids=["gzipped", "unpacked"])
@pytest.mark.parametrize("name", FOLDERS)
def test_the_official_files_become_grey_pictures_with_one_class_each(root, name, zipped):
    assert not data.is_ready(name)
    write(root / FOLDERS[name], zipped=zipped)
    assert data.is_ready(name)
    train, valid, test = (data.load(name, split) for split in data.SPLITS)
    assert [len(train), len(valid), len(test)] == [6, 6, 4]
    assert train.images.shape == (6, 28, 28, 1) and train.images.dtype == np.uint8 and not train.images.flags.writeable
    labels = np.concatenate([train.attributes, valid.attributes]).argmax(1)
    assert np.array_equal(labels, np.arange(12) % 10)  # the validation split is the end of the training set
    for part in (train, valid, test):
        assert part.attributes.dtype == bool and (part.attributes.sum(1) == 1).all() and part.attributes.shape[1] == 10
        assert np.array_equal(part.images[:, 5, 5, 0], part.attributes.argmax(1))
    assert train.attribute_names[9] == {"mnist": "9", "fashion": "Ankle_Boot"}[name]


def test_of_sixty_thousand_the_last_five_thousand_validate(root):
    write(root / "MNIST/raw", train=60_000)
    assert len(data.load("mnist", "train")) == 55_000 and len(data.load("mnist", "valid")) == 5_000


def test_debians_package_serves_fashion(tmp_path):
    write(tmp_path / "usr")
    assert len(data.load("fashion", "test")) == 4


def test_a_changed_file_is_read_again(root):
    folder = write(root / "MNIST/raw")
    data.load("mnist", "test")
    write(folder, test=5)
    os.utime(folder / "t10k-labels-idx1-ubyte.gz", ns=(1, 1))
    os.utime(folder / "t10k-images-idx3-ubyte.gz", ns=(1, 1))
    assert len(data.load("mnist", "test")) == 5


@pytest.mark.parametrize("name", FOLDERS)
def test_a_missing_file_names_the_command(root, name):
    folder = write(root / FOLDERS[name])
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    assert not data.is_ready(name)
    with pytest.raises(MissingData, match=f"but not t10k-labels-idx1-ubyte: run python -m train.data {name}"):
        data.load(name, "test")


WHOLE = packed(np.zeros((3, 28, 28), np.uint8))
BROKEN = {
    "empty": b"",
    "short": WHOLE[:3],
    "header only": WHOLE[:16],
    "truncated": WHOLE[:-1],
    "too long": WHOLE + b"x",
    "text": b"<html>404 Not Found</html>",
    "floats": struct.pack(">HBBI", 0, 13, 1, 4) + bytes(16),
    "no dimensions": struct.pack(">HBB", 0, 8, 0),
    "255 dimensions": struct.pack(">HBB", 0, 8, 255) + b"\xff" * 2000,
    "huge": struct.pack(">HBBIII", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1),
    "larger than it is": struct.pack(">HBBIII", 0, 8, 3, 2**17, 28, 28),
    "truncated gzip": gzip.compress(WHOLE)[:-9],
    "gzip without content": b"\x1f\x8b",
    "gzip with a wrong sum": gzip.compress(WHOLE)[:-8] + bytes(8),
    "broken deflate": gzip.compress(WHOLE)[:10] + b"\xff" * 40,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_says_so_and_names_the_remedy(root, content):
    folder = write(root / "MNIST/raw")
    path = folder / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(MissingData) as caught:
        data.load("mnist", "test")
    assert str(caught.value).startswith(f"{path} is damaged (")
    assert str(caught.value).endswith("), delete it: run python -m train.data mnist")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_no_content_gives_another_error(tmp_path_factory, content, zipped):
    path = tmp_path_factory.getbasetemp() / "hostile"
    path.write_bytes(gzip.compress(content) if zipped else content)
    try:
        numbers = idx.read(path)
    except ValueError:
        return
    assert packed(numbers) == content


@pytest.mark.parametrize(
    "labels", [np.zeros(3, np.uint8), np.full(4, 10, np.uint8), np.zeros((4, 1), np.uint8)],
    ids=["too few", "an eleventh class", "of another shape"],
)  # fmt: skip
def test_files_that_do_not_belong_together(root, labels):
    folder = write(root / "MNIST/raw")
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(packed(labels)))
    with pytest.raises(MissingData, match="do not belong together, delete both: run python -m train.data mnist"):
        data.load("mnist", "test")


@pytest.mark.slow
def test_a_gzip_bomb_takes_no_memory(tmp_path):
    """A small header followed by 2 GB of zeros in 2 MB: reading it must not need them."""
    bomb = tmp_path / "bomb.gz"
    with gzip.open(bomb, "wb", compresslevel=1) as file:
        file.write(struct.pack(">HBBI", 0, 8, 1, 100))
        for _ in range(200):
            file.write(bytes(10_000_000))
    code = (
        "import sys; from gen_lab.data import idx\n"
        "try: idx.read(sys.argv[1])\n"
        "except ValueError as error: print(error)\n"
        "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, bomb], capture_output=True, text=True, check=True)
    said, memory = done.stdout.splitlines()
    assert said == "it is longer than its header says"
    assert int(memory) < resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + 500_000  # KB


@pytest.mark.parametrize("place", ["MNIST", "mnist", "MNIST/raw", "MNIST/archive/raw", "Mnist/train-images-idx3-ubyte"])
@pytest.mark.parametrize("zipped", [True, False])
def test_the_files_are_found_in_every_spelling(root, place, zipped):
    folder = write(root / place, zipped=zipped)
    for path in folder.iterdir():
        path.rename(folder / path.name.replace("-idx", ".idx"))
    assert data.is_ready("mnist") and len(data.load("mnist", "test")) == 4


def test_pictures_of_two_sizes_are_refused(root):
    folder = write(root / "MNIST/raw")
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(packed(np.zeros((4, 32, 32), np.uint8))))
    for split in data.SPLITS:
        with pytest.raises(MissingData) as caught:
            data.load("mnist", split)
        assert str(caught.value) == (
            f"{folder}/train-images-idx3-ubyte.gz has pictures of 28 x 28 pixels and "
            f"{folder}/t10k-images-idx3-ubyte.gz of 32 x 32, delete the wrong files: run python -m train.data mnist"
        )


# The command


@pytest.mark.parametrize("name", FOLDERS)
def test_the_command_fetches_what_is_missing(root, monkeypatch, capsys, name):
    import torchvision

    def fetch(folder, download):
        assert download
        write(Path(folder) / FOLDERS[name])

    monkeypatch.setattr(torchvision.datasets, {"mnist": "MNIST", "fashion": "FashionMNIST"}[name], fetch)
    assert command.main([name]) == 0
    assert f"{name} is ready: 6 train, 6 valid, 4 test; 28 x 28 pixels, 10 attributes" in capsys.readouterr().out


@pytest.mark.parametrize("name", FOLDERS)
def test_the_command_says_what_to_do_without_internet(root, monkeypatch, capsys, name):
    import torchvision

    def no_network(*_, **__):
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setattr(torchvision.datasets, {"mnist": "MNIST", "fashion": "FashionMNIST"}[name], no_network)
    assert command.main([name]) == 1
    message = capsys.readouterr().err
    assert "Error downloading" in message and str((root / FOLDERS[name]).parent) in message
    assert "train-images-idx3-ubyte.gz" in message and f"python -m train.data {name} again" in message
