"""Histories for the tests: on SQLite and, where its programs are here, on a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

import pg8000.dbapi
import pytest

from posture.store import open_store

PROGRAMS = Path("/usr/lib/postgresql")


def postgres_programs():
    """The folder with initdb and pg_ctl, of the newest version; ``None`` where there is none."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/initdb")]
    named = shutil.which("initdb")
    return max(found, default=Path(named).parent if named else None)


@pytest.fixture(scope="session")
def postgres():
    """A database server of our own, reached through a socket in its own folder."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian's package: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="posture-pg-"))
    # It refuses to run as the administrator.
    alone = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    prefix = alone if os.geteuid() == 0 else []
    if prefix:
        os.chown(folder, 65_534, 65_534)

    def run(program, *words):
        command = [*prefix, programs / program, "-D", folder / "data", *words]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, env={"LC_ALL": "C"})

    run("initdb", "--auth=trust", "--username=posture", "--no-sync", "--encoding=UTF8")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "start", "--wait", "--silent", "--log", folder / "log", "-o", options)
    try:
        yield folder / ".s.PGSQL.5432"
    finally:
        run("pg_ctl", "stop", "--mode=immediate", "--silent")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """The address of an empty database; ``None`` is the history's own SQLite file."""
    if request.param == "sqlite":
        return None
    socket = request.getfixturevalue("postgres")
    with closing(
        pg8000.dbapi.connect("posture", database="postgres", unix_sock=str(socket))
    ) as connection:
        connection.autocommit = True
        connection.cursor().execute("DROP DATABASE IF EXISTS history WITH (FORCE)")
        connection.cursor().execute("CREATE DATABASE history")
    return f"postgresql+pg8000://posture@/history?unix_sock={socket}"


@pytest.fixture
def store(url, tmp_path):
    """An empty history."""
    with open_store(url, folder=tmp_path / "history") as opened:
        yield opened
