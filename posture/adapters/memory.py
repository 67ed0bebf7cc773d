"""The C library's memory: flat during a long recording, given back after a practice."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE_BYTES = 256 * 1024
# Larger than any picture and mask that is looked at.
_USUAL_BYTES = 2 * 1024 * 1024
# All that a picture needs together. If the heap's end were given back from picture to picture, the
# system would have to empty its pages anew each time: two milliseconds.
_KEPT_BYTES = 8 * 1024 * 1024
# The C library's own limit for a heap's end.
_LEFT_BYTES = 128 * 1024

_lock = threading.Lock()
_wanted = 0  # by so many


@contextmanager
def large_blocks_apart() -> Iterator[None]:
    """Let pictures and masks live outside the heap of small things as long as this lasts.

    The C library of Linux raises its own limit for that as it goes, and then the small arrays
    that are kept of every frame of a recording pin the megabytes freed around them: 50 kB a frame
    instead of 4. To fetch them from the system each time takes milliseconds a frame: a practice,
    of which little is kept, does so for what its pose model holds alone. Other systems and
    libraries are left as they are.
    """
    _count(+1)
    try:
        yield
    finally:
        _count(-1)


def _count(by: int) -> None:
    global _wanted
    mallopt = _of_the_c_library("mallopt")
    with _lock:
        before, _wanted = _wanted, _wanted + by
        if mallopt is None or (before and _wanted):
            return
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES if _wanted else _USUAL_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


@contextmanager
def giving_back() -> Iterator[None]:
    """Give memory that is freed in here back to the system, where the C library can.

    A pose model's large buffers leave holes in the heap, and each thread's own heap keeps what is
    free at its end unless the limit is low when that is freed. Fifty practices one after the other
    held 473 MB; with the holes trimmed after each, which takes milliseconds, 155 and by chance up
    to 15 more; with the low limit 147.
    """
    trim = _of_the_c_library("malloc_trim")
    mallopt = _of_the_c_library("mallopt")
    if trim is None or mallopt is None:
        yield
        return
    mallopt(_M_TRIM_THRESHOLD, _LEFT_BYTES)
    try:
        yield
    finally:
        trim(0)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def _of_the_c_library(name: str) -> Callable[..., int] | None:
    """A function that only Linux's usual C library has; ``None`` elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    found: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return found
