"""What an interrupt must leave whole, and the processes that work side by side, which it ends at any moment."""

import multiprocessing
import operator
import signal
from concurrent.futures import ProcessPoolExecutor

import pytest

from gen_lab import files as interrupts
from gen_lab.data import parallel


@pytest.fixture(autouse=True)
def interruptible():
    """Ctrl-C as in the foreground: what a script puts into the background starts with it ignored."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


def test_results_come_in_order():
    assert list(parallel.ordered(operator.neg, range(20), processes=2)) == [-number for number in range(20)]


def test_an_interrupt_waits_for_what_must_be_whole():
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts.held_back():
        signal.raise_signal(signal.SIGINT)
        done.append(True)
    assert done and signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("moment", ["while they start", "between two results"])
def test_an_interrupt_ends_the_processes(monkeypatch, moment):
    class Interrupted(ProcessPoolExecutor):
        def _adjust_process_count(self):
            super()._adjust_process_count()
            signal.raise_signal(signal.SIGINT)

    if moment == "while they start":
        monkeypatch.setattr(parallel, "ProcessPoolExecutor", Interrupted)
    results = parallel.ordered(operator.neg, range(1_000), processes=2)
    with pytest.raises(KeyboardInterrupt):
        for _ in results:
            signal.raise_signal(signal.SIGINT)
    results.close()
    assert not multiprocessing.active_children()
