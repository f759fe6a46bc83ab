"""Files that are written whole or not at all, and a Ctrl-C that waits for the right moment.

    with files.whole_file(folder / "card.json") as file:
        file.write(content)                      # bytes; takes its place at the end of the block

A file has a temporary name, in the same folder, until it is complete and on the disk. An error, a full disk, Ctrl-C or
a kill leaves the old file.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

STOPS = (signal.SIGINT, signal.SIGTERM)  # Ctrl-C, and what ends a service
FULL = (errno.ENOSPC, errno.EDQUOT)  # the disk, and the user's share of it


class DiskFull(OSError):
    """There is no room for a file or folder; the message names it and says what to do."""

    def __init__(self, problem: str, remedy: str):
        super().__init__(f"the disk is full: {problem}; {remedy}")
        self.errno = errno.ENOSPC


def check_folder(path: Path, remedy: str, writable: bool = False) -> None:
    """Raises an OSError, with the remedy, if a file is in the place of the folder `path`, or of one above it, or if the
    folder should be writable and is not. It need not be there yet."""
    place = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not place.is_dir():
        raise NotADirectoryError(f"{place} is a file, where a folder is needed: {remedy}")
    if writable and not os.access(place, os.W_OK):
        raise PermissionError(f"nothing may be written into {place}: {remedy}")


@contextlib.contextmanager
def locked(path: Path, problem: str) -> Iterator[None]:
    """Keeps a second process out of the block, by a lock on a file that stays. Raises BlockingIOError with the problem.

    The lock belongs to the process and ends with it, even if it is killed.
    """
    with open(path, "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BlockingIOError(problem) from None
        except OSError:  # a file system without locks
            pass
        yield


@contextlib.contextmanager
def whole_file(path: Path, remedy: str = "free some space") -> Iterator[BinaryIO]:
    """A binary file to write, which then takes the place of `path`, readable by everybody.

    Raises `DiskFull` with the `remedy`, and whatever else the block raises.
    """
    path = Path(path)
    with room(path, remedy):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with open(handle, "wb") as file:
                yield file
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
            os.replace(name, path)
        finally:
            Path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(path: Path, remedy: str = "free some space", size: int = 0) -> Iterator[Path]:
    """An empty folder to fill with files, which then takes the place of `path`, readable by everybody.

    Raises `DiskFull` with the `remedy`, before the block if fewer than `size` bytes are free, and whatever else the
    block raises. If two processes write the same folder at once, one of them wins.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(path.parent).free < size:
        raise DiskFull(f"{path} needs {size / 1e6:,.0f} MB", remedy)
    with room(path, remedy):
        fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            yield fresh
            for member in fresh.iterdir():
                member.chmod(0o644)
                with open(member, "rb") as file:
                    os.fsync(file.fileno())
            fresh.chmod(0o755)
            with held_back():  # between its two steps there is no folder
                _replace_folder(fresh, path)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _replace_folder(fresh: Path, path: Path) -> None:
    old = fresh.with_name(f"{fresh.name}-old")
    with contextlib.suppress(FileNotFoundError):  # there was none before
        os.replace(path, old)
    try:
        os.replace(fresh, path)
    except OSError:
        if not path.exists():  # else another process was faster
            if old.exists():
                os.replace(old, path)
            raise
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def room(path: Path, remedy: str = "free some space") -> Iterator[None]:
    """Turns every error that comes from a full disk into `DiskFull`."""
    try:
        yield
    except Exception as error:
        if not _is_full(error):
            raise
        raise DiskFull(f"{path} cannot be written", remedy) from error


def _is_full(error: BaseException | None) -> bool:
    """Whether a full disk caused an error, directly or not. PyTorch raises a RuntimeError while it handles the disk's
    error."""
    if error is None or isinstance(error, DiskFull):
        return False
    return getattr(error, "errno", None) in FULL or _is_full(error.__context__)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """The block runs to its end: signals that stop the program take effect after it.

    Outside the main thread it does nothing, since Python handles signals only there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = []
    handlers = {number: signal.signal(number, lambda number, _: signals.append(number)) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number in signals[:1]:
        signal.raise_signal(number)
