"""The lessons that ship: each slide opens its page, in exactly the state that it names."""

import importlib
from dataclasses import fields, is_dataclass

import pytest

from gen_lab import links
from gen_lab.ui.lesson import page_names
from pages.lesson.state import shipped
from tests.apptest import link, open_page

LESSONS = shipped(page_names())
SLIDES = [(name, number, slide) for name, each in LESSONS.items() for number, slide in enumerate(each.slides, 1)]


@pytest.fixture(autouse=True)
def no_data(tmp_path, monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS", raising=False)
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_five_to_eight_slides_and_each_asks_the_class(name):
    assert LESSONS[name].title and 5 <= len(LESSONS[name].slides) <= 8
    assert all("?" in slide.note for slide in LESSONS[name].slides)


@pytest.mark.parametrize(
    ("name", "number", "slide"), SLIDES, ids=lambda part: part if not hasattr(part, "page") else ""
)
def test_a_slide_opens_its_page_in_exactly_its_state(name, number, slide):
    module = importlib.import_module(f"pages.{slide.page}.state")
    kinds = [each for each in vars(module).values() if is_dataclass(each) and each.__module__ == module.__name__]
    (kind,) = [each for each in kinds if all("form" in one.metadata for one in fields(each))]
    state = links.read(kind, slide.query)
    assert links.write(state).items() >= slide.query.items()  # nothing was ignored, and nothing is the default anyway
    app = open_page(slide.page, **slide.query)
    on_purpose = ":material/school:"  # what is said of a run that failed on purpose
    assert not app.error and not [warning for warning in app.warning if warning.icon != on_purpose]
    assert link(app).items() >= slide.query.items()
