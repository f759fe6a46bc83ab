"""Labels and texts in the reader's language."""

import pytest
import streamlit as st

from gen_lab.ui import language
from gen_lab.ui.language import _

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Undo"\nmsgstr "Zurück"\n'


@pytest.fixture
def german(tmp_path, monkeypatch):
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "labels.po").write_text(PO, "utf-8")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language.catalogue.cache_clear()
    yield tmp_path
    language.catalogue.cache_clear()


def speaks(monkeypatch, locale):
    monkeypatch.setattr(type(st.context), "locale", locale)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    "locale, label", [("de-CH", "Zurück"), ("de", "Zurück"), ("en-GB", "Undo"), ("../x", "Undo"), (None, "Undo")]
)
def test_a_label_is_in_the_reader_s_language_where_there_is_one(monkeypatch, locale, label):
    speaks(monkeypatch, locale)
    assert _("Undo") == label


@pytest.mark.usefixtures("german")
def test_what_is_not_translated_stays_english(monkeypatch):
    speaks(monkeypatch, "de")
    assert _("Redo") == "Redo"


@pytest.mark.usefixtures("german")
def test_a_text_is_in_the_reader_s_language_or_in_english(monkeypatch, tmp_path):
    speaks(monkeypatch, "de")
    (tmp_path / "en.md").write_text("dog", "utf-8")
    assert language.read(tmp_path) == "dog"
    (tmp_path / "de.md").write_text("Hund", "utf-8")
    assert language.read(tmp_path) == "Hund"
