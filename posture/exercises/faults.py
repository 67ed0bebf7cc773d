"""The kinds of faults an exercise may name.

An exercise lists its faults in the order of their importance. Each has an id; its words stand in
``posture/locales/*/exercise/<exercise>.toml`` under ``fault.<id>``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan
from statistics import median
from typing import NamedTuple

from posture.datatypes import Rep
from posture.exercises.swing import Excursion, Row, Swing, Threshold


@dataclass(frozen=True, slots=True)
class Stray:
    """A part of the body leaves its rest while the movement is on.

    Attributes:
        id: The fault.
        channel: Which watched channel.
        threshold: How far, and for how long.
        sign: +1 or -1 where only one direction is a fault, 0 for both.
        sides: On which sides of the movement it is one.
        share: It must also exceed this part of the movement itself (same units only).
    """

    id: str
    channel: str
    threshold: Threshold
    sign: int = 0
    sides: tuple[int, ...] = (1, -1)
    share: float = 0.0

    def step(self, state: StrayState, row: Row, position: int, side: int) -> StrayState:
        """Take one moment of an open movement on ``side``."""
        stray = row.strays[position]
        if not isfinite(stray) or side not in self.sides:
            return state
        size = stray * self.sign if self.sign else abs(stray)
        if size < self.threshold.leave:
            return StrayState(seen=state.seen) if isfinite(state.since_s) else state
        if size < self.threshold.enter or size < self.share * abs(row.value):
            return state
        since_s = state.since_s if isfinite(state.since_s) else row.time_s
        seen = state.seen or row.time_s - since_s >= self.threshold.dwell_s
        return StrayState(since_s, seen)


class StrayState(NamedTuple):
    """Since when a stray is over its threshold, and whether it was named in this movement."""

    since_s: float = nan
    seen: bool = False


@dataclass(frozen=True, slots=True)
class RepFault:
    """Something that shows when a repetition is over.

    Attributes:
        id: The fault.
        judge: Whether the finished movement has it.
        source: Where the limit inside ``judge`` comes from.
        counts: Whether the movement is one of the exercise all the same.
    """

    id: str
    judge: Callable[[Excursion], bool]
    source: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class SeriesFault:
    """Something that shows over several repetitions, the last one just finished.

    Attributes:
        id: The fault.
        judge: Whether the repetitions so far have it.
        marks_rep: Whether it is the last repetition's own fault too.
        source: Where the limit inside ``judge`` comes from.
    """

    id: str
    judge: Callable[[tuple[Rep, ...]], bool]
    marks_rep: bool
    source: str


@dataclass(frozen=True, slots=True)
class Instead:
    """Another movement takes the place of the exercise: it is named, and not counted.

    Attributes:
        id: The fault.
        channel: The watched channel in which the other movement shows.
        swing: What counts as that movement.
    """

    id: str
    channel: str
    swing: Swing


def quicker_than(seconds: float) -> Callable[[Excursion], bool]:
    """Return a judge: there and back took less than this."""
    return lambda excursion: excursion.duration_s < seconds


def falls_faster_than(speed: float, part: float = 0.8) -> Callable[[Excursion], bool]:
    """Return a judge: from ``part`` of the peak the signal fell faster than this, per second."""

    def judge(excursion: Excursion) -> bool:
        fall = part * excursion.amplitude - excursion.side * excursion.trace[-1].value
        return fall > speed * excursion.return_s(part)

    return judge


def smaller_than(amplitude: float) -> Callable[[Excursion], bool]:
    """Return a judge: the movement did not reach this amplitude."""
    return lambda excursion: excursion.amplitude < amplitude


def jerky(size: float, turns: int = 4) -> Callable[[Excursion], bool]:
    """Return a judge: the signal turned back by more than ``size`` so often; smooth is once."""
    return lambda excursion: excursion.turns(size) >= turns


def only_one_side(count: int) -> Callable[[tuple[Rep, ...]], bool]:
    """Return a judge: the last ``count`` repetitions all went to the same side."""

    def judge(reps: tuple[Rep, ...]) -> bool:
        last = reps[-count:]
        return len(last) == count and len({rep.kind for rep in last}) == 1

    return judge


def one_side_smaller(part: float, count: int) -> Callable[[tuple[Rep, ...]], bool]:
    """Return a judge: the last repetition's side reaches less than ``part`` of the other side.

    Both sides are taken as the median of their last ``count`` repetitions.
    """

    def judge(reps: tuple[Rep, ...]) -> bool:
        kind = reps[-1].kind
        here = [rep.amplitude for rep in reps if rep.kind is kind][-count:]
        there = [rep.amplitude for rep in reps if rep.kind is not kind][-count:]
        return len(here) == len(there) == count and median(here) < part * median(there)

    return judge


Fault = Stray | RepFault | SeriesFault | Instead
