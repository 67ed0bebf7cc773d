from datetime import UTC, date, datetime, timedelta, timezone
from math import isnan, nan

import pytest

from posture.datatypes import RepKind
from posture.store.progress import (
    Change,
    PracticeDay,
    TrendPoint,
    practice_days,
    streak,
    trend_of,
    trends,
)
from tests.unit.store.seen import full_analysis
from tests.unit.ui.recordings import recording, rep, wave

MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def trend(amplitudes, sd=2.0):
    points = [
        TrendPoint(str(i), MONDAY + timedelta(days=i), 5, 5, amplitude, sd)
        for i, amplitude in enumerate(amplitudes)
    ]
    return trend_of("standing-tilt", RepKind.FORWARD, "deg", points)


def test_one_session_shows_no_change():
    assert trend([10]).verdict is Change.UNCLEAR
    assert isnan(trend([10]).change)


def test_two_sessions_differ_from_the_minimal_detectable_change_on():
    assert trend([10, 14]).minimal_detectable_change == pytest.approx(2.77 * 2.0, abs=0.01)
    assert trend([10, 15.5]).verdict is Change.UNCLEAR
    assert trend([10, 15.6]).verdict is Change.MORE
    assert trend([15.6, 10]).verdict is Change.LESS


def test_more_sessions_tell_a_smaller_change():
    several = trend([10, 10, 10, 14, 14, 14])
    assert several.change == pytest.approx(4.0)
    assert several.minimal_detectable_change == pytest.approx(2.77 * 2.0 / 3**0.5, abs=0.01)
    assert several.verdict is Change.MORE


def test_sessions_that_differ_much_tell_less():
    unsteady = trend([2, 10, 18, 8, 14, 23])
    assert unsteady.change == pytest.approx(5.0)
    assert unsteady.minimal_detectable_change > 10
    assert unsteady.verdict is Change.UNCLEAR


def test_an_unknown_uncertainty_never_becomes_progress():
    assert trend([10, 60], sd=nan).verdict is Change.UNCLEAR
    known_by_spread = trend([10, 10.1, 9.9, 20, 20.1, 19.9], sd=nan)
    assert known_by_spread.verdict is Change.MORE


def test_trends_come_from_the_repetitions_that_could_be_judged(store):
    for day, amplitude in enumerate((8.0, 8.0, 30.0)):
        store.add(full_analysis(amplitude=amplitude), started_at=MONDAY + timedelta(days=day))
    store.add(full_analysis(exercise="pelvis-wave"), started_at=MONDAY)
    backward, forward = trends(store, "standing-tilt")
    assert (backward.kind, forward.kind) == (RepKind.BACKWARD, RepKind.FORWARD)
    assert [point.amplitude for point in forward.points] == [8.0, 8.0, 30.0]
    assert [point.good for point in forward.points] == [1, 1, 1]
    assert [point.good for point in backward.points] == [0, 0, 0]
    assert forward.points[0].sd == pytest.approx(2.0)
    assert forward.verdict is Change.MORE
    assert trends(store, "bridge") == ()


def test_a_lift_beyond_the_whole_way_is_no_further(store):
    for day, size in enumerate((0.9, 1.0, 1.2)):
        lifts = [rep(i, RepKind.LIFT, 2.0 * i, size, unit="fraction") for i in (1, 2)]
        practised = recording(wave(80), lifts, exercise="bridge")
        store.add(practised, started_at=MONDAY + timedelta(days=day))
    (lift,) = trends(store, "bridge")
    assert [point.amplitude for point in lift.points] == pytest.approx([0.9, 1.0, 1.0])


def test_days_are_those_where_the_person_is(store):
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    store.add(full_analysis(), started_at=late)
    store.add(full_analysis(exercise="bridge"), started_at=late + timedelta(minutes=10))
    store.add(full_analysis(), started_at=late + timedelta(days=2))
    east = timezone(timedelta(hours=2))
    assert [(d.day, d.sessions, d.reps) for d in practice_days(store, zone=east)] == [
        (date(2026, 3, 3), 2, 4),
        (date(2026, 3, 5), 1, 2),
    ]
    (first, _) = practice_days(store, zone=UTC)
    assert first.day == date(2026, 3, 2)
    assert first.exercises == ("bridge", "standing-tilt")
    assert first.seconds == pytest.approx(16.0)
    (only,) = practice_days(store, date(2026, 3, 4), date(2026, 3, 9), zone=UTC)
    assert only.day == date(2026, 3, 4)


def days(*which):
    return [PracticeDay(day, 1, 60.0, 5, ("bridge",)) for day in which]


def test_weeks_in_a_row():
    monday = date(2026, 3, 2)
    practised = days(*(monday + timedelta(weeks=n, days=n) for n in range(3)))
    assert streak(practised, monday + timedelta(weeks=2, days=4)).weeks == 3
    this_week_has_none_yet = streak(practised, monday + timedelta(weeks=3))
    assert this_week_has_none_yet.weeks == 3
    assert this_week_has_none_yet.days_this_week == 0
    a_week_left_out = streak(practised, monday + timedelta(weeks=4))
    assert (a_week_left_out.weeks, a_week_left_out.longest_weeks) == (0, 3)


def test_nobody_has_practised_yet():
    none = streak([], date(2026, 3, 2))
    assert (none.weeks, none.longest_weeks, none.days_this_week) == (0, 0, 0)


def test_a_clock_that_was_wrong_does_not_count_ahead():
    today = date(2026, 3, 4)
    assert streak(days(today + timedelta(days=1), today), today).days_this_week == 1
