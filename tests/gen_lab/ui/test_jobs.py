"""Data sets prepared from a page: in a process of its own, watched, stopped."""

import time

import pytest

from gen_lab import data
from gen_lab.ui import jobs as preparing


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """An empty data folder for each test."""
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)


@pytest.mark.slow
def test_a_data_set_is_prepared_in_a_process_that_can_be_watched():
    job = preparing.Preparing("fake")
    assert job.process.wait(60) == 0 and not job.running and not job.error


@pytest.mark.slow
def test_what_goes_wrong_in_preparing_is_told():
    job = preparing.Preparing("ghost")
    job.process.wait(60)
    job.reader.join(10)
    assert "invalid choice" in job.error


@pytest.mark.slow
def test_a_preparation_that_is_stopped_leaves_nothing_behind():
    job = preparing.Preparing("avatars")
    while not list(data.cache_root().glob(".avatars-*/images.npy")):  # where it writes until it is done
        assert job.running, job.error
        time.sleep(0.05)
    job.stop()
    assert job.process.wait(60) == 130
    job.reader.join(10)
    assert not job.error and not list(data.cache_root().iterdir())
