"""What the tests of pages without a browser share: a fresh copy of checkpoints, and pages run by AppTest."""

import json
import shutil
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[1]


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


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def control(app) -> dict:
    """What the page's only control of our own was sent."""
    (found,) = app.get("bidi_component")
    return json.loads(found.proto.json)
