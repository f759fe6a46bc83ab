"""app.py: what the server sets before any page runs."""

import platform
import subprocess
import sys

import pytest

from bench import ROOT

COUNT_HEAPS = """
import ctypes, tempfile, threading
import app
ready, done = threading.Barrier(17), threading.Event()
for _ in range(16):
    threading.Thread(target=lambda: (bytearray(100_000), ready.wait(), done.wait()), daemon=True).start()
ready.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile("r") as report:
    file = ctypes.c_void_p(libc.fopen(report.name.encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    print("heaps", report.read().count("<heap nr="))
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have one heap")
def test_threads_share_two_heaps():
    output = subprocess.run([sys.executable, "-c", COUNT_HEAPS], cwd=ROOT, capture_output=True, text=True).stdout
    assert "heaps 2\n" in output
