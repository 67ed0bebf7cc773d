"""What disturbs every exercise alike: lost pictures, pauses, turning round, slow cameras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import pi, sin
from random import Random
from typing import Any

import pytest
from timeline import (
    Timeline,
    lying,
    sitting,
    standing_front,
    standing_side,
    standing_three_quarter,
)

from posture.datatypes import EventKind, Facing, Position, PostureSample, Quality, Reason
from posture.exercises import exercise_ids, get_exercise
from posture.exercises.engine import event_line
from posture.exercises.place import PLACE
from posture.exercises.sight import SIGHT

IDS = exercise_ids()


def crossed(**channels: Any) -> Timeline:
    return standing_front(**{"legs_crossed": True, **channels})


def soft_knees(**channels: Any) -> Timeline:
    return standing_side(**{"knee_flexion_deg": 30.0, **channels})


START: dict[str, Callable[..., Timeline]] = {
    "standing-tilt": standing_side,
    "monkey": standing_three_quarter,
    "bridge": lying,
    "small-bridge": lying,
    "sit-bones": standing_front,
    "active-sitting": sitting,
    "pelvis-wave": soft_knees,
    "floor-surface": sitting,
    "floor-middle": sitting,
    "floor-deep": sitting,
    "floor-standing": crossed,
    "floor-lying": lying,
}


def one_round(exercise_id: str, timeline: Timeline) -> Timeline:
    """One good repetition (two where there are two sides), starting and ending at rest."""
    match exercise_id:
        case "standing-tilt":
            timeline.to(1.5, pelvic_tilt_deg=11).to(3, pelvic_tilt_deg=-10)
            return timeline.to(1.5, pelvic_tilt_deg=0).hold(0.5)
        case "active-sitting":
            timeline.to(4, pelvic_tilt_deg=-13).to(8, pelvic_tilt_deg=10)
            return timeline.to(4, pelvic_tilt_deg=0).hold(0.5)
        case "monkey":
            timeline.to(1.5, pelvis_yaw_deg=19).to(3, pelvis_yaw_deg=-18)
            return timeline.to(1.5, pelvis_yaw_deg=0).hold(0.5)
        case "bridge":
            return timeline.to(2, lift_fraction=1.0).hold(1).to(2, lift_fraction=0.0).hold(0.5)
        case "small-bridge":
            timeline.to(2, pelvic_tilt_deg=-9).hold(1)
            return timeline.to(2, pelvic_tilt_deg=0).hold(0.5)
        case "sit-bones":
            knee_deg = timeline.now.knee_flexion_deg
            return timeline.to(2, knee_flexion_deg=50).to(2, knee_flexion_deg=knee_deg).hold(0.5)
        case "pelvis-wave":
            steps = round(4 * timeline.fps)
            for step in range(1, steps + 1):
                angle = 2 * pi * step / steps
                timeline.set(
                    knee_flexion_deg=30 - 22 * sin(angle / 2) ** 2, pelvic_tilt_deg=6 * sin(angle)
                ).hold(1 / timeline.fps)
            return timeline.hold(0.5)
        case _:
            return timeline.hold(4).to(2, pelvic_tilt_deg=-5).to(2, pelvic_tilt_deg=0)


def rounds(exercise_id: str, count: int = 3, **channels: Any) -> Timeline:
    timeline = START[exercise_id](**channels).hold(2)
    for _ in range(count):
        one_round(exercise_id, timeline)
    return timeline.hold(1.2)


def expected(exercise_id: str, count: int = 3) -> int:
    return count * len(get_exercise(exercise_id).kinds)


@pytest.mark.parametrize("exercise_id", IDS)
def test_every_round_counts_and_is_good(exercise_id: str) -> None:
    told = rounds(exercise_id).tell(get_exercise(exercise_id))
    assert len(told.reps) == expected(exercise_id)
    assert set(told.verdicts) == {"good"}
    assert [rep.index for rep in told.reps] == list(range(1, len(told.reps) + 1))
    for rep in told.reps:
        assert rep.start_s <= rep.peak_s <= rep.end_s
    for before, after in zip(told.reps, told.reps[1:], strict=False):
        assert before.end_s <= after.start_s


@pytest.mark.parametrize("exercise_id", IDS)
def test_a_replay_gives_the_same_bytes(exercise_id: str) -> None:
    samples = rounds(exercise_id).lose(1.5).hold(1).samples

    def lines() -> bytes:
        exercise = get_exercise(exercise_id)
        state = exercise.initial_state(exercise.pace if exercise.paced else None)
        told = []
        for sample in samples:
            state, events = exercise.step(state, sample)
            told += [event_line(event) for event in events]
        return "\n".join(told).encode()

    assert lines() == lines()
    assert lines().count(b'"kind":"rep"') == expected(exercise_id)


@pytest.mark.parametrize("fps", [10.0, 29.97, 60.0])
@pytest.mark.parametrize("exercise_id", IDS)
def test_the_camera_s_speed_does_not_change_the_count(exercise_id: str, fps: float) -> None:
    told = rounds(exercise_id, fps=fps).tell(get_exercise(exercise_id))
    assert len(told.reps) == expected(exercise_id)


def with_losses(
    samples: list[PostureSample], lost: Callable[[Random], bool]
) -> list[PostureSample]:
    random = Random(11)  # noqa: S311 - a script, not a secret
    return [
        PostureSample(sample.time_s, reason=Reason.HIPS_NOT_VISIBLE, person=True)
        if lost(random)
        else sample
        for sample in samples
    ]


@pytest.mark.parametrize("exercise_id", IDS)
def test_a_reading_that_flickers_does_not_change_the_count(exercise_id: str) -> None:
    timeline = rounds(exercise_id)
    timeline.samples = with_losses(timeline.samples, lambda random: random.random() < 0.3)
    told = timeline.tell(get_exercise(exercise_id))
    assert len(told.reps) == expected(exercise_id)
    assert told.of(EventKind.PAUSED) == []


@pytest.mark.parametrize("exercise_id", IDS)
def test_leaving_and_coming_back_keeps_what_was_counted(exercise_id: str) -> None:
    timeline = START[exercise_id]().hold(2)
    one_round(exercise_id, timeline).lose(6)
    told = one_round(exercise_id, timeline.hold(2)).hold(1.2).tell(get_exercise(exercise_id))
    assert len(told.reps) == expected(exercise_id, 2)
    assert told.of(EventKind.PAUSED) == told.of(EventKind.RESUMED) == ["nobody"]


@pytest.mark.parametrize("exercise_id", IDS)
def test_the_wrong_position_is_named_and_counts_nothing(exercise_id: str) -> None:
    position = get_exercise(exercise_id).position
    other = Position.SITTING if position is not Position.SITTING else Position.STANDING
    told = rounds(exercise_id, position=other).tell(get_exercise(exercise_id))
    assert told.reps == ()
    assert told.of(EventKind.PAUSED) == ["wrong_position"]


SIDED = [i for i in IDS if START[i] in (standing_side, soft_knees, sitting, lying)]


@pytest.mark.parametrize("exercise_id", SIDED)
def test_turning_round_pauses(exercise_id: str) -> None:
    timeline = START[exercise_id]().hold(3)
    other = Facing.LEFT if timeline.now.facing is Facing.RIGHT else Facing.RIGHT
    told = timeline.set(facing=other).hold(2).tell(get_exercise(exercise_id))
    assert told.of(EventKind.PAUSED) == ["turned_round"]


@pytest.mark.parametrize("exercise_id", SIDED)
def test_a_flicker_of_the_facing_does_not(exercise_id: str) -> None:
    timeline = rounds(exercise_id)
    flips = {Facing.LEFT: Facing.RIGHT, Facing.RIGHT: Facing.LEFT}
    timeline.samples = [
        replace(sample, facing=flips[sample.facing]) if number % 10 < 3 else sample
        for number, sample in enumerate(timeline.samples)
    ]
    assert len(timeline.tell(get_exercise(exercise_id)).reps) == expected(exercise_id)


def test_a_loss_is_bridged_up_to_the_grace_and_no_longer() -> None:
    tilt = get_exercise("standing-tilt")
    for seconds, verdict in ((SIGHT.grace_s - 0.1, "good"), (SIGHT.grace_s + 0.2, "cannot_judge")):
        timeline = standing_side().hold(2).to(1.5, pelvic_tilt_deg=11).lose(seconds)
        told = timeline.hold(0.5).to(1.5, pelvic_tilt_deg=0).hold(1).tell(tilt)
        assert told.verdicts == [verdict]


def test_a_movement_is_forgotten_after_a_long_loss() -> None:
    timeline = standing_side().hold(2).to(1.5, pelvic_tilt_deg=11).lose(SIGHT.forget_s + 0.5)
    told = timeline.hold(1).to(1.5, pelvic_tilt_deg=0).hold(1).tell(get_exercise("standing-tilt"))
    assert told.reps == ()


def test_after_a_pause_one_good_picture_is_not_enough() -> None:
    timeline = standing_side().hold(2)
    for _ in range(8):
        timeline.lose(1.0).hold(SIGHT.resume_s / 2)
    told = timeline.tell(get_exercise("standing-tilt"))
    assert told.of(EventKind.PAUSED) == ["nobody"]
    assert told.of(EventKind.RESUMED) == []


def test_pictures_that_stop_coming_are_no_movement() -> None:
    timeline = standing_side().hold(2).to(1, pelvic_tilt_deg=11).skip(30)
    told = timeline.set(pelvic_tilt_deg=0.0).hold(2).tell(get_exercise("standing-tilt"))
    assert told.reps == ()
    assert told.state.phase == "neutral"


def test_one_misread_picture_does_not_send_anybody_away() -> None:
    timeline = standing_side().hold(2).to(1.5, pelvic_tilt_deg=11)
    timeline.set(trunk_lean_deg=80.0).hold(PLACE.beyond_s / 3).set(trunk_lean_deg=2.0)
    told = timeline.hold(0.5).to(1.5, pelvic_tilt_deg=0).hold(1).tell(get_exercise("standing-tilt"))
    assert told.kinds == ["forward"]


def test_a_reading_of_poor_quality_is_not_used() -> None:
    timeline = standing_side(quality=Quality.NONE, reason=Reason.UNFAMILIAR_POSTURE).hold(2)
    told = one_round("standing-tilt", timeline).tell(get_exercise("standing-tilt"))
    assert told.reps == ()
    assert told.of(EventKind.PAUSED) == ["unfamiliar_posture"]
