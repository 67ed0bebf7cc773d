"""Does one thing to a history and is killed (kill -9) on the way: ``killed_here.py WHAT FOLDER``.

The places are exact: a function of the product is replaced by one that ends this process.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from posture.adapters import export_parquet
from posture.store import archive, database, open_store
from posture.store import store as history
from tests.unit.store.seen import full_analysis

REVISION = """
import os, signal
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    op.add_column("sessions", sa.Column("mood", sa.Text))
    op.execute("UPDATE sessions SET notes = 'half migrated'")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def after(function):
    def run(*words, **named):
        function(*words, **named)
        die()

    return run


def half_written(_, part, **__):
    Path(part).write_bytes(b"PAR1 half")
    die()


def migrate_half(folder):
    scripts = folder.parent / "migrations"
    shutil.copytree(database.MIGRATIONS, scripts)
    (scripts / "versions" / "r0002_mood.py").write_text(REVISION)
    url = database.sqlite_url(folder / history.DATABASE)
    database.migrate(database.connect(url, wait_s=1), scripts)


def import_half(store, folder):
    """Two times two sessions are taken over, the third time it ends."""
    archive._AT_ONCE = 2
    add_all, left = store.add_all, [2]

    def two_times(sessions):
        if left[0] == 0:
            history.insert = die
        left[0] -= 1
        add_all(sessions)

    store.add_all = two_times
    archive.import_archive(store, folder.parent / "all.zip")


PLACES = {
    "first opening": (database.command, "upgrade", die),
    "add, samples half written": (export_parquet.pq, "write_table", half_written),
    "add, files written": (history, "insert", die),
    "add, row not committed": (history, "insert", after(history.insert)),
    "delete, row not committed": (history.sa, "delete", die),
    "delete, row gone": (shutil, "rmtree", die),
    "export": (archive, "_write_file", after(archive._write_file)),
}


def main(what, folder):
    if what == "migration":
        migrate_half(folder)
    if what == "first opening":
        setattr(*PLACES[what])
    store = open_store(folder=folder)
    if what in PLACES:
        setattr(*PLACES[what])
    if what.startswith("add"):
        store.add(full_analysis())
    elif what.startswith("delete"):
        store.delete(store.ids()[0])
    elif what == "import":
        import_half(store, folder)
    elif what == "export":
        archive.export_archive(store, folder.parent / "backup.zip")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
