"""What a live practice comes to, counted as it happens: memory does not grow with its pictures."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from math import isnan, nan
from typing import Any

import numpy as np

from posture.datatypes import PostureSample, Quality, Reason, Rep, Stance, Verdict

# A longer time between two pictures is an interruption, not practice.
LONGEST_STEP_S = 0.5


@dataclass(frozen=True, slots=True)
class TiltRange:
    """The tilt that was reached: 5th to 95th percentile, as in a recorded analysis.

    Attributes:
        forward_deg: Furthest forward.
        backward_deg: Furthest backward.
        sd_deg: Median standard uncertainty.
    """

    forward_deg: float
    backward_deg: float
    sd_deg: float


@dataclass(slots=True)
class Tally:
    """Seconds and tilts of one practice.

    Attributes:
        total_s: How long was practised.
        read_s: How long of it there was a reading.
        stance_s: Seconds in each stance.
        lost_s: Seconds without a reading, by reason.
    """

    total_s: float = 0.0
    read_s: float = 0.0
    stance_s: defaultdict[Stance, float] = field(default_factory=lambda: defaultdict(float))
    lost_s: defaultdict[Reason, float] = field(default_factory=lambda: defaultdict(float))
    _last: PostureSample | None = None
    # Single precision: eight bytes a frame, two megabytes for two hours at 30 frames a second.
    _tilts: array[float] = field(default_factory=lambda: array("f"))
    _sds: array[float] = field(default_factory=lambda: array("f"))

    def add(self, sample: PostureSample) -> None:
        """Take the next sample of the practice; each lasts until the one after it."""
        last, self._last = self._last, sample
        if not isnan(sample.pelvic_tilt_deg):
            self._tilts.append(sample.pelvic_tilt_deg)
            self._sds.append(sample.pelvic_tilt_sd_deg)
        if last is None:
            return
        step_s = min(max(sample.time_s - last.time_s, 0.0), LONGEST_STEP_S)
        self.total_s += step_s
        if last.quality is not Quality.NONE:
            self.read_s += step_s
        elif last.reason is not None:
            self.lost_s[last.reason] += step_s
        if last.stance is not None:
            self.stance_s[last.stance] += step_s

    def interrupt(self) -> None:
        """The time up to the next sample is no practice."""
        self._last = None

    def losses(self) -> list[tuple[Reason, float]]:
        """Return the seconds without a reading by reason, the longest first."""
        return sorted(self.lost_s.items(), key=lambda item: -item[1])

    def tilt_range(self) -> TiltRange | None:
        """Return the tilt that was reached, ``None`` without any reading."""
        if not self._tilts:
            return None
        tilts, sds = np.asarray(self._tilts), np.asarray(self._sds)
        known = sds[~np.isnan(sds)]
        return TiltRange(
            forward_deg=float(np.percentile(tilts, 95)),
            backward_deg=float(np.percentile(tilts, 5)),
            sd_deg=float(np.median(known)) if known.size else nan,
        )


def numbers_of(tally: Tally, reps: tuple[Rep, ...]) -> dict[str, Any]:
    """Return what a practice came to, ready for JSON; unknown numbers are ``None``."""
    reached = tally.tilt_range()
    return {
        "practised_s": round(tally.total_s, 2),
        "reading_share": round(tally.read_s / tally.total_s, 4) if tally.total_s else None,
        "repetitions": len(reps),
        "by_kind": dict(Counter(rep.kind for rep in reps)),
        "by_verdict": {v: sum(rep.verdict is v for rep in reps) for v in Verdict},
        "faults": dict(Counter(fault for rep in reps for fault in rep.faults)),
        "stance_seconds": {s: round(tally.stance_s[s], 2) for s in Stance},
        "no_reading_seconds": {reason: round(s, 2) for reason, s in tally.losses()},
        "tilt": None
        if reached is None
        else {
            "forward_deg": round(reached.forward_deg, 1),
            "backward_deg": round(reached.backward_deg, 1),
            "sd_deg": None if isnan(reached.sd_deg) else round(reached.sd_deg, 1),
        },
    }


def renumbered(reps: tuple[Rep, ...], more: tuple[Rep, ...]) -> tuple[Rep, ...]:
    """Return two series of repetitions as one, counted on."""
    return (*reps, *(replace(rep, index=len(reps) + i) for i, rep in enumerate(more, start=1)))
