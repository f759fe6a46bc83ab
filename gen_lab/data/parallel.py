"""Work in separate processes that an interrupt can end at any moment. It renders the drawn data sets."""

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from gen_lab import files

Part = TypeVar("Part")
Result = TypeVar("Result")


def ordered(work: Callable[[Part], Result], parts: Iterable[Part], processes: int | None = None) -> Iterator[Result]:
    """`work` of each part, in order, from `processes` processes, by default one per core.

    Ctrl-C, an error or closing the generator ends them, after their current parts. Raises
    `concurrent.futures.process.BrokenProcessPool` if one of them dies.
    """
    # spawn: to fork a process that already runs threads (PyTorch, Streamlit) can lock up.
    # Ctrl-C in a terminal reaches them too, but only this process acts on it.
    pool = ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN)
    )
    try:
        with files.held_back():  # a pool that is interrupted while it starts may hang
            results = pool.map(work, parts)
        yield from results
    finally:
        pool.shutdown(cancel_futures=True)
