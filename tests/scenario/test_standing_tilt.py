"""The standing tilt, told as stories."""

from __future__ import annotations

from math import nan

import pytest
from timeline import Timeline, standing_side

from posture.breath import Pace
from posture.datatypes import EventKind, Facing, Reason, Verdict
from posture.exercises import get_exercise

TILT = get_exercise("standing-tilt")


def both_ways(timeline: Timeline, times: int = 1, size: float = 10.0) -> Timeline:
    for _ in range(times):
        timeline.to(1.5, pelvic_tilt_deg=size).to(1.5, pelvic_tilt_deg=0)
        timeline.to(1.5, pelvic_tilt_deg=-size).to(1.5, pelvic_tilt_deg=0)
    return timeline


def test_a_good_round_counts_every_movement_once() -> None:
    told = both_ways(standing_side().hold(2), times=4).hold(1).tell(TILT)
    assert told.kinds == ["forward", "backward"] * 4
    assert set(told.verdicts) == {"good"}
    assert told.faults == []
    assert told.of(EventKind.PHASE)[:4] == ["neutral", "forward", "neutral", "backward"]


def test_a_repetition_tells_when_how_far_and_how_long() -> None:
    told = standing_side().hold(2).to(2, pelvic_tilt_deg=12).hold(3).to(2, pelvic_tilt_deg=0)
    (rep,) = told.hold(1).tell(TILT).reps
    assert 2.4 < rep.start_s < 3.0
    assert rep.peak_s == pytest.approx(4.0, abs=0.05)
    assert 8.0 < rep.end_s < 8.8
    assert rep.amplitude == pytest.approx(12, abs=0.3)
    assert rep.unit == "deg"
    assert 3.0 < rep.hold_s < 4.2
    assert rep.index == 1


def test_swinging_straight_through_counts_one_of_each() -> None:
    timeline = standing_side().hold(2)
    for _ in range(5):
        timeline.to(2.5, pelvic_tilt_deg=9).to(2.5, pelvic_tilt_deg=-8)
    told = timeline.to(2, pelvic_tilt_deg=0).hold(1).tell(TILT)
    assert told.kinds == ["forward", "backward"] * 5


def test_small_and_large_tilts_both_count() -> None:
    for size in (6.5, 18.0):
        told = both_ways(standing_side().hold(2), times=2, size=size).hold(1).tell(TILT)
        assert told.kinds == ["forward", "backward"] * 2


def test_quick_ones_count_and_are_called_hurried() -> None:
    timeline = standing_side().hold(2)
    for _ in range(4):
        timeline.to(0.375, pelvic_tilt_deg=10).to(0.75, pelvic_tilt_deg=-10)
        timeline.to(0.375, pelvic_tilt_deg=0)
    told = timeline.hold(1).tell(TILT)
    assert told.kinds == ["forward", "backward"] * 4
    assert all(rep.faults == ("too_quick",) for rep in told.reps)
    assert set(told.verdicts) == {"improve"}


def test_a_trunk_that_leans_along_is_named() -> None:
    timeline = standing_side().hold(2).to(1.5, pelvic_tilt_deg=11, trunk_lean_deg=14)
    told = timeline.hold(1).to(1.5, pelvic_tilt_deg=0, trunk_lean_deg=2).hold(1).tell(TILT)
    assert told.faults == ["trunk_leaning"]
    assert told.reps[0].faults == ("trunk_leaning",)
    assert told.reps[0].verdict is Verdict.IMPROVE


def test_knees_that_bend_along_are_named() -> None:
    timeline = standing_side().hold(2).to(1.5, pelvic_tilt_deg=-10, knee_flexion_deg=25)
    told = timeline.hold(1).to(1.5, pelvic_tilt_deg=0, knee_flexion_deg=8).hold(1).tell(TILT)
    assert told.reps[0].faults == ("knees_bending",)


def test_hips_that_are_pushed_forward_are_named() -> None:
    timeline = standing_side().hold(2).to(1.5, pelvic_tilt_deg=-9, hip_shift=0.2)
    told = timeline.hold(1).to(1.5, pelvic_tilt_deg=0, hip_shift=0.0).hold(1).tell(TILT)
    assert told.reps[0].faults == ("hips_pushed",)


