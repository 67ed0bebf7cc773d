"""Whatever kills the process, the history is whole when it is opened again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from posture.store import open_store
from posture.store.archive import export_archive, import_archive
from tests.unit.store.seen import full_analysis

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")

SCRIPT = Path(__file__).with_name("killed_here.py")


def killed(what, folder):
    command = [sys.executable, str(SCRIPT), what, str(folder)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == -signal.SIGKILL, run.stderr


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "history"
    with open_store(folder=folder) as store:
        store.add(full_analysis(), notes="before")
    return folder


def assert_whole(store):
    """Every row has its files, every file its row, and everything can be read."""
    folders = {path.name for path in (store.folder / "sessions").iterdir()}
    assert folders == set(store.ids())
    for session_id in store.ids():
        assert store.analysis(session_id).reps
        assert len(store.get(session_id).reps) == 2
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()


@pytest.mark.parametrize(
    "what", ["add, samples half written", "add, files written", "add, row not committed"]
)
def test_killed_while_adding(what, folder):
    killed(what, folder)
    left = list((folder / "sessions").iterdir())
    assert len(left) == 2, "it was killed where something lay about"
    with open_store(folder=folder) as store:
        assert_whole(store)
        assert [store.get(one).notes for one in store.ids()] == ["before"]
        store.add(full_analysis())
        assert_whole(store)


@pytest.mark.parametrize(
    ("what", "left"), [("delete, row not committed", 1), ("delete, row gone", 0)]
)
def test_killed_while_deleting(what, left, folder):
    killed(what, folder)
    with open_store(folder=folder) as store:
        assert_whole(store)
        assert len(store.ids()) == left


def test_killed_while_migrating(folder):
    killed("migration", folder)
    with open_store(folder=folder) as store:
        assert_whole(store)
        assert [store.get(one).notes for one in store.ids()] == ["before"]
        columns = {column["name"] for column in sa.inspect(store.engine).get_columns("sessions")}
        assert "mood" not in columns


def test_killed_at_the_first_opening(tmp_path):
    killed("first opening", tmp_path / "new")
    with open_store(folder=tmp_path / "new") as store:
        store.add(full_analysis())
        assert_whole(store)


def test_killed_while_importing_keeps_what_was_done_and_goes_on(folder, tmp_path):
    with open_store(folder=tmp_path / "other") as other:
        for _ in range(7):
            other.add(full_analysis())
        export_archive(other, tmp_path / "all.zip")
        theirs = set(other.ids())
    killed("import", folder)
    with open_store(folder=folder) as store:
        assert_whole(store)
        done = theirs & set(store.ids())
        assert len(done) == 4
        imported = import_archive(store, tmp_path / "all.zip")
        assert set(imported.added) == theirs - done
        assert set(imported.already_here) == done
        assert_whole(store)
        assert len(store.ids()) == 8


def test_killed_while_backing_up_leaves_the_last_backup(folder, tmp_path):
    (tmp_path / "backup.zip").write_bytes(b"the last one")
    killed("export", folder)
    assert (tmp_path / "backup.zip").read_bytes() == b"the last one"
    with open_store(folder=folder) as store:
        assert_whole(store)
        export_archive(store, tmp_path / "backup.zip")
        store.delete(store.ids()[0])
        assert len(import_archive(store, tmp_path / "backup.zip").added) == 1
