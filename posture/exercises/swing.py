"""A movement away from rest and back, found in one signal.

A swing opens when the signal leaves the rest band, is confirmed when it has passed ``enter`` for
the dwell time, and closes when it has come back most of the way. Two rules keep jitter out:
opening and closing use different levels, and after a swing that closed outside the rest band (a
rest that has drifted) the next one on that side must rise anew by a good part of the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, nan
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit with hysteresis.

    Attributes:
        enter: Above this for ``dwell_s`` the thing is there.
        leave: Below this it is gone.
        dwell_s: How long it must last, seconds.
        unit: Unit of ``enter`` and ``leave``.
        source: Where the values come from: a publication, or the evidence for our choice.

    Raises:
        ValueError: ``leave`` is not below ``enter``, the dwell is negative, or no source is named.
    """

    enter: float
    leave: float
    dwell_s: float
    unit: str
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.leave < self.enter:
            raise ValueError(
                f"a threshold leaves ({self.leave}) below where it enters ({self.enter})"
            )
        if not self.dwell_s >= 0:
            raise ValueError(f"a dwell of {self.dwell_s} s is not a time")
        if not self.source:
            raise ValueError("a threshold names its source")


class Row(NamedTuple):
    """One moment of an open movement.

    Attributes:
        time_s: When.
        value: The movement's signal relative to rest.
        sd: Its standard uncertainty, NaN where unknown.
        strays: Every watched channel relative to its resting value, NaN where not measured.
    """

    time_s: float
    value: float
    sd: float
    strays: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Excursion:
    """A finished movement, from leaving rest to being back.

    Attributes:
        side: +1 or -1: which side of rest the signal went to.
        trace: Its moments in order; at least one.
        channels: Names of the channels in ``Row.strays``.
    """

    side: int
    trace: tuple[Row, ...]
    channels: tuple[str, ...]

    @property
    def start_s(self) -> float:
        """When the signal left rest."""
        return self.trace[0].time_s

    @property
    def end_s(self) -> float:
        """When it was back."""
        return self.trace[-1].time_s

    @property
    def duration_s(self) -> float:
        """From leaving rest to being back."""
        return self.end_s - self.start_s

    @property
    def peak(self) -> Row:
        """The first moment at the extreme."""
        return max(self.trace, key=lambda row: self.side * row.value)

    @property
    def amplitude(self) -> float:
        """Size at the peak, never negative."""
        return max(self.side * self.peak.value, 0.0)

    @property
    def longest_gap_s(self) -> float:
        """The longest time between two moments."""
        times = [row.time_s for row in self.trace]
        return max((b - a for a, b in pairwise(times)), default=0.0)

    def time_above_s(self, part: float) -> float:
        """Return the time from first to last reaching ``part`` of the amplitude, seconds."""
        times = self._times_above(part)
        return times[-1] - times[0]

    def return_s(self, part: float) -> float:
        """Return the time from last standing at ``part`` of the amplitude until the end."""
        return self.end_s - self._times_above(part)[-1]

    def turns(self, size: float) -> int:
        """Return how often the signal turns back by more than ``size``; a smooth one turns once."""
        count, direction, extreme = 0, 1, -inf
        for row in self.trace:
            value = self.side * row.value
            if direction * (value - extreme) >= 0:
                extreme = value
            elif direction * (extreme - value) > size:
                count, direction, extreme = count + 1, -direction, value
        return count

    def stray(self, channel: str) -> float:
        """Return how far a channel departs from its rest, with its sign; 0 if unseen.

        The size is what a tenth of the moments reach or exceed, so a misread picture does not
        count.
        """
        values = sorted((v for v in self.column(channel) if isfinite(v)), key=abs)
        return values[int(0.9 * (len(values) - 1))] if values else 0.0

    def column(self, channel: str) -> tuple[float, ...]:
        """Return a channel's departures from rest, moment by moment."""
        position = self.channels.index(channel)
        return tuple(row.strays[position] for row in self.trace)

    def _times_above(self, part: float) -> list[float]:
        level = part * self.amplitude
        return [row.time_s for row in self.trace if self.side * row.value >= level]


class SwingState(NamedTuple):
    """What the swing remembers.

    Attributes:
        side: 0 at rest, else the side the signal is on.
        confirmed: Whether it went far enough, for long enough, to be a movement.
        trace: Moments since it left rest.
        peak: Largest value on this side.
        over_s: Since when it is above the opening level; NaN when it is not.
        blocked_side: Side of a swing that closed outside the rest band, else 0.
        blocked_rise: How far the signal must rise anew on that side.
        floor: Lowest value on that side since.
    """

    side: int = 0
    confirmed: bool = False
    trace: tuple[Row, ...] = ()
    peak: float = 0.0
    over_s: float = nan
    blocked_side: int = 0
    blocked_rise: float = 0.0
    floor: float = inf


