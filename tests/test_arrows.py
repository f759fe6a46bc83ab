"""The arrows of the project point down: pages -> gen_lab.ui -> gen_lab, train -> gen_lab; no page knows another."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def imports(folder: str) -> set[tuple[str, str]]:
    """Every import within a folder: the importing module and the imported name, such as `gen_lab.ui.frame.head`."""
    arrows = set()
    for path in ROOT.glob(f"{folder}/**/*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                arrows |= {(module, each.name) for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{module} imports relatively"
                arrows |= {(module, f"{node.module}.{each.name}") for each in node.names}
    return arrows


def within(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


@pytest.mark.parametrize(("folder", "above"), [
    ("gen_lab", "pages"), ("gen_lab", "train"), ("gen_lab", "bench"), ("train", "pages"), ("train", "gen_lab.ui"),
    ("train", "bench"), ("bench", "pages"), ("pages", "train"), ("pages", "bench"),
])  # fmt: skip
def test_nothing_is_imported_from_above(folder, above):
    assert not [arrow for arrow in imports(folder) if within(arrow[1], above)]


def test_streamlit_is_known_to_the_interface_alone():
    knowing = {module for module, name in imports("gen_lab") | imports("train") if within(name, "streamlit")}
    assert {module for module in knowing if not within(module, "gen_lab.ui")} == set()


def test_pages_do_not_import_each_other():
    arrows = {(module, name) for module, name in imports("pages") if within(name, "pages")}
    assert not {(module, name) for module, name in arrows if module.split(".")[1] != name.split(".")[1]}


def test_states_know_neither_streamlit_nor_the_interface():
    arrows = {arrow for arrow in imports("pages") if arrow[0].endswith(".state")}
    assert not {(module, name) for module, name in arrows if within(name, "streamlit") or within(name, "gen_lab.ui")}
