"""Movements in one signal: opened, confirmed, closed; and what can be measured of them."""

from __future__ import annotations

from itertools import pairwise
from math import nan, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.exercises.swing import Excursion, Row, Swing, SwingState, Threshold

LIMIT = Threshold(5.0, 3.0, 0.1, "deg", "made up for these tests")
BOTH = Swing(LIMIT)
UP = Swing(LIMIT, sides=(1,))


def rows(values: list[float], fps: float = 30.0) -> list[Row]:
    return [Row(number / fps, value, 1.0, ()) for number, value in enumerate(values)]


def found(swing: Swing, values: list[float], fps: float = 30.0) -> list[Excursion]:
    state, excursions = SwingState(), []
    for row in rows(values, fps):
        side = state.side
        state, trace = swing.step(state, row)
        if trace:
            excursions.append(Excursion(side, trace, ()))
    return excursions


def hump(size: float, seconds: float = 2.0, fps: float = 30.0) -> list[float]:
    count = round(seconds * fps)
    return [size * sin(pi * step / count) for step in range(count + 1)]


REST = [0.0] * 15


def test_one_hump_is_one_movement_with_its_times_and_size() -> None:
    (one,) = found(BOTH, REST + hump(10.0) + REST)
    assert one.side == 1
    assert one.amplitude == pytest.approx(10.0, abs=0.02)
    assert one.start_s == pytest.approx(0.5 + 2 * 0.097, abs=0.06)
    assert one.peak.time_s == pytest.approx(1.5, abs=0.04)
    assert one.end_s == pytest.approx(0.5 + 2 * 0.886, abs=0.06)
    assert one.turns(1.0) == 1


def test_a_hump_to_the_other_side_counts_only_where_that_side_does() -> None:
    assert [one.side for one in found(BOTH, REST + hump(-8.0) + REST)] == [-1]
    assert found(UP, REST + hump(-8.0) + REST) == []


def test_a_spike_shorter_than_the_dwell_is_no_movement() -> None:
    assert found(BOTH, [*REST, 9.0, 9.0, *REST]) == []


def test_what_stays_below_the_opening_level_is_no_movement() -> None:
    assert found(BOTH, REST + hump(4.9) + REST) == []


def test_a_step_through_zero_closes_one_side_and_opens_the_other() -> None:
    values = REST + [8.0] * 30 + [-8.0] * 30 + REST
    assert [one.side for one in found(BOTH, values)] == [1, -1]


def test_a_movement_too_long_to_be_one_is_dropped_and_does_not_come_back() -> None:
    assert found(BOTH, REST + [9.0] * 30 * 70 + REST) == []


def test_slow_drift_before_the_movement_is_no_part_of_it() -> None:
    (one,) = found(BOTH, REST + [4.0] * 300 + hump(10.0)[10:] + REST)
    assert one.start_s > 8.0


def test_after_a_close_outside_the_rest_band_the_next_must_rise_anew() -> None:
    back = [15 * (1 - step / 20) + 5.2 * step / 20 for step in range(21)]
    values = REST + hump(15.0, 1.0)[:16] + back + [5.2, 6.0, 5.2, 6.2] * 10
    assert len(found(BOTH, values)) == 1
    again = [5.2 + (14 - 5.2) * step / 20 for step in range(21)]
    assert len(found(BOTH, values + again + again[::-1] + [0.0] * 10)) == 2


def test_shut_waits_until_the_signal_has_been_at_rest() -> None:
    state = BOTH.shut(-6.0)
    excursions = 0
    for row in rows([-6.0] * 30 + REST + [-6.0] * 30 + REST):
        state, trace = BOTH.step(state, row)
        excursions += bool(trace)
    assert excursions == 1
    assert BOTH.shut(1.0) == BOTH.shut(nan) == SwingState()


@pytest.mark.parametrize("size", [2.0])
def test_turns_count_each_time_the_signal_goes_back(size: float) -> None:
    smooth = Excursion(1, tuple(rows(hump(10.0))), ())
    jerky = Excursion(1, tuple(rows([0, 5, 9, 5, 9, 5, 9, 4, 0])), ())
    assert smooth.turns(size) == 1
    assert jerky.turns(size) == 5


def test_a_hold_and_the_way_back_are_measured() -> None:
    values = (
        [2.0 * step for step in range(6)] + [10.0] * 31 + [10 - 2.0 * step for step in range(6)]
    )
    one = Excursion(1, tuple(rows(values, fps=10.0)), ())
    assert one.time_above_s(0.85) == pytest.approx(3.2, abs=0.25)
    assert one.return_s(0.8) == pytest.approx(0.4, abs=0.05)
    assert one.duration_s == pytest.approx(4.2)


def test_a_stray_is_the_size_that_lasts_and_not_a_misread_picture() -> None:
    lean = [1.0] * 95 + [60.0] * 5
    trace = tuple(Row(n / 30, 5.0, 1.0, (value, nan)) for n, value in enumerate(lean))
    one = Excursion(1, trace, ("lean", "unseen"))
    assert one.stray("lean") == 1.0
    assert one.stray("unseen") == 0.0
    lasting = tuple(Row(n / 30, 5.0, 1.0, (-9.0 if n > 50 else 0.0,)) for n in range(100))
    assert Excursion(1, lasting, ("lean",)).stray("lean") == -9.0


signals = st.lists(st.floats(-20, 20, allow_nan=False, width=32), min_size=2, max_size=12)


def wander(keys: list[float]) -> list[float]:
    """A smooth signal through the keys, starting and ending at rest."""
    points = [0.0, *keys, 0.0]
    values: list[float] = []
    for a, b in pairwise(points):
        values += [a + (b - a) * (0.5 - 0.5 * sin(pi / 2 - pi * n / 30)) for n in range(30)]
    return [*values, *REST]


@settings(max_examples=80, deadline=None)
@given(signals)
def test_mirroring_the_signal_swaps_the_sides_and_changes_nothing_else(keys: list[float]) -> None:
    there = found(BOTH, wander(keys))
    mirrored = found(BOTH, wander([-key for key in keys]))
    assert [one.side for one in there] == [-one.side for one in mirrored]
    assert [(one.start_s, one.end_s) for one in there] == [
        (one.start_s, one.end_s) for one in mirrored
    ]
    assert [one.amplitude for one in there] == pytest.approx([one.amplitude for one in mirrored])


@settings(max_examples=80, deadline=None)
@given(signals)
def test_movements_never_overlap_and_always_pass_the_opening_level(keys: list[float]) -> None:
    excursions = found(BOTH, wander(keys))
    for one in excursions:
        assert one.amplitude > LIMIT.enter
        assert one.start_s < one.end_s
    for before, after in pairwise(excursions):
        assert before.end_s <= after.start_s


@settings(max_examples=80, deadline=None)
@given(signals, st.floats(0.5, 4.0))
def test_signal_and_limits_scaled_together_give_the_same_movements(
    keys: list[float], scale: float
) -> None:
    larger = Threshold(LIMIT.enter * scale, LIMIT.leave * scale, 0.1, "deg", LIMIT.source)
    there = found(BOTH, wander(keys))
    scaled = found(Swing(larger), [scale * value for value in wander(keys)])
    assert [one.side for one in there] == [one.side for one in scaled]
