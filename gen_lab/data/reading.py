"""What the readers of files that people bring have in common: where things lie, lists in any Unicode, pictures in a
folder or a zip, and the account of what was left out.

    pictures = Pictures(find_pictures(folder, "img_align_celeba"))    # the folder, or the zip, at any depth
    photo = pictures.open(pictures.by_name()[key("000001.jpg")])      # also if it is 000001.JPG
    rows = lines(find_file(folder, "list_attr_celeba.txt"))
    account({"in no list": ["000123.jpg"]})                           # "left out 1 in no list: 000123.jpg"

Names are compared without regard to upper and lower case. What is hidden is passed over, as are the files `._x.png`
that macOS puts beside the others.
"""

import contextlib
import hashlib
import os
import re
import time
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple

from PIL import Image

from gen_lab.data import MissingData, data_root
from gen_lab.images import BadImage, open_photo

DEPTH = 4  # folders within each other that are searched
KINDS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic")  # of pictures
LIST_BYTES = 400_000_000  # of a list, at most; COCO's largest has 92 MB
PICTURE_BYTES = 100_000_000  # of a picture's file, at most
LONG = 0.1  # seconds to look through a folder
REMEMBERED = 20  # times as long as it took

Sources = Mapping[str, Path | None]  # what a data set needs, by its official name -> where it lies


class _Stamp(NamedTuple):
    key: str
    until: float  # of time.monotonic


_stamps: dict[tuple[Path, ...], _Stamp] = {}


def folder(*names: str) -> Path:
    """The folder of a data set under the data root. Its first name is the official one; the others count as well, and
    all of them in upper or lower case, with hyphens or without."""
    root = data_root()
    if not (root / names[0]).is_dir() and root.is_dir():
        folders = {_plain(path.name): path for path in sorted(root.iterdir()) if path.is_dir()}
        for name in names:
            if _plain(name) in folders:
                return folders[_plain(name)]
    return root / names[0]


def find_file(place: Path, *names: str) -> Path | None:
    """The first file of one of these names in a folder or those within it, topmost first."""
    plain = {name.casefold() for name in names}
    return next((Path(entry) for entry in _below(place) if entry.name.casefold() in plain and entry.is_file()), None)


def find_pictures(place: Path, *names: str) -> Path | None:
    """The first folder with pictures, or zip, of one of these names (without ".zip") in a folder or those within it."""
    plain = {name.casefold() for name in names}
    for entry in _below(place):
        name = entry.name.casefold()
        if entry.is_file() and name.endswith(".zip") and name.removesuffix(".zip") in plain:
            return Path(entry)
        if name in plain and entry.is_dir() and _has_pictures(entry.path):
            return Path(entry)
    return None


def lack(name: str, sources: Sources) -> str:
    """What a data set lacks, in words; empty if everything is there, or nothing is needed."""
    there = [path.name for path in sources.values() if path]
    missing = [part for part, path in sources.items() if not path]
    if missing and not there:
        return f"no data set '{name}' under {data_root()}"
    return f"the data set '{name}' has {', '.join(there)}, but not {', '.join(missing)}" if missing else ""


def require(name: str, sources: Sources) -> None:
    """Raises `MissingData`, which says what is there and what is not, unless everything is."""
    if problem := lack(name, sources):
        raise MissingData(name, problem)


def text(path: Path) -> str:
    """A file's text, in UTF-8 or UTF-16, with or without a byte order mark, its lines ended by "\\n".

    Raises ValueError, with the remedy, for anything else.
    """
    if path.stat().st_size > LIST_BYTES:
        raise ValueError(f"{path} is larger than {LIST_BYTES / 1e6:,.0f} MB, which no such file is: fetch it again")
    content = path.read_bytes()
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # what Windows calls Unicode
    try:
        result = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        result = "\0"
    if "\0" in result:
        raise ValueError(f"{path} is no text in UTF-8 or UTF-16: save it as UTF-8, or fetch it again")
    return re.sub("\r\n?", "\n", result)


def lines(path: Path) -> list[str]:
    """The lines of a list that are not blank, without spaces around them. Raises ValueError, also if there are none."""
    rows = [row for line in text(path).split("\n") if (row := line.strip())]
    if not rows:
        raise ValueError(f"{path} is empty: fetch it again")
    return rows


def key(file: str) -> str:
    """What the names of the same picture have in common, in lists, folders and zips: 000001 for img/000001.JPG."""
    name = file.replace("\\", "/").rpartition("/")[2].casefold()
    stem, dot, kind = name.rpartition(".")
    return stem if dot + kind in KINDS else name


