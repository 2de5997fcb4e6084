"""That threads share their memory, by what glibc itself says of it."""

import ctypes
import os
import subprocess
import sys

import pytest

HEAPS = """
import ctypes, os, sys, threading
from edgevision.heap import use_one_arena
if sys.argv[1] == "one":
    use_one_arena()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(4)
def allocate():
    together.wait()  # a thread that has ended leaves its arena to the next
    libc.malloc(5000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc")
@pytest.mark.parametrize(
    ("asked", "said", "one"),
    [("one", {}, True), ("none", {}, False), ("one", {"MALLOC_ARENA_MAX": "3"}, False)],
)
def test_all_threads_allocate_from_one_arena(asked: str, said: dict[str, str], one: bool) -> None:
    plain = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    command = [sys.executable, "-c", HEAPS, asked]
    found = subprocess.run(command, env=plain | said, capture_output=True, text=True, check=True, timeout=60)
    assert (found.stdout.count("<heap nr=") == 1) == one, found.stdout
