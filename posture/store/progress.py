"""What the history says about progress, no more than it can tell: trends, days, weeks in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from math import isnan, nan, sqrt
from statistics import fmean, variance
from typing import Any

import sqlalchemy as sa

from posture.datatypes import RepKind, Verdict
from posture.store.database import told
from posture.store.schema import REPETITIONS, SESSIONS
from posture.store.store import Store

# So many sessions at either end are compared, that one odd day decides nothing.
MOST_COMPARED = 3
# More than a year of practice every other day.
MOST_SESSIONS = 200
# 95 % of a difference of two means (Weir 2005): 1.96 times its standard uncertainty.
CONFIDENCE = 1.96


class Change(StrEnum):
    """What has become of the size of the movement."""

    MORE = "more"
    LESS = "less"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One session's repetitions of one kind.

    Attributes:
        session_id: Which session.
        started_at: When, in UTC.
        reps: How many could be judged.
        good: How many of them were good.
        amplitude: Their mean size.
        sd: Its standard uncertainty; NaN when unknown.
    """

    session_id: str
    started_at: datetime
    reps: int
    good: int
    amplitude: float
    sd: float


@dataclass(frozen=True, slots=True)
class Trend:
    """How one kind of repetition of an exercise developed.

    Attributes:
        exercise: Exercise id.
        kind: Kind of repetition.
        unit: Unit of the sizes.
        points: One for each session, the earliest first.
        change: Mean size of the latest sessions less that of the first; NaN with one session.
        minimal_detectable_change: A smaller change is none that could be told; NaN when unknown.
        verdict: More, less, or nothing that could be told.
    """

    exercise: str
    kind: RepKind
    unit: str
    points: tuple[TrendPoint, ...]
    change: float
    minimal_detectable_change: float
    verdict: Change


@dataclass(frozen=True, slots=True)
class PracticeDay:
    """One day with practice.

    Attributes:
        day: The day where the person is.
        sessions: How many.
        seconds: How long together.
        reps: Repetitions together.
        exercises: Which, sorted.
    """

    day: date
    sessions: int
    seconds: float
    reps: int
    exercises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Streak:
    """Practice week after week. This week counts once there is practice in it, and never breaks.

    Attributes:
        weeks: Weeks in a row with practice, up to now.
        longest_weeks: The most there ever were.
        days_this_week: Days with practice since Monday.
    """

    weeks: int
    longest_weeks: int
    days_this_week: int


def trends(store: Store, exercise: str, most: int = MOST_SESSIONS) -> tuple[Trend, ...]:
    """Return how each kind of repetition of an exercise developed.

    Args:
        store: The history.
        exercise: Exercise id.
        most: So many sessions, the latest, are looked at.

    Raises:
        InputError: The history cannot be read.
    """
    s, r = SESSIONS.c, REPETITIONS.c
    latest = (
        sa.select(s.id)
        .where(s.exercise == exercise)
        .order_by(s.started_at.desc(), s.id.desc())
        .limit(most)
    )
    good = sa.case((r.verdict == Verdict.GOOD.value, 1), else_=0)
    # More than the whole way is no more than that.
    beyond = sa.and_(r.unit == "fraction", r.amplitude > 1.0)
    amplitude = sa.case((beyond, 1.0), else_=r.amplitude)
    query = (
        sa.select(
            s.id,
            s.started_at,
            r.kind,
            r.unit,
            sa.func.count().label("reps"),
            sa.func.sum(good).label("good"),
            sa.func.avg(amplitude).label("mean"),
            sa.func.avg(amplitude * amplitude).label("square"),
            sa.func.avg(r.amplitude_sd).label("sd"),
        )
        .join_from(SESSIONS, REPETITIONS, r.session_id == s.id)
        .where(s.id.in_(latest), r.verdict != Verdict.CANNOT_JUDGE.value)
        .group_by(s.id, s.started_at, r.kind, r.unit)
        .order_by(s.started_at, s.id)
    )
    with told(store.engine), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    by_kind: dict[tuple[str, str], list[TrendPoint]] = {}
    for row in rows:
        by_kind.setdefault((row.kind, row.unit), []).append(_point(row))
    return tuple(
        trend_of(exercise, RepKind(kind), unit, points)
        for (kind, unit), points in sorted(by_kind.items())
    )