def show(name: str) -> str:
    """A name that may hold anything, to print in a sentence."""
    return ascii(name[:60]) if len(name) > 60 or not name.isprintable() else name


def account(left_out: Mapping[str, Collection[str]]) -> str:
    """What was left out and why, in words, of reason -> names; empty if nothing was."""
    parts = [
        f"{len(names):,} {reason}{': ' if len(names) == 1 else ', such as '}{show(min(names))}"
        for reason, names in left_out.items() if names
    ]  # fmt: skip
    return f"left out {'; '.join(parts)}" if parts else ""


def stamp(*sources: Path) -> str:
    """A key that changes with the names, sizes and times of these files and of the pictures in these folders.

    To look at 200,000 pictures takes seconds, and every run of a page asks: what took long is remembered for
    `REMEMBERED` times as long.
    """
    now = time.monotonic()
    if sources in _stamps and now < _stamps[sources].until:
        return _stamps[sources].key
    state = hashlib.sha256()
    for source in sources:
        entries = [entry for entry in _below(source) if _is_picture(entry.name)] if source.is_dir() else [source]
        for entry in entries:
            status, name = entry.stat(), os.fspath(entry)[len(str(source)) :]
            state.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    result, seconds = state.hexdigest()[:16], time.monotonic() - now
    if seconds > LONG:
        _stamps[sources] = _Stamp(result, now + REMEMBERED * seconds)
    return result


class Pictures:
    """The pictures in a folder or a zip, at any depth. `files` are their paths there, sorted.

    Raises ValueError for what is no zip. Threads may read at once.
    """

    def __init__(self, source: Path):
        self.source = source
        self._archive: zipfile.ZipFile | None = None
        if source.is_dir():
            length = len(str(source)) + 1
            names = [entry.path[length:] for entry in _below(source)]
        else:
            try:
                self._archive = zipfile.ZipFile(source)
            except Exception as error:  # it raises many kinds: BadZipFile, struct.error, UnicodeDecodeError, ...
                raise ValueError(f"{source} is damaged, or no zip: fetch it again") from error
            names = self._archive.namelist()
        files = {name for name in names if _is_picture(name)}
        hidden = {name for name in files if _is_hidden(name)}
        self.files = tuple(sorted(files - hidden))
        self.left_out: dict[str, Collection[str]] = {"hidden, as macOS makes them": hidden}

    def by_name(self) -> dict[str, str]:
        """The files by their `key`. Of several with the same, the first counts; the others join `left_out`."""
        members: dict[str, str] = {}
        for file in self.files:
            members.setdefault(key(file), file)
        self.left_out["with a name that another has"] = set(self.files) - set(members.values())
        return members

    def open(self, file: str) -> Image.Image:
        """One of `files` as an upright RGB picture. Raises ValueError, which names it, for what cannot be read."""
        try:
            with self._stream(file) as stream:
                content = stream.read(PICTURE_BYTES + 1)
            if len(content) > PICTURE_BYTES:
                raise BadImage(f"it is larger than {PICTURE_BYTES / 1e6:.0f} MB")
            return open_photo(content)
        except Exception as error:  # zipfile and what it unpacks with raise many kinds
            reason = re.split("[:;]", str(error))[0] if isinstance(error, BadImage) else "it is missing or damaged"
            problem = f"{show(file)} in {self.source} cannot be used, for {reason}"
            raise ValueError(f"{problem}: fetch it again, or take it away to do without it") from error

    def _stream(self, file: str) -> IO[bytes]:
        return self._archive.open(file) if self._archive else open(self.source / file, "rb")


def _has_pictures(place: str, depth: int = DEPTH) -> bool:
    """Whether a folder or one within it holds a picture; it looks no further than the first of perhaps 200,000."""
    with contextlib.suppress(OSError), os.scandir(place) as content:
        for entry in content:
            if _is_picture(entry.name) or (depth > 1 and entry.is_dir() and _has_pictures(entry.path, depth - 1)):
                return True
    return False


def _below(place: Path) -> Iterator[os.DirEntry]:
    """What lies in a folder, and then in those within it that are not hidden, by name. Folders that may not be read
    count as empty."""
    level: list[str] = [str(place)]
    for _ in range(DEPTH):
        entries = []
        for path in level:
            try:
                with os.scandir(path) as content:
                    entries += sorted(content, key=lambda entry: entry.name.casefold())
            except OSError:
                continue
        yield from entries
        level = [entry.path for entry in entries if not _is_picture(entry.name) and entry.is_dir()]
        level = [path for path in level if not _is_hidden(os.path.basename(path))]


def _is_picture(name: str) -> bool:
    return name.casefold().endswith(KINDS)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in re.split(r"[/\\]", name))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())
