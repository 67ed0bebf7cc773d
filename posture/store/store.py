"""The history of practice: rows in a database, and each session's files in a folder beside it.

    <folder>/history.sqlite                the rows (or any other database, by its address)
    <folder>/sessions/<id>/samples.parquet every picture's numbers, see :mod:`posture.store.samples`
    <folder>/sessions/<id>/corrected.parquet what corrections made of them, so as to open quickly
    <folder>/sessions/<id>/video.*         the video, where the person wants it kept

Whatever ends the process, the history stays whole: a session's files are complete before its row
is written, and its row is gone before its files are. Files without a row are removed when the
history is opened. One lock, the operating system's, keeps writers apart.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from posture.adapters.files import locked, sha256_of
from posture.analysis import Analysis
from posture.errors import InputError, OutputError, PostureError, UsageError
from posture.resources import data_folder
from posture.store.corrected import keep_corrected
from posture.store.database import WRITES, connect, forget, migrate, sqlite_url, told
from posture.store.records import (
    SessionRecord,
    Source,
    checked_notes,
    checked_tags,
    folded,
    record_of,
)
from posture.store.rows import AT_ONCE, NUMBERS, insert, insert_reps, load, row_of
from posture.store.samples import read_numbers, read_samples, write_samples
from posture.store.schema import REPETITIONS, SESSIONS

logger = logging.getLogger(__name__)

DATABASE = "history.sqlite"
SAMPLES = "samples.parquet"
PART = ".part"
ID = re.compile(r"[0-9a-f]{32}")
WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search.

    Attributes:
        sessions: The latest first.
        total: How many there are on all pages.
    """

    sessions: tuple[SessionRecord, ...]
    total: int


Place = Callable[[Path], None]


def open_store(
    url: str | None = None, *, folder: Path | None = None, wait_s: float = WAIT_S
) -> Store:
    """Open the history, made where there is none yet, and brought up to date.

    Args:
        url: The database's address; by default a SQLite file in ``folder``.
        folder: Where the files are; by default ``history`` in the user's data folder.
        wait_s: How long to wait for another process that is writing.

    Raises:
        UsageError: The address is wrong.
        InputError: It is no history, is damaged, or was written by a newer version.
        OutputError: It cannot be written.
    """
    root = folder or data_folder() / "history"
    with _files_told(root):
        (root / "sessions").mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(connect(url or sqlite_url(root / DATABASE), wait_s), root)
    try:
        migrate(store.engine)
        store.sweep()
    except BaseException:
        store.close()
        raise
    return store


