"""Which pose model suits this computer: looked at while neutral is being taken, and only then.

Neutral belongs to the model with which it was taken, so a practice that has begun keeps its model.
A computer that is busy at the start takes the quicker model; one that has time again before the
practice begins goes back to the better one, once. A new neutral is a new look.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

# With more than this for a picture, movement is followed too late to coach it; then the quicker
# model is taken. Chosen by us: 12 pictures a second.
SLOW_MS = 80.0
# The quicker model takes two thirds of the better one's time; with this there is room to spare.
QUICK_MS = 40.0
# So many pictures with a person in them tell; the first few warm a model up. To go back there must
# be calm for longer, about two seconds.
WARMING, TELLING, CALM = 3, 6, 30


class ModelChoice:
    """The model in use, and whether to take another one.

    Args:
        models: Names of those that may be taken, the best first.
    """

    def __init__(self, models: Sequence[str]) -> None:
        self._models = models
        self.model = models[0]
        self._took_ms: list[float] = []
        self._went_back = False

    def look_again(self) -> None:
        """A new neutral is going to be taken."""
        self._took_ms.clear()
        self._went_back = False

    def add(self, took_ms: float) -> bool:
        """Take what one picture took, before neutral holds; return whether the model changes.

        Args:
            took_ms: Milliseconds, of a picture with a person in it.
        """
        best, quickest = self._models[0], self._models[-1]
        if best == quickest:
            return False
        self._took_ms.append(took_ms)
        if self.model == best:
            if len(self._took_ms) != WARMING + TELLING:
                return False
            changes = median(self._took_ms[WARMING:]) > SLOW_MS
        else:
            if self._went_back or len(self._took_ms) < WARMING + CALM:
                return False
            changes = self._went_back = median(self._took_ms[-CALM:]) < QUICK_MS
        if changes:
            self.model = quickest if self.model == best else best
            self._took_ms.clear()
        return changes
