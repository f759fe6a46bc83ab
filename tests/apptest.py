"""What the tests of pages without a browser share: a fresh copy of checkpoints, and pages run by AppTest."""

import base64
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from gen_lab.ui.controls import mark
from gen_lab.ui.controls.hand import Hand

ROOT = Path(__file__).parents[1]

mark.wait = lambda: None  # there is no browser to wait for


def fresh_copy(made: Path, tmp_path: Path, monkeypatch) -> Path:
    """A copy of the checkpoints for one test, which the app then serves; and no data sets."""
    folder = shutil.copytree(made, tmp_path / "checkpoints")
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(folder))
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)
    st.cache_resource.clear()  # a copy of a checkpoint bears the time of the first
    st.cache_data.clear()
    return folder


def open_page(page: str, **query) -> AppTest:
    """A page, run once with these query parameters. Fails on an exception."""
    app = AppTest.from_file(str(ROOT / f"pages/{page}/page.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return run(app)


def home() -> AppTest:
    return run(AppTest.from_file(str(ROOT / "gen_lab/ui/main.py"), default_timeout=60))


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def control(app) -> dict:
    """What the page's only control of our own was sent."""
    (found,) = app.get("bidi_component")
    return json.loads(found.proto.json)


def picture(app) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(control(app)["picture"].partition(",")[2]))))


def link(app) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[-1] for name, value in app.query_params.items()}


def errors(app) -> str:
    """The text of the page's errors as a reader sees it."""
    return " ".join(error.value for error in app.error).replace("\\", "").lower()


def commands(app) -> str:
    return " ".join(code.value for code in app.code)


def press(app, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return run(app)


def grid(app, picked: bool = False) -> list[int]:
    """The pictures in a dialog's grid, or those of them that are picked."""
    buttons = [(re.match(r"Picture (\d+)\b", button.label), button) for button in app.button]
    return [int(match[1]) for match, button in buttons if match and (not picked or button.proto.type == "primary")]


def pick(app, index: int) -> AppTest:
    """Clicks a picture in a dialog's grid."""
    return press(app, next(button.label for button in app.button if re.match(rf"Picture {index}\b", button.label)))


def choose(app, label: str, value) -> AppTest:
    next(group for group in app.get("button_group") if group.label == label).set_value(value)
    return run(app)


def rewrite_card(folder: Path, **changes) -> None:
    card = json.loads((folder / "card.json").read_text()) | changes
    (folder / "card.json").write_text(json.dumps({name: value for name, value in card.items() if value is not ...}))


def heard(message, understand) -> dict | None:
    """What a control tells its page of a browser's message; None where it tells nothing."""
    changes = []
    Hand().hear(message, understand, changes.append)
    return changes[0] if changes else None
