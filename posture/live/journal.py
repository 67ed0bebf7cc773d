"""Every live practice on disk as it happens, so that a crash loses at most its last second.

One file for each practice, ``<data folder>/live/<begun>-<random>.jsonl``, to which lines are only
ever added: a header, then each picture's numbers, repetitions as they are counted, and at last an
``end``. ``PROTOCOL.md`` says what stands in each line. Whoever writes a file holds the operating
system's lock on it, which ends with the process, however that ends: a file without an ``end`` that
nobody holds is one that was cut off, and :func:`close_unfinished` closes it.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite, nan
from pathlib import Path
from typing import Any

from posture import __version__
from posture.adapters.export import SAMPLE_COLUMNS
from posture.adapters.files import try_lock
from posture.datatypes import Facing, PostureSample, Quality, Reason, Rep, RepKind, Stance, Verdict
from posture.errors import InputError
from posture.live.tally import Tally, numbers_of

logger = logging.getLogger(__name__)

FORMAT_VERSION = 1
ENDING = ".jsonl"
_NUMBERS = (*SAMPLE_COLUMNS, ("pelvis_yaw_sd_deg", 2))
COLUMNS = ("time_s", "phase", "quality", "reason", "facing", "stance", *(n for n, _ in _NUMBERS))


class Why(StrEnum):
    """How a practice came to its end."""

    STOPPED = "stopped"
    LEFT = "left"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Practice:
    """What a file tells of a practice.

    Attributes:
        exercise: Exercise id.
        lang: Language of what was said.
        begun: When it began, in UTC.
        model: Name of the pose model.
        program: Version of the program that wrote it.
        samples: What each picture came to, times rising; those fields that the file has.
        phases: The exercise's phase after each.
        pauses: Indices of samples before which the pictures had stopped for a while.
        reps: Repetitions, counted through.
        why: How it ended; ``None`` while it goes on, or after a crash.
        numbers: What it came to, as in the summary; empty without an end.
    """

    exercise: str
    lang: str
    begun: datetime
    model: str
    program: str
    samples: tuple[PostureSample, ...]
    phases: tuple[str, ...]
    pauses: tuple[int, ...]
    reps: tuple[Rep, ...]
    why: Why | None
    numbers: Mapping[str, Any]


class Journal:
    """One practice's file, made with its first number. May be used from any thread.

    A disk that is full or cannot be written to ends the journal, not the practice:
    :attr:`trouble` says so from then on. Its file, and the film beside it, have its :attr:`name`.

    Args:
        folder: Where journals lie; made where it does not exist.
        exercise: Exercise id.
        lang: Language of what is said.
        model: Name of the pose model.
    """

    def __init__(self, folder: Path, exercise: str, lang: str, model: str) -> None:
        self._folder = folder
        self.name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        self._header = {"exercise": exercise, "lang": lang, "model": model}
        self._lock = threading.Lock()
        self._lines: list[str] = []
        self._handle: int | None = None
        self._reps = 0
        self._closed = False
        self.path: Path | None = None
        self.trouble = ""

    def add(self, sample: PostureSample, phase: str, reps: tuple[Rep, ...]) -> None:
        """Take one picture's numbers, and the repetitions that are new among all so far."""
        row = [round(sample.time_s, 4), phase, sample.quality, sample.reason, sample.facing]
        row += [sample.stance, *(_number(getattr(sample, name), d) for name, d in _NUMBERS)]
        with self._lock:
            if self._closed:
                return
            if self.path is None and not self._lines:
                self._note("posture-live", version=FORMAT_VERSION, **self._about())
            self._lines.append(_line(row))
            self._add_reps(reps)

    def pause(self) -> None:
        """The pictures stop for a while."""
        with self._lock:
            if not self._closed and (self.path is not None or self._lines):
                self._note("pause")

    def keep(self) -> None:
        """Bring to the disk what was added since; takes as long as the disk does."""
        with self._lock:
            self._keep()

    def close(self, why: Why, reps: tuple[Rep, ...], numbers: Mapping[str, Any]) -> None:
        """Write the end. Harmless when called twice; leaves no file where nothing was added."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self.path is not None or self._lines:
                self._add_reps(reps)
                self._note("end", why=why, at=_now(), numbers=numbers)
                self._keep()
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _about(self) -> dict[str, Any]:
        return {**self._header, "begun": _now(), "program": __version__, "columns": COLUMNS}

    def _add_reps(self, reps: tuple[Rep, ...]) -> None:
        for rep in reps[self._reps :]:
            self._note("rep", rep={k: _known(v) for k, v in asdict(rep).items()})
        self._reps = len(reps)

    def _note(self, kind: str, **content: object) -> None:
        self._lines.append(_line({"kind": kind, **content}))

    def _keep(self) -> None:
        lines, self._lines = self._lines, []
        if not lines or self.trouble:
            return
        try:
            if self._handle is None:
                self._handle = self._open()
            _write(self._handle, "".join(lines).encode())
        except OSError as error:
            self.trouble = error.strerror or str(error)
            logger.warning("A practice is not kept any more: %s", self.trouble)

    def _open(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.path = self._folder / f"{self.name}{ENDING}"
        handle = os.open(self.path, _APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        try_lock(handle)
        return handle


def finished(folder: Path) -> tuple[Path, ...]:
    """Return the journals that have their end and that nobody is writing, the oldest first."""
    return tuple(path for path in _journals(folder) if _is_finished(path))


def close_unfinished(folder: Path) -> tuple[Path, ...]:
    """Close the journals that were cut off by a crash; return which.

    Those that somebody is writing are left alone. A file that cannot be read or written is named
    in the log and left as it is.
    """
    closed = []
    for path in _journals(folder):
        if _is_finished(path):
            continue
        try:
            if _close_cut_off(path):
                closed.append(path)
        except (InputError, OSError) as error:
            logger.warning("The practice %s cannot be closed: %s", path.name, error)
    if closed:
        logger.info("Practices that were cut off and are now closed: %d", len(closed))
    return tuple(closed)


def read_journal(path: Path) -> Practice:
    """Read a practice; a line that was cut off at the end is left out.

    Raises:
        InputError: It is no journal, or cannot be read.
    """
    header: dict[str, Any] = {}
    samples: list[PostureSample] = []
    phases: list[str] = []
    pauses: list[int] = []
    reps: list[Rep] = []
    end: dict[str, Any] = {}
    try:
        for _, record in _records(path):
            if isinstance(record, list):
                row = dict(zip(header["columns"], record, strict=True))
                phases.append(row["phase"])
                samples.append(_sample_of(row))
            elif record["kind"] == "posture-live":
                header = record
            elif record["kind"] == "rep":
                reps.append(_rep_of(record["rep"]))
            elif record["kind"] == "pause":
                pauses.append(len(samples))
            elif record["kind"] == "end":
                end = record
        return Practice(
            exercise=header["exercise"],
            lang=header["lang"],
            begun=datetime.fromisoformat(header["begun"]),
            model=header["model"],
            program=header["program"],
            samples=tuple(samples),
            phases=tuple(phases),
            pauses=tuple(pauses),
            reps=tuple(reps),
            why=Why(end["why"]) if end else None,
            numbers=end.get("numbers", {}),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("error.journal.none", name=path.name) from error
    except OSError as error:
        raise InputError("error.journal.not_read", name=path.name, why=error.strerror) from error


def _close_cut_off(path: Path) -> bool:
    """Give a journal without an end its end; ``False`` when somebody is writing it."""
    handle = os.open(path, _APPEND)
    try:
        if not try_lock(handle):
            return False
        practice = read_journal(path)
        tally = Tally()
        for index, sample in enumerate(practice.samples):
            if index in practice.pauses:
                tally.interrupt()
            tally.add(sample)
        os.ftruncate(handle, max(at for at, _ in _records(path)))
        end = {"kind": "end", "why": Why.CRASHED, "at": _now()}
        _write(handle, _line({**end, "numbers": numbers_of(tally, practice.reps)}).encode())
        return True
    finally:
        os.close(handle)


def _journals(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{ENDING}"))


def _is_finished(path: Path) -> bool:
    """Whether the last line is an end, without reading the others."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 16_384))
            tail = file.read()
    except OSError:
        return False
    last = tail.removesuffix(b"\n").rpartition(b"\n")[2]
    return tail.endswith(b"\n") and last.startswith(b'{"kind":"end"')


