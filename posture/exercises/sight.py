"""Whether the person can be judged, and what a loss of sight does to the exercise."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan
from typing import NamedTuple

from posture.datatypes import Reason


@dataclass(frozen=True, slots=True)
class SightSettings:
    """Times of a loss of sight. Chosen by us; evidence: tests/scenario/test_interruptions.py.

    Attributes:
        grace_s: A loss up to this long is bridged as if nothing had happened.
        resume_s: After a pause the person must be seen this long before the exercise goes on.
        forget_s: After a loss this long the open movement is given up and the person must settle
            again.
    """

    grace_s: float = 0.7
    resume_s: float = 0.3
    forget_s: float = 3.0


SIGHT = SightSettings()


class Sight(NamedTuple):
    """What is remembered of seeing the person.

    Attributes:
        seen_s: When the person could last be judged (before that: the first sample); NaN at first.
        good_since_s: While paused: since when the person is seen again, else NaN.
        paused: Why the exercise is paused; ``None`` when it is not.
    """

    seen_s: float = nan
    good_since_s: float = nan
    paused: Reason | None = None

    def without(self, time_s: float, problem: Reason) -> Sight:
        """The person cannot be judged at ``time_s``."""
        seen_s = self.seen_s if isfinite(self.seen_s) else time_s
        paused = self.paused
        if paused is None and time_s - seen_s > SIGHT.grace_s:
            paused = problem
        return Sight(seen_s, nan, paused)

    def again(self, time_s: float) -> Sight:
        """The person can be judged at ``time_s``; still paused until that has lasted."""
        if self.paused is None:
            return Sight(time_s)
        since_s = self.good_since_s if isfinite(self.good_since_s) else time_s
        if time_s - since_s < SIGHT.resume_s:
            return Sight(self.seen_s, since_s, self.paused)
        return Sight(seen_s=time_s)

    def is_lost(self, time_s: float) -> bool:
        """Whether the person was out of sight so long that they must settle again."""
        return time_s - self.seen_s > SIGHT.forget_s
