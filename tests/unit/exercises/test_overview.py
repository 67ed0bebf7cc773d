"""Repetitions summed up: size, tempo, hold, symmetry, and what to work on."""

from __future__ import annotations

from math import isnan

import pytest

from posture.datatypes import Rep, RepKind, Verdict
from posture.exercises.overview import overview


def rep(
    kind: RepKind,
    size: float,
    duration_s: float = 4.0,
    verdict: Verdict = Verdict.GOOD,
    *faults: str,
    isolation: float | None = None,
) -> Rep:
    measures = () if isolation is None else (("isolation", isolation),)
    return Rep(1, kind, 10.0, 12.0, 10.0 + duration_s, size, "deg", verdict, faults, 1.0, measures)


LEFT, RIGHT, LIFT = RepKind.LEFT, RepKind.RIGHT, RepKind.LIFT
IMPROVE, UNJUDGED = Verdict.IMPROVE, Verdict.CANNOT_JUDGE


def test_nothing_sums_up_to_nothing() -> None:
    told = overview([])
    assert told.kinds == ()
    assert (told.good, told.improve, told.cannot_judge) == (0, 0, 0)
    assert isnan(told.symmetry)
    assert isnan(told.unevenness)


def test_each_side_has_its_own_size_and_tempo() -> None:
    told = overview([rep(LEFT, 20, 3), rep(RIGHT, 9, 5), rep(LEFT, 22, 3), rep(RIGHT, 11, 5)])
    left, right = told.kinds
    assert (left.kind, left.count, left.amplitude, left.largest) == (LEFT, 2, 21, 22)
    assert (right.duration_s, right.hold_s, right.unit) == (5, 1.0, "deg")
    assert told.symmetry == pytest.approx(10 / 21)


def test_symmetry_does_not_depend_on_which_side_is_larger() -> None:
    there = overview([rep(LEFT, 20), rep(RIGHT, 10)])
    back = overview([rep(LEFT, 10), rep(RIGHT, 20)])
    assert there.symmetry == back.symmetry == pytest.approx(0.5)


def test_one_kind_has_no_symmetry() -> None:
    assert isnan(overview([rep(LIFT, 1.0), rep(LIFT, 0.9)]).symmetry)


def test_a_steady_tempo_is_even_and_a_changing_one_is_not() -> None:
    assert overview([rep(LIFT, 1, 4)] * 3).unevenness == pytest.approx(0)
    assert overview([rep(LIFT, 1, s) for s in (2, 4, 6)]).unevenness == pytest.approx(
        0.41, abs=0.01
    )


def test_faults_are_counted_the_most_frequent_first() -> None:
    told = overview(
        [
            rep(LEFT, 20, 4, IMPROVE, "shoulders_turning"),
            rep(RIGHT, 20, 4, IMPROVE, "head_turning", "shoulders_turning"),
            rep(LEFT, 20),
        ]
    )
    assert told.faults == (("shoulders_turning", 2), ("head_turning", 1))
    assert (told.good, told.improve) == (1, 2)


def test_what_cannot_be_judged_is_counted_and_enters_nothing_else() -> None:
    told = overview([rep(LEFT, 20), rep(LEFT, 90, 60, UNJUDGED, "head_turning")])
    assert told.cannot_judge == 1
    assert told.kinds[0].largest == 20
    assert told.faults == ()


def test_further_measures_are_summed_up_by_name() -> None:
    told = overview([rep(LEFT, 20, isolation=x) for x in (0.9, 0.5, 0.8)])
    assert told.measures == (("isolation", 0.8),)
