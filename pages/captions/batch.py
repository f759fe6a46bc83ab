"""Captions of many pictures at once, as a table and a CSV file."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import islice
from pathlib import Path

import numpy as np
import streamlit as st
import torch
from PIL import Image

from gen_lab.device import on_device
from gen_lab.images import READS, BadImage, note, open_photo
from gen_lab.models.caption import Caption, Captioner
from gen_lab.ui import charts
from gen_lab.ui.frame import remedies
from gen_lab.ui.language import _
from pages.captions.pictures import tensor

CSS = Path(__file__).parent / "batch.css"
MOST = 40  # pictures
MEGABYTES = 20  # of each
AT_ONCE = 4  # pictures captioned in one go
THUMBNAIL = 192  # pixels on the longer side


@dataclass(frozen=True, eq=False)
class Row:
    """The result for one picture of a batch: two captions, or an error, and the photo's `note`."""

    name: str
    thumbnail: Image.Image | None = None
    greedy: Caption | None = None
    beam: Caption | None = None
    error: str = ""
    note: str = ""


def rows(model: Captioner, files: Iterable[tuple[str, bytes]], beam: int = 5) -> Iterator[Row]:
    """The captions of files (name, bytes), in order, `AT_ONCE` at a time; an error for a file that is no picture.

    Files are opened when their turn comes, so the work stops when the caller does.
    """
    files = iter(files)
    while batch := list(islice(files, AT_ONCE)):
        photos, results = {}, {}
        for place, (name, data) in enumerate(batch):
            try:
                photo = open_photo(data)
            except BadImage as error:
                results[place] = Row(name, error=str(error))
                continue
            photos[place] = on_device(model, model.features, tensor(photo)).cpu()
            results[place] = Row(name, photo, note=note(photo))
            photo.thumbnail((THUMBNAIL, THUMBNAIL))
        if photos:
            features = torch.cat(list(photos.values()))
            captions = [on_device(model, lambda maps, width=width: model.describe(maps, width), features)
                        for width in (1, beam)]  # fmt: skip
            for place, greedy, best in zip(photos, *captions, strict=True):
                results[place] = replace(results[place], greedy=greedy, beam=best)
        yield from (results[place] for place in range(len(batch)))


def as_csv(results: Iterable[Row]) -> bytes:
    """A table with a line for each picture, in UTF-8 with a byte order mark, which spreadsheets need.

    A name that begins like a formula gets an apostrophe in front, or a spreadsheet would compute it.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("file", "greedy", "greedy log-probability", "beam", "beam log-probability", "error"))
    for row in results:
        cells = [
            cell
            for caption in (row.greedy, row.beam)
            for cell in ((caption_text(caption), f"{caption.log_probability:.4f}") if caption else ("", ""))
        ]
        writer.writerow((_harmless(row.name), *cells, row.error))
    return file.getvalue().encode("utf-8-sig")


def caption_text(caption: Caption) -> str:
    """The words of a caption with spaces between them."""
    return " ".join(caption.words)


def _harmless(cell: str) -> str:
    return "'" + cell if cell.lstrip()[:1] in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r", "\n") else cell


def caption_batch(checkpoint, beam: int, key: str = "captions batch") -> None:
    """A fold that takes many pictures, and shows their captions, greedy and with `beam` beams.

    It shows its progress and can be stopped. What is done by then stays, and it can go on from there. It is no
    fragment, because Streamlit lets a fragment finish before it handles the press.
    """
    with st.expander(_("Captions of many pictures"), icon=":material/photo_library:"):
        uploads = st.file_uploader(
            _("Up to {count} pictures").format(count=MOST),
            accept_multiple_files=True, max_upload_size=MEGABYTES, key=f"{key} files",
            help=_("{formats}. They stay in this session's memory.").format(formats=READS),
        )  # fmt: skip
        if len(uploads) > MOST:
            text = _("These are {count} pictures; the first {most} are taken.").format(count=len(uploads), most=MOST)
            st.warning(text, icon=":material/filter_list:")
        uploads = uploads[:MOST]
        job = (checkpoint.card["sha256"], beam, *(upload.file_id for upload in uploads))
        last, results = st.session_state.get(f"{key} rows", (None, []))
        if last != job:
            results = []
        if len(results) < len(uploads):
            place = st.empty()
            if st.session_state.get(f"{key} begin"):
                st.session_state[f"{key} rows"] = (job, results)
                _write(place, checkpoint.model, uploads, beam, results, key)
            else:
                _offer(place, len(results), len(uploads), key)
        if results:
            charts.show(table(results, beam), CSS)
            name = f"{checkpoint.card['name']}-captions.csv"
            save = {"icon": ":material/download:", "on_click": "ignore", "key": f"{key} save"}
            st.download_button("CSV", as_csv(results), name, "text/csv", **save)


def _offer(place, done: int, total: int, key: str) -> None:
    with place.container(horizontal=True, vertical_alignment="center"):
        label = _("Go on") if done else _("Write the captions")
        st.button(label, type="primary", icon=":material/play_arrow:", key=f"{key} begin")
        if done:
            st.caption(_("Stopped after {done} of {total} pictures.").format(done=done, total=total))


def _write(place, model, uploads, beam: int, results: list[Row], key: str) -> None:
    with place.container(horizontal=True, vertical_alignment="center"):
        st.button(_("Stop"), icon=":material/stop:", key=f"{key} stop")  # any press ends the run that writes
        bar = st.progress(len(results) / len(uploads), _("Looking at the pictures …"))
    files = ((upload.name, upload.getvalue()) for upload in uploads[len(results) :])
    with remedies(stop=False):
        for row in rows(model, files, beam):
            # Progress first: it ends a run that was stopped, so that run adds no row that the next one has counted.
            done, total = len(results) + 1, len(uploads)
            bar.progress(done / total, _("{done} of {total} pictures").format(done=done, total=total))
            results.append(row)
    place.empty()


def table(results: list[Row], beam: int) -> str:
    """The rows as HTML: a thumbnail and both captions of each picture, or its error."""
    body = []
    for row in results:
        name = f'<span class="name">{escape(row.name)}</span>'
        if row.error:
            body.append(f'<tr><th scope="row">{name}</th><td colspan="2" class="wrong">{escape(row.error)}</td></tr>')
            continue
        picture = f'<img src="{charts.source(np.asarray(row.thumbnail))}" alt="">'
        name += f"<small>{escape(row.note)}</small>" if row.note else ""
        cells = "".join(_cell(caption) for caption in (row.greedy, row.beam))
        body.append(f'<tr><th scope="row">{picture}{name}</th>{cells}</tr>')
    search = _("Beam search, one beam") if beam == 1 else _("Beam search, {count} beams").format(count=beam)
    titles = (_("Picture"), _("Greedy"), search)
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    caption = escape(_("Below each caption is its log-probability."))
    head = f"<caption>{caption}</caption><thead><tr>{head}</tr></thead>"
    return f'<table class="captions">{head}<tbody>{"".join(body)}</tbody></table>'


def _cell(caption: Caption) -> str:
    figure = f"{caption.log_probability:.2f}".replace("-", "−")
    words = caption_text(caption) or _("(nothing)")
    return f"<td>{escape(words)}<small>{figure}</small></td>"
