"""Exact L1 top-5 of 16 queries in 20,000 x 12,288 bytes: gen_lab, faiss and scikit-learn; then 200,000 rows from disk.

`ms`, `faiss_ms` and `sklearn_ms` are medians, the three in turns, on all cores that the process may use; `vs_faiss` and
`vs_sklearn` are medians of the ratios. faiss and scikit-learn search float32, which they need. `peak_mb` is how much
resident memory grows during a search of a memory-mapped file, the file's own pages included; the data are 246 MB.
`disk_*` is a file of 2.5 GB, of which nothing is in memory at first: seconds, again with what the system kept, and
growth of the memory that is the process's own. It takes 4 GB of memory and as much of disk, for a minute.
"""

import multiprocessing
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from bench import device_words
from gen_lab import environment
from gen_lab.neighbours import nearest

ROWS, BYTES, QUERIES, K = 20_000, 12_288, 16, 5
MANY = 200_000
ROUNDS = 5


def measure() -> dict:
    import faiss
    from sklearn.neighbors import NearestNeighbors

    random = np.random.default_rng(0)
    queries, data = (random.integers(0, 256, (rows, BYTES), dtype=np.uint8) for rows in (QUERIES, ROWS))
    with tempfile.TemporaryDirectory(dir=environment.value("CACHE") or None) as folder:
        small, large = Path(folder) / "small.npy", Path(folder) / "large.npy"
        np.save(small, data)
        write_many(large, data)
        from_memory, from_disk = (apart(search, path, queries) for path in (small, large))

    floats, float_queries = data.astype(np.float32), queries.astype(np.float32)
    index = faiss.IndexFlat(BYTES, faiss.METRIC_L1)
    index.add(floats)
    brute = NearestNeighbors(n_neighbors=K, algorithm="brute", metric="manhattan").fit(floats)
    ways = {
        "ours": lambda: nearest(queries, data, K),
        "faiss": lambda: index.search(float_queries, K),
        "sklearn": lambda: brute.kneighbors(float_queries),
    }
    answers = {name: way() for name, way in ways.items()}  # warm up
    took = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            took[name].append(timed(way))
    ms = {name: statistics.median(times) * 1000 for name, times in took.items()}
    ratio = {
        name: statistics.median(b / a for a, b in zip(took["ours"], took[name], strict=True))
        for name in ("faiss", "sklearn")
    }
    return {
        "device": device_words(),
        "n": ROWS,
        "dim": BYTES,
        "queries": QUERIES,
        "ms": round(ms["ours"], 1),
        "faiss_ms": round(ms["faiss"], 1),
        "sklearn_ms": round(ms["sklearn"], 1),
        "vs_faiss": round(ratio["faiss"], 1),
        "vs_sklearn": round(ratio["sklearn"], 1),
        "peak_mb": round(from_memory["resident_mb"]),
        "exact": all(
            np.array_equal(ours, theirs)
            for name in ("faiss", "sklearn")
            for ours, theirs in zip(answers["ours"], answers[name], strict=True)
        ),
        "disk_n": MANY,
        "disk_s": round(from_disk["first_s"], 2),
        "disk_again_s": round(from_disk["again_s"], 2),
        "disk_own_mb": round(from_disk["own_mb"]),
    }


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def write_many(path: Path, data: np.ndarray) -> None:
    """A file of `MANY` rows, and none of it left in the system's memory."""
    with open(path, "wb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (MANY, BYTES)}
        np.lib.format.write_array_header_1_0(file, header)
        for turn in range(MANY // ROWS):
            file.write(np.roll(data, turn, axis=1).data)
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def apart(work, *arguments) -> dict:
    """work(*arguments) in a process of its own, whose memory nothing else has touched."""
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(work, arguments)


def search(path: Path, queries: np.ndarray) -> dict:
    """Seconds of two searches through a file, and the MB by which resident and own memory grew, at most."""
    nearest(queries, queries, K)  # what is compiled and loaded at the first call is not the search's
    resident, own = memory()
    data = np.load(path, mmap_mode="r")
    first = timed(lambda: nearest(queries, data, K))
    peak = memory()
    return {
        "first_s": first,
        "again_s": timed(lambda: nearest(queries, data, K)),
        "resident_mb": peak[0] - resident,
        "own_mb": peak[1] - own,
    }


def memory() -> tuple[float, float]:
    """MB of this process: the highest that it was resident so far, and its own now (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    status = {name: value for name, _, value in (line.partition(":") for line in lines)}
    return tuple(int(status[name].split()[0]) / 1000 for name in ("VmHWM", "RssAnon"))
