"""The exercises on the truth of the sample videos: what they would say if seeing were perfect."""

from __future__ import annotations

import csv
from math import nan
from pathlib import Path

import pytest

from posture.datatypes import (
    Event,
    EventKind,
    Facing,
    Position,
    PostureSample,
    Quality,
    Rep,
)
from posture.exercises import get_exercise

VIDEOS = Path(__file__).resolve().parents[2] / "sample_videos"
BODY_SCALE_M = 0.92  # trunk and thigh of an adult

KINDS = {
    "standing_tilt_left": ("standing-tilt", ["forward", "backward"] * 3),
    "standing_tilt_right": ("standing-tilt", ["forward", "backward"] * 3),
    "standing_tilt_mistakes": ("standing-tilt", []),
    "monkey": ("monkey", ["left", "right"] * 3),
    "monkey_shoulders": ("monkey", ["left", "right"] * 3),
    "bridge": ("bridge", ["lift"] * 3),
    "bridge_half_lifts": ("bridge", ["lift"] * 3),
    "small_bridge": ("small-bridge", ["press"] * 3),
    "active_sitting": ("active-sitting", ["backward", "forward"] * 2),
    "sit_bones": ("sit-bones", ["bend"] * 3),
    "pelvis_wave": ("pelvis-wave", ["wave"] * 4),
}
POSITIONS = {
    "bridge": Position.LYING,
    "small-bridge": Position.LYING,
    "active-sitting": Position.SITTING,
}


def told(stem: str) -> tuple[tuple[Rep, ...], tuple[Event, ...]]:
    """What the exercise of a sample video makes of its truth table."""
    table = VIDEOS / f"{stem}.csv"
    if not table.exists():
        pytest.skip(f"{table.name} is not among the sample videos yet")
    exercise = get_exercise(KINDS[stem][0])
    state = exercise.initial_state()
    events: list[Event] = []
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    neutral_height_m = float(rows[0]["hip_height_m"])
    for row in rows:
        value = {name: float(row[name]) for name in row if name.endswith(("_deg", "_fraction"))}
        sample = PostureSample(
            time_s=float(row["time_s"]),
            quality=Quality.GOOD,
            reason=None,
            person=True,
            facing=Facing(row["facing"]),
            view=exercise.views[-1],
            position=POSITIONS.get(exercise.id, Position.STANDING),
            pelvic_tilt_deg=value["pelvic_tilt_deg"],
            pelvic_tilt_sd_deg=1.5,
            trunk_lean_deg=value["trunk_lean_deg"],
            trunk_pitch_deg=value["trunk_lean_deg"],
            knee_flexion_deg=value["knee_flexion_deg"],
            pelvis_yaw_deg=value["pelvis_yaw_deg"],
            thorax_yaw_deg=value["thorax_yaw_deg"],
            head_pitch_deg=value["head_pitch_deg"],
            shoulder_hip_knee_deg=value["shoulder_hip_knee_deg"],
            lift_fraction=value["lift_fraction"],
            hip_height=(float(row["hip_height_m"]) - neutral_height_m) / BODY_SCALE_M,
            hip_shift=nan,
        )
        state, happened = exercise.step(state, sample)
        events += happened
    state, happened = exercise.finish(state)
    return state.reps, (*events, *happened)


@pytest.mark.parametrize("stem", KINDS)
def test_every_repetition_is_counted_once(stem: str) -> None:
    reps, _ = told(stem)
    assert [rep.kind.value for rep in reps] == KINDS[stem][1]


@pytest.mark.parametrize(
    "stem", ["standing_tilt_left", "standing_tilt_right", "monkey", "bridge", "pelvis_wave"]
)
def test_good_form_is_called_good(stem: str) -> None:
    reps, _ = told(stem)
    assert {rep.verdict.value for rep in reps} == {"good"}


def test_shoulders_that_turn_along_are_named_every_time() -> None:
    reps, _ = told("monkey_shoulders")
    assert all("shoulders_turning" in rep.faults for rep in reps)
    assert all(dict(rep.measures)["isolation"] < 0.4 for rep in reps)


def test_half_lifts_are_named_and_the_whole_one_is_not() -> None:
    reps, _ = told("bridge_half_lifts")
    assert ["half_lift" in rep.faults for rep in reps] == [False, True, True]


def test_mistakes_are_named_although_nothing_is_counted() -> None:
    _, events = told("standing_tilt_mistakes")
    named = {event.id for event in events if event.kind is EventKind.FAULT}
    assert {"trunk_leaning", "knees_bending"} <= named


def test_waves_are_round() -> None:
    reps, _ = told("pelvis_wave")
    assert all(dict(rep.measures)["roundness"] > 0.4 for rep in reps)
