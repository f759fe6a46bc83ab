"""Exact nearest neighbours by L1: scikit-learn's answers, ties in order, a memory map that is not loaded."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from bench import ROOT
from gen_lab import neighbours
from gen_lab.neighbours import nearest

WAYS = {
    "cpu": lambda *arguments: nearest(*arguments, device="cpu"),
    "torch": lambda *arguments: neighbours._nearest_torch(*arguments, torch.device("cpu")),
}
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def pictures(count: int, size: int, seed: int = 0, levels: int = 256) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, levels, (count, size), dtype=np.uint8)


def by_definition(queries, data, k):
    distances = np.abs(queries[:, None].astype(int) - data[None]).sum(2)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(distances, order, 1), order


@each_way
@settings(max_examples=25, deadline=None)
@given(st.integers(1, 20), st.integers(1, 60), st.integers(1, 200), st.integers(1, 5), st.integers(0, 9), st.data())
def test_it_is_what_its_definition_says_with_ties_in_order(way, asked, count, size, levels, seed, draw):
    # Few levels make many ties.
    queries, data = pictures(asked, size, seed, levels), pictures(count, size, seed + 1, levels)
    k = draw.draw(st.integers(1, count))
    for found, expected in zip(way(queries, data, k), by_definition(queries, data, k), strict=True):
        assert found.dtype == np.int64 and np.array_equal(found, expected)


@each_way
@pytest.mark.parametrize("levels", [256, 2])
def test_it_answers_as_scikit_learn_does(way, levels, monkeypatch):
    monkeypatch.setattr(neighbours, "CHUNK", 30 * 300)  # a last chunk with fewer rows than k
    monkeypatch.setattr(neighbours, "GPU_CHUNK", 30 * 300)
    queries, data = pictures(40, 300, 1, levels), pictures(1234, 300, 2, levels)
    distances, indices = way(queries, data, 7)
    brute = NearestNeighbors(n_neighbors=7, algorithm="brute", metric="manhattan").fit(data.astype(np.float32))
    theirs, of_theirs = brute.kneighbors(queries.astype(np.float32))
    assert np.array_equal(distances, theirs)
    # Where several rows are equally far, which of them scikit-learn names is left to chance: those nearer are the same.
    for row in range(len(queries)):
        nearer = distances[row] < distances[row, -1]
        assert set(indices[row][nearer]) == set(of_theirs[row][nearer])
    assert levels == 2 or np.array_equal(indices, of_theirs)


@each_way
def test_the_ends_of_a_byte_do_not_wrap_around(way):
    black, white = np.zeros((1, 100_000), np.uint8), np.full((1, 100_000), 255, np.uint8)
    assert way(black, white, 1)[0].item() == way(white, black, 1)[0].item() == 25_500_000


def test_a_memory_map_answers_like_the_array_and_is_not_taken_into_memory(tmp_path):
    data = pictures(3000, 4000)
    np.save(tmp_path / "data.npy", data)
    mapped = np.load(tmp_path / "data.npy", mmap_mode="r")[500:]  # as the split of a data set is
    for found, expected in zip(nearest(data[:3], mapped, 4), nearest(data[:3], data[500:], 4), strict=True):
        assert np.array_equal(found, expected)


@pytest.mark.slow
def test_a_file_is_searched_in_less_memory_than_it_has_bytes(tmp_path):
    data = np.lib.format.open_memmap(tmp_path / "data.npy", "w+", np.uint8, (12_000, 12_288))  # 147 MB, sparse
    data[7_654] = 7
    data.flush()
    code = """
import resource, sys
import numpy as np
from gen_lab.neighbours import nearest
private = lambda: int(next(l for l in open("/proc/self/status") if l.startswith("RssAnon")).split()[1])
query = np.full((16, 12_288), 7, np.uint8)
nearest(query, query, 1, "cpu")
before = private()
distances, indices = nearest(query, np.load(sys.argv[1], mmap_mode="r"), 1, "cpu")
assert indices.ravel().tolist() == [7_654] * 16
print(private() - before)
"""
    if not sys.platform.startswith("linux"):
        pytest.skip("reads Linux' /proc")
    ran = subprocess.run([sys.executable, "-c", code, tmp_path / "data.npy"], capture_output=True, text=True, cwd=ROOT)
    assert not ran.returncode and int(ran.stdout) < 60_000, ran  # kB


def test_rows_that_do_not_lie_together_are_rows_all_the_same():
    wide = pictures(50, 64)
    asked = wide[:2, ::2], wide[:, ::2], 3
    assert all(map(np.array_equal, nearest(*asked), by_definition(*asked)))


def test_many_may_ask_at_once():
    data = pictures(2000, 500)
    expected = nearest(data[:8], data, 3, "cpu")
    with ThreadPoolExecutor(8) as threads:
        for found in threads.map(lambda _: nearest(data[:8], data, 3, "cpu"), range(16)):
            assert all(map(np.array_equal, found, expected))


def test_no_query_no_answer():
    distances, indices = nearest(np.zeros((0, 5), np.uint8), pictures(4, 5), 2)
    assert distances.shape == indices.shape == (0, 2)


@pytest.mark.parametrize(
    ("queries", "data", "k"),
    [
        (np.zeros((1, 4)), pictures(3, 4), 1),
        (pictures(1, 4), pictures(3, 4).astype(np.int16), 1),
        (pictures(1, 4), pictures(3, 4).reshape(3, 2, 2), 1),
        (pictures(1, 4), pictures(3, 5), 1),
        (pictures(1, 4), pictures(3, 4), 0),
        (pictures(1, 4), pictures(3, 4), 4),
        (pictures(1, 4), pictures(0, 4), 1),
    ],
)
def test_what_does_not_fit_is_refused(queries, data, k):
    with pytest.raises(ValueError, match="expected|fit|k is"):
        nearest(queries, data, k)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_the_gpu_answers_like_the_cpu():
    queries, data = pictures(16, 3000, 1), pictures(5000, 3000, 2)
    for gpu, cpu in zip(nearest(queries, data, 5, "cuda"), nearest(queries, data, 5, "cpu"), strict=True):
        assert np.array_equal(gpu, cpu)


def test_out_of_gpu_memory_the_cpu_answers(monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(neighbours, "_nearest_torch", full)
    assert nearest(pictures(1, 4), pictures(1, 4), 1, "cuda")[0].item() == 0


def test_the_compiler_found_the_sum_of_absolute_differences():
    nearest(pictures(1, 256), pictures(1, 256), 1, "cpu")
    assembly = "".join(neighbours._kernel().inspect_asm().values())
    if not re.search(r"\b[xyz]mm0\b", assembly):
        pytest.skip("this processor has other instructions")
    assert "psadbw" in assembly