class Store:
    """The history; made by :func:`open_store`. Threads may share it."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self._writer = engine.execution_options(**{WRITES: True})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    # --- adding ---------------------------------------------------------------------------------

    def add(
        self,
        analysis: Analysis,
        *,
        started_at: datetime | None = None,
        source: Source = Source.RECORDED,
        notes: str = "",
        tags: Sequence[str] = (),
        keep_video: bool = False,
    ) -> str:
        """Store an analysis and return its id.

        Args:
            analysis: A recording as it came out; see :meth:`correct` for what is put right in it.
            started_at: When it was practised; by default when the video was last written.
            source: How it came about.
            notes: The person's own words.
            tags: The same.
            keep_video: Whether to keep a copy of the video too.

        Raises:
            UsageError: Notes or tags are too long, or the analysis is a corrected one.
            InputError: The video is to be kept and is gone.
            OutputError: There is no room, or the history is locked.
        """
        if analysis.corrections:
            raise UsageError("error.session.corrected")
        record = record_of(analysis, started_at=started_at, source=source, notes=notes, tags=tags)
        video = analysis.path if keep_video else None
        if video is not None:
            if not video.is_file():
                raise InputError("error.session.video_gone", video=video)
            record = replace(record, video_file=f"video{video.suffix.lower()}")

        def place(folder: Path) -> None:
            write_samples(analysis, folder / SAMPLES)
            if video is not None:
                shutil.copyfile(video, folder / record.video_file)

        self.add_all([(record, place)])
        return record.id

    def add_all(self, sessions: Iterable[tuple[SessionRecord, Place | None]]) -> None:
        """Store sessions together: all of them or, when something goes wrong, none.

        Args:
            sessions: Each with a function that writes its files into an empty folder.

        Raises:
            OutputError: There is no room, or the history is locked.
        """
        with self._alone():
            try:
                records = [self._place(record, place) for record, place in sessions]
                with told(self.engine), self._writer.begin() as connection:
                    insert(connection, records)
            except BaseException:
                with suppress(PostureError):  # what cannot be removed now is at the next opening
                    self._sweep()
                raise

    def _place(self, record: SessionRecord, place: Place | None) -> SessionRecord:
        """Write a session's files; they stand in their place whole or not at all."""
        if place is None:
            return record
        final = self.session_folder(record.id)
        part = final.with_suffix(PART)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        place(part)
        for file in part.iterdir():
            _to_disk(file)
        samples = part / SAMPLES
        if samples.is_file():
            record = replace(record, samples_sha256=sha256_of(samples))
        part.replace(final)
        _to_disk(final.parent)
        return record

    # --- reading --------------------------------------------------------------------------------

    def session_folder(self, session_id: str) -> Path:
        """Return the folder with a session's files.

        Raises:
            UsageError: That is no session's id.
        """
        if ID.fullmatch(session_id) is None:
            raise UsageError("error.session.no_id", id=session_id)
        return self.folder / "sessions" / session_id

    def get(self, session_id: str) -> SessionRecord:
        """Return one session.

        Raises:
            InputError: There is no such session (any more).
        """
        with told(self.engine), self.engine.connect() as connection:
            found = load(connection, sa.select(SESSIONS).where(SESSIONS.c.id == session_id))
        if not found:
            raise InputError("error.session.gone")
        return found[0]

    def get_all(self, session_ids: Sequence[str]) -> Iterator[SessionRecord]:
        """Yield sessions in the order of their ids; one that is gone is left out.

        Raises:
            InputError: The history cannot be read.
        """
        ids = sorted(set(session_ids))
        for some in (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE)):
            query = sa.select(SESSIONS).where(SESSIONS.c.id.in_(some)).order_by(SESSIONS.c.id)
            with told(self.engine), self.engine.connect() as connection:
                found = load(connection, query)
            yield from found

    def analysis(self, session_id: str, *, seen: bool = True) -> Analysis:
        """Return a session's analysis as it was before any correction.

        Its path is the kept video, where one is kept.

        Args:
            session_id: Which session.
            seen: Whether what was seen is read too, and not only the numbers that came of it.

        Raises:
            InputError: The session or its samples are gone or damaged, or it never had any.
        """
        record = self.get(session_id)
        if not record.samples_sha256:
            raise InputError("error.session.numbers_only")
        read = read_samples if seen else read_numbers
        return read(self.session_folder(session_id) / SAMPLES, self.video(record))

    def video(self, record: SessionRecord) -> Path | None:
        """Return the kept video; ``None`` where none is kept."""
        if not record.video_file:
            return None
        return self.session_folder(record.id) / record.video_file

    def find(
        self,
        text: str = "",
        *,
        exercise: str | None = None,
        source: Source | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Found:
        """Return one page of sessions, the latest first.

        Args:
            text: Words that all must stand in notes, tags, exercise or video name.
            exercise: Only this exercise.
            source: Only those that came about so.
            since: Only from this moment on.
            until: Only before this moment.
            limit: How many at most.
            offset: How many to leave out first.
        """
        chosen: list[sa.ColumnElement[bool]] = [
            SESSIONS.c.search.contains(word, autoescape=True) for word in folded(text).split()
        ]
        if exercise is not None:
            chosen.append(SESSIONS.c.exercise == exercise)
        if source is not None:
            chosen.append(SESSIONS.c.source == source)
        if since is not None:
            chosen.append(SESSIONS.c.started_at >= since)
        if until is not None:
            chosen.append(SESSIONS.c.started_at < until)
        page = (
            sa.select(SESSIONS)
            .where(*chosen)
            .order_by(SESSIONS.c.started_at.desc(), SESSIONS.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        count = sa.select(sa.func.count()).select_from(SESSIONS).where(*chosen)
        with told(self.engine), self.engine.connect() as connection:
            sessions = load(connection, page)
            if 0 < len(sessions) < limit or (not sessions and offset == 0):
                return Found(sessions, offset + len(sessions))
            return Found(sessions, connection.scalar(count) or 0)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all sessions, sorted."""
        with told(self.engine), self.engine.connect() as connection:
            return tuple(connection.scalars(sa.select(SESSIONS.c.id).order_by(SESSIONS.c.id)))

    def ids_of_video(self, sha256: str) -> tuple[str, ...]:
        """Return the ids of the sessions made from a video, so that nobody adds it twice."""
        same = sa.select(SESSIONS.c.id).where(SESSIONS.c.video_sha256 == sha256)
        with told(self.engine), self.engine.connect() as connection:
            return tuple(connection.scalars(same.order_by(SESSIONS.c.id)))

    # --- changing -------------------------------------------------------------------------------

    def annotate(
        self, session_id: str, *, notes: str | None = None, tags: Sequence[str] | None = None
    ) -> SessionRecord:
        """Change notes or tags; what is ``None`` stays. Return the session as it now is.

        Raises:
            UsageError: They are too long.
            InputError: There is no such session.
            OutputError: The history is locked or its disk full.
        """
        old = self.get(session_id)
        new = replace(
            old,
            notes=old.notes if notes is None else checked_notes(notes),
            tags=old.tags if tags is None else checked_tags(tags),
        )
        self._update(new, ("notes", "tags", "search"))
        return new

    def correct(
        self, session_id: str, corrections: Mapping[str, Any] | None, corrected: Analysis
    ) -> SessionRecord:
        """Store what the person corrected, and the numbers that follow from it.

        The samples stay as they were, so that the original can be had back.

        Args:
            session_id: Which session.
            corrections: Any JSON object; ``None`` when all is as it was originally.
            corrected: The analysis with the corrections in it.

        Raises:
            InputError: There is no such session.
            OutputError: The history is locked or its disk full.
        """
        old = self.get(session_id)
        fresh = record_of(
            corrected,
            session_id=session_id,
            started_at=old.started_at,
            source=old.source,
            video_sha256=old.video_sha256,
        )
        new = replace(
            fresh,
            video_name=old.video_name,
            notes=old.notes,
            tags=old.tags,
            samples_sha256=old.samples_sha256,
            video_file=old.video_file,
            corrections=corrections,
        )
        changed = ("exercise", "duration_s", *NUMBERS, "summary", "corrections", "search")
        self._update(new, changed, with_reps=True)
        keep_corrected(self.session_folder(session_id), corrected)
        return new

    def _update(
        self, record: SessionRecord, names: Sequence[str], *, with_reps: bool = False
    ) -> None:
        row = row_of(record)
        mine = SESSIONS.c.id == record.id
        with told(self.engine), self._writer.begin() as connection:
            change = sa.update(SESSIONS).where(mine).values({name: row[name] for name in names})
            if connection.execute(change).rowcount == 0:
                raise InputError("error.session.deleted_meanwhile")
            if with_reps:
                connection.execute(
                    sa.delete(REPETITIONS).where(REPETITIONS.c.session_id == record.id)
                )
                insert_reps(connection, [record])

    def delete(self, session_id: str) -> None:
        """Delete a session for good: its row, its samples and its video.

        Raises:
            InputError: There is no such session.
            OutputError: The history is locked, or a file cannot be removed.
        """
        folder = self.session_folder(session_id)
        with self._alone():
            with told(self.engine), self._writer.begin() as connection:
                gone = connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.id == session_id))
            if gone.rowcount == 0:
                raise InputError("error.session.gone")
            if folder.exists():
                shutil.rmtree(folder)
        forget(self.engine)

    def sweep(self) -> None:
        """Remove files that belong to no session: what an interruption left behind."""
        with self._alone():
            self._sweep()

    def _sweep(self) -> None:
        known = set(self.ids())
        for folder in (self.folder / "sessions").iterdir():
            if folder.name not in known:
                logger.info("Removing the files of an interrupted session: %s", folder.name)
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with _files_told(self.folder), locked(self.folder / ".lock"):
            yield


@contextmanager
def _files_told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise OutputError("error.history.not_written", folder=folder, why=why) from error


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir():
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY)
    else:
        handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
