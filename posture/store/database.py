"""The database itself: opening, migrating, and its troubles in one sentence each."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from posture.errors import InputError, OutputError, PostureError, UsageError

logger = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).with_name("migrations")
WRITES = "posture_writes"
_MIGRATION_LOCK = 0x706F7374


def sqlite_url(path: Path) -> str:
    """Return the address of a SQLite file."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def connect(url: str, wait_s: float) -> sa.Engine:
    """Return an engine for a database.

    Args:
        url: ``sqlite:///...`` or ``postgresql+pg8000://...``.
        wait_s: How long to wait for another process that is writing.

    Raises:
        UsageError: The address means nothing, or its driver is not installed.
    """
    try:
        address = sa.make_url(url)
        if address.drivername in {"postgresql", "postgres"}:
            address = address.set(drivername="postgresql+pg8000")
        engine = sa.create_engine(address)
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError("error.history.no_address") from error
    except ModuleNotFoundError as error:
        raise UsageError("error.history.no_package", name=error.name) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, wait_s)
    return engine


def _prepare_sqlite(engine: sa.Engine, wait_s: float) -> None:
    """Real transactions, for the schema too; a journal that survives being killed."""

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # so that BEGIN is ours
        for pragma in (
            f"busy_timeout = {round(1000 * wait_s)}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def migrate(engine: sa.Engine, scripts: Path = MIGRATIONS) -> None:
    """Bring the database's schema up to date, in one transaction.

    Raises:
        InputError: The database was written by a newer version.
        PostureError: It cannot be read or written.
    """
    config = Config()
    config.set_main_option("script_location", str(scripts))
    directory = ScriptDirectory.from_config(config)
    with told(engine), engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        tables = sa.inspect(connection).get_table_names()
    if found == directory.get_current_head():
        return
    if found is None and tables:
        raise InputError("error.history.something_else", place=engine.url.database)
    if found is not None and found not in {
        script.revision for script in directory.walk_revisions()
    }:
        raise InputError("error.history.newer")
    with (
        told(engine),
        engine.execution_options(**{WRITES: True}).begin() as connection,
    ):
        if engine.dialect.name == "postgresql":  # one process at a time
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    logger.info("The history's schema is now %s", directory.get_current_head())


@contextmanager
def told(engine: sa.Engine) -> Iterator[None]:
    """Turn a database's error into one sentence.

    Raises:
        InputError: The database cannot be reached, or is none.
        OutputError: It cannot be written: locked, full, read-only.
    """
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        raise _sentence(engine, error) from error
    except SQLAlchemyError as error:
        raise InputError("error.history.not_used", error=error) from error


_SQLITE: dict[str, tuple[type[PostureError], str]] = {
    "SQLITE_BUSY": (OutputError, "error.history.busy"),
    "SQLITE_LOCKED": (OutputError, "error.history.busy"),
    "SQLITE_FULL": (OutputError, "error.history.full"),
    "SQLITE_READONLY": (OutputError, "error.history.not_allowed"),
    "SQLITE_CANTOPEN": (OutputError, "error.history.no_folder"),
    "SQLITE_NOTADB": (InputError, "error.history.none"),
    "SQLITE_CORRUPT": (InputError, "error.history.damaged"),
    "SQLITE_IOERR": (OutputError, "error.history.bad_disk"),
}


def _sentence(engine: sa.Engine, error: Exception) -> PostureError:
    place = engine.url.database or ""
    original: Any = getattr(error, "orig", None)
    if isinstance(original, sqlite3.Error):
        name = getattr(original, "sqlite_errorname", "")
        for prefix, (kind, key) in _SQLITE.items():
            if name.startswith(prefix):
                return kind(key, place=place)
    detail = " ".join(str(original or error).split())[:200]
    logger.debug("The database refused", exc_info=error)
    return InputError(
        "error.history.unusable", address=engine.url.render_as_string(), detail=detail
    )


def forget(engine: sa.Engine) -> None:
    """Take what was deleted out of SQLite's journal too, unless somebody is reading just now."""
    if engine.dialect.name != "sqlite":
        return
    with suppress(sqlite3.Error, SQLAlchemyError), closing(engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # outside a transaction
