"""The engine: pure, repeatable, and unmoved by bad samples."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf, nan, sin
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.datatypes import (
    Event,
    EventKind,
    Facing,
    Position,
    PostureSample,
    Quality,
    Reason,
    View,
)
from posture.exercises import ExerciseState, exercise_ids, get_exercise
from posture.exercises.engine import event_line

TILT = get_exercise("standing-tilt")


def standing(time_s: float, tilt_deg: float = 0.0) -> PostureSample:
    return PostureSample(
        time_s=time_s,
        quality=Quality.GOOD,
        reason=None,
        person=True,
        facing=Facing.RIGHT,
        view=View.SIDE,
        position=Position.STANDING,
        pelvic_tilt_deg=tilt_deg,
        pelvic_tilt_sd_deg=2.0,
        trunk_lean_deg=1.0,
        knee_flexion_deg=8.0,
        hip_shift=0.0,
        ankle_shift=0.0,
    )


def swinging(seconds: float = 30.0, fps: float = 30.0) -> list[PostureSample]:
    times = [step / fps for step in range(int(seconds * fps))]
    return [standing(t, 10.0 * sin(1.3 * max(t - 1.0, 0.0))) for t in times]


def run(samples: list[PostureSample]) -> tuple[ExerciseState, list[Event]]:
    state = TILT.initial_state()
    events: list[Event] = []
    for sample in samples:
        state, happened = TILT.step(state, sample)
        events += happened
    return state, events


def test_a_replay_gives_the_same_bytes() -> None:
    first = [event_line(event) for event in run(swinging())[1]]
    again = [event_line(event) for event in run(swinging())[1]]
    assert len(first) > 20
    assert "\n".join(first).encode() == "\n".join(again).encode()


def test_an_event_line_is_json_and_holds_the_repetition() -> None:
    rep = next(event for event in run(swinging())[1] if event.rep is not None)
    read = json.loads(event_line(rep))
    assert read["kind"] == "rep"
    assert read["rep"]["kind"] == read["id"] == "forward"
    assert read["rep"]["amplitude"] == pytest.approx(10, abs=0.5)


def test_an_event_line_refuses_what_json_has_no_word_for() -> None:
    with pytest.raises(ValueError, match="JSON"):
        event_line(Event(nan, EventKind.PHASE, "neutral"))


def test_a_step_changes_nothing_it_was_given() -> None:
    state = run(swinging(5.0))[0]
    before = repr(state)
    sample = standing(6.0, 12.0)
    assert repr(TILT.step(state, sample)) == repr(TILT.step(state, sample))
    assert repr(state) == before


def test_samples_out_of_order_are_left_out() -> None:
    samples = swinging()
    mixed: list[PostureSample] = []
    for number, sample in enumerate(samples):
        mixed.append(sample)
        if number % 7 == 3:
            mixed.append(samples[number - 3])
            mixed.append(replace(sample, pelvic_tilt_deg=40.0))
            mixed.append(replace(sample, time_s=nan))
            mixed.append(replace(sample, time_s=inf))
    assert repr(run(mixed)) == repr(run(samples))


def test_the_frame_rate_does_not_change_the_count() -> None:
    counts = {fps: len(run(swinging(fps=fps))[0].reps) for fps in (10.0, 21.0, 29.97, 60.0)}
    assert set(counts.values()) == {12}


def test_losing_one_frame_in_three_does_not_change_the_count() -> None:
    random = Random(3)  # noqa: S311 - a script, not a secret
    samples = [sample for sample in swinging() if random.random() > 1 / 3]
    assert len(run(samples)[0].reps) == 12


def test_a_gap_without_samples_is_no_movement_and_asks_to_settle() -> None:
    samples = [*swinging(4.5)]
    late = [standing(20.0 + step / 30, -9.0) for step in range(60)]
    state, events = run([*samples, *late])
    assert [rep.kind for rep in state.reps] == ["forward"]
    assert not state.in_place
    assert events[-1] == Event(20.0, EventKind.PHASE, "waiting")


def test_a_missing_reading_pauses_with_its_reason_and_resumes() -> None:
    samples = [standing(step / 30) for step in range(60)]
    lost = [
        replace(standing(2 + step / 30), quality=Quality.NONE, reason=Reason.NOT_SIDE_ON)
        for step in range(60)
    ]
    back = [standing(4 + step / 30) for step in range(30)]
    state, events = run([*samples, *lost, *back])
    assert [(event.kind, event.id) for event in events] == [
        (EventKind.PHASE, "neutral"),
        (EventKind.PAUSED, "not_side_on"),
        (EventKind.RESUMED, "not_side_on"),
        (EventKind.PHASE, "neutral"),
    ]
    assert events[1].time_s == pytest.approx(2.7, abs=0.05)
    assert state.phase == "neutral"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"position": Position.SITTING}, "wrong_position"),
        ({"quality": Quality.NONE, "reason": Reason.BACK_COVERED}, "back_covered"),
        ({"person": False}, "nobody"),
        ({"pelvic_tilt_deg": nan}, "outline_unclear"),
        ({"facing": Facing.LEFT}, "turned_round"),
    ],
)
def test_what_cannot_be_judged_is_named(change: dict[str, object], reason: str) -> None:
    samples = [standing(step / 30) for step in range(60)]
    lost = [replace(standing(2 + step / 30), **change) for step in range(60)]  # type: ignore[arg-type]
    state, events = run([*samples, *lost])
    assert [event.id for event in events if event.kind is EventKind.PAUSED] == [reason]
    assert state.phase == "paused"


numbers = st.floats(allow_nan=True, allow_infinity=True, width=32)


@settings(max_examples=60, deadline=None)
@given(
    exercise_id=st.sampled_from(exercise_ids()),
    times=st.lists(st.floats(0, 30), min_size=5, max_size=40),
    values=st.lists(numbers, min_size=1, max_size=8),
    quality=st.sampled_from(Quality),
    position=st.sampled_from(Position),
)
def test_no_sample_breaks_an_exercise(
    exercise_id: str,
    times: list[float],
    values: list[float],
    quality: Quality,
    position: Position,
) -> None:
    exercise = get_exercise(exercise_id)
    state = exercise.initial_state()
    counted = 0
    for number, time_s in enumerate(times):
        value = values[number % len(values)]
        sample = PostureSample(
            time_s=time_s,
            quality=quality,
            person=True,
            position=position,
            pelvic_tilt_deg=value,
            pelvic_tilt_sd_deg=value,
            trunk_lean_deg=value,
            knee_flexion_deg=value,
            pelvis_yaw_deg=value,
            thorax_yaw_deg=value,
            hip_height=value,
            lift_fraction=value,
            shoulder_hip_knee_deg=value,
        )
        state, events = exercise.step(state, sample)
        assert len(state.reps) >= counted
        counted = len(state.reps)
        for event in events:
            assert event_line(event)
    state, _ = exercise.finish(state)
    assert len(state.reps) >= counted
