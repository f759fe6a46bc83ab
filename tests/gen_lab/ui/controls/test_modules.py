"""Scripts and style sheets of the controls, joined from their files; and that the files are sound."""

import subprocess
import sys
from pathlib import Path

import pytest

from gen_lab.ui.controls.modules import script, styles

ROOT = Path(__file__).parents[4]
OXLINT = Path(sys.executable).with_name("oxlint")
CONTROLS = sorted(
    file
    for folder in ("gen_lab/ui/controls", "pages")
    for file in (ROOT / folder).rglob("*.js")
    if "export default" in file.read_text("utf-8")
)


def write(folder: Path, **files: str) -> Path:
    """Files by their names without ending; the path of `main`."""
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "main.js"


def lint(*paths) -> subprocess.CompletedProcess:
    command = [OXLINT, "--config", ROOT / ".oxlintrc.json", *paths]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_a_script_comes_after_what_it_imports_and_each_file_once(tmp_path):
    main = write(
        tmp_path,
        main='import { b } from "./b.js";\nimport { a, one } from "./a.js";\nexport default () => a(b, one);',
        b='import { a } from "./a.js";\nexport const b = a(1);',
        a="export function a(x) {\n  return x;\n}\nexport const one = 1;",
    )
    assert script(main) == (
        "const scope0 = (() => {\nfunction a(x) {\n  return x;\n}\nconst one = 1;\nreturn { a, one };\n})();\n"
        "const scope1 = (() => {\nconst { a } = scope0;\nconst b = a(1);\nreturn { b };\n})();\n"
        "const { b } = scope1;\nconst { a, one } = scope0;\nexport default () => a(b, one);\n"
    )


def test_two_files_may_use_the_same_name(tmp_path):
    other = "const SIZE = 2;\nexport const two = SIZE;\n"
    main = write(tmp_path, main='import { two } from "./a.js";\nconst SIZE = 1;\nexport default two + SIZE;', a=other)
    assert script(main).count("const SIZE") == 2
    (tmp_path / "joined.js").write_text(script(main))
    assert lint(tmp_path / "joined.js").returncode == 0


@pytest.mark.parametrize("line, message", [
    ('import a from "./a.js";', "main.js:1: only single lines"),
    ('import * as a from "./a.js";', "main.js:1: only single lines"),
    ('import { a as b } from "./a.js";', "main.js:1: only single lines"),
    ("import {", "main.js:1: only single lines"),
    ('import { a } from "a";', "main.js:1: only single lines"),
    ("export { a };", "main.js:1: only single lines"),
    ("export let a = 1;", "main.js:1: only single lines"),
    ('import { missing } from "./a.js";', "a.js does not export missing"),
    ('import { b } from "./b.js";', "b.js and c.js import each other|c.js and b.js import each other"),
    ('import { d } from "./d.js";', "d.js:2: only single lines"),
])  # fmt: skip
def test_what_cannot_be_joined_says_where(tmp_path, line, message):
    main = write(
        tmp_path, main=line, a="export const a = 1;", d="export const d = 1;\nexport default d;",
        b='import { c } from "./c.js";\nexport const b = 1;', c='import { b } from "./b.js";\nexport const c = 1;',
    )  # fmt: skip
    with pytest.raises(ValueError, match=message):
        script(main)


def test_a_style_sheet_comes_after_what_it_imports_and_each_once(tmp_path):
    (tmp_path / "base.css").write_text("a {}")
    (tmp_path / "other.css").write_text('@import "./base.css";\nb {}')
    (tmp_path / "main.css").write_text('@import "./base.css";\n@import "./other.css";\nc {}')
    assert styles(tmp_path / "main.css").split() == ["a", "{}", "b", "{}", "c", "{}"]
    (tmp_path / "main.css").write_text("@import url(http://example.org);")
    with pytest.raises(ValueError, match="main.css:1"):
        styles(tmp_path / "main.css")


def test_oxlint_finds_nothing():
    done = lint("gen_lab", "pages", "tests")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("control", CONTROLS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_control_becomes_one_sound_script_and_sheet(control, tmp_path):
    (tmp_path / "joined.js").write_text(script(control))
    done = lint("--allow", "no-unused-vars", tmp_path / "joined.js")
    assert done.returncode == 0, done.stdout
    assert styles(control.with_suffix(".css")).count("* { box-sizing") == 1
