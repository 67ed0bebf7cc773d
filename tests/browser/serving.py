"""The real server, started as a user would, in a home where it has never run."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from posture.adapters.model_store import ModelStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]

# Runs in the server before anything else: writes down every look-up and every connection.
_WITNESS = """
import os, sys
_log = os.environ["POSTURE_TEST_WITNESS"]
def _hook(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        what = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
        with open(_log, "a", encoding="utf-8") as log:
            log.write(f"{event} {what!r}\\n")
sys.addaudithook(_hook)
"""


@dataclass(frozen=True)
class Server:
    """A running page.

    Attributes:
        url: Where it is.
        temporary: The folder it has for temporary files.
        witness: A file with a line for each connection and look-up that it made.
        log: What it printed.
        process: The process.
    """

    url: str
    temporary: Path
    witness: Path
    log: Path
    process: subprocess.Popen[bytes]

    def listens_at(self) -> set[str]:
        """The addresses at which it, or a child of it, can be reached."""
        whole = psutil.Process(self.process.pid)
        connections = [
            c for p in (whole, *whole.children(recursive=True)) for c in p.net_connections("inet")
        ]
        return {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}

    def stop(self) -> int:
        """End it as a terminal would, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


@contextmanager
def served(folder: Path, command: Callable[[int], list[str]] | None = None) -> Iterator[Server]:
    """Serve the page from a fresh home, with this computer's pose models.

    Args:
        folder: An empty folder, or that of an earlier server, which leaves all to this one.
        command: What to start on a port; plain ``streamlit run app.py`` unless given.
    """
    data, home, temporary, site = (folder / n for n in ("data", "home", "temporary", "site"))
    for made in (data, home, temporary, site):
        made.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ModelStore().path("full").parent, data / "models", dirs_exist_ok=True)
    (site / "sitecustomize.py").write_text(_WITNESS, encoding="utf-8")
    witness = folder / "witness.txt"
    witness.touch()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("STREAMLIT_", "POSTURE_"))}
    environment = kept | {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "POSTURE_DATA_DIR": str(data),
        "POSTURE_TEST_WITNESS": str(witness),
        "PYTHONPATH": os.pathsep.join((str(site), str(ROOT))),
    }
    port = free_port()
    arguments = (command or streamlit)(port)
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://localhost:{port}/", temporary, witness, log, process)
    try:
        wait_until_served(server)
        yield server
    finally:
        try:
            server.stop()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def streamlit(port: int) -> list[str]:
    """The plain way to start the page, with nothing but the port named."""
    app = str(ROOT / "app.py")
    port_option = f"--server.port={port}"
    return [sys.executable, "-m", "streamlit", "run", app, port_option, "--server.headless=true"]


def wait_until_served(server: Server) -> None:
    """Ask until the page answers; fail at once, with what it printed, when it has ended."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(server.url + "_stcore/health", timeout=5):  # noqa: S310
                return
        except OSError:
            try:
                server.process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
            break
    pytest.fail(
        f"the page was not served:\n{server.log.read_text(encoding='utf-8', errors='replace')}"
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])
