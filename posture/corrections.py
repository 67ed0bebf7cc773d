"""What the person puts right in a recording.

Corrections never touch what was seen: they say what to make of it. They always belong to the
original, which comes back by leaving them out, and they are small enough to be kept as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite, isnan
from typing import Any

from posture.datatypes import Event, EventKind, Reason, Rep, TimeWindow, Verdict
from posture.errors import InputError, UsageError
from posture.exercises.exercise import Exercise
from posture.features import Observation
from posture.pipeline import Result

VERSION = 1
# What a repetition that was added by hand carries among its measures.
BY_HAND = "by_hand"
_WINDOWS = ("excluded", "deleted", "added")


@dataclass(frozen=True, slots=True)
class Corrections:
    """Everything that was put right in one recording; empty for the original.

    Attributes:
        exercise: Another exercise than was asked for; ``None`` to leave it.
        neutral: Where the person stood in neutral; ``None`` to leave it.
        excluded: Stretches that are not to be read.
        deleted: Repetitions whose peak lies in one of these do not count.
        added: Stretches that are repetitions.
    """

    exercise: str | None = None
    neutral: TimeWindow | None = None
    excluded: tuple[TimeWindow, ...] = ()
    deleted: tuple[TimeWindow, ...] = ()
    added: tuple[TimeWindow, ...] = ()

    def __bool__(self) -> bool:
        return self != ORIGINAL

    @property
    def of_repetitions(self) -> bool:
        """Whether repetitions are deleted or added."""
        return bool(self.deleted or self.added)

    def without(self, rep: Rep) -> Corrections:
        """The same with one repetition less, be it found or added by hand."""
        window = TimeWindow(round(rep.start_s, 3), round(rep.end_s, 3))
        added = tuple(w for w in self.added if rep.peak_s not in w)
        if added != self.added:
            return replace(self, added=added)
        return replace(self, deleted=(*self.deleted, window))

    def to_json(self) -> str:
        """Return it as one line of JSON; equal corrections give equal text."""
        record: dict[str, Any] = {"version": VERSION, "exercise": self.exercise}
        record["neutral"] = None if self.neutral is None else _pair(self.neutral)
        for name in _WINDOWS:
            record[name] = [_pair(window) for window in getattr(self, name)]
        return json.dumps(record, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> Corrections:
        """Read what :meth:`to_json` wrote.

        Raises:
            InputError: It is none of ours, or of a newer version.
        """
        try:
            record = json.loads(line)
            version = record["version"]
            if version == VERSION:
                return _from_record(record)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("error.corrections.unreadable") from error
        raise InputError("error.corrections.newer", version=version)


ORIGINAL = Corrections()


def hidden(
    observations: Iterable[Observation], excluded: Sequence[TimeWindow]
) -> list[Observation]:
    """Return observations without what was seen in excluded stretches."""
    return [
        Observation(seen.index, seen.time_s, seen.image_size_px, seen.brightness)
        if _lies_in(seen.time_s, excluded)
        else seen
        for seen in observations
    ]


def shown_again(
    results: Iterable[Result],
    observations: Iterable[Observation],
    excluded: Sequence[TimeWindow],
) -> tuple[Result, ...]:
    """Return results of hidden observations, with what was seen and why it does not count."""
    return tuple(
        replace(
            result,
            observation=seen,
            sample=replace(
                result.sample,
                reason=Reason.EXCLUDED,
                person=seen.landmarks_px is not None,
            ),
            events=tuple(_named_excluded(event) for event in result.events),
        )
        if _lies_in(seen.time_s, excluded)
        else result
        for result, seen in zip(results, observations, strict=True)
    )


def recount(
    results: Sequence[Result],
    reps: Iterable[Rep],
    last_events: Iterable[Event],
    exercise: Exercise,
    corrections: Corrections,
) -> tuple[tuple[Result, ...], tuple[Rep, ...], tuple[Event, ...]]:
    """Delete and add repetitions.

    Args:
        results: Every frame, as the exercise counted.
        reps: The repetitions as it counted them.
        last_events: What it said after the last frame.
        exercise: The exercise.
        corrections: Which repetitions to delete and to add.

    Returns:
        The frames with their new counts and events, the repetitions in order of time with new
        numbers, and the new last events.

    Raises:
        UsageError: A repetition is to be added where nothing can be read.
    """
    reps = tuple(reps)
    gone = tuple(rep for rep in reps if _lies_in(rep.peak_s, corrections.deleted))
    found = [rep for rep in reps if rep not in gone]
    found += [added_rep(results, window, exercise) for window in corrections.added]
    found.sort(key=lambda rep: (rep.start_s, rep.end_s))
    renewed = {
        (rep.kind, rep.start_s, rep.end_s): replace(rep, index=index)
        for index, rep in enumerate(found, start=1)
    }
    by_hand = [rep for rep in renewed.values() if is_by_hand(rep)]

    def kept(events: Iterable[Event]) -> tuple[Event, ...]:
        return tuple(
            event
            if event.rep is None
            else replace(event, rep=renewed[event.rep.kind, event.rep.start_s, event.rep.end_s])
            for event in events
            if not _belongs_to_any(event, gone)
        )

    counted, finished = [], 0
    waiting = sorted(by_hand, key=lambda rep: rep.end_s)
    for result in results:
        events = kept(result.events)
        while waiting and waiting[0].end_s <= result.sample.time_s:
            rep = waiting.pop(0)
            events += (Event(rep.end_s, EventKind.REP, rep.kind.value, rep),)
        finished += sum(event.kind is EventKind.REP for event in events)
        counted.append(replace(result, events=events, rep=finished))
    last = kept(last_events)
    last += tuple(Event(rep.end_s, EventKind.REP, rep.kind.value, rep) for rep in waiting)
    return tuple(counted), tuple(renewed.values()), last


def added_rep(results: Sequence[Result], window: TimeWindow, exercise: Exercise) -> Rep:
    """Return the repetition that somebody says is in a stretch; nobody judged how it was done.

    Raises:
        UsageError: Nothing can be read in that stretch.
    """
    inside = [result.sample for result in results if result.sample.time_s in window]
    signals = [(exercise.signal(sample), sample.time_s) for sample in inside]
    known = [(value, time_s) for value, time_s in signals if not isnan(value)]
    if not known:
        raise UsageError("error.window.nothing", start_s=window.start_s, end_s=window.end_s)
    value, peak_s = max(known, key=lambda pair: abs(pair[0]))
    side = 1 if value >= 0 or -1 not in exercise.kinds else -1
    start_s, end_s = inside[0].time_s, inside[-1].time_s
    return Rep(
        index=0,
        kind=exercise.kinds.get(side) or next(iter(exercise.kinds.values())),
        start_s=start_s,
        peak_s=peak_s,
        end_s=end_s,
        amplitude=end_s - start_s if exercise.paced else abs(value),
        unit=exercise.unit,
        verdict=Verdict.CANNOT_JUDGE,
        measures=((BY_HAND, 1.0),),
    )


def is_by_hand(rep: Rep) -> bool:
    """Return whether a repetition was added by hand."""
    return any(name == BY_HAND for name, _ in rep.measures)


def _belongs_to_any(event: Event, reps: Sequence[Rep]) -> bool:
    if event.kind is EventKind.REP:
        return event.rep in reps
    return event.kind is EventKind.FAULT and any(
        event.id in rep.faults and rep.start_s <= event.time_s <= rep.end_s for rep in reps
    )


def _named_excluded(event: Event) -> Event:
    if event.kind is EventKind.PAUSED:
        return replace(event, id=Reason.EXCLUDED.value)
    return event


def _lies_in(time_s: float, windows: Sequence[TimeWindow]) -> bool:
    return any(time_s in window for window in windows)


def _from_record(record: dict[str, Any]) -> Corrections:
    exercise, neutral = record["exercise"], record["neutral"]
    if exercise is not None and not isinstance(exercise, str):
        raise TypeError(exercise)
    return Corrections(
        exercise,
        None if neutral is None else _window(neutral),
        *(tuple(map(_window, record[name])) for name in _WINDOWS),
    )


def _pair(window: TimeWindow) -> list[float]:
    return [round(window.start_s, 3), round(window.end_s, 3)]


def _window(pair: Any) -> TimeWindow:  # noqa: ANN401 - straight from JSON
    start_s, end_s = map(float, pair)
    if not (isfinite(end_s) and 0.0 <= start_s < end_s):
        raise ValueError(pair)
    return TimeWindow(start_s, end_s)
