"""Each page has its words and its code, and the code runs as it stands on the page."""

import ast
import runpy
import warnings

import pytest

from gen_lab.ui.navigation import FOLDER, pages

CODES = sorted(FOLDER.glob("*/code.py"))
TEACHING = [page for page in pages() if (page.path.parent / "text").is_dir()]


@pytest.mark.parametrize("page", TEACHING, ids=lambda page: page.name)
def test_a_page_has_a_title_a_sentence_words_and_code(page):
    assert page.title and page.sentence.endswith(".")
    words = (page.path.parent / "text" / "en.md").read_text("utf-8")
    assert words.startswith("### What you are seeing") and words.count("$$") >= 2 and words.count("$$") % 2 == 0
    assert page.path.parent / "code.py" in CODES


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_is_layout_and_words(page):
    source = page.path.read_text("utf-8")
    assert len(source.splitlines()) <= 120
    imported = {node.names[0].name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import)}
    assert "torch" not in imported


@pytest.mark.parametrize("path", CODES, ids=lambda path: path.parent.name)
def test_the_code_on_a_page_runs(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = runpy.run_path(str(path))
    assert len(found) > 1


@pytest.mark.parametrize("path", CODES, ids=lambda path: path.parent.name)
def test_the_code_on_a_page_is_of_this_page_and_short(path):
    assert path.parent.name in [page.name for page in TEACHING]
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= 30 and all(len(line) <= 60 for line in lines)