def _records(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each whole line's value, and where the line ends, in bytes from the beginning."""
    at = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            at += len(line)
            yield at, json.loads(line)


def _sample_of(row: Mapping[str, Any]) -> PostureSample:
    numbers: dict[str, Any] = {n: nan if row[n] is None else float(row[n]) for n, _ in _NUMBERS}
    return PostureSample(
        time_s=float(row["time_s"]),
        quality=Quality(row["quality"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        person=row["reason"] != Reason.NOBODY,
        facing=Facing(row["facing"]),
        stance=None if row["stance"] is None else Stance(row["stance"]),
        **numbers,
    )


def _rep_of(record: Mapping[str, Any]) -> Rep:
    known: dict[str, Any] = {k: nan if v is None else v for k, v in record.items()}
    known["kind"], known["verdict"] = RepKind(known["kind"]), Verdict(known["verdict"])
    known["faults"] = tuple(known["faults"])
    known["measures"] = tuple((name, value) for name, value in known["measures"])
    return Rep(**known)


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"


def _known(value: object) -> object:
    return None if isinstance(value, float) and not isfinite(value) else value


def _number(value: float, decimals: int) -> float | None:
    return round(value, decimals) if isfinite(value) else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _write(handle: int, data: bytes) -> None:
    """Write all of it, down to the disk itself."""
    while data:
        data = data[os.write(handle, data) :]
    os.fsync(handle)


_APPEND = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
