"""Sit bones, standing, told as stories."""

from __future__ import annotations

import pytest
from timeline import Timeline, standing_front, standing_three_quarter

from posture.datatypes import EventKind, Position, View
from posture.exercises import get_exercise

SIT = get_exercise("sit-bones")


def bends(timeline: Timeline, times: int = 1, seconds: float = 2.0, **along: float) -> Timeline:
    start = {name: getattr(timeline.now, name) for name in ("knee_flexion_deg", *along)}
    for _ in range(times):
        timeline.to(seconds, knee_flexion_deg=45, **along).hold(0.5)
        timeline.to(seconds, **start).hold(0.5)
    return timeline


@pytest.mark.parametrize("start", [standing_front, standing_three_quarter])
def test_a_good_round_counts_every_bend_once(start: type[Timeline]) -> None:
    told = bends(start().shake(knee_flexion_deg=1.0).hold(2), times=5, knee_spread=1.0).tell(SIT)
    assert told.kinds == ["bend"] * 5
    assert set(told.verdicts) == {"good"}
    assert told.faults == []
    assert told.of(EventKind.PHASE)[:3] == ["straight", "bend", "straight"]


@pytest.mark.parametrize(
    ("along", "fault"),
    [
        ({"knee_spread": 0.65}, "knees_falling_in"),
        ({"trunk_pitch_deg": 24.0}, "trunk_tipping"),
        ({"pelvis_list_deg": -14.0}, "one_side_lower"),
    ],
)
def test_what_goes_wrong_is_named(along: dict[str, float], fault: str) -> None:
    told = bends(standing_front().hold(2), times=2, **along).tell(SIT)
    assert [rep.faults for rep in told.reps] == [(fault,), (fault,)]


def test_a_deep_bend_that_looks_like_sitting_counts() -> None:
    timeline = standing_front().hold(2).to(1.5, knee_flexion_deg=60)
    timeline.set(position=Position.SITTING).to(1, knee_flexion_deg=95).to(1, knee_flexion_deg=60)
    timeline.set(position=Position.STANDING).to(1.5, knee_flexion_deg=5).hold(1)
    told = timeline.tell(SIT)
    assert told.verdicts == ["good"]
    assert told.of(EventKind.PAUSED) == []


def test_whoever_sits_from_the_start_is_asked_to_stand() -> None:
    told = standing_front(position=Position.SITTING).hold(3).tell(SIT)
    assert told.of(EventKind.PAUSED) == ["wrong_position"]


def test_hurrying_is_named() -> None:
    told = bends(standing_front().hold(2), seconds=0.4).tell(SIT)
    assert told.reps[0].faults == ("too_quick",)


def test_shaking_at_the_opening_level_neither_loses_nor_doubles() -> None:
    timeline = standing_front().shake(knee_flexion_deg=2.0).hold(2)
    for _ in range(3):
        timeline.to(1, knee_flexion_deg=20).hold(2).to(1, knee_flexion_deg=40).hold(1)
        timeline.to(1, knee_flexion_deg=14).hold(2).to(1, knee_flexion_deg=5).hold(1)
    assert timeline.tell(SIT).kinds == ["bend"] * 3


def test_leaving_and_coming_back_loses_nothing() -> None:
    timeline = bends(standing_front().hold(2), times=2).lose(10).hold(2)
    assert bends(timeline, times=2).tell(SIT).kinds == ["bend"] * 4


def test_a_side_view_pauses_and_says_so() -> None:
    timeline = bends(standing_front().hold(2)).set(view=View.SIDE)
    told = bends(timeline).tell(SIT)
    assert told.kinds == ["bend"]
    assert told.of(EventKind.PAUSED) == ["not_three_quarter"]


DISTRACTORS = {
    "stands": standing_front().shake(knee_flexion_deg=3.0).hold(30),
    "walks": standing_front()
    .hold(2)
    .to(0.4, knee_flexion_deg=40, ankle_shift=0.4)
    .to(0.4, knee_flexion_deg=5, ankle_shift=0.7)
    .to(0.4, knee_flexion_deg=40, ankle_shift=1.0)
    .to(0.4, knee_flexion_deg=5, ankle_shift=1.3)
    .hold(2),
    "bows": standing_front()
    .hold(2)
    .to(1, trunk_pitch_deg=70, knee_flexion_deg=20)
    .to(1, trunk_pitch_deg=3, knee_flexion_deg=5)
    .hold(2),
    "leans aside": standing_front()
    .hold(2)
    .to(1, trunk_lean_deg=15)
    .to(1, trunk_lean_deg=3)
    .hold(1),
}


@pytest.mark.parametrize("story", DISTRACTORS)
def test_nothing_is_counted_when_somebody(story: str) -> None:
    assert DISTRACTORS[story].tell(SIT).reps == ()
