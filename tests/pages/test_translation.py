"""Every page in a language that does not exist, where each label and text is marked: what is left is not translated."""

import ast
import json
import re

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from streamlit.testing.v1 import AppTest

from gen_lab import device, lessons, registry
from gen_lab.ui import language
from gen_lab.ui.navigation import FOLDER, pages
from tests.apptest import home, run

PAGES = pages()
FIELDS = ("label", "help", "placeholder", "body", "value", "text")  # of a message to the browser
PASSED_OVER = {"code", "json"}
NAMES = ("gen_lab", ":material/")  # of the app, and of icons


class Marked(dict):
    """A catalogue in which every label is translated; it holds those that were looked up."""

    def get(self, text, default=None):
        self[str(text)] = f"⟦{text}⟧"
        return self[str(text)]


@pytest.fixture
def marked(checkpoints, monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")  # those that ship
    read, catalogue = language.read, Marked()
    monkeypatch.setattr(language, "catalogue", lambda name: catalogue)
    monkeypatch.setattr(language, "read", lambda *arguments: re.sub(r"(?m)^(#* *)(.+)$", r"\1⟦\2⟧", read(*arguments)))
    return catalogue


@pytest.fixture(scope="module")
def extracted() -> set[str]:
    """The labels that `pybabel extract` gives to a translator."""
    with (language.FOLDER / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {**DEFAULT_KEYWORDS, "later": None}
    return {message for _, _, message, *_ in extract_from_dir(FOLDER.parent, methods, options, keywords)}


def words(element) -> list[str]:
    """What a reader sees of an element of the page."""
    if element.type in PASSED_OVER:
        return []
    if element.type == "table":
        columns = [str(title) for title in element.value.columns]
        return columns if columns != ["value"] else list(element.value.index)  # one beside the other: no head
    if element.type == "plotly_chart":
        return chart_words(json.loads(element.proto.spec))
    proto = getattr(element, "proto", None)
    if element.type == "bidi_component":
        return [str(word) for word in json.loads(proto.json).get("words", {}).values()] if proto.json else []
    return [text for field in FIELDS if isinstance(text := getattr(proto, field, None), str)]


def chart_words(part) -> list[str]:
    """What a reader sees of a part of a Plotly chart: titles, names, notes, and what the pointer brings up."""
    if isinstance(part, list):
        return [text for each in part for text in chart_words(each)]
    if not isinstance(part, dict):
        return []
    texts = [part[name] for name in ("text", "name", "hovertemplate") if isinstance(part.get(name), str)]
    return [re.sub(r"%\{.*?\}|<.*?>", "", text) for text in texts] + chart_words(list(part.values()))


def untranslated(app: AppTest) -> set[str]:
    texts = {text for block in (app.main, app.sidebar) for element in block for text in words(element)}
    texts = {text for text in texts if re.search(r"[A-Za-z]{2}", text) and "⟦" not in text}
    return {text for text in texts if not text.startswith(NAMES)} - content()


def content() -> set[str]:
    """What people wrote about a model or called a lesson, as the pages show it: it stays in their language."""
    cards = [card for card in registry.cards().values() if isinstance(card, dict)]
    tried = {"\n".join(f"- {sentence}" for sentence in card.get("tried", [])) for card in cards}
    names = {page.name: page.title for page in PAGES}
    files = (FOLDER / "lesson" / "lessons").glob("*.json")
    return tried | {f"**{lessons.from_json(file.read_text('utf-8'), names).title}**" for file in files}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_word_of_a_page_can_be_translated(page, marked, extracted):
    app = home() if page.name == "home" else run(AppTest.from_file(str(page.path), default_timeout=60))
    left = untranslated(app)
    assert left == set()
    assert marked.keys() - extracted == set()


@pytest.mark.usefixtures("marked")
def test_names_of_attributes_and_what_befell_the_device_can_be_translated(monkeypatch):
    monkeypatch.setattr(device, "_notice", [device.Notice(device.UNUSABLE, "no kernel image")])
    app = run(AppTest.from_file(str(FOLDER / "faces" / "page.py"), default_timeout=60))
    assert app.warning[0].value.startswith("⟦The GPU cannot be used (no kernel image)")
    (control,) = [json.loads(each.proto.json) for each in app.get("bidi_component") if '"Smiling"' in each.proto.json]
    assert control["sliders"][0]["label"] == "⟦Smiling⟧"


@pytest.mark.usefixtures("marked")
def test_a_spinner_s_words_are_looked_up_when_it_spins():
    words = language.later("Loading the model …")
    assert isinstance(words, str) and str(words) == "⟦Loading the model …⟧"


def test_no_label_stands_within_an_f_string():
    """Babel passes over it there."""
    sources = [*FOLDER.rglob("*.py"), *FOLDER.parent.glob("gen_lab/ui/**/*.py")]
    nodes = [each for path in sources for each in ast.walk(ast.parse(path.read_text("utf-8")))]
    strings = [each for each in nodes if isinstance(each, ast.JoinedStr)]
    calls = [part for each in strings for part in ast.walk(each) if isinstance(part, ast.Call)]
    assert [ast.unparse(call) for call in calls if re.match(r"_\(['\"]", ast.unparse(call))] == []


def test_no_spinner_has_words_of_its_own():
    """What a decorator says is evaluated before there is a reader."""
    sources = [*FOLDER.rglob("*.py"), *FOLDER.parent.glob("gen_lab/ui/**/*.py")]
    assert [path.name for path in sources if 'show_spinner="' in path.read_text("utf-8")] == []
