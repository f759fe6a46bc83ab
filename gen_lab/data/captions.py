"""Pictures with sentences that describe them, in files or in a zip, opened one at a time."""

import hashlib
from dataclasses import dataclass

from PIL import Image

from gen_lab.data.reading import Pictures, key


class Photos:
    """A sequence of RGB pictures (`PIL.Image`), as `open_photo` gives them, decoded when asked for.

    `files` are the names of some of the `pictures`, as lists spell them. Indexing raises ValueError, with the file's
    name, for one that is damaged.
    """

    def __init__(self, pictures: Pictures, files: tuple[str, ...]):
        self.files, self._pictures = files, pictures
        self._members = pictures.by_name()

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Image.Image:
        return self._pictures.open(self._members[key(self.files[index])])

    @property
    def state(self) -> str:
        """A cache key: it changes with the files' names and with the zip or folder."""
        source = self._pictures.source
        status = source.stat()
        words = (str(source.resolve()), status.st_size, status.st_mtime_ns, *self.files)
        return hashlib.sha256(repr(words).encode()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class CaptionData:
    """One split of a data set of pictures with captions."""

    name: str
    images: Photos  # N pictures
    captions: tuple[tuple[str, ...], ...]  # of each picture, as people wrote them
    licence: str
    split: str
    left_out: str = ""  # what the reader left out of the files and why, in words

    def __len__(self) -> int:
        return len(self.images)
