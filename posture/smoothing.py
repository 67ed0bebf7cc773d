"""One-Euro smoothing: calm while still, quick while moving.

Source: Casiez, Roussel, Vogel, "1 EUR filter", CHI 2012, doi:10.1145/2207676.2208639.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan, pi


@dataclass(frozen=True, slots=True)
class OneEuroSettings:
    """How calm and how quick.

    Attributes:
        min_cutoff_hz: Cut-off while still; lower is calmer.
        beta: How fast the cut-off rises with speed, Hz per (unit per second).
        speed_cutoff_hz: Cut-off of the speed estimate.
        forget_after_s: A gap longer than this starts afresh.
    """

    min_cutoff_hz: float = 1.0
    beta: float = 0.1
    speed_cutoff_hz: float = 1.0
    forget_after_s: float = 0.5


class OneEuro:
    """Smooths one quantity that arrives at uneven times; NaN passes through and is skipped."""

    def __init__(self, settings: OneEuroSettings | None = None) -> None:
        self._settings = settings or OneEuroSettings()
        self.reset()

    def reset(self) -> None:
        """Forget everything: equal to a new filter."""
        self._time_s = nan
        self._value = nan
        self._speed = 0.0

    def __call__(self, value: float, time_s: float) -> float:
        """Smooth the next value.

        Args:
            value: Measurement in any unit; NaN when there is none.
            time_s: Its time in seconds; must rise, a value that does not is ignored.

        Returns:
            The smoothed value in the same unit; NaN for NaN.
        """
        if isnan(value):
            return nan
        step_s = time_s - self._time_s
        if isnan(self._value) or step_s > self._settings.forget_after_s:
            self._time_s, self._value, self._speed = time_s, value, 0.0
            return value
        if step_s <= 0.0:
            return self._value
        speed = (value - self._value) / step_s
        self._speed += _weight(self._settings.speed_cutoff_hz, step_s) * (speed - self._speed)
        cutoff_hz = self._settings.min_cutoff_hz + self._settings.beta * abs(self._speed)
        self._value += _weight(cutoff_hz, step_s) * (value - self._value)
        self._time_s = time_s
        return self._value


def _weight(cutoff_hz: float, step_s: float) -> float:
    turn = 2.0 * pi * cutoff_hz * step_s
    return turn / (turn + 1.0)
