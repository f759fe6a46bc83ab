"""The pages, read from a folder, in chapters."""

import io

import pytest
import streamlit as st

from gen_lab.ui import navigation
from gen_lab.ui.navigation import CHAPTERS, Page, pages


@pytest.fixture
def write(tmp_path):
    """A page's folder with these two files."""

    def write(name: str, script: str, place: str):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "page.py").write_text(script, "utf-8")
        (folder / "__init__.py").write_text(place, "utf-8")
        return folder / "page.py"

    return write


def test_a_page_is_read_from_the_first_lines_of_its_files_which_are_not_parsed(tmp_path, write):
    script = '"""Faces: Drag a slider – a face smiles."""\n\nhalf of an edit ('
    path = write("faces", script, '"""Chapter: Words 2. Icon: face."""\n')
    home = write("home", '"""Home: What this is.\n\nMore.\n"""\n', '"""Icon: home."""\n')
    assert pages(tmp_path) == (
        Page("home", "Home", "What this is.", home, icon="home"),
        Page("faces", "Faces", "Drag a slider – a face smiles.", path, "Words", 2, "face"),
    )


def test_pages_come_in_the_order_of_a_course(tmp_path, write):
    places = {
        "a": f"Chapter: {CHAPTERS[1]} 1. ", "b": f"Chapter: {CHAPTERS[0]} 10. ", "c": f"Chapter: {CHAPTERS[0]} 2. ",
        "d": "", "home": "",
    }  # fmt: skip
    for name, place in places.items():
        write(name, '"""Title: Sentence."""', f'"""{place}Icon: face."""')
    assert [page.name for page in pages(tmp_path)] == ["home", "d", "c", "b", "a"]


@pytest.mark.parametrize(
    "script, place",
    [('"""Title only."""', '"""Icon: a."""'), ('"""A: B."""', ""), ('"""A: B."""', '"""Chapter: X 1. Icon: a."""')],
)
def test_a_page_that_does_not_describe_itself_is_named(tmp_path, write, script, place):
    write("faces", script, place)
    with pytest.raises(ValueError, match="faces does not describe itself"):
        pages(tmp_path)


def test_the_course_begins_with_latent_spaces():
    assert list(navigation.by_chapter())[:2] == ["", "Latent spaces"]


def test_what_a_page_says_of_itself_can_be_translated():
    script = io.BytesIO(b'"""Faces: Drag a slider.\n\nMore.\n"""\n_("Smile")\n')
    assert [label for _, _, label, _ in navigation.words(script, {"_"}, (), {})] == ["Faces", "Drag a slider.", "Smile"]
    place = io.BytesIO(b'"""Chapter: Words 2. Icon: face."""\n')
    assert [label for _, _, label, _ in navigation.words(place, {"_"}, (), {})] == ["Words"]


def test_streamlit_does_not_rewrite_scripts():
    assert not st.get_option("runner.magicEnabled")
