"""Which exercise a recording seems to show."""

from dataclasses import replace

import pytest

from posture.datatypes import Position, View
from posture.features import Observation
from posture.guess import Guess, fitting, guess
from posture.pipeline import Result
from tests.unit.seen import tilting
from tests.unit.ui.recordings import recording, wave


@pytest.fixture(scope="module")
def tilts():
    return tilting()


def seen_as(analysis, **changes):
    """The same recording with every frame seen otherwise."""
    return replace(
        analysis,
        results=tuple(
            replace(result, observation=replace(result.observation, **changes))
            for result in analysis.results
        ),
    )


def ids(analysis):
    return {each.id for each in fitting(result.observation for result in analysis.results)}


def test_tilting_in_standing_is_recognised_whatever_it_was_read_as(tilts):
    assert guess(tilts) == Guess("standing-tilt")
    other = replace(tilts, request=replace(tilts.request, exercise="bridge"), reps=())
    assert guess(other) == Guess("standing-tilt")


def test_position_and_view_rule_exercises_out(tilts):
    assert ids(tilts) == {"standing-tilt", "pelvis-wave"}
    assert ids(seen_as(tilts, view=View.THREE_QUARTER)) == {"monkey", "sit-bones"}
    assert ids(seen_as(tilts, position=Position.SITTING)) == {"active-sitting"}
    assert ids(seen_as(tilts, position=Position.LYING)) == {"bridge", "small-bridge"}


def test_crossed_legs_tell_the_still_exercises(tilts):
    still = replace(tilts, results=tuple(tilts.results[0] for _ in range(45)))
    still = replace(
        still,
        results=tuple(
            Result(replace(one.observation, index=i, time_s=i / 15), one.sample, (), "waiting", 0)
            for i, one in enumerate(still.results)
        ),
    )
    assert guess(still) == Guess(None)
    crossed = seen_as(still, legs_crossed=True, view=View.FRONT)
    assert guess(crossed) == Guess("floor-standing")
    assert guess(seen_as(crossed, position=Position.LYING)) == Guess("floor-lying")
    assert guess(seen_as(crossed, position=Position.SITTING)) == Guess(None)


def test_where_nobody_is_nothing_is_guessed():
    nobody = recording(wave(10), neutral=None)
    assert all(isinstance(one.observation, Observation) for one in nobody.results)
    assert guess(nobody) == Guess(None)