@dataclass(frozen=True, slots=True)
class Swing:
    """Finds movements away from rest and back.

    Attributes:
        threshold: Where a movement opens (``enter``), and the rest band (``leave``).
        sides: Which sides count: ``(1,)`` or ``(1, -1)``.
        back_part: A movement closes below this part of its peak (never inside the rest band).
        approach_s: Time at most between leaving the rest band and passing ``enter``; what came
            before that was no part of the movement yet.
        rested_part: Below this part of its peak a movement is on its way back.
        rested_s: A movement on its way back that stays where it is for so long is over, too: it
            came to rest elsewhere. Infinite where a lower hold is part of the exercise.
        longest_s: A movement longer than this is none; a change of posture, rather.
    """

    threshold: Threshold
    sides: tuple[int, ...] = (1, -1)
    back_part: float = 0.35
    approach_s: float = 2.5
    rested_part: float = 0.7
    rested_s: float = inf
    longest_s: float = 60.0

    def step(self, state: SwingState, row: Row) -> tuple[SwingState, tuple[Row, ...]]:
        """Take one moment; return the new state and, when a movement has ended, its trace."""
        if state.side and state.side * row.value <= 0 and not state.confirmed:
            state = state._replace(side=0, trace=(), peak=0.0, over_s=nan)
        if state.side == 0:
            return self._at_rest(state, row), ()
        if state.confirmed:
            return self._out(state, row)
        return self._leaving(state, row), ()

    def is_past_peak(self, state: SwingState) -> bool:
        """Whether an open movement is confirmed and on its way back."""
        if not state.confirmed or not state.trace:
            return False
        return state.side * state.trace[-1].value < self.rested_part * state.peak

    def _has_rested(self, state: SwingState, row: Row) -> bool:
        """Whether the signal stays where it is, on its way back."""
        if row.time_s - state.trace[0].time_s < self.rested_s:
            return False
        band = self.threshold.enter - self.threshold.leave
        for before in reversed(state.trace):
            if abs(before.value - row.value) > band:
                return False
            if row.time_s - before.time_s >= self.rested_s:
                break
        return state.side * row.value < self.rested_part * state.peak

    def shut(self, value: float) -> SwingState:
        """Return a state in which nothing is open, nor will be until ``value`` has been at rest."""
        if not abs(value) > self.threshold.leave:
            return SwingState()
        return SwingState(blocked_side=1 if value > 0 else -1, blocked_rise=inf)

    def _at_rest(self, state: SwingState, row: Row) -> SwingState:
        side = 1 if row.value > 0 else -1
        value = abs(row.value)
        blocked = state.blocked_side
        if value <= self.threshold.leave or side == -blocked:
            blocked = 0
        if value <= self.threshold.leave or side not in self.sides:
            return state if blocked == state.blocked_side else state._replace(blocked_side=blocked)
        return state._replace(
            side=side,
            confirmed=False,
            trace=(row,),
            peak=value,
            over_s=row.time_s if value > self.threshold.enter else nan,
            blocked_side=blocked,
            floor=value if not blocked else min(value, state.floor),
        )

    def _leaving(self, state: SwingState, row: Row) -> SwingState:
        value = state.side * row.value
        if value <= self.threshold.leave:
            return SwingState()
        if state.blocked_side and value < state.floor:
            return state._replace(trace=(row,), peak=value, over_s=nan, floor=value)
        level = self.threshold.enter
        if state.blocked_side:
            level = max(level, state.floor + state.blocked_rise)
        over_s = nan
        if value > level:
            over_s = state.over_s if isfinite(state.over_s) else row.time_s
        trace = (*state.trace, row)
        while row.time_s - trace[0].time_s > self.approach_s:
            trace = trace[1:]
        return state._replace(
            trace=trace,
            peak=max(state.peak, value),
            over_s=over_s,
            confirmed=row.time_s - over_s >= self.threshold.dwell_s,
        )

    def _out(self, state: SwingState, row: Row) -> tuple[SwingState, tuple[Row, ...]]:
        value = state.side * row.value
        trace = (*state.trace, row)
        if value > max(self.threshold.leave, self.back_part * state.peak):
            if row.time_s - trace[0].time_s > self.longest_s:
                return self._closed(state, value), ()
            if self._has_rested(state, row):
                return self._closed(state, value), trace
            peak = max(state.peak, value)
            return SwingState(state.side, state.confirmed, trace, peak, *state[4:]), ()
        return self._closed(state, value), trace

    def _closed(self, state: SwingState, value: float) -> SwingState:
        if value <= self.threshold.leave:
            return SwingState()
        return SwingState(
            blocked_side=state.side, blocked_rise=self.back_part * state.peak, floor=value
        )
