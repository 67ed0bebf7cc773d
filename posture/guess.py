"""Which exercise a recording shows, where nobody has said: a proposal, never a decision.

How the person lies, sits or stands and how the camera sees them rules most exercises out. Those
that are left each count the recording; the one that finds the most good movements is proposed.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from posture.analysis import Analysis, Corrector
from posture.corrections import Corrections
from posture.datatypes import Position, Verdict, View
from posture.errors import PostureError
from posture.exercises import exercise_ids, get_exercise
from posture.exercises.exercise import Exercise
from posture.features import Observation

logger = logging.getLogger(__name__)

# What a repetition says for an exercise: one with faults may be a good one of another.
_SAYS = {Verdict.GOOD: 1.0, Verdict.IMPROVE: 0.6, Verdict.CANNOT_JUDGE: 0.3}
# Less than two movements that could be better is chance.
LEAST_SCORE = 1.2
# Of those nearly as good the later in the hand-out: a wave holds a tilt, but no tilt holds a wave.
CLOSE = 0.75
# So much of the time legs must be crossed for an exercise that asks for it.
CROSSED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Guess:
    """Which exercise a recording seems to show.

    Attributes:
        exercise: Exercise id; ``None`` where it could be any.
    """

    exercise: str | None


def guess(analysis: Analysis) -> Guess:
    """Guess which exercise a recording shows.

    Args:
        analysis: The recording, analysed for any exercise.
    """
    seen = [
        result.observation
        for result in analysis.results
        if result.observation.landmarks_px is not None
    ]
    if not seen:
        return Guess(None)
    corrector = Corrector(analysis)
    scores = {each.id: _score(corrector, each) for each in fitting(seen)}
    logger.info("Movements found by each exercise: %s", scores)
    best = max(scores.values(), default=0.0)
    if best < LEAST_SCORE:
        return Guess(_still(seen))
    return Guess([each for each, score in scores.items() if score >= CLOSE * best][-1])


def fitting(seen: Iterable[Observation]) -> list[Exercise]:
    """Return the exercises with a movement that are done in this position and seen from here."""
    seen = list(seen)
    position = Counter(one.position for one in seen).most_common(1)[0][0]
    view = Counter(one.view for one in seen).most_common(1)[0][0]
    return [
        each
        for each in map(get_exercise, exercise_ids())
        if each.position is position
        and not each.paced
        and (position is Position.LYING or view in each.views)
    ]


def _score(corrector: Corrector, exercise: Exercise) -> float:
    """Movements there and back that it counts, weighted by how good they are."""
    try:
        read = corrector.correct(Corrections(exercise=exercise.id))
    except PostureError:
        return 0.0
    return sum(_SAYS[rep.verdict] for rep in read.reps) / len(exercise.kinds)


def _still(seen: list[Observation]) -> str | None:
    """The exercise of somebody who keeps still with crossed legs; sitting still may be several."""
    crossed = sum(one.legs_crossed is True for one in seen) / len(seen)
    position = Counter(one.position for one in seen).most_common(1)[0][0]
    view = Counter(one.view for one in seen).most_common(1)[0][0]
    if crossed < CROSSED_SHARE:
        return None
    if position is Position.LYING:
        return "floor-lying"
    if position is Position.STANDING and view in {View.FRONT, View.THREE_QUARTER}:
        return "floor-standing"
    return None
