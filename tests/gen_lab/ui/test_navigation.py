"""The pages, read from a folder."""

import streamlit as st

from gen_lab.ui.navigation import Page, pages


def write(folder, name: str, script: str):
    path = folder / name / "page.py"
    path.parent.mkdir()
    path.write_text(script, "utf-8")
    return path


def test_a_page_is_read_from_the_first_line_of_its_script_which_is_not_parsed(tmp_path):
    faces = write(tmp_path, "faces", '"""Faces: Drag a slider – a face smiles."""\n\nhalf of an edit (')
    home = write(tmp_path, "home", '"""Home: What this is.\n\nMore.\n"""\n')
    assert pages(tmp_path) == [
        Page("home", "Home", "What this is.", home),
        Page("faces", "Faces", "Drag a slider – a face smiles.", faces),
    ]


def test_streamlit_does_not_rewrite_scripts():
    assert not st.get_option("runner.magicEnabled")
