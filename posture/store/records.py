"""What the history knows of one session, and how it is made from an analysis."""

from __future__ import annotations

import json
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np

from posture.adapters.files import sha256_of
from posture.analysis import Analysis
from posture.datatypes import Rep, Verdict
from posture.errors import UsageError
from posture.exercises import exercise_ids, get_exercise
from posture.locales import LANGUAGES, has_text, text

LONGEST_NOTES = 20_000
LONGEST_TAG = 60
MOST_TAGS = 50


class Source(StrEnum):
    """How a session came about."""

    RECORDED = "recorded"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session.

    Attributes:
        id: 32 hexadecimal digits.
        started_at: When it was practised, in UTC.
        source: From a video or in front of the camera.
        exercise: Exercise id.
        video_name: Name of the video; empty for a live session.
        video_sha256: Its hash; empty where it was not at hand.
        duration_s: How long it lasted.
        reading_share: Part of that with a reading, 0 to 1; NaN when unknown.
        tilt_forward_deg: Furthest forward (95th percentile); NaN without a tilt.
        tilt_backward_deg: Furthest backward (5th percentile); NaN without a tilt.
        tilt_sd_deg: Their standard uncertainty.
        reps: Repetitions.
        rep_sds: Standard uncertainty of each repetition's amplitude; NaN when unknown.
        summary: The contents of ``summary.json``.
        notes: What the person wrote.
        tags: Words the person gave it.
        corrections: What the person corrected; ``None`` when nothing.
        samples_sha256: Hash of the samples' file; empty when there is none.
        video_file: Name of the kept video in the session's folder; empty when none is kept.
    """

    id: str
    started_at: datetime
    source: Source
    exercise: str
    video_name: str = ""
    video_sha256: str = ""
    duration_s: float = 0.0
    reading_share: float = nan
    tilt_forward_deg: float = nan
    tilt_backward_deg: float = nan
    tilt_sd_deg: float = nan
    reps: tuple[Rep, ...] = ()
    rep_sds: tuple[float, ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    notes: str = ""
    tags: tuple[str, ...] = ()
    corrections: Mapping[str, Any] | None = None
    samples_sha256: str = ""
    video_file: str = ""

    @property
    def good_reps(self) -> int:
        """How many repetitions were good."""
        return sum(rep.verdict is Verdict.GOOD for rep in self.reps)


def new_id() -> str:
    """Return an id that nobody else has."""
    return uuid.uuid4().hex


def record_of(
    analysis: Analysis,
    *,
    session_id: str | None = None,
    started_at: datetime | None = None,
    source: Source = Source.RECORDED,
    video_sha256: str | None = None,
    notes: str = "",
    tags: Sequence[str] = (),
) -> SessionRecord:
    """Return what the history keeps of an analysis.

    Args:
        analysis: A recording.
        session_id: Its id; a new one by default.
        started_at: When it was practised; by default when the video was last written.
        source: How it came about.
        video_sha256: The video's hash where it is known; reading a long one takes its time.
        notes: The person's own words.
        tags: The same.

    Raises:
        UsageError: Notes or tags are too long.
    """
    # Through JSON once, so that what is given is what is read later.
    summary = json.loads(json.dumps(analysis.summary()))
    tilt = summary["pelvic_tilt"] or {}
    return SessionRecord(
        id=session_id or new_id(),
        started_at=started_at or _practised(analysis.path),
        source=source,
        exercise=analysis.request.exercise,
        video_name=analysis.path.name,
        video_sha256=_hash(analysis.path) if video_sha256 is None else video_sha256,
        duration_s=summary["video"]["duration_s"],
        reading_share=_known(summary["coverage"]["reading_share"]),
        tilt_forward_deg=_known(tilt.get("forward_deg")),
        tilt_backward_deg=_known(tilt.get("backward_deg")),
        tilt_sd_deg=_known(tilt.get("sd_deg")),
        reps=analysis.reps,
        rep_sds=uncertainties(analysis),
        summary=summary,
        notes=checked_notes(notes),
        tags=checked_tags(tags),
    )


def checked_notes(notes: str) -> str:
    """Return notes without what a database cannot keep.

    Raises:
        UsageError: They are too long.
    """
    if len(notes) > LONGEST_NOTES:
        raise UsageError("error.session.notes", most=LONGEST_NOTES)
    return notes.replace("\0", "").strip()


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return tags trimmed, each once.

    Raises:
        UsageError: One is too long, or there are too many.
    """
    clean = tuple(dict.fromkeys(" ".join(t.replace("\0", "").split()) for t in tags))
    clean = tuple(tag for tag in clean if tag)
    if len(clean) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in clean):
        raise UsageError("error.session.tags", most=MOST_TAGS, longest=LONGEST_TAG)
    return clean


def search_words(record: SessionRecord) -> str:
    """Return everything the search looks in, folded; the exercise by its name in each language."""
    names = [record.exercise]
    key = f"exercise.{record.exercise}.name"
    names += [text(key, lang) for lang in LANGUAGES if has_text(key, lang)]
    return folded(" ".join((*names, record.video_name, *record.tags, record.notes)))


def folded(words: str) -> str:
    """Return words without capitals and accents."""
    bare = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _practised(video: Path) -> datetime:
    now = datetime.now(UTC)
    try:
        written = datetime.fromtimestamp(video.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return now
    return min(written, now)


def _hash(video: Path) -> str:
    try:
        return sha256_of(video)
    except OSError:
        return ""


def uncertainties(analysis: Analysis) -> tuple[float, ...]:
    """Return the standard uncertainty of each repetition's amplitude; NaN where unknown.

    It is that of the signal in the picture nearest to the peak.
    """
    if not analysis.results or analysis.request.exercise not in exercise_ids():
        return (nan,) * len(analysis.reps)
    signal_sd = get_exercise(analysis.request.exercise).signal_sd
    time_s = np.array([result.sample.time_s for result in analysis.results])
    nearest = [int(np.argmin(np.abs(time_s - rep.peak_s))) for rep in analysis.reps]
    sds = [signal_sd(analysis.results[i].sample) for i in nearest]
    return tuple(nan if rep.unit == "s" else sd for rep, sd in zip(analysis.reps, sds, strict=True))


def _known(value: float | None) -> float:
    return nan if value is None or isnan(value) else float(value)
