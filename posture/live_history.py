"""Live practice into the history: what the journals hold becomes sessions there."""

from __future__ import annotations

import logging
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from math import nan
from pathlib import Path

from posture.adapters.live_film import ENDING as FILM_ENDING
from posture.adapters.live_film import plays, settle
from posture.adapters.video_reader import VideoInfo
from posture.analysis import Analysis, Request
from posture.datatypes import Rep
from posture.errors import InputError
from posture.features import Observation
from posture.live.journal import ENDING, Practice, finished, read_journal
from posture.pipeline import Result
from posture.store import Source, Store
from posture.store.records import record_of
from posture.store.samples import write_samples
from posture.store.store import SAMPLES

logger = logging.getLogger(__name__)

VIDEO = "video.mp4"
# A film without its journal is of a practice that was cut off in its first half second.
_FORGOTTEN_S = 3600.0
_NAMES = uuid.UUID("6d5b0a2e-4a3b-4f0c-9a83-3b9b6f2f8a10")


def keep_practices(store: Store, folder: Path) -> tuple[str, ...]:
    """Take over the practices that have ended; each journal goes once its session is stored.

    A journal always becomes the same session, so that an interruption doubles nothing. One that
    cannot be read is named in the log and left alone. Its film, where there is one, becomes the
    session's video.

    Args:
        store: The history.
        folder: Where the journals lie.

    Returns:
        The ids of the new sessions.

    Raises:
        OutputError: The history cannot be written; the journals are still there then.
    """
    known, added = set(store.ids()), []
    for path in finished(folder):
        session_id = uuid.uuid5(_NAMES, path.name).hex
        if session_id not in known:
            try:
                practice = read_journal(path)
            except InputError as error:
                logger.warning("A practice is not taken over: %s", error)
                continue
            if practice.samples:
                _add(store, session_id, practice, path.with_suffix(FILM_ENDING))
                added.append(session_id)
        for taken in (path, path.with_suffix(FILM_ENDING)):
            with suppress(OSError):
                taken.unlink()
    _sweep(folder)
    return tuple(added)


def _add(store: Store, session_id: str, practice: Practice, film: Path) -> None:
    with_film = plays(film)
    analysis = analysis_of(from_its_beginning(practice))
    record = record_of(
        analysis, session_id=session_id, started_at=practice.begun, source=Source.LIVE
    )

    def place(folder: Path) -> None:
        write_samples(analysis, folder / SAMPLES)
        if with_film:
            settle(film, folder / VIDEO)

    store.add_all([(replace(record, video_file=VIDEO if with_film else ""), place)])


def _sweep(folder: Path) -> None:
    """Remove films that no journal belongs to (any more)."""
    for film in folder.glob(f"*{FILM_ENDING}"):
        with suppress(OSError):
            is_old = time.time() - film.stat().st_mtime > _FORGOTTEN_S
            if is_old and not film.with_suffix(ENDING).exists():
                film.unlink()


def from_its_beginning(practice: Practice) -> Practice:
    """Return a practice with its first sample at second 0, where a film begins too."""
    from_s = practice.samples[0].time_s

    def at(rep: Rep) -> Rep:
        begin, peak, end = (t - from_s for t in (rep.start_s, rep.peak_s, rep.end_s))
        return replace(rep, start_s=begin, peak_s=peak, end_s=end)

    return replace(
        practice,
        samples=tuple(replace(s, time_s=s.time_s - from_s) for s in practice.samples),
        reps=tuple(map(at, practice.reps)),
    )


def analysis_of(practice: Practice) -> Analysis:
    """Return a practice as if it had been recorded, without anything that was seen in pictures."""
    nowhere = Path()
    ends = iter(sorted(rep.end_s for rep in practice.reps))
    results, count, next_end = [], 0, next(ends, nan)
    for index, (sample, phase) in enumerate(zip(practice.samples, practice.phases, strict=True)):
        while sample.time_s >= next_end:  # never when there is none left
            count, next_end = count + 1, next(ends, nan)
        observation = Observation(index, sample.time_s, (0, 0), nan)
        results.append(Result(observation, sample, (), phase, count))
    return Analysis(
        path=nowhere,
        info=VideoInfo(
            nowhere, 0, 0, 0, 0, nan, nan, 0.0, None,
            has_audio=False, codec="", rotation_deg=0, mirrored=False,
        ),
        request=Request(exercise=practice.exercise, model=practice.model),
        results=tuple(results),
        reps=practice.reps,
        events=(),
        calibration=None,
        neutral_found=False,
        people_at_once=1,
        damage=None,
        model_sha256="",
        estimator="",
    )  # fmt: skip