def test_a_jerky_movement_is_named() -> None:
    timeline = standing_side().hold(2).to(0.6, pelvic_tilt_deg=9)
    for _ in range(3):
        timeline.to(0.3, pelvic_tilt_deg=5.5).to(0.3, pelvic_tilt_deg=9.5)
    told = timeline.to(1, pelvic_tilt_deg=0).hold(1).tell(TILT)
    assert told.reps[0].faults == ("jerky",)


def test_a_forgotten_direction_is_named_and_spoils_no_repetition() -> None:
    timeline = standing_side().hold(2)
    for _ in range(3):
        timeline.to(1.5, pelvic_tilt_deg=10).to(1.5, pelvic_tilt_deg=0)
    told = timeline.hold(1).tell(TILT)
    assert told.faults == ["one_direction_missing"]
    assert set(told.verdicts) == {"good"}


def test_a_fault_is_named_once_in_each_repetition() -> None:
    timeline = standing_side().hold(2).to(1.5, pelvic_tilt_deg=12, trunk_lean_deg=13)
    for lean in (3.0, 13.0, 3.0, 13.0):
        timeline.to(0.5, trunk_lean_deg=lean).hold(0.5)
    told = timeline.to(1.5, pelvic_tilt_deg=0, trunk_lean_deg=2).hold(1).tell(TILT)
    assert told.faults == ["trunk_leaning"]


def test_shaking_about_the_opening_level_neither_loses_nor_doubles() -> None:
    timeline = standing_side().shake(pelvic_tilt_deg=0.8).hold(2)
    for _ in range(3):
        timeline.to(2, pelvic_tilt_deg=5.0).hold(2).to(1, pelvic_tilt_deg=9).hold(1)
        timeline.to(1, pelvic_tilt_deg=3.0).hold(2).to(1, pelvic_tilt_deg=0).hold(1)
    told = timeline.tell(TILT)
    assert told.kinds == ["forward"] * 3


def test_shaking_below_the_opening_level_counts_nothing() -> None:
    told = standing_side().shake(pelvic_tilt_deg=1.0).hold(2).to(1, pelvic_tilt_deg=3.5).hold(20)
    assert told.tell(TILT).reps == ()


def test_a_rest_that_drifts_loses_and_doubles_nothing() -> None:
    timeline = standing_side().shake(pelvic_tilt_deg=0.4).hold(2)
    for number in range(8):
        rest = 0.6 * number
        timeline.to(1.5, pelvic_tilt_deg=rest + 11).to(1.5, pelvic_tilt_deg=rest).hold(1)
        timeline.to(1.5, pelvic_tilt_deg=rest - 11).to(1.5, pelvic_tilt_deg=rest).hold(1)
    assert timeline.tell(TILT).kinds == ["forward", "backward"] * 8


def test_a_second_thought_within_a_tilt_is_one_repetition() -> None:
    timeline = standing_side().hold(2).to(1, pelvic_tilt_deg=12).to(1, pelvic_tilt_deg=6)
    told = timeline.to(1, pelvic_tilt_deg=12).to(1, pelvic_tilt_deg=0).hold(1).tell(TILT)
    assert told.kinds == ["forward"]


def test_a_rest_found_elsewhere_ends_the_repetition_and_the_next_one_counts() -> None:
    timeline = (
        standing_side().hold(2).to(1.5, pelvic_tilt_deg=13).to(1.5, pelvic_tilt_deg=6).hold(3)
    )
    timeline.to(1.5, pelvic_tilt_deg=14).to(1.5, pelvic_tilt_deg=6).hold(3)
    told = timeline.to(1.5, pelvic_tilt_deg=-8).to(1.5, pelvic_tilt_deg=0).hold(1).tell(TILT)
    assert told.kinds == ["forward", "forward", "backward"]


def test_a_long_hold_at_the_far_end_is_one_repetition() -> None:
    timeline = standing_side().shake(pelvic_tilt_deg=0.5).hold(2).to(1.5, pelvic_tilt_deg=12)
    told = timeline.hold(20).to(1.5, pelvic_tilt_deg=0).hold(1).tell(TILT)
    assert told.kinds == ["forward"]


