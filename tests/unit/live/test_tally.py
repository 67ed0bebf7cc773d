from math import nan

import pytest

from posture.datatypes import PostureSample, Quality, Reason, Rep, RepKind, Stance, Verdict
from posture.live.tally import LONGEST_STEP_S, Tally, renumbered


def sample(time_s, tilt_deg=nan, reason=None, stance=None):
    quality = Quality.NONE if reason else Quality.GOOD
    return PostureSample(
        time_s,
        quality=quality,
        reason=reason,
        person=True,
        stance=stance,
        pelvic_tilt_deg=tilt_deg,
        pelvic_tilt_sd_deg=2.0,
    )


def test_seconds_are_counted_by_stance_and_by_reason():
    tally = Tally()
    for index in range(11):
        tally.add(sample(index / 10, 8.0, stance=Stance.FORWARD))
    for index in range(11, 21):
        tally.add(sample(index / 10, reason=Reason.BACK_COVERED))
    assert tally.total_s == pytest.approx(2.0)
    assert tally.read_s == pytest.approx(1.1)
    assert tally.stance_s[Stance.FORWARD] == pytest.approx(1.1)
    assert tally.lost_s == pytest.approx({Reason.BACK_COVERED: 0.9})


def test_an_interruption_is_no_practice():
    tally = Tally()
    tally.add(sample(0.0))
    tally.add(sample(60.0))
    assert tally.total_s == LONGEST_STEP_S
    tally.interrupt()
    tally.add(sample(60.2))
    assert tally.total_s == LONGEST_STEP_S


def test_the_range_is_that_of_a_recorded_analysis():
    tally = Tally()
    for index in range(101):
        tally.add(sample(index / 30, index - 50.0))
    reached = tally.tilt_range()
    assert reached is not None
    assert (reached.backward_deg, reached.forward_deg, reached.sd_deg) == (-45.0, 45.0, 2.0)


def test_without_a_reading_there_is_no_range():
    tally = Tally()
    tally.add(sample(0.0, reason=Reason.NOBODY))
    assert tally.tilt_range() is None


def test_repetitions_are_counted_on():
    def rep(index):
        return Rep(index, RepKind.FORWARD, 0.0, 1.0, 2.0, 9.0, "deg", Verdict.GOOD)

    joined = renumbered((rep(1), rep(2)), (rep(1),))
    assert [one.index for one in joined] == [1, 2, 3]
