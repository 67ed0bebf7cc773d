"""The engine that runs an exercise: samples in, repetitions and faults out.

:func:`step` is pure: it knows no clock and no picture, and the same samples always give the same
events. It works in four layers:

1. *Seen?* (``sight.py``) A sample that cannot be judged changes nothing. A short loss is bridged;
   a longer one pauses the exercise, with the reason. A movement that was out of sight for longer
   than the grace, but came back before it was forgotten, is counted as *cannot judge*; one that
   was forgotten is not counted. What was counted stays.
2. *In place?* (``place.py``) Nothing counts until the person has settled.
3. *Moving?* (``swing.py``) finds the movements.
4. *How?* (``faults.py``) judges them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from math import inf, isfinite, nan
from operator import sub
from typing import TYPE_CHECKING

from posture.breath import Breath
from posture.datatypes import (
    Event,
    EventKind,
    Facing,
    Position,
    PostureSample,
    Quality,
    Reason,
    Rep,
    Verdict,
    View,
)
from posture.exercises.faults import RepFault, SeriesFault, StrayState
from posture.exercises.place import Place
from posture.exercises.sight import SIGHT, Sight
from posture.exercises.state import WAITING, ExerciseState
from posture.exercises.swing import Excursion, Row, SwingState
from posture.pelvis.quality import Reading

if TYPE_CHECKING:
    from posture.exercises.exercise import Exercise

PAUSED = "paused"
OFF_BREATH = "off_breath"
HOLD_PART = 0.85  # "near the peak": within 15 % of it; chosen by us
EFFORT_IN_EXHALE = 0.5  # an effort is off the breath with less of it in the exhale; chosen by us
DIRECTION_SD = 1.64  # a movement's side is certain beyond this many sd: one-sided 95 %, normal

_OUT_OF_PICTURE = {
    Reason.NOBODY,
    Reason.TOO_SMALL,
    Reason.HIPS_NOT_VISIBLE,
    Reason.KNEES_NOT_VISIBLE,
    Reason.SHOULDERS_NOT_VISIBLE,
}


def step(
    exercise: Exercise, state: ExerciseState, sample: PostureSample
) -> tuple[ExerciseState, tuple[Event, ...]]:
    """Take one sample; return the new state and what happened."""
    time_s = sample.time_s
    if not state.time_s < time_s < inf:
        return state, ()
    problem = _problem(exercise, state, sample)
    if problem is not None:
        return _unseen(state, time_s, problem)
    if state.sight.is_lost(time_s):
        state = _out_of_place(state)
    sight = state.sight.again(time_s)
    if sight.paused is not None:
        return state._replace(time_s=time_s, sight=sight), ()
    events: list[Event] = []
    if state.sight.paused is not None:
        events.append(Event(time_s, EventKind.RESUMED, state.sight.paused.value))
    values = _values(exercise, state, sample)
    if state.place.rest:
        return _move(exercise, state, sample, sight, values, events)
    return _settle(exercise, state, sample, sight, values, events)


def afresh(exercise: Exercise, state: ExerciseState, sample: PostureSample) -> ExerciseState:
    """Begin to count: what was, and what is open now, is no repetition."""
    away = exercise.signal(sample) - state.place.rest[0] if state.place.rest else nan
    swing = exercise.swing.shut(away)
    return state._replace(reps=(), swing=swing, instead=(), strays=())


def finish(exercise: Exercise, state: ExerciseState) -> tuple[ExerciseState, tuple[Event, ...]]:
    """End the exercise: a movement that was on its way back is counted."""
    if not exercise.swing.is_past_peak(state.swing):
        return state, ()
    events: list[Event] = []
    excursion = Excursion(state.swing.side, state.swing.trace, exercise.channels)
    reps = _judged(exercise, state, excursion, state.strays, events)
    return state._replace(reps=reps, swing=SwingState(), strays=()), tuple(events)


def event_line(event: Event) -> str:
    """Return an event as one line of JSON; equal events give equal bytes.

    Raises:
        ValueError: A number of the event is not finite.
    """
    return json.dumps(asdict(event), sort_keys=True, separators=(",", ":"), allow_nan=False)


# -- seen? -------------------------------------------------------------------------------------


def _problem(exercise: Exercise, state: ExerciseState, sample: PostureSample) -> Reason | None:
    """Say why a sample cannot be judged; ``None`` when it can."""
    if not sample.person:
        return Reason.NOBODY
    if not _is_in_position(exercise, state, sample.position):
        return Reason.WRONG_POSITION
    if sample.quality is Quality.NONE and _is_needed(exercise, sample.reason):
        return sample.reason or Reason.OUTLINE_UNCLEAR
    if not exercise.needs_reading and not _is_view_fit(exercise, sample):
        side = View.SIDE in exercise.views
        return Reason.NOT_SIDE_ON if side else Reason.NOT_THREE_QUARTER
    if _is_opposite(sample.facing, state.place.facing):
        return Reason.TURNED_ROUND
    if (not exercise.paced or _is_unled(exercise, state)) and not isfinite(exercise.signal(sample)):
        return sample.reason or Reason.OUTLINE_UNCLEAR
    return None


def _is_unled(exercise: Exercise, state: ExerciseState) -> bool:
    """Say whether the breath pacer that should lead is missing, as in a recording."""
    return exercise.paced and state.pace is None


def _is_sideways(facing: Facing) -> bool:
    return facing is Facing.LEFT or facing is Facing.RIGHT


def _is_opposite(facing: Facing, other: Facing) -> bool:
    return facing is not other and _is_sideways(facing) and _is_sideways(other)


def _is_in_position(exercise: Exercise, state: ExerciseState, position: Position) -> bool:
    """Say whether the person is in the starting position, or in what the movement looks like."""
    if position in (exercise.position, Position.UNKNOWN):
        return True
    return bool(state.place.rest) and position in exercise.passes_through


def _is_needed(exercise: Exercise, reason: Reason | None) -> bool:
    """Say whether the exercise must wait for the reading that is missing for this reason."""
    if reason is Reason.WRONG_POSITION and exercise.passes_through:
        return False
    guided = not exercise.needs_reading and exercise.reading is not Reading.POSTURE
    return not guided or reason in _OUT_OF_PICTURE


def _is_view_fit(exercise: Exercise, sample: PostureSample) -> bool:
    """Say whether the camera sees the person as the exercise asks; lying has no such view."""
    lying = exercise.position is Position.LYING
    return lying or sample.view in exercise.views or sample.view is View.UNKNOWN


def _unseen(
    state: ExerciseState, time_s: float, problem: Reason
) -> tuple[ExerciseState, tuple[Event, ...]]:
    sight = state.sight.without(time_s, problem)
    if sight.is_lost(time_s):
        state = _out_of_place(state)
    if sight.paused is None or state.sight.paused is not None:
        return state._replace(time_s=time_s, sight=sight), ()
    state = state._replace(time_s=time_s, sight=sight, phase=PAUSED)
    return state, (Event(time_s, EventKind.PAUSED, problem.value),)


def _out_of_place(state: ExerciseState) -> ExerciseState:
    """Give up the open movement; the person must settle again. What was counted stays."""
    nowhere = Place()
    if state.place == nowhere:
        return state
    return state._replace(
        pace_start_s=nan,
        place=nowhere,
        swing=SwingState(),
        instead=(),
        strays=(),
    )


# -- in place? ---------------------------------------------------------------------------------


def _values(exercise: Exercise, state: ExerciseState, sample: PostureSample) -> tuple[float, ...]:
    """Return the signal and the watched channels."""
    if not exercise.paced or state.pace is None:
        signal = exercise.signal(sample)
    elif isfinite(state.pace_start_s):
        breath = state.pace.breath(sample.time_s - state.pace_start_s)
        signal = 1.0 if breath is Breath.EXHALE else 0.0
    else:
        signal = 0.0
    return (signal, *[get(sample) for get in exercise.getters])


def _settle(
    exercise: Exercise,
    state: ExerciseState,
    sample: PostureSample,
    sight: Sight,
    values: tuple[float, ...],
    events: list[Event],
) -> tuple[ExerciseState, tuple[Event, ...]]:
    time_s = sample.time_s
    place = Place()
    near = abs(values[0]) <= exercise.swing.threshold.leave + exercise.recentre
    if near and exercise.is_start(sample):
        place = state.place.settle(time_s, values, exercise.steady, exercise.settle_s)
    phase = WAITING
    pace_start_s = state.pace_start_s
    if place.rest:
        sided = exercise.views == (View.SIDE,) and _is_sideways(sample.facing)
        place = place.follow(time_s, values, exercise.recentre)._replace(
            facing=sample.facing if sided else Facing.UNKNOWN
        )
        phase = exercise.phase_of(state.swing)
        pace_start_s = time_s if state.pace is not None else pace_start_s
    _note_phase(state.phase, phase, time_s, events)
    state = state._replace(
        phase=phase, pace_start_s=pace_start_s, time_s=time_s, sight=sight, place=place
    )
    return state, tuple(events)


def _note_phase(old: str, new: str, time_s: float, events: list[Event]) -> None:
    if new != old:
        events.append(Event(time_s, EventKind.PHASE, new))


# -- moving? -----------------------------------------------------------------------------------


def _move(
    exercise: Exercise,
    state: ExerciseState,
    sample: PostureSample,
    sight: Sight,
    values: tuple[float, ...],
    events: list[Event],
) -> tuple[ExerciseState, tuple[Event, ...]]:
    time_s = sample.time_s
    place = state.place
    if exercise.rest_is_lowest and not state.swing.side:
        place = place.lowered(values[0], exercise.recentre)
    rest = place.rest
    value, *strayed = map(sub, values, rest)
    row = Row(time_s, value, exercise.signal_sd(sample), tuple(strayed))
    place = place.watched(time_s, row.strays, exercise.beyond)
    if not place.rest:
        state = _out_of_place(state)._replace(phase=WAITING, time_s=time_s, sight=sight)
        events.append(Event(time_s, EventKind.PHASE, WAITING))
        return state, tuple(events)
    swing, trace = exercise.swing.step(state.swing, row)
    if not swing.side and not trace:
        place = place.follow(time_s, values, exercise.recentre)
    strays = _step_strays(exercise, state, swing, row, events)
    reps = state.reps
    instead = _step_instead(exercise, state, row, moving=swing.confirmed, events=events)
    if trace:
        excursion = Excursion(state.swing.side, trace, exercise.channels)
        reps = _judged(exercise, state, excursion, strays, events)
    phase = exercise.phase_of(swing)
    _note_phase(state.phase, phase, time_s, events)
    if not (swing.side or _is_unled(exercise, state)):
        strays = ()
    pace = state.pace, state.pace_start_s
    return ExerciseState(phase, reps, *pace, time_s, sight, place, swing, instead, strays), tuple(
        events
    )


def _step_strays(
    exercise: Exercise, state: ExerciseState, swing: SwingState, row: Row, events: list[Event]
) -> tuple[StrayState, ...]:
    """Let the strays see a moment of the open movement; name what shows for the first time.

    Where stillness is the exercise and no breath pacer leads, all the time is looked at.
    """
    still = _is_unled(exercise, state)
    side = swing.side or state.swing.side or int(still)
    if not side:
        return ()
    begins = swing.side and not state.swing.side
    before = (not begins and state.strays) or (StrayState(),) * len(exercise.strays)
    was_open = state.swing.confirmed or still
    after = []
    for (stray, position), old in zip(exercise.strays, before, strict=True):
        new = stray.step(old, row, position, side)
        after.append(new)
        if new.seen and (swing.confirmed or still) and not (old.seen and was_open):
            events.append(Event(row.time_s, EventKind.FAULT, stray.id))
    return tuple(after)


def _step_instead(
    exercise: Exercise,
    state: ExerciseState,
    row: Row,
    *,
    moving: bool,
    events: list[Event],
) -> tuple[SwingState, ...]:
    """Look for the movements that take the exercise's place."""
    if moving:
        return tuple(
            [other.swing.shut(row.strays[position]) for other, position in exercise.instead]
        )
    before = state.instead or (SwingState(),) * len(exercise.instead)
    after = []
    for (other, position), old in zip(exercise.instead, before, strict=True):
        value = row.strays[position]
        if not isfinite(value):
            after.append(old)
            continue
        new, trace = other.swing.step(old, Row(row.time_s, value, row.sd, row.strays))
        after.append(new)
        if trace:
            events.append(Event(row.time_s, EventKind.FAULT, other.id))
    return tuple(after)


