"""Pelvis up and down, told as stories."""

from __future__ import annotations

from math import cos, pi, sin

import pytest
from timeline import Timeline, standing_side

from posture.breath import Pace
from posture.datatypes import EventKind
from posture.exercises import get_exercise

WAVE = get_exercise("pelvis-wave")


def standing(**channels: float) -> Timeline:
    """The base stance with knees soft enough to push from."""
    return standing_side(**{"knee_flexion_deg": 30.0, **channels})


def ovals(
    timeline: Timeline, times: int = 1, *, tilt_deg: float = 6.0, seconds: float = 5.0
) -> Timeline:
    """Upright ovals from the low point: up on the forward side, down on the backward side."""
    steps = round(seconds * timeline.fps)
    for _ in range(times):
        for step in range(1, steps + 1):
            angle = 2 * pi * step / steps
            timeline.set(
                knee_flexion_deg=19 + 11 * cos(angle), pelvic_tilt_deg=tilt_deg * sin(angle)
            ).hold(1 / timeline.fps)
    return timeline


def test_waves_that_sink_below_the_starting_position_count_each_once() -> None:
    timeline = standing().hold(2)
    for step in range(1, 601):
        angle = 2 * pi * step / 150
        swell = min(step / 60, 1.0, (600 - step) / 60)
        timeline.set(
            knee_flexion_deg=30 + 13 * swell * cos(angle), pelvic_tilt_deg=8 * swell * sin(angle)
        ).hold(1 / 30)
    told = timeline.hold(1.5).tell(WAVE)
    assert told.kinds == ["wave"] * 4
    assert told.faults == []


def test_a_good_round_counts_every_wave_and_finds_it_round() -> None:
    told = ovals(standing().hold(2), times=4).hold(1).tell(WAVE)
    assert told.kinds == ["wave"] * 4
    assert set(told.verdicts) == {"good"}
    assert told.faults == []
    for rep in told.reps:
        measures = dict(rep.measures)
        assert 0.7 < measures["roundness"] <= 1.0
        assert measures["tilt_range_deg"] == pytest.approx(12, abs=2)
    assert told.of(EventKind.PHASE)[:2] == ["low", "rising"]


def test_up_and_down_without_tilt_is_named_and_not_counted() -> None:
    told = ovals(standing().hold(2), times=2, tilt_deg=1.5).hold(1).tell(WAVE)
    assert told.faults == ["straight_up_down"] * 2
    assert told.reps == ()


def test_tilt_without_up_and_down_is_named_and_not_counted() -> None:
    timeline = standing().hold(2).to(1.5, pelvic_tilt_deg=9).to(1.5, pelvic_tilt_deg=0).hold(1)
    told = timeline.tell(WAVE)
    assert told.reps == ()
    assert told.faults == ["tilt_only"]


def test_the_wrong_way_round_is_named() -> None:
    told = ovals(standing().hold(2), times=2, tilt_deg=-6.0).hold(1).tell(WAVE)
    assert [rep.faults for rep in told.reps] == [("wrong_way_round",)] * 2
    assert all(dict(rep.measures)["roundness"] < -0.7 for rep in told.reps)


def test_a_flat_loop_has_no_direction() -> None:
    timeline = standing().hold(2).to(2, knee_flexion_deg=8, pelvic_tilt_deg=6)
    told = timeline.to(2, knee_flexion_deg=30, pelvic_tilt_deg=0).hold(1).tell(WAVE)
    assert told.reps[0].faults == ()
    assert abs(dict(told.reps[0].measures)["roundness"]) < 0.1


def test_a_trunk_that_leans_is_named() -> None:
    timeline = standing().hold(2).to(2, knee_flexion_deg=8, pelvic_tilt_deg=15, trunk_lean_deg=16)
    timeline.hold(0.5).to(2, knee_flexion_deg=30, pelvic_tilt_deg=0, trunk_lean_deg=2)
    assert timeline.hold(1).tell(WAVE).reps[0].faults == ("trunk_leaning",)


