"""What an exercise remembers from one sample to the next."""

from __future__ import annotations

from math import inf, nan
from typing import NamedTuple

from posture.breath import Pace
from posture.datatypes import Rep
from posture.exercises.faults import StrayState
from posture.exercises.place import Place
from posture.exercises.sight import Sight
from posture.exercises.swing import SwingState

WAITING = "waiting"


class ExerciseState(NamedTuple):
    """Everything an exercise remembers. ``exercise.initial_state()`` makes a fresh one.

    Attributes:
        phase: Where in the exercise the person is; ``waiting`` until in place, ``paused`` unseen.
        reps: Repetitions counted so far.
        pace: The breath pacer that is followed; ``None`` without one.
        pace_start_s: When the pacer (re)started, which is when the person was in place; else NaN.
        time_s: Time of the last sample.
        sight: Whether the person can be judged.
        place: Whether the person has settled, and the resting values.
        swing: The open movement.
        instead: Other movements that are looked for.
        strays: One state for each fault of the kind ``Stray``.
    """

    phase: str = WAITING
    reps: tuple[Rep, ...] = ()
    pace: Pace | None = None
    pace_start_s: float = nan
    time_s: float = -inf
    sight: Sight = Sight()
    place: Place = Place()
    swing: SwingState = SwingState()
    instead: tuple[SwingState, ...] = ()
    strays: tuple[StrayState, ...] = ()

    @property
    def in_place(self) -> bool:
        """Whether the person has settled, so that movements count."""
        return bool(self.place.rest)
