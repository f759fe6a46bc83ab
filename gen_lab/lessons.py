"""A lesson: states of pages as slides, each with a note for the teacher. It fits in a file, and often in a link.

    lesson = Lesson("Autoencoders", (Slide("digits", {"beta": "0"}, "What do you see in the gaps?"),))
    unpack(pack(lesson), pages) == lesson
    from_json(to_json(lesson), pages) == lesson

Files and links come from strangers. They are read within limits, their pages have to be there, and their queries are
text, which the page itself checks when the slide is opened (gen_lab/links.py).
"""

import base64
import json
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace

SLIDES = 60  # of a lesson
TITLE = 100  # characters
NOTE = 2000
PARAMETERS = 120  # of a query
NAME = 100  # characters of a parameter's name
QUERY = 30_000  # characters of a query's names and values: an exemplar of Arithmetic may be a photo
LINK = 6000  # characters of a packed lesson: a proxy refuses an address beyond 8 kB
CONTENT = 4_000_000  # bytes of a lesson's JSON, which is more than the largest lesson has
REMEDY = "open the file that Export saved, or ask for the link again"


@dataclass(frozen=True)
class Slide:
    """A page in a state: the query of its link, by name."""

    page: str
    query: dict[str, str] = field(default_factory=dict, hash=False)
    note: str = ""


@dataclass(frozen=True)
class Lesson:
    title: str = ""
    slides: tuple[Slide, ...] = ()

    def adding(self, *slides: Slide) -> "Lesson":
        """The lesson with more slides at the end. Raises ValueError for more than `SLIDES`."""
        if len(self.slides) + len(slides) > SLIDES:
            raise ValueError(f"a lesson has at most {SLIDES} slides: take one away first")
        return replace(self, slides=(*self.slides, *slides))

    def titled(self, title: str) -> "Lesson":
        return replace(self, title=title[:TITLE])

    def noting(self, index: int, note: str) -> "Lesson":
        """The lesson with another note on one slide."""
        slides = list(self.slides)
        slides[index] = replace(slides[index], note=note[:NOTE])
        return replace(self, slides=tuple(slides))

    def moving(self, index: int, by: int) -> "Lesson":
        """The lesson with one slide further up (-1) or down (+1), as far as it goes."""
        slides = list(self.slides)
        slide = slides.pop(index)
        slides.insert(min(max(index + by, 0), len(slides)), slide)
        return replace(self, slides=tuple(slides))

    def removing(self, index: int) -> "Lesson":
        """The lesson without one slide."""
        return replace(self, slides=self.slides[:index] + self.slides[index + 1 :])

    def without_notes(self) -> "Lesson":
        return replace(self, slides=tuple(replace(slide, note="") for slide in self.slides))


# -- as a file ---------------------------------------------------------------------------------------------------------


def to_json(lesson: Lesson) -> str:
    """A lesson as a file that people can read and change."""
    slides = [{"page": slide.page, "query": slide.query, "note": slide.note} for slide in lesson.slides]
    return json.dumps({"title": lesson.title, "slides": slides}, ensure_ascii=False, indent=2) + "\n"


def from_json(text: str | bytes, pages: Collection[str]) -> Lesson:
    """The lesson of a file. Raises ValueError, with the remedy, for anything but a lesson of these pages."""
    if len(text) > CONTENT:
        raise ValueError(f"this file is too large for a lesson: {REMEDY}")
    content = _json(text)
    if not isinstance(content, dict):
        raise ValueError(f"this is no lesson: {REMEDY}")
    slides = content.get("slides")
    if not isinstance(slides, list) or not all(isinstance(slide, dict) for slide in slides):
        raise ValueError(f"this lesson has no list of slides: {REMEDY}")
    parts = [(slide.get("page"), slide.get("query", {}), slide.get("note", "")) for slide in slides]
    return _lesson(content.get("title", ""), parts, pages)


# -- as a link ---------------------------------------------------------------------------------------------------------


def pack(lesson: Lesson) -> str:
    """A lesson as letters for a link: JSON, compressed, in base64url. Raises ValueError if there are too many."""
    content = [lesson.title, [[slide.page, slide.query, slide.note] for slide in lesson.slides]]
    parts = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    letters = base64.urlsafe_b64encode(zlib.compress(parts, 9)).decode().rstrip("=")
    if len(letters) > LINK:
        raise ValueError("this lesson is too long for a link: leave the notes out, or send it as a file")
    return letters


def unpack(letters: str, pages: Collection[str]) -> Lesson:
    """The lesson of a link. Raises ValueError, with the remedy, for anything but a lesson of these pages."""
    damaged = ValueError(f"this lesson's link is damaged or cut short: {REMEDY}")
    if len(letters) > LINK:
        raise damaged
    try:
        packed = base64.b64decode(letters + "=" * (-len(letters) % 4), altchars=b"-_", validate=True)
        inflater = zlib.decompressobj()
        parts = inflater.decompress(packed, CONTENT)
    except (ValueError, zlib.error):
        raise damaged from None
    content = _json(parts) if inflater.eof else None
    if not isinstance(content, list) or len(content) != 2 or not isinstance(content[1], list):
        raise damaged
    if not all(isinstance(slide, list) and len(slide) == 3 for slide in content[1]):
        raise damaged
    return _lesson(content[0], content[1], pages)


# -- checks ------------------------------------------------------------------------------------------------------------


def _json(text: str | bytes):
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"this is no lesson: {REMEDY}") from None


def _lesson(title, slides: list, pages: Collection[str]) -> Lesson:
    """A lesson of a title and (page, query, note) for each slide. Raises ValueError with the remedy."""
    if not _is_text(title, TITLE):
        raise ValueError(f"the title of this lesson is not text of {TITLE} characters or fewer: shorten it in the file")
    if len(slides) > SLIDES:
        raise ValueError(f"this lesson has {len(slides):,} slides: leave at most {SLIDES} in the file")
    return Lesson(title, tuple(_slide(number, parts, pages) for number, parts in enumerate(slides, 1)))


def _slide(number: int, parts: tuple, pages: Collection[str]) -> Slide:
    page, query, note = parts
    if not isinstance(page, str) or page not in pages:
        name = f" '{page}'" if _is_text(page, 40) else ""
        raise ValueError(f"slide {number} shows a page{name} that is not here: take it out of the file")
    if not is_query(query):
        raise ValueError(f"the query of slide {number} is not a page's: copy it from the page's link")
    if not _is_text(note, NOTE):
        raise ValueError(f"the note of slide {number} is not text of {NOTE:,} characters or fewer: shorten it")
    return Slide(page, query, note)


def is_query(query) -> bool:
    """Whether this can be a link's query: texts by name, within limits."""
    return (
        isinstance(query, dict)
        and len(query) <= PARAMETERS
        and all(_is_text(name, NAME) and _is_text(value, QUERY) for name, value in query.items())
        and sum(len(name) + len(value) for name, value in query.items()) <= QUERY
    )


def _is_text(value, longest: int) -> bool:
    """Whether a value is text that can be written: half a pair of surrogates, which JSON allows, cannot."""
    return (
        isinstance(value, str) and len(value) <= longest and not any("\ud800" <= letter <= "\udfff" for letter in value)
    )
