"""Whether the person has settled in the starting position, and how the body rests there.

Nothing counts until signal and body were still for a moment. That is also when the resting values
are learned. They follow slowly while the person rests, so a slow drift is no movement. Whoever
walks off, bows or squats beyond the exercise's limits must settle again.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, isfinite, nan
from operator import gt
from typing import NamedTuple

from posture.datatypes import Facing


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """Times of settling. Chosen by us; evidence: tests/scenario/test_interruptions.py.

    Attributes:
        rest_tau_s: Time constant with which the resting values follow.
        beyond_s: How long a limit must be exceeded before the person counts as out of place.
    """

    rest_tau_s: float = 6.0
    beyond_s: float = 0.25


PLACE = PlaceSettings()


@dataclass(frozen=True, slots=True)
class Watch:
    """A channel the exercise keeps an eye on, relative to the person's own rest.

    Attributes:
        channel: Name of a field of :class:`~posture.datatypes.PostureSample`.
        steady: How much it may change while the person settles.
        beyond: Further than this from rest, the person does something else and must settle again.
    """

    channel: str
    steady: float = inf
    beyond: float = inf


class Place(NamedTuple):
    """What is remembered of the starting position. Values: the signal, then each watch.

    Attributes:
        rest: Resting values; empty until the person has settled.
        time_s: When they were last followed.
        facing: Where the person faced when settling; ``UNKNOWN`` where it does not matter.
        since_s: While settling: since when everything is still.
        low: While settling: the lowest values since then.
        high: While settling: the highest values since then.
        beyond_since_s: Since when a limit is exceeded, else NaN.
    """

    rest: tuple[float, ...] = ()
    time_s: float = nan
    facing: Facing = Facing.UNKNOWN
    since_s: float = nan
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    beyond_since_s: float = nan

    def settle(
        self, time_s: float, values: tuple[float, ...], steady: tuple[float, ...], settle_s: float
    ) -> Place:
        """Take one moment before the person is in place; ``rest`` is filled once they are.

        Args:
            time_s: When.
            values: The signal and the watched channels, NaN where not measured.
            steady: How much each may change.
            settle_s: For how long.
        """
        low = tuple(map(_lower, self.low, values)) or values
        high = tuple(map(_higher, self.high, values)) or values
        if any(b - a > limit for a, b, limit in zip(low, high, steady, strict=True)):
            return Place(since_s=time_s, low=values, high=values)
        since_s = self.since_s if isfinite(self.since_s) else time_s
        if time_s - since_s < settle_s:
            return Place(since_s=since_s, low=low, high=high)
        rest = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
        return Place(rest=rest, time_s=time_s)

    def follow(self, time_s: float, values: tuple[float, ...], recentre: float) -> Place:
        """Let the resting values follow a person at rest; the signal's within ``recentre``."""
        part = 1.0 - exp(-max(time_s - self.time_s, 0.0) / PLACE.rest_tau_s)
        rest = [_moved(old, new, part) for old, new in zip(self.rest, values, strict=True)]
        rest[0] = max(-recentre, min(recentre, rest[0]))
        return Place(tuple(rest), time_s, *self[2:])

    def lowered(self, value: float, recentre: float) -> Place:
        """Let the signal's resting value sink to a lower value, within ``recentre`` of zero."""
        if not value < self.rest[0]:
            return self
        return self._replace(rest=(max(value, -recentre), *self.rest[1:]))

    def watched(self, time_s: float, strays: tuple[float, ...], beyond: tuple[float, ...]) -> Place:
        """Take note of channels beyond their limits; an empty place when that has lasted.

        Args:
            time_s: When.
            strays: The watched channels relative to rest, NaN where not measured.
            beyond: Limit of each.
        """
        if not any(map(gt, map(abs, strays), beyond)):
            if isfinite(self.beyond_since_s):
                return self._replace(beyond_since_s=nan)
            return self
        if not isfinite(self.beyond_since_s):
            return self._replace(beyond_since_s=time_s)
        return Place() if time_s - self.beyond_since_s >= PLACE.beyond_s else self


def _lower(a: float, b: float) -> float:
    return b if b < a or not isfinite(a) else a


def _higher(a: float, b: float) -> float:
    return b if b > a or not isfinite(a) else a


def _moved(old: float, new: float, part: float) -> float:
    if not isfinite(new):
        return old
    return old + part * (new - old) if isfinite(old) else new
