"""The lift bridge, told as stories."""

from __future__ import annotations

import pytest
from timeline import Timeline, lying

from posture.breath import Pace
from posture.datatypes import EventKind, Reason
from posture.exercises import get_exercise

BRIDGE = get_exercise("bridge")


def lifts(timeline: Timeline, times: int = 1, height: float = 1.0, **above: float) -> Timeline:
    start = {name: getattr(timeline.now, name) for name in above}
    for _ in range(times):
        timeline.to(2, lift_fraction=height, **above).hold(1.5)
        timeline.to(2.5, lift_fraction=0.0, **start).hold(1)
    return timeline


def test_a_good_round_counts_every_lift_once() -> None:
    told = lifts(lying().hold(2), times=5).tell(BRIDGE)
    assert told.kinds == ["lift"] * 5
    assert set(told.verdicts) == {"good"}
    assert told.faults == []


def test_the_phases_follow_the_hips() -> None:
    told = lifts(lying().hold(2), times=1).tell(BRIDGE)
    assert told.of(EventKind.PHASE) == ["down", "lifting", "up", "lowering", "down"]


def test_a_lift_tells_its_height_and_its_hold() -> None:
    (rep,) = lifts(lying().hold(2)).tell(BRIDGE).reps
    assert rep.amplitude == pytest.approx(1.0, abs=0.03)
    assert rep.unit == "fraction"
    assert 1.5 < rep.hold_s < 3.0


def test_half_lifts_count_and_are_named() -> None:
    told = lifts(lying().hold(2), times=3, height=0.5).tell(BRIDGE)
    assert told.kinds == ["lift"] * 3
    assert all(rep.faults == ("half_lift",) for rep in told.reps)
    assert set(told.verdicts) == {"improve"}


def test_hips_that_sag_in_the_hold_are_named() -> None:
    timeline = lying().hold(2).to(2, lift_fraction=1.0).hold(1).to(0.8, lift_fraction=0.75).hold(2)
    told = timeline.to(2, lift_fraction=0.0).hold(1).tell(BRIDGE)
    assert told.reps[0].faults == ("sagging",)


def test_a_slow_way_down_is_no_sagging() -> None:
    timeline = lying().hold(2).to(2, lift_fraction=1.0).hold(1).to(6, lift_fraction=0.0).hold(1)
    assert timeline.tell(BRIDGE).reps[0].faults == ()


def test_over_arching_is_named() -> None:
    told = lifts(lying().hold(2), height=1.6).tell(BRIDGE)
    assert told.reps[0].faults == ("over_arching",)


def test_sliding_feet_are_named() -> None:
    told = lifts(lying().hold(2), ankle_shift=0.15).tell(BRIDGE)
    assert told.reps[0].faults == ("feet_sliding",)


def test_dropping_is_named() -> None:
    timeline = lying().hold(2).to(2, lift_fraction=1.0).hold(1).to(0.5, lift_fraction=0.0).hold(1)
    assert timeline.tell(BRIDGE).reps[0].faults == ("dropping_fast",)


def test_a_small_lift_that_comes_down_gently_does_not_drop() -> None:
    timeline = lying().hold(2).to(1.5, lift_fraction=0.4).hold(1).to(1.5, lift_fraction=0.0).hold(1)
    assert timeline.tell(BRIDGE).reps[0].faults == ("half_lift",)


def test_a_lift_in_jerks_is_named() -> None:
    timeline = lying().hold(2).to(1, lift_fraction=0.6)
    for _ in range(3):
        timeline.to(0.4, lift_fraction=0.4).to(0.4, lift_fraction=0.9)
    told = timeline.to(2, lift_fraction=0.0).hold(1).tell(BRIDGE)
    assert told.reps[0].faults == ("jerky",)


def test_lifting_on_the_inhale_is_named_when_a_pacer_runs() -> None:
    pace = BRIDGE.initial_state(Pace(half_s=4.0))
    # In place after 0.5 s: inhale until 4.5 s, exhale until 8.5 s.
    assert lifts(lying().hold(1)).tell(BRIDGE, pace).reps[0].faults == ("off_breath",)
    assert lifts(lying().hold(4.6)).tell(BRIDGE, pace).reps[0].faults == ()


def test_shaking_at_the_opening_level_neither_loses_nor_doubles() -> None:
    timeline = lying().shake(lift_fraction=0.04).hold(2)
    for _ in range(3):
        timeline.to(1, lift_fraction=0.25).hold(2).to(1, lift_fraction=0.95).hold(1)
        timeline.to(2, lift_fraction=0.2).hold(1).to(1, lift_fraction=0.0).hold(1)
    assert timeline.tell(BRIDGE).kinds == ["lift"] * 3


def test_leaving_and_coming_back_loses_nothing() -> None:
    timeline = lifts(lying().hold(2), times=2).to(1, lift_fraction=0.8).lose(20)
    told = lifts(timeline.set(lift_fraction=0.0).hold(2), times=2).tell(BRIDGE)
    assert told.kinds == ["lift"] * 4


def test_getting_up_pauses_and_counts_nothing() -> None:
    told = lifts(lying().hold(2)).lose(10, Reason.WRONG_POSITION).tell(BRIDGE)
    assert told.kinds == ["lift"]
    assert told.of(EventKind.PAUSED) == ["wrong_position"]


DISTRACTORS = {
    "lies": lying().shake(lift_fraction=0.05).hold(30),
    "shuffles": lying().hold(2).to(0.5, lift_fraction=0.18).to(0.5, lift_fraction=0).hold(1),
    "stretches the legs": lying()
    .hold(2)
    .to(1, knee_flexion_deg=5, ankle_shift=0.7, lift_fraction=0.4)
    .hold(2)
    .to(1, knee_flexion_deg=95, ankle_shift=0, lift_fraction=0)
    .hold(1),
    "presses the lower back": lying()
    .hold(2)
    .to(2, shoulder_hip_knee_deg=135, lift_fraction=0.05)
    .to(2, shoulder_hip_knee_deg=130, lift_fraction=0.0)
    .hold(1),
}


@pytest.mark.parametrize("story", DISTRACTORS)
def test_nothing_is_counted_when_somebody(story: str) -> None:
    assert DISTRACTORS[story].tell(BRIDGE).reps == ()
