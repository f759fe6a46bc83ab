"""What is written whole or not at all; what an interrupt must leave whole; and the processes that it ends."""

import errno
import multiprocessing
import operator
import signal
from concurrent.futures import ProcessPoolExecutor

import pytest
import torch

from gen_lab import files
from gen_lab.data import parallel


@pytest.fixture(autouse=True)
def interruptible():
    """Ctrl-C as in the foreground: what a script puts into the background starts with it ignored."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


def test_a_file_takes_its_place_when_it_is_whole(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with files.whole_file(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after" and path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_takes_its_place_when_it_is_whole(tmp_path):
    folder = tmp_path / "above" / "folder"
    for content in ("one", "two"):
        with files.whole_folder(folder) as fresh:
            (fresh / content).write_text(content)
            (fresh / content).chmod(0o600)
        assert [path.name for path in folder.iterdir()] == [content]
    assert folder.stat().st_mode & 0o777 == 0o755 and (folder / "two").stat().st_mode & 0o777 == 0o644
    assert list(folder.parent.iterdir()) == [folder]


def write_file(path):
    with files.whole_file(path) as file:
        file.write(b"half")
        yield


def write_folder(path):
    with files.whole_folder(path) as fresh:
        (fresh / "file").write_text("half")
        yield


@pytest.mark.parametrize("write", [write_file, write_folder])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), ValueError("another one"), KeyboardInterrupt()])
def test_an_error_leaves_what_was_there(tmp_path, write, error):
    for before in ([], [tmp_path / "kept"]):
        for path in before:
            list(write(path))
        writing = write(tmp_path / "kept")
        next(writing)
        with pytest.raises(files.DiskFull if isinstance(error, OSError) else type(error)):
            writing.throw(error)
        assert list(tmp_path.iterdir()) == before


def test_a_full_disk_is_named_with_the_file_and_the_remedy(tmp_path):
    with pytest.raises(files.DiskFull) as caught, files.whole_file(tmp_path / "file", "tidy up"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(caught.value) == f"the disk is full: {tmp_path / 'file'} cannot be written; tidy up"
    assert caught.value.errno == errno.ENOSPC


def test_a_library_that_meets_a_full_disk_is_understood(tmp_path):
    with pytest.raises(files.DiskFull), files.whole_file(tmp_path / "file"), open("/dev/full", "wb") as full:
        torch.save({"weights": torch.zeros(100_000)}, full)


def test_too_little_room_is_noticed_beforehand(tmp_path):
    too_little = pytest.raises(files.DiskFull, match="folder needs .* MB; free some space")
    with too_little, files.whole_folder(tmp_path / "folder", size=10**18):
        raise AssertionError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one(tmp_path, monkeypatch):
    folder, replace = tmp_path / "folder", files.os.replace
    list(write_folder(folder))
    writing = write_folder(folder)
    next(writing)

    def refuse(source, target):
        if target == folder and not str(source).endswith("-old"):
            raise PermissionError("no")
        replace(source, target)

    monkeypatch.setattr(files.os, "replace", refuse)
    with pytest.raises(PermissionError):
        next(writing)
    assert list(tmp_path.iterdir()) == [folder] and (folder / "file").is_file()


def test_results_come_in_order():
    assert list(parallel.ordered(operator.neg, range(20), processes=2)) == [-number for number in range(20)]


def test_an_interrupt_waits_for_what_must_be_whole():
    done = []
    with pytest.raises(KeyboardInterrupt), files.held_back():
        signal.raise_signal(signal.SIGINT)
        done.append(True)
    assert done and signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("moment", ["while they start", "between two results"])
def test_an_interrupt_ends_the_processes(monkeypatch, moment):
    class Interrupted(ProcessPoolExecutor):
        def _adjust_process_count(self):
            super()._adjust_process_count()
            signal.raise_signal(signal.SIGINT)

    if moment == "while they start":
        monkeypatch.setattr(parallel, "ProcessPoolExecutor", Interrupted)
    results = parallel.ordered(operator.neg, range(1_000), processes=2)
    with pytest.raises(KeyboardInterrupt):
        for _ in results:
            signal.raise_signal(signal.SIGINT)
    results.close()
    assert not multiprocessing.active_children()