@pytest.mark.parametrize(
    ("movement", "rest", "fault"),
    [
        ({"trunk_lean_deg": 20.0}, {"trunk_lean_deg": 2.0}, "trunk_leaning"),
        ({"knee_flexion_deg": 35.0}, {"knee_flexion_deg": 8.0}, "knees_bending"),
        ({"hip_shift": 0.15}, {"hip_shift": 0.0}, "hips_pushed"),
    ],
)
def test_what_is_done_instead_of_tilting_is_named_and_not_counted(
    movement: dict[str, float], rest: dict[str, float], fault: str
) -> None:
    timeline = standing_side().hold(2).to(1.5, **movement, pelvic_tilt_deg=3).hold(1)
    told = timeline.to(1.5, **rest, pelvic_tilt_deg=0).hold(1).tell(TILT)
    assert told.reps == ()
    assert told.faults == [fault]


def test_walking_in_counts_nothing_and_the_first_tilt_counts() -> None:
    timeline = standing_side().lose(2)
    for _ in range(6):
        timeline.to(0.25, pelvic_tilt_deg=8, ankle_shift=0.4, knee_flexion_deg=40)
        timeline.to(0.25, pelvic_tilt_deg=-7, ankle_shift=0.8, knee_flexion_deg=8)
    timeline.to(0.3, pelvic_tilt_deg=0).hold(1)
    assert both_ways(timeline).hold(1).tell(TILT).kinds == ["forward", "backward"]


DISTRACTORS = {
    "stands": standing_side().shake(pelvic_tilt_deg=0.8).hold(30),
    "bows": standing_side()
    .hold(2)
    .to(1, pelvic_tilt_deg=8, trunk_lean_deg=45)
    .to(1, pelvic_tilt_deg=0, trunk_lean_deg=2)
    .hold(1),
    "leans": standing_side()
    .hold(2)
    .to(1, pelvic_tilt_deg=7, trunk_lean_deg=18)
    .hold(1)
    .to(1, pelvic_tilt_deg=0, trunk_lean_deg=2)
    .hold(1),
    "squats": standing_side()
    .hold(2)
    .to(1, pelvic_tilt_deg=9, knee_flexion_deg=80, trunk_lean_deg=30)
    .to(1, pelvic_tilt_deg=0, knee_flexion_deg=8, trunk_lean_deg=2)
    .hold(1),
    "bends the knees a little": standing_side()
    .hold(2)
    .to(1, pelvic_tilt_deg=7, knee_flexion_deg=30)
    .to(1, pelvic_tilt_deg=0, knee_flexion_deg=8)
    .hold(1),
    "waves an arm before the back": standing_side()
    .hold(2)
    .lose(0.4, Reason.BACK_COVERED)
    .set(pelvic_tilt_deg=7.0)
    .hold(0.06)
    .lose(0.4, Reason.BACK_COVERED)
    .set(pelvic_tilt_deg=0.0)
    .hold(2),
    "shifts the hips only": standing_side().hold(2).to(1, hip_shift=0.3).to(1, hip_shift=0).hold(1),
    "wears a coat whose outline is misread": standing_side()
    .hold(2)
    .to(1, pelvic_tilt_deg=45)
    .to(1, pelvic_tilt_deg=0)
    .hold(1),
    "is misread for a moment": standing_side()
    .hold(2)
    .to(0.15, pelvic_tilt_deg=8)
    .to(0.15, pelvic_tilt_deg=0)
    .hold(2),
    "nods": standing_side().hold(2).to(1, head_pitch_deg=40).to(1, head_pitch_deg=0).hold(1),
    "stands tilted for a minute and more": standing_side()
    .hold(2)
    .to(1, pelvic_tilt_deg=9)
    .hold(90),
    "is never calibrated": standing_side(pelvic_tilt_deg=nan).hold(5),
}


@pytest.mark.parametrize("story", DISTRACTORS)
def test_nothing_is_counted_when_somebody(story: str) -> None:
    assert DISTRACTORS[story].tell(TILT).reps == ()