# -- how? --------------------------------------------------------------------------------------


def _judged(
    exercise: Exercise,
    state: ExerciseState,
    excursion: Excursion,
    strays: tuple[StrayState, ...],
    events: list[Event],
) -> tuple[Rep, ...]:
    """Judge a finished movement; return the repetitions with it, or as they were."""
    if exercise.is_other_movement(excursion):
        return state.reps
    time_s = excursion.end_s
    shown = [f for f in exercise.faults if isinstance(f, RepFault) and f.judge(excursion)]
    if any(not fault.counts for fault in shown):
        events += (Event(time_s, EventKind.FAULT, f.id) for f in shown if not f.counts)
        return state.reps
    peak = excursion.peak
    kind = exercise.kinds[excursion.side]
    measures = exercise.measures(excursion)
    found = {stray.id for (stray, _), now in zip(exercise.strays, strays, strict=False) if now.seen}
    strayed = bool(found)
    found |= {fault.id for fault in shown}
    events += (Event(time_s, EventKind.FAULT, fault.id) for fault in shown)
    led = state.pace is not None and excursion.start_s >= state.pace_start_s
    if state.pace is not None and led and kind in exercise.effort and not exercise.paced:
        begin_s = excursion.start_s - state.pace_start_s
        share = state.pace.exhale_share(begin_s, peak.time_s - state.pace_start_s)
        measures = (*measures, ("exhale_share", share))
        if share < EFFORT_IN_EXHALE:
            found.add(OFF_BREATH)
            events.append(Event(time_s, EventKind.FAULT, OFF_BREATH))
    rep = Rep(
        index=len(state.reps) + 1,
        kind=kind,
        start_s=excursion.start_s,
        peak_s=peak.time_s,
        end_s=excursion.end_s,
        amplitude=excursion.duration_s if exercise.paced else excursion.amplitude,
        unit=exercise.unit,
        verdict=Verdict.GOOD,
        hold_s=excursion.time_above_s(HOLD_PART),
        measures=measures,
    )
    for series in exercise.faults:
        if isinstance(series, SeriesFault) and series.judge((*state.reps, rep)):
            events.append(Event(time_s, EventKind.FAULT, series.id))
            if series.marks_rep:
                found.add(series.id)
    faults = tuple(fault_id for fault_id in exercise.fault_ids if fault_id in found)
    rep = replace(rep, faults=faults, verdict=_verdict(excursion, faults, strayed=strayed))
    events.append(Event(time_s, EventKind.REP, kind.value, rep))
    return (*state.reps, rep)


def _verdict(excursion: Excursion, faults: tuple[str, ...], *, strayed: bool) -> Verdict:
    """Judge a movement; another part of the body that strayed did so, however sure its size is."""
    unsure = excursion.amplitude < DIRECTION_SD * excursion.peak.sd and not strayed
    if unsure or excursion.longest_gap_s > SIGHT.grace_s:
        return Verdict.CANNOT_JUDGE
    return Verdict.IMPROVE if faults else Verdict.GOOD
