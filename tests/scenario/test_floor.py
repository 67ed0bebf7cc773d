"""The pelvic-floor exercises: guided by the breath, judged by the posture alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from timeline import Timeline, lying, sitting, standing_front

from posture.breath import Breath, Pace
from posture.datatypes import EventKind, Reason, View
from posture.exercises import get_exercise


def crossed(**channels: Any) -> Timeline:
    return standing_front(**{"legs_crossed": True, **channels})


START: dict[str, Callable[..., Timeline]] = {
    "floor-surface": sitting,
    "floor-middle": sitting,
    "floor-deep": sitting,
    "floor-standing": crossed,
    "floor-lying": lying,
}
SETTLE_S = 1.5
HALF_S = 4.0
IDS = sorted(START)


def scoop(timeline: Timeline, rounds: int, size_deg: float = 5.0) -> Timeline:
    """Sit, then scoop on every exhale of the usual pace."""
    timeline.hold(SETTLE_S)
    for _ in range(rounds):
        timeline.hold(HALF_S).to(2, pelvic_tilt_deg=-size_deg).hold(1).to(1, pelvic_tilt_deg=0.0)
    return timeline


@pytest.mark.parametrize("exercise_id", IDS)
def test_each_exhale_in_a_good_posture_is_one_repetition(exercise_id: str) -> None:
    timeline = scoop(START[exercise_id](), rounds=4).hold(1)
    told = timeline.tell(get_exercise(exercise_id))
    assert told.kinds == ["hold"] * 4
    assert set(told.verdicts) == {"good"}
    assert told.faults == []
    assert told.of(EventKind.PHASE)[:4] == ["release", "effort", "release", "effort"]


@pytest.mark.parametrize("exercise_id", IDS)
def test_a_repetition_is_as_long_as_the_exhale(exercise_id: str) -> None:
    told = scoop(START[exercise_id](), rounds=1).hold(1).tell(get_exercise(exercise_id))
    (rep,) = told.reps
    assert rep.unit == "s"
    assert rep.amplitude == pytest.approx(HALF_S, abs=0.1)
    pace = told.state.pace
    assert pace is not None
    assert pace.moment(rep.start_s - told.state.pace_start_s).breath is Breath.EXHALE


def test_the_user_s_own_pace_leads() -> None:
    surface = get_exercise("floor-surface")
    told = sitting().hold(1.5 + 24.5).tell(surface, surface.initial_state(Pace(half_s=3.0)))
    assert len(told.reps) == 4


def moved(**channels: float) -> dict[str, float]:
    return channels


FAULTS = [
    ("floor-surface", "slumping", moved(trunk_lean_deg=14)),
    ("floor-surface", "head_dropping", moved(head_pitch_deg=22)),
    ("floor-surface", "hips_lifting", moved(hip_height=0.06)),
    ("floor-surface", "legs_moving", moved(knee_flexion_deg=78)),
    ("floor-middle", "slumping", moved(trunk_lean_deg=-12)),
    ("floor-middle", "head_dropping", moved(head_pitch_deg=22)),
    ("floor-middle", "hips_lifting", moved(hip_height=0.06)),
    ("floor-middle", "legs_moving", moved(knee_flexion_deg=102)),
    ("floor-deep", "rounding", moved(head_pitch_deg=22, pelvic_tilt_deg=-5)),
    ("floor-deep", "leaning_back", moved(trunk_lean_deg=-9, pelvic_tilt_deg=-5)),
    ("floor-deep", "slumping", moved(trunk_lean_deg=12, pelvic_tilt_deg=-5)),
    ("floor-deep", "hips_lifting", moved(hip_height=0.06, pelvic_tilt_deg=-5)),
    ("floor-deep", "no_scoop", moved(pelvic_tilt_deg=1)),
    ("floor-standing", "leaning", moved(trunk_lean_deg=15)),
    ("floor-standing", "swaying", moved(hip_shift=0.09)),
    ("floor-standing", "legs_uncrossed", moved(legs_crossed=0.0)),
    ("floor-lying", "hips_lifting", moved(shoulder_hip_knee_deg=139)),
    ("floor-lying", "legs_moving", moved(knee_flexion_deg=80)),
]


@pytest.mark.parametrize(("exercise_id", "fault", "along"), FAULTS)
def test_what_the_posture_shows_is_named(
    exercise_id: str, fault: str, along: dict[str, float]
) -> None:
    timeline = START[exercise_id]()
    rest = {name: getattr(timeline.now, name) for name in along}
    timeline.hold(SETTLE_S + HALF_S)
    if "legs_crossed" in along:
        timeline.set(legs_crossed=False).hold(3).set(legs_crossed=True).hold(1)
    else:
        timeline.to(1, **along).hold(2).to(0.5, **rest).hold(0.5)
    told = timeline.hold(1).tell(get_exercise(exercise_id))
    assert [rep.faults for rep in told.reps] == [(fault,)]
    assert told.verdicts == ["improve"]


def test_every_fault_of_a_floor_exercise_has_its_story() -> None:
    told = {(exercise_id, fault) for exercise_id, fault, _ in FAULTS}
    named = {(i, fault) for i in IDS for fault in get_exercise(i).fault_ids}
    assert told == named


def test_the_scoop_is_measured_where_the_tilt_is_read() -> None:
    deep = get_exercise("floor-deep")
    told = scoop(sitting(), rounds=1).hold(1).tell(deep)
    assert dict(told.reps[0].measures)["scoop_deg"] == pytest.approx(5, abs=0.5)


def test_a_reading_that_trembles_is_no_scoop() -> None:
    timeline = sitting().shake(pelvic_tilt_deg=2.5).hold(SETTLE_S + 2 * HALF_S + 1)
    told = timeline.tell(get_exercise("floor-deep"))
    assert [rep.faults for rep in told.reps] == [("no_scoop",)]


def test_without_a_tilt_reading_the_deep_layer_is_guided_all_the_same() -> None:
    nothing = float("nan")
    told = sitting(pelvic_tilt_deg=nothing).hold(1.5 + 16.5).tell(get_exercise("floor-deep"))
    assert told.verdicts == ["good", "good"]
    assert told.reps[0].measures == ()


def test_standing_begins_only_with_crossed_legs() -> None:
    standing = get_exercise("floor-standing")
    told = crossed(legs_crossed=False).hold(20).tell(standing)
    assert told.reps == ()
    assert told.state.phase == "waiting"


@pytest.mark.parametrize("exercise_id", IDS)
def test_leaving_and_coming_back_starts_the_breath_anew(exercise_id: str) -> None:
    timeline = START[exercise_id]().hold(1.5 + 8.5).lose(10).hold(1.5 + 8.5 + 0.4)
    told = timeline.tell(get_exercise(exercise_id))
    assert len(told.reps) == 2
    assert told.of(EventKind.PAUSED) == ["nobody"]
    assert told.state.pace_start_s > 20


@pytest.mark.parametrize("exercise_id", IDS)
def test_an_exhale_that_was_partly_out_of_sight_cannot_be_judged(exercise_id: str) -> None:
    timeline = START[exercise_id](pelvic_tilt_deg=float("nan")).hold(1.5 + 5).lose(1.5).hold(3)
    assert timeline.tell(get_exercise(exercise_id)).verdicts == ["cannot_judge"]


@pytest.mark.parametrize("exercise_id", IDS)
def test_nothing_is_counted_while_somebody_fidgets(exercise_id: str) -> None:
    timeline = START[exercise_id]()
    for _ in range(12):
        timeline.to(0.5, knee_flexion_deg=60, trunk_lean_deg=20, shoulder_hip_knee_deg=100)
        timeline.to(0.5, knee_flexion_deg=90, trunk_lean_deg=-5, shoulder_hip_knee_deg=130)
    assert timeline.tell(get_exercise(exercise_id)).reps == ()


@pytest.mark.parametrize("exercise_id", ["floor-surface", "floor-middle", "floor-deep"])
def test_sitting_exercises_ask_for_the_side(exercise_id: str) -> None:
    told = sitting(view=View.FRONT).hold(3).tell(get_exercise(exercise_id))
    assert told.of(EventKind.PAUSED) == ["not_side_on"]
    assert told.reps == ()


@pytest.mark.parametrize("exercise_id", IDS)
def test_trembling_about_a_limit_names_a_fault_once_at_most(exercise_id: str) -> None:
    timeline = START[exercise_id]().hold(SETTLE_S + HALF_S)
    timeline.shake(trunk_lean_deg=1.5, knee_flexion_deg=1.5, shoulder_hip_knee_deg=1.5)
    lean = timeline.now.trunk_lean_deg
    timeline.to(0.5, trunk_lean_deg=lean + 8).hold(2.5).to(0.5, trunk_lean_deg=lean).hold(1)
    told = timeline.tell(get_exercise(exercise_id))
    assert len(told.reps) == 1
    assert len(told.faults) == len(set(told.faults))


COUNTS_NOTHING_ALONE = [exercise_id for exercise_id in IDS if exercise_id != "floor-deep"]


@pytest.mark.parametrize("exercise_id", IDS)
def test_a_recording_without_a_pacer_counts_no_breath_that_nobody_led(exercise_id: str) -> None:
    exercise = get_exercise(exercise_id)
    told = START[exercise_id]().hold(30).tell(exercise, exercise.initial_state())
    assert told.reps == ()
    assert told.faults == []
    assert told.of(EventKind.PHASE) == ["release"]


@pytest.mark.parametrize(
    ("exercise_id", "fault", "along"), [f for f in FAULTS if f[0] in COUNTS_NOTHING_ALONE]
)
def test_a_recording_without_a_pacer_still_names_what_does_not_stay_still(
    exercise_id: str, fault: str, along: dict[str, float]
) -> None:
    exercise = get_exercise(exercise_id)
    timeline = START[exercise_id]()
    rest = {name: getattr(timeline.now, name) for name in along}
    timeline.hold(4)
    if "legs_crossed" in along:
        timeline.set(legs_crossed=False).hold(2).set(legs_crossed=True)
    else:
        timeline.to(1, **along).hold(2).to(1, **rest)
    told = timeline.hold(4).tell(exercise, exercise.initial_state())
    assert told.faults == [fault]
    assert told.reps == ()


def test_a_recording_of_the_deep_layer_counts_the_scoops_themselves() -> None:
    deep = get_exercise("floor-deep")
    timeline = sitting().shake(pelvic_tilt_deg=0.4).hold(2)
    for _ in range(3):
        timeline.to(1.2, pelvic_tilt_deg=-5).hold(1.2).to(1.2, pelvic_tilt_deg=0).hold(1)
    told = timeline.tell(deep, deep.initial_state())
    assert told.kinds == ["hold"] * 3
    assert set(told.verdicts) == {"good"}
    assert dict(told.reps[0].measures)["scoop_deg"] == pytest.approx(5, abs=0.6)


def test_a_scoop_while_leaning_back_is_named_in_a_recording_too_and_only_then() -> None:
    deep = get_exercise("floor-deep")
    timeline = sitting().hold(2)
    for lean_deg in (1.0, -9.0, 1.0):
        timeline.to(1.2, pelvic_tilt_deg=-5, trunk_lean_deg=lean_deg).hold(1.2)
        timeline.to(1.2, pelvic_tilt_deg=0, trunk_lean_deg=1.0).hold(1)
    told = timeline.tell(deep, deep.initial_state())
    assert [rep.faults for rep in told.reps] == [(), ("leaning_back",), ()]


def test_trembling_about_the_least_scoop_counts_no_scoop_twice() -> None:
    deep = get_exercise("floor-deep")
    timeline = sitting().shake(pelvic_tilt_deg=0.4).hold(2)
    timeline.to(1, pelvic_tilt_deg=-2).hold(3).to(1, pelvic_tilt_deg=-5).hold(1)
    timeline.to(1, pelvic_tilt_deg=-2).hold(3).to(1, pelvic_tilt_deg=0).hold(2)
    assert len(timeline.tell(deep, deep.initial_state()).reps) == 1


def test_a_tilt_that_is_not_read_pauses_a_recording_of_the_deep_layer() -> None:
    deep = get_exercise("floor-deep")
    nothing = sitting(pelvic_tilt_deg=float("nan"), reason=Reason.BACK_COVERED).hold(4)
    told = nothing.tell(deep, deep.initial_state())
    assert told.of(EventKind.PAUSED) == ["back_covered"]
