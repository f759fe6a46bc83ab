"""Ctrl-C at a moment of our choice."""

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def held_back(*numbers: signal.Signals) -> Iterator[None]:
    """What is done inside is done whole: these signals, by default Ctrl-C's, take effect at its end.

    In a thread other than the main one it does nothing: Python handles no signal there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught = []
    handlers = {
        number: signal.signal(number, lambda number, _: caught.append(number)) for number in numbers or (signal.SIGINT,)
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number in caught[:1]:
        signal.raise_signal(number)
