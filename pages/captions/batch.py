"""Captions of many pictures at once, as a table and a CSV file."""

from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from gen_lab.models.caption import Caption
from gen_lab.ui import charts
from gen_lab.ui.frame import remedies
from pages.captions.pictures import Row, as_csv, rows, sentence

CSS = Path(__file__).parent / "batch.css"
MOST = 40  # pictures
MEGABYTES = 20  # of each


def caption_batch(checkpoint, beam: int, key: str = "captions batch") -> None:
    """A fold that takes many pictures, and shows what the model says of them greedily and with `beam` beams.

    It shows how far it is, and can be stopped: what is done by then stays, and it can go on from there. No fragment:
    Streamlit would let one that runs finish before it hears of the press.
    """
    with st.expander("Captions of many pictures", icon=":material/photo_library:"):
        uploads = st.file_uploader(
            f"Up to {MOST} pictures", accept_multiple_files=True, max_upload_size=MEGABYTES, key=f"{key} files",
            help="JPEG, PNG, WebP or anything else that Pillow reads. They stay in this session's memory.",
        )  # fmt: skip
        if len(uploads) > MOST:
            st.warning(f"These are {len(uploads)} pictures; the first {MOST} are taken.", icon=":material/filter_list:")
        uploads = uploads[:MOST]
        asked = (checkpoint.card["sha256"], beam, *(upload.file_id for upload in uploads))
        made_for, found = st.session_state.get(f"{key} rows", (None, []))
        if made_for != asked:
            found = []
        if len(found) < len(uploads):
            place = st.empty()
            if st.session_state.get(f"{key} begin"):
                st.session_state[f"{key} rows"] = (asked, found)
                _write(place, checkpoint.model, uploads, beam, found, key)
            else:
                _offer(place, len(found), len(uploads), key)
        if found:
            charts.show(table(found, beam), CSS)
            name = f"{checkpoint.card['name']}-captions.csv"
            save = {"icon": ":material/download:", "on_click": "ignore", "key": f"{key} save"}
            st.download_button("CSV", as_csv(found), name, "text/csv", **save)


def _offer(place, done: int, total: int, key: str) -> None:
    with place.container(horizontal=True, vertical_alignment="center"):
        label = "Go on" if done else "Write the captions"
        st.button(label, type="primary", icon=":material/play_arrow:", key=f"{key} begin")
        if done:
            st.caption(f"Stopped after {done} of {total} pictures.")


def _write(place, model, uploads, beam: int, found: list[Row], key: str) -> None:
    with place.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", icon=":material/stop:", key=f"{key} stop")  # any press ends the run that writes
        bar = st.progress(len(found) / len(uploads), "Looking at the pictures …")
    left = ((upload.name, upload.getvalue()) for upload in uploads[len(found) :])
    with remedies(stop=False):
        for row in rows(model, left, beam):
            # First the progress: it ends a run that was stopped, whose rows the next one has already counted.
            bar.progress((len(found) + 1) / len(uploads), f"{len(found) + 1} of {len(uploads)} pictures")
            found.append(row)
    place.empty()


def table(found: list[Row], beam: int) -> str:
    """What `rows` gave, as HTML: a thumbnail and both captions of each picture, or what was wrong with it."""
    body = []
    for row in found:
        name = f'<span class="name">{escape(row.name)}</span>'
        if row.error:
            body.append(f'<tr><th scope="row">{name}</th><td colspan="2" class="wrong">{escape(row.error)}</td></tr>')
            continue
        picture = f'<img src="{charts.source(np.asarray(row.thumbnail))}" alt="">'
        said = "".join(_cell(caption) for caption in (row.greedy, row.beam))
        body.append(f'<tr><th scope="row">{picture}{name}</th>{said}</tr>')
    titles = ("Picture", "Greedy", f"Beam search, {beam} beams")
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    caption = "<caption>Below each caption its log-probability.</caption>"
    return f'<table class="captions">{caption}<thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def _cell(caption: Caption) -> str:
    figure = f"{caption.log_probability:.2f}".replace("-", "−")
    return f"<td>{escape(sentence(caption)) or '(nothing)'}<small>{figure}</small></td>"
