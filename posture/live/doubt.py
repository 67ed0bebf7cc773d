"""When neutral seems to have been taken wrongly, and what must not be said again and again.

Somebody far from the screen cannot press a button: what may come of a wrong neutral is said once;
when it shows again neutral is taken anew, once; from then on it is only shown.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, nan

from posture.datatypes import PostureSample, Reason
from posture.feedback import Cue

TURNED, ONE_SIDED = "turned", "one_sided"
_DOUBTS = {
    Reason.TURNED_ROUND.value: TURNED,
    "one_side_missing": ONE_SIDED,
    "one_direction_missing": ONE_SIDED,
}
# Who faces the other way for so long has settled there. Chosen by us; evidence:
# tests/unit/live/test_doubt.py.
SETTLED_S = 10.0
# That nothing was seen yet is said twice, and then shown.
NOTHING_YET = "nothing_yet"


class Doubt:
    """What one practice has heard that may come of a wrong neutral."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}
        self._turned_since_s = nan
        self._was_silent = False

    def step(self, sample: PostureSample, cue: Cue | None) -> tuple[str, Cue | None]:
        """Take a moment of the practice and what is to be said in it.

        Returns:
            Why neutral is to be taken anew now, ``turned`` or ``one_sided``, empty when it is not;
            and the cue, silent when it has been said often enough.
        """
        why = _DOUBTS.get(cue.id, "") if cue is not None else ""
        if self._has_settled(sample):
            why = TURNED
        if why:
            self._times[why] = self._times.get(why, 0) + 1
        times = self._times.get(why, 0)
        if cue is None:
            return (why if times == 2 else ""), None
        if cue.id == NOTHING_YET:
            times = self._times[NOTHING_YET] = self._times.get(NOTHING_YET, 0) + 1
        # Nor is the return of what went unmentioned worth a word.
        silent = times > 2 or (self._was_silent and cue.id == "resumed")
        self._was_silent = silent
        return (why if times == 2 else ""), replace(cue, silent=silent)

    def _has_settled(self, sample: PostureSample) -> bool:
        if sample.reason is not Reason.TURNED_ROUND:
            self._turned_since_s = nan
            return False
        if not isfinite(self._turned_since_s):
            self._turned_since_s = sample.time_s
        if sample.time_s - self._turned_since_s < SETTLED_S:
            return False
        self._turned_since_s = sample.time_s
        return True