def test_a_tilt_counts_after_a_bow() -> None:
    timeline = standing_side().hold(2).to(1, trunk_lean_deg=45).to(1, trunk_lean_deg=2).hold(1)
    assert both_ways(timeline).hold(1).tell(TILT).kinds == ["forward", "backward"]


def test_leaving_between_repetitions_loses_nothing() -> None:
    timeline = both_ways(standing_side().hold(2)).lose(10).hold(2)
    told = both_ways(timeline).hold(1).tell(TILT)
    assert told.kinds == ["forward", "backward"] * 2
    assert told.of(EventKind.PAUSED) == ["nobody"]
    assert told.of(EventKind.RESUMED) == ["nobody"]
    assert [rep.index for rep in told.reps] == [1, 2, 3, 4]


def test_leaving_in_mid_repetition_does_not_count_it() -> None:
    timeline = both_ways(standing_side().hold(2)).to(1, pelvic_tilt_deg=10).lose(10)
    told = both_ways(timeline.set(pelvic_tilt_deg=0.0).hold(2)).hold(1).tell(TILT)
    assert told.kinds == ["forward", "backward"] * 2
    assert set(told.verdicts) == {"good"}


def test_a_blink_of_the_camera_changes_nothing() -> None:
    timeline = standing_side().hold(2).to(1, pelvic_tilt_deg=10).lose(0.5).hold(0.5)
    told = timeline.to(1, pelvic_tilt_deg=0).hold(1).tell(TILT)
    assert told.verdicts == ["good"]
    assert told.of(EventKind.PAUSED) == []


def test_a_repetition_seen_in_part_cannot_be_judged() -> None:
    timeline = standing_side().hold(2).to(1, pelvic_tilt_deg=10).lose(1.5, Reason.BACK_COVERED)
    told = timeline.hold(0.5).to(1, pelvic_tilt_deg=0).hold(1).tell(TILT)
    assert told.verdicts == ["cannot_judge"]
    assert told.of(EventKind.PAUSED) == ["back_covered"]


def test_a_tilt_within_its_own_uncertainty_cannot_be_judged() -> None:
    told = both_ways(standing_side(pelvic_tilt_sd_deg=7.0).hold(2)).hold(1).tell(TILT)
    assert told.verdicts == ["cannot_judge", "cannot_judge"]


def test_turning_round_pauses_until_the_person_faces_as_before() -> None:
    timeline = both_ways(standing_side().hold(2)).set(facing=Facing.LEFT)
    timeline.to(1, pelvic_tilt_deg=9).to(1, pelvic_tilt_deg=0).set(facing=Facing.RIGHT).hold(1)
    told = both_ways(timeline).hold(1).tell(TILT)
    assert told.of(EventKind.PAUSED) == ["turned_round"]
    assert told.kinds == ["forward", "backward"] * 2


def test_a_scoop_on_the_inhale_is_named_when_a_pacer_runs() -> None:
    pace = Pace(half_s=3.0)
    # In place after 0.5 s: the first inhale lasts until 3.5 s, the exhale until 6.5 s.
    on_inhale = standing_side().hold(1).to(2, pelvic_tilt_deg=-10).to(2, pelvic_tilt_deg=0)
    told = on_inhale.hold(1).tell(TILT, TILT.initial_state(pace))
    assert told.faults == ["off_breath"]
    on_exhale = standing_side().hold(3.5).to(2, pelvic_tilt_deg=-10).to(2, pelvic_tilt_deg=0)
    told = on_exhale.hold(1).tell(TILT, TILT.initial_state(pace))
    assert told.faults == []
    assert dict(told.reps[0].measures)["exhale_share"] == pytest.approx(1.0, abs=0.05)


def test_without_a_pacer_nothing_is_said_about_the_breath() -> None:
    told = both_ways(standing_side().hold(1)).hold(1).tell(TILT)
    assert told.faults == []
    assert told.reps[1].measures == ()


def test_an_end_on_the_way_back_counts_and_an_end_at_the_peak_does_not() -> None:
    back = standing_side().hold(2).to(1, pelvic_tilt_deg=10).to(1, pelvic_tilt_deg=4.5)
    assert back.tell(TILT).kinds == ["forward"]
    assert standing_side().hold(2).to(1, pelvic_tilt_deg=10).tell(TILT).kinds == []
