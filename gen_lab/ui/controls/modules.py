"""Bundles a control's script and style sheet from files that import each other.

Streamlit takes one string of each for a component. The files are modules, so that linters, type checkers and editors
understand them; they are joined here when the app starts. A script imports by `import { a, b } from "./other.js";`, a
style sheet by `@import "./other.css";`, each on a line of its own. No other form works.
"""

import re
from pathlib import Path

import streamlit as st

IMPORT = re.compile(r'import \{ (\w+(?:, \w+)*) \} from "(\.{1,2}/[\w./]+)";')
EXPORT = re.compile(r"export (?=(?:async )?(?:const|class|function) (\w+))")
STYLES = re.compile(r'@import "(\.{1,2}/[\w./]+)";')


def component(name: str, folder: Path, file: str):
    """The Streamlit component of `folder`'s script and style sheet: `file` names both, without their endings."""
    files = folder / f"{file}.js", folder / f"{file}.css"
    make = st.components.v2.component  # pyright: ignore[reportAttributeAccessIssue] - streamlit loads it itself
    return make(f"gen_lab.{name}", js=script(files[0]), css=styles(files[1]))


def script(entry: Path) -> str:
    """One module of a script and all its imports: each file once, in its own scope, after the files that it needs.

    Raises `ValueError` for an import or export of another form, for a name that is not exported, and for files that
    import each other in a circle.
    """
    entry, exports, scopes = entry.resolve(), {}, []

    def body(file: Path, importers: tuple[Path, ...]) -> str:
        lines, names = [], []
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if match := IMPORT.fullmatch(line):
                other = (file.parent / match[2]).resolve()
                missing = set(match[1].split(", ")) - set(scope(other, (*importers, file)))
                if missing:
                    raise ValueError(f"{file}:{number}: {other.name} does not export {', '.join(sorted(missing))}")
                line = f"const {{ {match[1]} }} = scope{[*exports].index(other)};"
            elif match := EXPORT.match(line):
                names.append(match[1])
                line = line[match.end() :]
            elif re.match(r"(import|export)\b", line) and not (file == entry and line.startswith("export default ")):
                raise ValueError(f"{file}:{number}: only single lines with named imports and exports are joined")
            lines.append(line)
        exports[file] = names
        return "\n".join(lines)

    def scope(file: Path, importers: tuple[Path, ...]) -> list[str]:
        if file in importers:
            raise ValueError(f"{importers[-1].name} and {file.name} import each other")
        if file not in exports:
            text = body(file, importers)
            number, names = [*exports].index(file), ", ".join(exports[file])
            scopes.append(f"const scope{number} = (() => {{\n{text}\nreturn {{ {names} }};\n}})();\n")
        return exports[file]

    last = body(entry, ())
    return "".join(scopes) + last + "\n"


def styles(entry: Path) -> str:
    """A style sheet after those that it imports, each once. Raises `ValueError` for an import of another form."""
    sheets: dict[Path, str] = {}

    def add(file: Path) -> None:
        rules = []
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if match := STYLES.fullmatch(line):
                add((file.parent / match[1]).resolve())
            elif line.startswith("@import"):
                raise ValueError(f'{file}:{number}: only lines of the form @import "./other.css"; are joined')
            else:
                rules.append(line)
        sheets.setdefault(file, "\n".join(rules) + "\n")

    add(entry.resolve())
    return "".join(sheets.values())
