"""The Monkey, told as stories."""

from __future__ import annotations

from math import nan

import pytest
from timeline import Timeline, standing_three_quarter

from posture.datatypes import EventKind, Reason
from posture.exercises import get_exercise

MONKEY = get_exercise("monkey")


def turns(timeline: Timeline, times: int = 1, **at_left: float) -> Timeline:
    """Left and right in turn; what else is at the left turn mirrors at the right one."""
    at_left = {"pelvis_yaw_deg": 20.0, **at_left}
    start = {name: getattr(timeline.now, name) for name in at_left}
    at_right = {name: 2 * start[name] - value for name, value in at_left.items()}
    for _ in range(times):
        timeline.to(1.2, **at_left).to(2.0, **at_right)
    return timeline.to(1.2, **start)


def test_a_good_round_counts_left_and_right_in_turn() -> None:
    told = turns(standing_three_quarter().hold(2), times=4).hold(1).tell(MONKEY)
    assert told.kinds == ["left", "right"] * 4
    assert set(told.verdicts) == {"good"}
    assert told.faults == []
    assert told.of(EventKind.PHASE)[:3] == ["middle", "left", "middle"]


def test_a_pelvis_that_turns_alone_scores_near_one() -> None:
    told = turns(standing_three_quarter().hold(2), thorax_yaw_deg=2.0).hold(1).tell(MONKEY)
    for rep in told.reps:
        assert dict(rep.measures)["isolation"] == pytest.approx(0.9, abs=0.03)


def test_shoulders_that_turn_along_are_named_and_score_low() -> None:
    told = (
        turns(standing_three_quarter().hold(2), times=2, thorax_yaw_deg=17.0).hold(1).tell(MONKEY)
    )
    assert told.kinds == ["left", "right"] * 2
    assert all(rep.faults == ("shoulders_turning",) for rep in told.reps)
    assert set(told.verdicts) == {"improve"}
    assert all(dict(rep.measures)["isolation"] < 0.25 for rep in told.reps)


def test_a_turn_of_unsure_size_is_judged_by_what_surely_strayed_and_else_not_at_all() -> None:
    unsure = {"pelvis_yaw_sd_deg": 14.0}
    along = turns(standing_three_quarter(**unsure).hold(2), thorax_yaw_deg=17.0).hold(1)
    assert along.tell(MONKEY).verdicts == ["improve", "improve"]
    alone = turns(standing_three_quarter(**unsure).hold(2)).hold(1)
    assert alone.tell(MONKEY).verdicts == ["cannot_judge", "cannot_judge"]


def test_shoulders_that_turn_the_other_way_do_not_lower_the_score() -> None:
    told = turns(standing_three_quarter().hold(2), thorax_yaw_deg=-4.0).hold(1).tell(MONKEY)
    assert dict(told.reps[0].measures)["isolation"] == 1.0


def test_unseen_shoulders_and_head_give_no_score() -> None:
    timeline = standing_three_quarter(thorax_yaw_deg=nan, head_yaw_deg=nan).hold(2)
    assert turns(timeline).hold(1).tell(MONKEY).reps[0].measures == ()


@pytest.mark.parametrize(
    ("along", "fault"),
    [
        ({"head_yaw_deg": 19.0}, "head_turning"),
        ({"hip_shift": 0.12}, "hips_shifting"),
    ],
)
def test_what_moves_along_is_named(along: dict[str, float], fault: str) -> None:
    told = turns(standing_three_quarter().hold(2), 1, **along).hold(1).tell(MONKEY)
    assert told.kinds == ["left", "right"]
    assert all(rep.faults == (fault,) for rep in told.reps)


def test_knees_that_straighten_are_named() -> None:
    timeline = standing_three_quarter().hold(2)
    timeline.to(1.2, pelvis_yaw_deg=20, knee_flexion_deg=8).hold(0.5)
    told = timeline.to(1.2, pelvis_yaw_deg=0, knee_flexion_deg=25).hold(1).tell(MONKEY)
    assert told.reps[0].faults == ("knees_straightening",)


def test_the_side_that_turns_less_is_named_after_two_rounds() -> None:
    timeline = standing_three_quarter().hold(2)
    for _ in range(3):
        timeline.to(1.2, pelvis_yaw_deg=24).to(2, pelvis_yaw_deg=-11).to(1, pelvis_yaw_deg=0)
    told = timeline.hold(1).tell(MONKEY)
    assert told.kinds == ["left", "right"] * 3
    assert [rep.faults for rep in told.reps] == [
        (),
        (),
        (),
        ("one_side_smaller",),
        (),
        ("one_side_smaller",),
    ]


