"""The program ``posture``: loads the commands, which takes a second, and runs one."""

from __future__ import annotations

import os
import sys


def run() -> None:
    """Run the command that the command line asks for; Ctrl-C ends it at any time."""
    if "--verbose" not in sys.argv:
        _silence_native_libraries()
    try:
        from posture.cli_commands import main  # noqa: PLC0415 - Ctrl-C may come meanwhile
    except KeyboardInterrupt:
        sys.exit(130)
    main(prog_name="posture")


def _silence_native_libraries() -> None:
    """Keep the standard error for our own sentences.

    The pose model's native code writes warnings straight to file descriptor 2, past Python.
    """
    sys.stderr.flush()
    ours = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = os.fdopen(ours, "w", encoding=sys.stderr.encoding, errors="backslashreplace")


if __name__ == "__main__":
    run()
