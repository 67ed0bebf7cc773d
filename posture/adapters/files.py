"""What files need everywhere: a hash, and locks between processes."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 as 64 hexadecimal digits.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that only one process has at a time; wait while another has it.

    The lock is the operating system's, so it ends with the process, however that ends.

    Args:
        path: The lock's file, made where it does not exist and left there.

    Raises:
        OSError: The file cannot be opened for writing.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def taken(path: Path) -> Callable[[], None] | None:
    """Take a lock for as long as this process lives, unless another process has it.

    Args:
        path: The lock's file, made where it does not exist and left there.

    Returns:
        What lets go of it; ``None`` when another process has it.

    Raises:
        OSError: The file cannot be opened for writing.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if try_lock(handle):
        return lambda: os.close(handle)
    os.close(handle)
    return None


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a lock hides what it covers from readers, so it lies where nothing is

    def _lock(handle: int) -> None:
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
            except OSError:  # after ten seconds; whoever has it is still busy
                continue
            return

    def try_lock(handle: int) -> bool:
        """Take an open file's lock, which ends with the process; ``False`` when it cannot be."""
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def try_lock(handle: int) -> bool:
        """Take an open file's lock, which ends with the process; ``False`` when it cannot be."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
