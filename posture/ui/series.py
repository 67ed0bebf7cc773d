"""The numbers behind the result page: curves, stretches and ranges, without words or colours."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan
from operator import attrgetter
from statistics import median
from typing import TypeVar

import numpy as np

from posture.analysis import Analysis
from posture.datatypes import FloatArray, Position, Quality, Reason, Stance
from posture.exercises import Exercise, get_exercise
from posture.pelvis.quality import Reading
from posture.pipeline import Result
from posture.summary import frame_seconds

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time without a reading.

    Attributes:
        start_s: When its first frame is shown.
        end_s: When its last frame is gone.
        reason: Why.
    """

    start_s: float
    end_s: float
    reason: Reason

    @property
    def length_s(self) -> float:
        """How long it lasts."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class StanceStretch:
    """A time in one stance."""

    start_s: float
    end_s: float
    stance: Stance


@dataclass(frozen=True, slots=True)
class Curve:
    """What the exercise watches, over time.

    Attributes:
        time_s: Shape (n,), of every frame.
        value: Shape (n,), in the exercise's unit; NaN without a reading.
        sd: Shape (n,), standard uncertainty, NaN where unknown.
        unit: ``deg`` or ``fraction``.
    """

    time_s: FloatArray
    value: FloatArray
    sd: FloatArray
    unit: str


def curve_of(analysis: Analysis) -> Curve:
    """Return the exercise's signal in every frame.

    Where the breath leads, and the pelvis can be read, that is how far it is tipped backward; where
    nothing is to be seen but stillness, how far the trunk (lying: the hips) is from its rest.
    """
    exercise = get_exercise(analysis.request.exercise)
    samples = [result.sample for result in analysis.results]
    if is_led_tilt(exercise):
        value = [-sample.pelvic_tilt_deg for sample in samples]
        sd = [sample.pelvic_tilt_sd_deg for sample in samples]
    elif is_stillness(exercise):
        value = _away_from_rest(analysis, exercise)
        sd = [nan] * len(samples)
    else:
        value = [exercise.signal(sample) for sample in samples]
        sd = [exercise.signal_sd(sample) for sample in samples]
    return Curve(
        time_s=np.array([sample.time_s for sample in samples], dtype=float),
        value=np.array(value, dtype=float),
        sd=np.array(sd, dtype=float),
        unit=curve_unit(exercise),
    )


def is_led_tilt(exercise: Exercise) -> bool:
    """Whether the breath leads and the pelvis's tilt shows how it went."""
    return exercise.paced and exercise.reading is Reading.TILT


def is_stillness(exercise: Exercise) -> bool:
    """Whether the breath leads and a posture that stays as it is shows how it went."""
    return exercise.paced and exercise.reading is Reading.POSTURE


def _away_from_rest(analysis: Analysis, exercise: Exercise) -> list[float]:
    """Degrees from the middle of what was seen, in neutral where that is known."""
    lies = exercise.position is Position.LYING
    angle_deg = attrgetter("shoulder_hip_knee_deg" if lies else "trunk_lean_deg")
    angles = [nan if _lost_for(r) else angle_deg(r.sample) for r in analysis.results]
    known = [
        (r.sample.time_s, angle)
        for r, angle in zip(analysis.results, angles, strict=True)
        if isfinite(angle)
    ]
    window = analysis.calibration.window if analysis.calibration is not None else None
    resting = [angle for time_s, angle in known if window is not None and time_s in window]
    rest_deg = median(resting or [angle for _, angle in known] or [nan])
    return [angle - rest_deg for angle in angles]


def curve_unit(exercise: Exercise) -> str:
    """Return the unit of an exercise's curve: ``deg`` or ``fraction``."""
    return "deg" if exercise.paced else exercise.unit


def lost_stretches(results: Sequence[Result]) -> list[Stretch]:
    """Return every stretch without a reading, in order of time, one for each reason in turn."""
    return [
        Stretch(start_s, end_s, reason)
        for start_s, end_s, reason in _runs(results, _lost_for)
        if reason is not None
    ]


def merged(stretches: Iterable[Stretch], gap_s: float) -> list[Stretch]:
    """Return stretches with those that follow each other closely made one.

    Args:
        stretches: In order of time.
        gap_s: Gaps up to this long are bridged; the first one's reason is kept.
    """
    joined: list[Stretch] = []
    for stretch in stretches:
        if joined and stretch.start_s - joined[-1].end_s <= gap_s + 1e-9:
            joined[-1] = replace(joined[-1], end_s=stretch.end_s)
        else:
            joined.append(stretch)
    return joined


def stance_stretches(results: Sequence[Result]) -> list[StanceStretch]:
    """Return every stretch in one stance, in order of time."""
    return [
        StanceStretch(start_s, end_s, stance)
        for start_s, end_s, stance in _runs(results, lambda result: result.sample.stance)
        if stance is not None
    ]


def uncertainty_at(analysis: Analysis, time_s: float) -> float:
    """Return the signal's standard uncertainty at the frame nearest to a time; NaN if unknown."""
    if not analysis.results:
        return nan
    exercise = get_exercise(analysis.request.exercise)
    later = bisect_left(analysis.results, time_s, key=lambda result: result.sample.time_s)
    around = analysis.results[max(0, later - 1) : later + 1]
    nearest = min(around, key=lambda r: abs(r.sample.time_s - time_s))
    return exercise.signal_sd(nearest.sample)


def tilt_range_deg(analysis: Analysis) -> tuple[float, float, float]:
    """Return furthest backward, furthest forward and uncertainty, degrees; NaN without a tilt."""
    tilt = analysis.summary()["pelvic_tilt"]
    if tilt is None:
        return nan, nan, nan
    return tilt["backward_deg"], tilt["forward_deg"], tilt["sd_deg"]


def end_s(results: Sequence[Result]) -> float:
    """Return when the last frame is gone."""
    if not results:
        return 0.0
    return results[-1].sample.time_s + float(frame_seconds(results)[-1])


def _lost_for(result: Result) -> Reason | None:
    sample = result.sample
    return sample.reason if sample.quality is Quality.NONE else None


def _runs(
    results: Sequence[Result], key: Callable[[Result], K]
) -> Iterable[tuple[float, float, K]]:
    """Frames in a row with the same key, as (start, end, key)."""
    if not results:
        return
    keys = [key(result) for result in results]
    starts = [0, *(at for at in range(1, len(keys)) if keys[at] != keys[at - 1])]
    starts_s = [results[at].sample.time_s for at in starts]
    for at, start_s, stop_s in zip(starts, starts_s, [*starts_s[1:], end_s(results)], strict=True):
        yield start_s, stop_s, keys[at]
