"""What the README and the documents show and name is there, and works as it stands."""

import importlib.util
import re
from pathlib import Path

import pytest

from tests.test_proxy import UPGRADE

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def test_the_library_in_five_lines():
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.S)
    names = {}
    exec(code, names)
    assert names["images"].shape == (4, 3, 64, 64)


def test_a_newcomer_reads_it_in_a_few_minutes():
    assert len(README.read_text("utf-8").splitlines()) <= 120


@document
def test_links_and_pictures_lead_somewhere(document):
    links = re.findall(r'\]\(([^)#:]+)\)|src="([^":]+)"', document.read_text("utf-8"))
    for path in map("".join, links):
        assert (document.parent / path).exists(), path


@document
def test_commands_exist(document):
    text = document.read_text("utf-8")
    for name in re.findall(r"python -m ([a-z_.]+)", text):
        assert importlib.util.find_spec(name), name
    for name in re.findall(r"python -m train ([a-z0-9_]+)", text):
        assert (ROOT / "train/recipes" / f"{name}.py").is_file(), name
    for name in re.findall(r"python -m bench ([a-z_]+)", text):
        assert (ROOT / "bench" / f"{name}.py").is_file(), name
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    for name in re.findall(r"(?:^ {4}|`)make ([a-z-]+)", text, re.M):
        assert name in targets, name


@document
def test_files_that_are_named_exist(document):
    """Those in the type of code that have a folder; <page> and NAME stand for any."""
    for path in re.findall(r"`([a-z_]+/[\w/.-]*)`", document.read_text("utf-8")):
        assert (ROOT / path).exists() or "NAME" in path or path.split("/")[0] in ("cache", "data", "runs"), path


def test_the_proxy_that_is_shown_has_the_directives_of_the_one_that_is_tested():
    (shown,) = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs/CLASSROOM.md").read_text("utf-8"), re.S)
    tested = f"{UPGRADE} proxy_set_header Host $http_host;"
    assert all(directive.strip() in shown for directive in tested.split(";"))