def _point(row: sa.Row[Any]) -> TrendPoint:
    """The reading's error is the same for a whole session; chance falls with its repetitions."""
    spread = max(row.square - row.mean**2, 0.0) / (row.reps - 1) if row.reps > 1 else 0.0
    reading_sd = nan if row.sd is None else row.sd
    sd = sqrt(spread) if isnan(reading_sd) and row.reps > 1 else sqrt(reading_sd**2 + spread)
    return TrendPoint(row.id, row.started_at, row.reps, row.good, row.mean, sd)


def trend_of(exercise: str, kind: RepKind, unit: str, points: Sequence[TrendPoint]) -> Trend:
    """Compare the latest sessions with the first.

    Args:
        exercise: Exercise id.
        kind: Kind of repetition.
        unit: Unit of the sizes.
        points: The earliest first.
    """
    count = min(MOST_COMPARED, len(points) // 2)
    if count == 0:
        return Trend(exercise, kind, unit, tuple(points), nan, nan, Change.UNCLEAR)
    first, last = points[:count], points[-count:]
    change = fmean(p.amplitude for p in last) - fmean(p.amplitude for p in first)
    least = CONFIDENCE * sqrt(_variance_of_mean(first) + _variance_of_mean(last))
    verdict = Change.UNCLEAR
    if abs(change) > least:  # never when it is unknown
        verdict = Change.MORE if change > 0 else Change.LESS
    return Trend(exercise, kind, unit, tuple(points), change, least, verdict)


def _variance_of_mean(points: Sequence[TrendPoint]) -> float:
    """From the sessions' own uncertainties or from how they differ, whichever is more."""
    told_by_each = fmean(p.sd**2 for p in points) / len(points)
    if len(points) < 2:
        return told_by_each
    seen = variance([p.amplitude for p in points]) / len(points)
    return seen if isnan(told_by_each) else max(told_by_each, seen)


def practice_days(
    store: Store,
    first: date | None = None,
    last: date | None = None,
    zone: tzinfo | None = None,
) -> tuple[PracticeDay, ...]:
    """Return the days with practice, the earliest first.

    Args:
        store: The history.
        first: Not before this day.
        last: Not after this day.
        zone: Where the person is; by default where this computer is.

    Raises:
        InputError: The history cannot be read.
    """
    s, r = SESSIONS.c, REPETITIONS.c
    reps = (
        sa.select(sa.func.count())
        .select_from(REPETITIONS)
        .where(r.session_id == s.id)
        .scalar_subquery()
        .label("reps")
    )
    query = sa.select(s.started_at, s.duration_s, s.exercise, reps).order_by(s.started_at)
    # A day more at either end: which day it was is decided below, where the person is.
    if first is not None:
        query = query.where(s.started_at >= _midnight(first) - timedelta(days=1))
    if last is not None:
        query = query.where(s.started_at < _midnight(last) + timedelta(days=2))
    with told(store.engine), store.engine.connect() as connection:
        rows = connection.execute(query).all()
    days: dict[date, list[Any]] = {}
    for row in rows:
        day = row.started_at.astimezone(zone).date()
        if (first is None or day >= first) and (last is None or day <= last):
            days.setdefault(day, []).append(row)
    return tuple(
        PracticeDay(
            day,
            len(there),
            sum(row.duration_s for row in there),
            sum(row.reps for row in there),
            tuple(sorted({row.exercise for row in there})),
        )
        for day, there in sorted(days.items())
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def streak(days: Sequence[PracticeDay], today: date) -> Streak:
    """Return the weeks in a row with practice.

    Args:
        days: All days with practice.
        today: The day where the person is.
    """
    weeks = sorted({_monday(day.day) for day in days if day.day <= today})
    longest = run = 0
    before: date | None = None
    for week in weeks:
        run = run + 1 if before is not None and week - before == timedelta(weeks=1) else 1
        longest, before = max(longest, run), week
    this = _monday(today)
    going_on = before is not None and this - before <= timedelta(weeks=1)
    return Streak(
        weeks=run if going_on else 0,
        longest_weeks=longest,
        days_this_week=sum(_monday(day.day) == this and day.day <= today for day in days),
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
