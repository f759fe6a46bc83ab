"""What the tests of data sets share: an empty data folder for each."""

import pytest


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """An empty data folder for each test."""
    folder = tmp_path / "data"
    monkeypatch.setenv("GEN_LAB_DATA", str(folder))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return folder
