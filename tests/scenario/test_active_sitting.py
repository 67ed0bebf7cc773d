"""Active sitting, told as stories."""

from __future__ import annotations

import pytest
from timeline import Timeline, sitting

from posture.datatypes import EventKind, Position
from posture.exercises import get_exercise

SITTING = get_exercise("active-sitting")


def rolls(timeline: Timeline, times: int = 1, seconds: float = 5.0, **along: float) -> Timeline:
    """Back and return, forward and return; what is along goes along backward."""
    start = {name: getattr(timeline.now, name) for name in along}
    for _ in range(times):
        timeline.to(seconds, pelvic_tilt_deg=-14, **along).to(seconds, pelvic_tilt_deg=0, **start)
        timeline.to(seconds, pelvic_tilt_deg=9).to(seconds, pelvic_tilt_deg=0)
    return timeline.hold(1)


def test_a_good_round_counts_back_and_forward() -> None:
    told = rolls(sitting().hold(2), times=2, trunk_lean_deg=-6.0, head_pitch_deg=12.0).tell(SITTING)
    assert told.kinds == ["backward", "forward"] * 2
    assert set(told.verdicts) == {"good"}
    assert told.faults == []
    assert told.of(EventKind.PHASE)[:2] == ["upright", "backward"]


def test_going_fast_is_named() -> None:
    told = rolls(sitting().hold(2), seconds=0.8).tell(SITTING)
    assert [rep.faults for rep in told.reps] == [("too_quick",), ("too_quick",)]


def test_a_head_that_leads_is_named() -> None:
    timeline = sitting().hold(2).to(1, head_pitch_deg=25).to(4, pelvic_tilt_deg=-12)
    told = timeline.to(4, pelvic_tilt_deg=0, head_pitch_deg=0).hold(1).tell(SITTING)
    assert told.reps[0].faults == ("head_first",)


def test_a_collapsing_chest_is_named() -> None:
    told = rolls(sitting().hold(2), trunk_lean_deg=11.0).tell(SITTING)
    assert told.reps[0].faults == ("chest_collapsing",)


def test_tilting_by_hinging_at_the_hips_is_named() -> None:
    timeline = sitting().hold(2).to(4, pelvic_tilt_deg=12, trunk_lean_deg=25)
    told = timeline.to(4, pelvic_tilt_deg=0, trunk_lean_deg=1).hold(1).tell(SITTING)
    assert told.reps[0].faults == ("hinging",)


def test_leaning_without_the_pelvis_is_named_and_not_counted() -> None:
    timeline = sitting().hold(2).to(2, trunk_lean_deg=20).hold(1).to(2, trunk_lean_deg=1).hold(1)
    told = timeline.tell(SITTING)
    assert told.reps == ()
    assert told.faults == ["leaning_only"]


def test_a_forgotten_direction_is_named() -> None:
    timeline = sitting().hold(2)
    for _ in range(3):
        timeline.to(4, pelvic_tilt_deg=-12).to(4, pelvic_tilt_deg=0).hold(1)
    assert timeline.tell(SITTING).faults == ["one_direction_missing"]


def test_shaking_at_the_opening_level_neither_loses_nor_doubles() -> None:
    timeline = sitting().shake(pelvic_tilt_deg=0.8).hold(2)
    for _ in range(3):
        timeline.to(2, pelvic_tilt_deg=-5).hold(2).to(2, pelvic_tilt_deg=-10).hold(1)
        timeline.to(2, pelvic_tilt_deg=-3).hold(2).to(2, pelvic_tilt_deg=0).hold(1)
    assert timeline.tell(SITTING).kinds == ["backward"] * 3


def test_leaving_and_coming_back_loses_nothing() -> None:
    timeline = rolls(sitting().hold(2)).set(position=Position.STANDING).hold(8)
    told = rolls(timeline.set(position=Position.SITTING).hold(2)).tell(SITTING)
    assert told.kinds == ["backward", "forward"] * 2
    assert told.of(EventKind.PAUSED) == ["wrong_position"]


DISTRACTORS = {
    "sits": sitting().shake(pelvic_tilt_deg=1.0, trunk_lean_deg=1.0).hold(30),
    "nods": sitting().hold(2).to(1, head_pitch_deg=35).to(1, head_pitch_deg=0).hold(1),
    "reaches for the floor": sitting()
    .hold(2)
    .to(1, trunk_lean_deg=70, pelvic_tilt_deg=25)
    .to(1, trunk_lean_deg=1, pelvic_tilt_deg=0)
    .hold(1),
    "moves the feet": sitting()
    .hold(2)
    .to(1, knee_flexion_deg=60, ankle_shift=0.3)
    .to(1, knee_flexion_deg=90, ankle_shift=0.0)
    .hold(1),
}


@pytest.mark.parametrize("story", DISTRACTORS)
def test_nothing_is_counted_when_somebody(story: str) -> None:
    assert DISTRACTORS[story].tell(SITTING).reps == ()