def test_always_the_same_side_is_named() -> None:
    timeline = standing_three_quarter().hold(2)
    for _ in range(3):
        timeline.to(1.2, pelvis_yaw_deg=-18).to(1.2, pelvis_yaw_deg=0).hold(0.5)
    assert timeline.tell(MONKEY).faults == ["one_side_missing"]


def test_hurried_turns_count_and_are_named() -> None:
    timeline = standing_three_quarter().hold(2)
    for _ in range(3):
        timeline.to(0.4, pelvis_yaw_deg=20).to(0.5, pelvis_yaw_deg=-20)
    told = timeline.to(0.4, pelvis_yaw_deg=0).hold(1).tell(MONKEY)
    assert told.kinds == ["left", "right"] * 3
    assert all("too_quick" in rep.faults for rep in told.reps)


def test_shaking_at_the_opening_level_neither_loses_nor_doubles() -> None:
    timeline = standing_three_quarter().shake(pelvis_yaw_deg=1.2).hold(2)
    for _ in range(3):
        timeline.to(1, pelvis_yaw_deg=8).hold(2).to(1, pelvis_yaw_deg=13).hold(1)
        timeline.to(1, pelvis_yaw_deg=5).hold(2).to(1, pelvis_yaw_deg=0).hold(1)
    assert timeline.tell(MONKEY).kinds == ["left"] * 3


def test_leaving_and_coming_back_loses_nothing() -> None:
    timeline = turns(standing_three_quarter().hold(2)).to(1, pelvis_yaw_deg=18).lose(8)
    told = turns(timeline.set(pelvis_yaw_deg=0.0).hold(2)).hold(1).tell(MONKEY)
    assert told.kinds == ["left", "right"] * 2
    assert told.of(EventKind.PAUSED) == ["nobody"]


def test_a_lost_view_pauses_with_its_reason() -> None:
    timeline = turns(standing_three_quarter().hold(2)).lose(2, Reason.NOT_THREE_QUARTER).hold(1)
    assert timeline.tell(MONKEY).of(EventKind.PAUSED) == ["not_three_quarter"]


DISTRACTORS = {
    "stands": standing_three_quarter().shake(pelvis_yaw_deg=2.0, thorax_yaw_deg=2.0).hold(30),
    "turns round on the feet": standing_three_quarter()
    .hold(2)
    .to(2, pelvis_yaw_deg=90, thorax_yaw_deg=90, head_yaw_deg=90, ankle_shift=0.2)
    .to(2, pelvis_yaw_deg=0, thorax_yaw_deg=0, head_yaw_deg=0, ankle_shift=0.0)
    .hold(1),
    "steps": standing_three_quarter()
    .hold(2)
    .to(0.5, pelvis_yaw_deg=15, ankle_shift=0.25)
    .to(0.5, pelvis_yaw_deg=-12, ankle_shift=0.5)
    .to(0.5, pelvis_yaw_deg=0)
    .hold(2),
    "looks round": standing_three_quarter()
    .hold(2)
    .to(1, head_yaw_deg=60)
    .to(1, head_yaw_deg=0)
    .hold(1),
    "turns the shoulders only": standing_three_quarter()
    .hold(2)
    .to(1, thorax_yaw_deg=30, pelvis_yaw_deg=5)
    .to(1, thorax_yaw_deg=0, pelvis_yaw_deg=0)
    .hold(1),
    "bows": standing_three_quarter()
    .hold(2)
    .to(1, trunk_lean_deg=50, pelvis_yaw_deg=10)
    .to(1, trunk_lean_deg=3, pelvis_yaw_deg=0)
    .hold(1),
    "waves an arm": standing_three_quarter()
    .hold(2)
    .to(0.4, thorax_yaw_deg=12)
    .to(0.4, thorax_yaw_deg=-6)
    .to(0.4, thorax_yaw_deg=0)
    .hold(1),
}


@pytest.mark.parametrize("story", DISTRACTORS)
def test_nothing_is_counted_when_somebody(story: str) -> None:
    assert DISTRACTORS[story].tell(MONKEY).reps == ()
