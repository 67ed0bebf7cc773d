"""Sessions in one file: for a backup all of them, for a teacher some of them.

The file is a zip archive::

    manifest.json                    format, version, and every other file with size and SHA-256
    sessions/<id>/record.json        the row and its repetitions
    sessions/<id>/samples.parquet    see :mod:`posture.store.samples`
    sessions/<id>/video.*            only where it was asked for

The same sessions always give the same bytes. Before anything is taken over, the whole archive is
checked; a session that is here already stays as it is here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from math import isnan, nan
from pathlib import Path
from typing import Any

from posture.errors import InputError, OutputError
from posture.store.records import SessionRecord, Source, checked_notes, checked_tags
from posture.store.samples import read_samples, rep_json, rep_of
from posture.store.store import PART, SAMPLES, Store

FORMAT = "posture-sessions"
VERSION = 1
MANIFEST = "manifest.json"
RECORD = "record.json"
_NAME = re.compile(
    r"sessions/(?P<id>[0-9a-f]{32})/(?P<file>record\.json|samples\.parquet|video(\.[a-z0-9]{1,8})?)"
)
_LARGEST_JSON = 64_000_000
_PIECE = 1 << 20
# Sessions that are taken over together; what was taken over stays when the rest is interrupted.
_AT_ONCE = 50
_NEVER = (1980, 1, 1, 0, 0, 0)

OnProgress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an archive.

    Attributes:
        added: Ids of the sessions that are new here.
        already_here: Ids of those that were here before and stayed as they were.
    """

    added: tuple[str, ...]
    already_here: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    size: int
    sha256: str


def export_archive(
    store: Store,
    target: Path,
    session_ids: Sequence[str] | None = None,
    *,
    with_videos: bool = False,
    on_progress: OnProgress | None = None,
) -> None:
    """Write sessions into one file, whole or not at all.

    Args:
        store: The history.
        target: The archive; replaced where it exists.
        session_ids: Which; by default all: a backup.
        with_videos: Whether the kept videos go along.
        on_progress: Called with the share that is done.

    Raises:
        InputError: A session is gone or its files are damaged.
        OutputError: The archive cannot be written.
    """
    ids = store.ids() if session_ids is None else tuple(dict.fromkeys(session_ids))
    for missing in set(ids).difference(store.ids()):
        store.get(missing)  # says that it is gone
    part = target.with_name(target.name + PART)
    try:
        with zipfile.ZipFile(part, "w", allowZip64=True) as archive:
            files: dict[str, _Entry] = {}
            for done, record in enumerate(store.get_all(ids)):
                if not with_videos:
                    record = replace(record, video_file="")  # noqa: PLW2901 - the same, less
                files |= _write_session(archive, store, record)
                if on_progress is not None:
                    on_progress((done + 1) / len(ids))
            manifest = {
                "format": FORMAT,
                "version": VERSION,
                "files": {
                    name: {"bytes": entry.size, "sha256": entry.sha256}
                    for name, entry in sorted(files.items())
                },
            }
            _write_bytes(archive, MANIFEST, _json(manifest))
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise OutputError("error.archive.not_written", target=target, why=why) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def import_archive(
    store: Store, source: Path, *, on_progress: OnProgress | None = None
) -> Imported:
    """Take over the sessions of an archive that are not here yet.

    Args:
        store: The history.
        source: An archive of :func:`export_archive`.
        on_progress: Called with the share that is done.

    Raises:
        InputError: It is no archive of ours, is damaged, holds paths that lead out of it, or was
            written by a newer version; nothing was taken over then.
        OutputError: The history cannot be written; what was taken over before is whole.
    """
    with _opened(source) as archive:
        files = _manifest(archive, source)
        sessions = _sessions(files)
        here = set(store.ids())
        new = [session_id for session_id in sorted(sessions) if session_id not in here]
        records = {
            session_id: _record(archive, session_id, sessions[session_id], source)
            for session_id in new
        }
        _check_everything(archive, files, source)
        for first in range(0, len(new), _AT_ONCE):
            some = new[first : first + _AT_ONCE]
            store.add_all(
                (records[session_id], _placing(archive, session_id, sessions[session_id]))
                for session_id in some
            )
            if on_progress is not None:
                on_progress((first + len(some)) / len(new))
    return Imported(tuple(new), tuple(sorted(here & set(sessions))))


# --- writing --------------------------------------------------------------------------------


def _write_session(
    archive: zipfile.ZipFile, store: Store, record: SessionRecord
) -> dict[str, _Entry]:
    inside, folder = f"sessions/{record.id}/", store.session_folder(record.id)
    content = _json(_plain(record))
    entries = {inside + RECORD: _Entry(len(content), hashlib.sha256(content).hexdigest())}
    _write_bytes(archive, inside + RECORD, content)
    for name in filter(None, (SAMPLES if record.samples_sha256 else "", record.video_file)):
        entries[inside + name] = _write_file(archive, inside + name, folder / name)
    samples = entries.get(inside + SAMPLES)
    if samples is not None and samples.sha256 != record.samples_sha256:
        raise InputError("error.archive.samples", session=record.video_name or record.id)
    return entries


def _write_bytes(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _NEVER)
    info.external_attr = 0o600 << 16
    archive.writestr(info, content, compress_type=zipfile.ZIP_DEFLATED)


def _write_file(archive: zipfile.ZipFile, name: str, path: Path) -> _Entry:
    info = zipfile.ZipInfo(name, _NEVER)  # stored as it is: Parquet and video are compressed
    info.external_attr = 0o600 << 16
    digest, size = hashlib.sha256(), 0
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise InputError("error.archive.file_gone", path=path) from error
    with file, archive.open(info, "w", force_zip64=True) as inside:
        while piece := file.read(_PIECE):
            inside.write(piece)
            digest.update(piece)
            size += len(piece)
    return _Entry(size, digest.hexdigest())


