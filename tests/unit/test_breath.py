"""The breath pacer: in, out, rest, and how much of an effort fell into the exhale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.breath import Breath, Emphasis, Pace, own_pace, with_emphasis
from posture.errors import UsageError


def test_a_round_goes_in_out_and_rests() -> None:
    pace = Pace(half_s=4.0, rest_s=2.0)
    told = [pace.moment(t).breath for t in (0.0, 3.9, 4.0, 7.9, 8.0, 9.9, 10.0)]
    inhale, exhale, rest = Breath.INHALE, Breath.EXHALE, Breath.REST
    assert told == [inhale, inhale, exhale, exhale, rest, rest, inhale]


def test_a_moment_tells_how_far_and_how_long_still() -> None:
    moment = Pace(half_s=4.0).moment(8.0 + 5.0)
    assert moment.breath is Breath.EXHALE
    assert moment.progress == pytest.approx(0.25)
    assert moment.remaining_s == pytest.approx(3.0)
    assert moment.round == 2


def test_before_the_start_it_waits_for_the_first_inhale() -> None:
    assert Pace().moment(-5.0) == Pace().moment(0.0)


def test_the_share_of_an_effort_in_the_exhale() -> None:
    pace = Pace(half_s=4.0, rest_s=2.0)
    assert pace.exhale_share(4.0, 8.0) == pytest.approx(1.0)
    assert pace.exhale_share(2.0, 6.0) == pytest.approx(0.5)
    assert pace.exhale_share(0.0, 4.0) == pytest.approx(0.0)
    assert pace.exhale_share(7.0, 9.0) == pytest.approx(0.5)
    assert pace.exhale_share(0.0, 20.0) == pytest.approx(0.4)
    assert pace.exhale_share(5.0, 5.0) == 1.0
    assert pace.exhale_share(9.0, 9.0) == 0.0


@pytest.mark.parametrize("emphasis", list(Emphasis))
def test_every_emphasis_holds_the_effort_as_long_as_the_release(emphasis: Emphasis) -> None:
    pace = with_emphasis(Pace(4.0), emphasis)
    times = [step / 100 * pace.round_s for step in range(100)]
    breaths = [pace.moment(t).breath for t in times]
    assert abs(breaths.count(Breath.INHALE) - breaths.count(Breath.EXHALE)) <= 1


def test_letting_go_rests_longer_and_contracting_holds_longer() -> None:
    assert with_emphasis(Pace(4.0), Emphasis.LET_GO).rest_s > Pace(4.0).rest_s
    assert with_emphasis(Pace(4.0), Emphasis.CONTRACT).half_s > 4.0
    assert with_emphasis(Pace(14.0), Emphasis.CONTRACT).half_s == 15.0
    assert with_emphasis(Pace(4.0), Emphasis.EVEN) == Pace(4.0)


@pytest.mark.parametrize(("half_s", "rest_s"), [(0, 0), (99, 0), (4, -1), (float("nan"), 0)])
def test_a_pace_nobody_can_follow_is_refused(half_s: float, rest_s: float) -> None:
    with pytest.raises(UsageError, match="choose between"):
        Pace(half_s, rest_s)


@given(st.floats(0, 10_000), st.floats(1.5, 15), st.floats(0, 30))
def test_every_moment_is_inside_its_breath(elapsed_s: float, half_s: float, rest_s: float) -> None:
    pace = Pace(half_s, rest_s)
    moment = pace.moment(elapsed_s)
    assert 0 <= moment.progress <= 1
    assert 0 <= moment.remaining_s <= max(half_s, rest_s)
    assert moment.round >= 1
    assert moment.breath is pace.breath(elapsed_s)


def test_ones_own_pace_keeps_the_exercises_rest_and_takes_the_emphasis() -> None:
    usual = Pace(4.0, 1.0)
    assert own_pace(usual, Emphasis.EVEN) == usual
    assert own_pace(usual, Emphasis.EVEN, 3.0) == Pace(3.0, 1.0)
    assert own_pace(usual, Emphasis.LET_GO, 3.0) == Pace(3.0, 3.0)
    with pytest.raises(UsageError, match="between"):
        own_pace(usual, Emphasis.EVEN, 60.0)
