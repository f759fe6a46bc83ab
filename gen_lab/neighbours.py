"""Exact nearest neighbours of pictures by L1, the sum of absolute differences of their bytes.

    distances, indices = nearest(queries, images.reshape(len(images), -1), k=5)

The data may be a memory map of any size: it is read once, in order and in chunks, for all queries together. On the CPU
all cores work, on a kernel that the compiler turns into the processor's own sum of absolute differences (`psadbw`: 32
or 64 bytes at once). `python -m bench neighbours` measures it.
"""

import functools
import mmap
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from gen_lab.device import best_device

CHUNK = 4_000_000  # bytes of data that a core takes at a time
GPU_CHUNK = 64_000_000  # and a GPU
TOGETHER = 16  # queries that are compared with a row while both lie in the processor's cache
MOST = 2**31 // 255  # bytes a picture, so that a distance fits in 32 bits

_compiling = threading.Lock()


def nearest(queries: np.ndarray, data: np.ndarray, k: int, device=None) -> tuple[np.ndarray, np.ndarray]:
    """The k rows of `data` that are nearest to each query: distances int64 (Q, k), ascending, and indices int64 (Q, k).

    queries uint8 (Q, P), data uint8 (N, P), in memory or memory-mapped. Rows at equal distance keep their order.
    `device` is a torch device, by default the best one. If it is not a CUDA device, or fails, the CPU is
    used. Raises ValueError for arrays of another type or shape and for k outside 1 .. N.
    """
    for name, array in (("queries", queries), ("data", data)):
        if array.dtype != np.uint8 or array.ndim != 2:
            raise ValueError(f"expected {name} as uint8 (rows, bytes), got {array.dtype} {array.shape}")
    if queries.shape[1] != data.shape[1] or not 0 < data.shape[1] <= MOST:
        raise ValueError(f"queries of {queries.shape[1]} bytes do not fit data of {data.shape[1]}")
    if not 1 <= k <= len(data):
        raise ValueError(f"k is {k}, but there are {len(data)} rows: use 1 to {len(data)}")
    queries = np.ascontiguousarray(queries)
    device = torch.device(device or best_device())
    if device.type == "cuda":
        try:
            return _nearest_torch(queries, data, k, device)
        except RuntimeError:  # whatever is wrong with the GPU
            pass
    return _nearest_cpu(queries, data, k)


def _nearest_cpu(queries: np.ndarray, data: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    fill = _kernel()
    # Without this hint the system reads a file that is not in memory in small pieces, five times slower.
    if hasattr(mmap, "MADV_SEQUENTIAL") and isinstance(memory := getattr(data, "_mmap", None), mmap.mmap):
        memory.madvise(mmap.MADV_SEQUENTIAL)
    data = np.asarray(data)

    def best(start: int) -> np.ndarray:
        rows = np.ascontiguousarray(data[start : start + step])
        distances = np.empty((len(queries), len(rows)), np.int32)
        for first in range(0, len(queries), TOGETHER):
            fill(queries[first : first + TOGETHER], rows, distances[first : first + TOGETHER])
        # Distance and index in one number: the least numbers are the nearest rows, and of equal ones the first.
        return _least(distances * np.int64(len(data)) + np.arange(start, start + len(rows)), k)

    step = max(1, CHUNK // data.shape[1])
    with ThreadPoolExecutor(_cores()) as threads:
        keys = np.concatenate([*threads.map(best, range(0, len(data), step))], axis=1)
    return np.divmod(np.sort(_least(keys, k), axis=1), len(data))


def _least(keys: np.ndarray, k: int) -> np.ndarray:
    """The k least numbers of each row, in any order; all of a row that has fewer."""
    return keys if keys.shape[1] <= k else np.partition(keys, k - 1, axis=1)[:, :k]


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _kernel():
    """fill(queries (q, P), rows (n, P), distances int32 (q, n)), without the GIL. Compiled once, in half a second."""
    with _compiling:
        return _compiled()


@functools.cache
def _compiled():
    from numba import int32, njit, types, void

    pictures = types.Array(types.uint8, 2, "C", readonly=True)  # takes arrays that can be written to as well

    @njit(void(pictures, pictures, int32[:, ::1]), nogil=True)
    def fill(queries, rows, distances):
        for i in range(len(rows)):
            for q in range(len(queries)):
                # All in 32 bits: with numba's own 64 the compiler does not recognise a sum of absolute differences.
                total = int32(0)
                for p in range(rows.shape[1]):
                    total = int32(total + abs(int32(queries[q, p] - rows[i, p])))
                distances[q, i] = total

    return fill


def _nearest_torch(queries: np.ndarray, data: np.ndarray, k: int, device) -> tuple[np.ndarray, np.ndarray]:
    batch, candidates = torch.from_numpy(queries).to(device).short(), []
    step = max(1, GPU_CHUNK // data.shape[1])
    for start in range(0, len(data), step):
        rows = torch.from_numpy(np.array(data[start : start + step])).to(device).short()  # (n, P)
        distances = torch.stack([(rows - query).abs_().sum(1) for query in batch])  # (Q, n), int64
        keys = distances * len(data) + torch.arange(start, start + len(rows), device=device)
        candidates.append(keys.topk(min(k, len(rows)), largest=False).values)
    keys = torch.cat(candidates, 1).topk(k, largest=False).values.cpu().numpy()
    return np.divmod(keys, len(data))
