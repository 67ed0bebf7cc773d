"""The small bridge, told as stories."""

from __future__ import annotations

import pytest
from timeline import Timeline, lying

from posture.breath import Pace
from posture.datatypes import EventKind
from posture.exercises import get_exercise

SMALL = get_exercise("small-bridge")


def presses(timeline: Timeline, times: int = 1, **along: float) -> Timeline:
    start = {name: getattr(timeline.now, name) for name in along}
    for _ in range(times):
        timeline.to(2, pelvic_tilt_deg=4).hold(1.5)
        timeline.to(2, pelvic_tilt_deg=-9, **along).hold(2)
        timeline.to(2, pelvic_tilt_deg=0, **start)
    return timeline.hold(1)


def test_a_good_round_counts_every_press_once() -> None:
    told = presses(lying().shake(pelvic_tilt_deg=0.8).hold(2), times=5).tell(SMALL)
    assert told.kinds == ["press"] * 5
    assert set(told.verdicts) == {"good"}
    assert told.faults == []
    assert told.of(EventKind.PHASE)[:3] == ["release", "press", "release"]


def test_hips_that_come_off_the_floor_are_named() -> None:
    told = presses(lying().hold(2), lift_fraction=0.22).tell(SMALL)
    assert told.reps[0].faults == ("lifting_hips",)


def test_feet_that_push_are_named() -> None:
    told = presses(lying().hold(2), knee_flexion_deg=86.0).tell(SMALL)
    assert told.reps[0].faults == ("pushing_feet",)


def test_hurrying_is_named() -> None:
    timeline = lying().hold(2).to(0.5, pelvic_tilt_deg=-9).to(0.5, pelvic_tilt_deg=0)
    assert timeline.hold(1).tell(SMALL).reps[0].faults == ("too_quick",)


def test_pressing_on_the_inhale_is_named_when_a_pacer_runs() -> None:
    paced = SMALL.initial_state(Pace(half_s=4.0))
    timeline = lying().hold(1.2).to(2, pelvic_tilt_deg=-9).to(2, pelvic_tilt_deg=0)
    assert timeline.hold(1).tell(SMALL, paced).reps[0].faults == ("off_breath",)


def test_shaking_at_the_opening_level_neither_loses_nor_doubles() -> None:
    timeline = lying().shake(pelvic_tilt_deg=0.6).hold(2)
    for _ in range(3):
        timeline.to(1, pelvic_tilt_deg=-4).hold(2).to(1, pelvic_tilt_deg=-9).hold(1)
        timeline.to(1, pelvic_tilt_deg=0).hold(3)
    assert timeline.tell(SMALL).kinds == ["press"] * 3


def test_leaving_and_coming_back_loses_nothing() -> None:
    timeline = presses(lying().hold(2), times=2).lose(10).hold(2)
    assert presses(timeline, times=2).tell(SMALL).kinds == ["press"] * 4


DISTRACTORS = {
    "lies": lying().shake(pelvic_tilt_deg=1.0).hold(30),
    "lifts the bridge": lying()
    .hold(2)
    .to(2, pelvic_tilt_deg=-20, lift_fraction=1.0)
    .hold(1)
    .to(2, pelvic_tilt_deg=0, lift_fraction=0.0)
    .hold(2),
    "moves a leg": lying()
    .hold(2)
    .to(1, pelvic_tilt_deg=-8, knee_flexion_deg=50)
    .to(1, pelvic_tilt_deg=0, knee_flexion_deg=95)
    .hold(2),
}


@pytest.mark.parametrize("story", DISTRACTORS)
def test_nothing_is_counted_when_somebody(story: str) -> None:
    assert DISTRACTORS[story].tell(SMALL).reps == ()
