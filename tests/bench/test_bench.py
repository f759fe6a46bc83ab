"""The benches' own small parts; the benches themselves run by hand."""

import subprocess
import sys

import psutil
import pytest

from bench import ROOT, quantile, soak
from tests import browsing
from tests.tiny import places


def test_without_a_name_the_benches_are_listed():
    listed = subprocess.run([sys.executable, "-m", "bench"], capture_output=True, text=True, check=True).stdout
    assert all(f"  {name} " in listed for name in ("live", "classroom", "start"))


@pytest.mark.parametrize(("name", "option"), [
    ("soak", "--minutes MINUTES"), ("classroom", "--page PAGE"), ("live", "[--profile]"),
])  # fmt: skip
def test_the_options_of_a_bench_are_those_of_its_measure(name, option):
    words = subprocess.run([sys.executable, "-m", "bench", name, "--help"], capture_output=True, text=True).stdout
    assert option in words


def test_quantiles_are_values_that_were_measured():
    values = [40.0, 10.0, 20.0, 30.0]
    assert [quantile(values, share) for share in (0.0, 0.25, 0.5, 0.95, 1.0)] == [10.0, 10.0, 20.0, 40.0, 40.0]


@pytest.mark.slow
def test_a_class_changes_pages_without_an_error(site, serve, monkeypatch):
    monkeypatch.setattr(soak, "WARM_UP", 0.0)
    monkeypatch.setattr(soak, "REST", 0.0)
    with serve(ROOT / "app.py", env=places(site) | {"OMP_NUM_THREADS": "1"}) as (address, process):
        outcome = browsing.run(soak.soak(address, psutil.Process(process.pid), seconds=10.0, users=4))
    assert outcome["errors"] == 0
    assert outcome["visits"] > 12  # the first user has seen every page; the class has come
