"""Work for processes of their own, which an interrupt ends at any moment: what renders the drawn data sets."""

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from gen_lab import files

Part = TypeVar("Part")
Result = TypeVar("Result")


def ordered(work: Callable[[Part], Result], parts: Iterable[Part], processes: int | None = None) -> Iterator[Result]:
    """`work` of each part, in order, from so many processes, by default one per core.

    Ctrl-C, an error and a generator that is closed end them, after the parts that are being worked on. Raises
    `concurrent.futures.process.BrokenProcessPool` where one of them died.
    """
    # spawn: to fork a process that already runs threads (PyTorch, Streamlit) can lock up.
    # Ctrl-C in a terminal reaches them too: it is for this process to say what it means.
    pool = ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN)
    )
    try:
        with files.held_back():  # a pool that is cut short while it starts may wait for ever for what it lacks
            results = pool.map(work, parts)
        yield from results
    finally:
        pool.shutdown(cancel_futures=True)
