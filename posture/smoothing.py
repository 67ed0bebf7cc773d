"""One-Euro smoothing: calm while still, quick while moving.

Source: Casiez, Roussel, Vogel, "1 EUR filter", CHI 2012, doi:10.1145/2207676.2208639.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan, pi

_TURN = 2.0 * pi


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
        return self.series((value,), (time_s,))[0]

    def series(self, values: Iterable[float], times_s: Iterable[float]) -> list[float]:
        """Smooth many values in turn: the same numbers as one by one, in half the time.

        Args:
            values: Measurements in any unit; NaN where there is none.
            times_s: As many times in seconds.

        Returns:
            As many smoothed values in the same unit; NaN for NaN.
        """
        settings = self._settings
        beta, calmest = settings.beta, settings.min_cutoff_hz
        speed_turn, forget_after_s = _TURN * settings.speed_cutoff_hz, settings.forget_after_s
        last_s, smooth, speed = self._time_s, self._value, self._speed
        answers = []
        for value, time_s in zip(values, times_s, strict=True):
            if value != value:  # noqa: PLR0124 - NaN, asked 200,000 times for ten minutes
                answers.append(nan)
                continue
            step_s = time_s - last_s
            if smooth != smooth or step_s > forget_after_s:  # noqa: PLR0124
                last_s, smooth, speed = time_s, value, 0.0
            elif step_s > 0.0:
                turn = speed_turn * step_s
                speed += turn / (turn + 1.0) * ((value - smooth) / step_s - speed)
                turn = _TURN * (calmest + beta * abs(speed)) * step_s
                smooth += turn / (turn + 1.0) * (value - smooth)
                last_s = time_s
            answers.append(smooth)
        self._time_s, self._value, self._speed = last_s, smooth, speed
        return answers
