"""Pictures with sentences that describe them, in files or in a zip, opened one at a time."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image


class Photos:
    """A sequence of RGB pictures (`PIL.Image`), of any size, decoded when asked for.

    `source` is a folder, or a zip in which they lie in one (`folder_in_zip`). Indexing raises ValueError, with the
    file's name, for one that is missing or damaged.
    """

    def __init__(self, source: Path, files: tuple[str, ...], folder_in_zip: str = ""):
        self.source, self.files, self._within = source, files, folder_in_zip
        self._archive = None

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Image.Image:
        file = self.files[index]
        try:
            return Image.open(io.BytesIO(self._read(file))).convert("RGB")
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise ValueError(f"{file} in {self.source} is missing or damaged: fetch the pictures again") from error

    @property
    def state(self) -> str:
        """A cache key: it changes with the files' names and with the zip or folder."""
        status = self.source.stat()
        words = (str(self.source.resolve()), status.st_size, status.st_mtime_ns, *self.files)
        return hashlib.sha256(repr(words).encode()).hexdigest()[:16]

    def _read(self, file: str) -> bytes:
        if self.source.is_dir():
            return (self.source / file).read_bytes()
        self._archive = self._archive or zipfile.ZipFile(self.source)
        return self._archive.read(f"{self._within}/{file}")


@dataclass(frozen=True, eq=False)
class CaptionData:
    """One split of a data set of pictures with captions."""

    name: str
    images: Photos  # N pictures
    captions: tuple[tuple[str, ...], ...]  # of each picture, as people wrote them
    licence: str
    split: str

    def __len__(self) -> int:
        return len(self.images)
