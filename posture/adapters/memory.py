"""The C library's memory: flat during a long recording, given back after a practice."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache

_LARGE_BYTES = 256 * 1024
_M_MMAP_THRESHOLD = -3


@cache
def keep_large_blocks_apart() -> None:
    """Let pictures and masks live outside the heap of small things, once per process.

    The C library of Linux raises its own limit for that as it goes, and then the small arrays
    that are kept of every frame pin the megabytes freed around them: 50 kB a frame instead of 4.
    Other systems and libraries are left as they are.
    """
    mallopt = _of_the_c_library("mallopt")
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def give_back() -> bool:
    """Give memory that was freed back to the system, where the C library can.

    A pose model's large buffers leave holes in the heap: fifty practices one after the other
    would hold 473 MB instead of 240. Trimming after each takes milliseconds.

    Returns:
        Whether any was given back.
    """
    trim = _of_the_c_library("malloc_trim")
    return trim is not None and bool(trim(0))


def _of_the_c_library(name: str) -> Callable[..., int] | None:
    """A function that only Linux's usual C library has; ``None`` elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    found: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return found