def _plain(record: SessionRecord) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for item in fields(record):
        value = getattr(record, item.name)
        plain[item.name] = None if isinstance(value, float) and isnan(value) else value
    return plain | {
        "started_at": record.started_at.isoformat(),
        "reps": [rep_json(rep) for rep in record.reps],
        "rep_sds": [None if isnan(sd) else sd for sd in record.rep_sds],
    }


def _json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


# --- reading --------------------------------------------------------------------------------


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except FileNotFoundError as error:
        raise InputError("error.archive.not_there", source=source) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        # RuntimeError: it wants a password, or is packed in a way we do not know.
        raise _damaged(source) from error
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError("error.archive.not_read", source=source, why=why) from error


def _damaged(source: Path) -> InputError:
    return InputError("error.archive.damaged", name=source.name)


def _manifest(archive: zipfile.ZipFile, source: Path) -> dict[str, _Entry]:
    """The files an archive promises; refused unless it holds exactly these."""
    names = archive.namelist()
    if any(_leads_out(name) for name in names):
        raise InputError("error.archive.leads_out", name=source.name)
    if MANIFEST not in names:
        raise _damaged(source)
    manifest = _read_json(archive, MANIFEST, source)
    if manifest.get("format") != FORMAT or not isinstance(manifest.get("version"), int):
        raise _damaged(source)
    if manifest["version"] > VERSION:
        raise InputError("error.archive.newer", name=source.name)
    try:
        files = {
            str(name): _Entry(int(entry["bytes"]), str(entry["sha256"]))
            for name, entry in manifest["files"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(source) from error
    known = all(_NAME.fullmatch(name) for name in files)
    if not known or sorted(names) != sorted((*files, MANIFEST)):
        raise _damaged(source)
    return files


def _leads_out(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return ".." in parts or parts[0] == "" or ":" in name


def _sessions(files: Mapping[str, _Entry]) -> dict[str, list[str]]:
    sessions: dict[str, list[str]] = {}
    for name in files:
        _, session_id, file = name.split("/")
        sessions.setdefault(session_id, []).append(file)
    return sessions


def _read_json(archive: zipfile.ZipFile, name: str, source: Path) -> dict[str, Any]:
    if archive.getinfo(name).file_size > _LARGEST_JSON:
        raise _damaged(source)
    try:
        value = json.loads(archive.read(name))
    except ValueError as error:
        raise _damaged(source) from error
    if not isinstance(value, dict):
        raise _damaged(source)
    return value


def _record(
    archive: zipfile.ZipFile, session_id: str, files: Sequence[str], source: Path
) -> SessionRecord:
    if RECORD not in files:
        raise _damaged(source)
    given = _read_json(archive, f"sessions/{session_id}/{RECORD}", source)
    try:
        record = _record_of(given)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(source) from error
    promised = {RECORD, *filter(None, (SAMPLES if record.samples_sha256 else "",))}
    if record.id != session_id or promised | {record.video_file or RECORD} != set(files):
        raise _damaged(source)
    return record


def _record_of(given: Mapping[str, Any]) -> SessionRecord:
    started_at = datetime.fromisoformat(given["started_at"])
    if started_at.tzinfo is None:
        raise ValueError("a moment without its zone")
    record = SessionRecord(
        id=_word(given["id"]),
        started_at=started_at,
        source=Source(given["source"]),
        exercise=_word(given["exercise"]),
        video_name=_word(given["video_name"]),
        video_sha256=_word(given["video_sha256"]),
        duration_s=float(given["duration_s"]),
        reading_share=_number(given["reading_share"]),
        tilt_forward_deg=_number(given["tilt_forward_deg"]),
        tilt_backward_deg=_number(given["tilt_backward_deg"]),
        tilt_sd_deg=_number(given["tilt_sd_deg"]),
        reps=tuple(rep_of(rep) for rep in given["reps"]),
        rep_sds=tuple(_number(sd) for sd in given["rep_sds"]),
        summary=_object(given["summary"]),
        notes=checked_notes(_word(given["notes"])),
        tags=checked_tags([_word(tag) for tag in given["tags"]]),
        corrections=None if given["corrections"] is None else _object(given["corrections"]),
        samples_sha256=_word(given["samples_sha256"]),
        video_file=_word(given["video_file"]),
    )
    if len(record.reps) != len(record.rep_sds):
        raise ValueError("repetitions without their uncertainties")
    return record


def _number(value: float | None) -> float:
    return nan if value is None else float(value)


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a word was expected")
    return value


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object was expected")
    return value


def _check_everything(archive: zipfile.ZipFile, files: Mapping[str, _Entry], source: Path) -> None:
    for name, entry in files.items():
        info = archive.getinfo(name)
        if info.file_size != entry.size:
            raise _damaged(source)
        digest = hashlib.sha256()
        with archive.open(info) as content:
            while piece := content.read(_PIECE):
                digest.update(piece)
        if digest.hexdigest() != entry.sha256:
            raise _damaged(source)


def _placing(
    archive: zipfile.ZipFile, session_id: str, files: Sequence[str]
) -> Callable[[Path], None] | None:
    kept = [name for name in files if name != RECORD]
    if not kept:
        return None

    def place(folder: Path) -> None:
        for name in kept:
            inside = archive.open(f"sessions/{session_id}/{name}")
            with inside, (folder / name).open("xb") as file:
                shutil.copyfileobj(inside, file, _PIECE)
        if SAMPLES in kept:
            read_samples(folder / SAMPLES)  # so that what cannot be opened is refused here

    return place
