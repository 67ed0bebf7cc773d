"""Whether pictures come often enough for a movement to be followed."""

from __future__ import annotations

from collections import deque

# With fewer pictures a second no neutral is found, and a turn may lie between two of them.
LEAST_HZ = 3.0
# And with so many it is well again.
ENOUGH_HZ = 4.0
# Over so long; a longer time between two pictures is an interruption, which has words of its own.
WINDOW_S = 6.0


class Tempo:
    """Counts the pictures of the last seconds."""

    def __init__(self) -> None:
        self.is_slow = False
        self._since_s: float | None = None
        self._times_s: deque[float] = deque()

    def add(self, time_s: float) -> bool:
        """Take the next picture's time, seconds; return whether too few have come."""
        if self._times_s and time_s - self._times_s[-1] > WINDOW_S:
            self._times_s.clear()
            self._since_s, self.is_slow = None, False
        if self._since_s is None:
            self._since_s = time_s
        self._times_s.append(time_s)
        while time_s - self._times_s[0] > WINDOW_S:
            self._times_s.popleft()
        if time_s - self._since_s >= WINDOW_S:
            wanted_hz = ENOUGH_HZ if self.is_slow else LEAST_HZ
            self.is_slow = len(self._times_s) < wanted_hz * WINDOW_S
        return self.is_slow