def test_jerks_are_named() -> None:
    timeline = standing().hold(2).to(1, knee_flexion_deg=8, pelvic_tilt_deg=5)
    for _ in range(3):
        timeline.to(0.3, knee_flexion_deg=22).to(0.3, knee_flexion_deg=6)
    told = timeline.to(1, knee_flexion_deg=30, pelvic_tilt_deg=0).hold(1).tell(WAVE)
    assert told.reps[0].faults == ("jerky",)


def test_hurrying_is_named() -> None:
    told = ovals(standing().hold(2), seconds=1.2).hold(1).tell(WAVE)
    assert told.reps[0].faults == ("too_quick",)


def test_rising_on_the_inhale_is_named_when_a_pacer_runs() -> None:
    paced = WAVE.initial_state(Pace(half_s=2.5))
    # In place, and with the pacer running, after half a second.
    on_inhale = ovals(standing().hold(0.5), times=2).hold(1).tell(WAVE, paced)
    assert [rep.faults for rep in on_inhale.reps] == [("off_breath",)] * 2
    on_exhale = ovals(standing().hold(0.5 + 2.5), times=2).hold(1).tell(WAVE, paced)
    assert [rep.faults for rep in on_exhale.reps] == [()] * 2


def test_shaking_at_the_opening_level_neither_loses_nor_doubles() -> None:
    timeline = standing().shake(knee_flexion_deg=1.0).hold(2)
    for _ in range(3):
        timeline.to(1, knee_flexion_deg=23.5, pelvic_tilt_deg=4).hold(2)
        timeline.to(1, knee_flexion_deg=8, pelvic_tilt_deg=9).hold(1)
        timeline.to(1, knee_flexion_deg=26.9, pelvic_tilt_deg=-2).hold(1)
        timeline.to(1, knee_flexion_deg=30, pelvic_tilt_deg=0).hold(1)
    assert timeline.tell(WAVE).kinds == ["wave"] * 3


def test_leaving_and_coming_back_loses_nothing() -> None:
    timeline = ovals(standing().hold(2), times=2).lose(10).hold(2)
    assert ovals(timeline, times=2).hold(1).tell(WAVE).kinds == ["wave"] * 4


DISTRACTORS = {
    "stands": standing().shake(knee_flexion_deg=2.0, pelvic_tilt_deg=1.0).hold(30),
    "walks": standing()
    .hold(2)
    .to(0.4, knee_flexion_deg=5, ankle_shift=0.4)
    .to(0.4, knee_flexion_deg=40, ankle_shift=0.8)
    .to(0.4, knee_flexion_deg=5, ankle_shift=1.2)
    .to(0.4, knee_flexion_deg=30, ankle_shift=1.6)
    .hold(2),
    "squats": standing().hold(2).to(1, knee_flexion_deg=90).to(1, knee_flexion_deg=30).hold(1),
    "bows": standing()
    .hold(2)
    .to(1, trunk_lean_deg=60, knee_flexion_deg=8)
    .to(1, trunk_lean_deg=2, knee_flexion_deg=30)
    .hold(1),
    "leans while straightening the legs": standing()
    .shake(pelvic_tilt_deg=1.0)
    .hold(2)
    .to(1.5, trunk_lean_deg=18, knee_flexion_deg=8, pelvic_tilt_deg=6)
    .to(1.5, trunk_lean_deg=2, knee_flexion_deg=30, pelvic_tilt_deg=0)
    .hold(1),
    "bends and straightens the knees": standing(pelvic_tilt_deg=1.0)
    .shake(pelvic_tilt_deg=1.0)
    .hold(2)
    .to(1, knee_flexion_deg=10)
    .to(1, knee_flexion_deg=30)
    .to(1, knee_flexion_deg=10)
    .to(1, knee_flexion_deg=30)
    .hold(1),
    "sits down": standing().hold(2).to(2, knee_flexion_deg=95).hold(3),
}


@pytest.mark.parametrize("story", DISTRACTORS)
def test_nothing_is_counted_when_somebody(story: str) -> None:
    assert DISTRACTORS[story].tell(WAVE).reps == ()
