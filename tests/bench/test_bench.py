"""The benches' own small parts; the benches themselves run by hand."""

import subprocess
import sys

from bench import quantile


def test_without_a_name_the_benches_are_listed():
    listed = subprocess.run([sys.executable, "-m", "bench"], capture_output=True, text=True, check=True).stdout
    assert all(f"  {name} " in listed for name in ("live", "classroom", "start"))


def test_the_options_of_a_bench_are_those_of_its_measure():
    words = subprocess.run([sys.executable, "-m", "bench", "soak", "--help"], capture_output=True, text=True).stdout
    assert "--minutes" in words


def test_quantiles_are_values_that_were_measured():
    values = [40.0, 10.0, 20.0, 30.0]
    assert [quantile(values, share) for share in (0.0, 0.25, 0.5, 0.95, 1.0)] == [10.0, 10.0, 20.0, 40.0, 40.0]
