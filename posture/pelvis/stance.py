"""Neutral, forward or backward, without flicker."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from posture.datatypes import Stance


@dataclass(frozen=True, slots=True)
class StanceSettings:
    """When the stance changes.

    Attributes:
        enter_deg: Tilt beyond which neutral is left. Source: the product's neutral band of 5
            degrees, about half of what people reach (PubMed 8866271: 11 forward, 9 backward).
        leave_deg: Tilt within which neutral is regained. Chosen by us: twice the still jitter
            below ``enter_deg`` and more, so that jitter cannot flip the stance back.
        dwell_s: How long the new stance must hold. Chosen by us: shorter than the quickest
            deliberate tilt, longer than a misread frame or two at 30 frames a second.
    """

    enter_deg: float = 5.0
    leave_deg: float = 4.0
    dwell_s: float = 0.1


class StanceTracker:
    """Turns a stream of tilts into stances with hysteresis and dwell."""

    def __init__(self, settings: StanceSettings | None = None) -> None:
        self._settings = settings or StanceSettings()
        self.reset()

    def reset(self) -> None:
        """Forget everything: equal to a new tracker."""
        self._stance: Stance | None = None
        self._candidate: Stance | None = None
        self._since_s = 0.0

    def __call__(self, tilt_deg: float, time_s: float) -> Stance | None:
        """The stance now.

        Args:
            tilt_deg: Smoothed tilt relative to neutral, anterior positive; NaN for no reading.
            time_s: Its time, rising.

        Returns:
            The stance, or ``None`` without a reading. After a gap it starts afresh.
        """
        if isnan(tilt_deg):
            self.reset()
            return None
        wanted = self._wanted(tilt_deg)
        if self._stance is None:
            self._stance = wanted
        elif wanted is self._stance:
            self._candidate = None
        elif wanted is not self._candidate:
            self._candidate, self._since_s = wanted, time_s
        elif time_s - self._since_s >= self._settings.dwell_s:
            self._stance, self._candidate = wanted, None
        return self._stance

    def _wanted(self, tilt_deg: float) -> Stance:
        held = self._stance
        forward_from = (
            self._settings.leave_deg if held is Stance.FORWARD else (self._settings.enter_deg)
        )
        backward_from = (
            self._settings.leave_deg if held is Stance.BACKWARD else (self._settings.enter_deg)
        )
        if tilt_deg > forward_from:
            return Stance.FORWARD
        return Stance.BACKWARD if tilt_deg < -backward_from else Stance.NEUTRAL
