"""Personal calibration, led by voice: told as timelines, like the exercises."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isnan, nan
from typing import Any

import pytest

from posture.datatypes import Facing, Position, PostureSample, Quality, Reason, View
from posture.exercises import exercise_ids, get_exercise
from posture.feedback import Cue
from posture.guide import (
    DONE,
    STEPS,
    GuideState,
    PersonalRange,
    begin,
    instruction,
    is_real_change,
    minimal_detectable_change_deg,
    neutral_anew,
    redo,
    step,
)
from posture.locales import LANGUAGES, text

TILT = get_exercise("standing-tilt")
MONKEY = get_exercise("monkey")

STILL = PostureSample(
    time_s=0.0,
    quality=Quality.NONE,
    reason=Reason.NOT_CALIBRATED,
    person=True,
    facing=Facing.RIGHT,
    view=View.SIDE,
    position=Position.STANDING,
    trunk_lean_deg=2.0,
    knee_flexion_deg=8.0,
    shoulder_hip_knee_deg=172.0,
    trunk_yaw_deg=88.0,
)


def tilted(tilt_deg: float, **changes: Any) -> PostureSample:
    return replace(
        STILL,
        quality=Quality.GOOD,
        reason=None,
        pelvic_tilt_deg=tilt_deg,
        pelvic_tilt_sd_deg=1.5,
        **changes,
    )


@dataclass
class Session:
    """Shows samples twenty times a second, and collects what is said."""

    state: GuideState = field(default_factory=lambda: begin(TILT))
    now_s: float = 0.0
    cues: list[Cue] = field(default_factory=list)

    def see(self, sample: PostureSample, seconds: float) -> Session:
        for _ in range(round(seconds * 20)):
            self.now_s = round(self.now_s + 0.05, 2)
            self.state, cue = step(TILT, self.state, replace(sample, time_s=self.now_s))
            if cue is not None:
                self.cues.append(cue)
        return self

    @property
    def said(self) -> list[str]:
        return [cue.id for cue in self.cues]


def calibrated() -> Session:
    session = Session().see(STILL, 5).see(tilted(0.0), 1)
    return session.see(tilted(11.0), 2).see(tilted(0.0), 2).see(tilted(-8.0), 2)


def test_a_calibration_from_the_first_step_to_the_last() -> None:
    session = calibrated()
    state = session.state
    assert session.said == ["neutral_standing", "forward", "backward", "done"]
    assert state.step == DONE
    assert state.neutral is not None
    assert state.neutral.end_s - state.neutral.start_s == pytest.approx(3.0, abs=0.1)
    assert state.forward is not None
    assert state.backward is not None
    assert state.forward_deg == pytest.approx(11)
    assert state.backward_deg == pytest.approx(-8)
    assert state.neutral.end_s < state.forward.start_s < state.backward.start_s


def test_after_the_last_step_nothing_more_happens() -> None:
    session = calibrated()
    before = session.state
    assert session.see(tilted(5.0), 5).state == before
    assert len(session.cues) == 4


def test_whoever_is_not_in_the_picture_is_helped_in() -> None:
    session = Session().see(PostureSample(time_s=0.0), 3)
    assert session.said == ["nobody"]
    assert session.state.step == "in_picture"


def test_moving_begins_the_three_seconds_anew() -> None:
    session = Session().see(STILL, 1.6)
    for number in range(12):
        session.see(replace(STILL, trunk_lean_deg=2.0 if number % 2 else 9.0), 1)
    assert session.state.step == "neutral"
    assert session.state.neutral is None
    assert session.said == ["neutral_standing", "moved"]
    session.see(STILL, 3.2)
    assert session.state.neutral is not None


@pytest.mark.parametrize("step_name", ["neutral", "forward"])
def test_a_view_that_is_lost_on_the_way_is_helped(step_name: str) -> None:
    session = Session().see(STILL, 2.0 if step_name == "neutral" else 5.0)
    assert session.state.step == step_name
    away = replace(STILL, view=View.FRONT, trunk_yaw_deg=10.0)
    before = len(session.said)
    session.see(away, 6)
    assert session.state.step == step_name
    assert "turn_left" in session.said[before:]
    assert not any(said.startswith(step_name) for said in session.said[before:])


def test_a_gap_without_pictures_is_no_stillness() -> None:
    session = Session().see(STILL, 3)
    session.now_s += 10
    session.see(STILL, 1)
    assert session.state.neutral is None


@pytest.mark.parametrize("instead", [{"trunk_lean_deg": 22.0}, {"knee_flexion_deg": 40.0}])
def test_a_bow_or_a_knee_bend_that_drags_the_tilt_along_is_no_reach(
    instead: dict[str, float],
) -> None:
    session = Session().see(STILL, 5).see(tilted(0.0), 1)
    session.see(replace(tilted(9.0), **instead), 5)
    assert session.state.step == "forward"
    session.see(tilted(9.0), 2)
    assert session.state.forward_deg == pytest.approx(9.0)


def test_a_reach_that_is_not_held_does_not_count() -> None:
    session = Session().see(STILL, 5)
    for _ in range(8):
        session.see(tilted(9.0), 0.5).see(tilted(0.0), 0.5)
    assert session.state.step == "forward"
    assert isnan(session.state.forward_deg)


def test_the_wrong_direction_is_no_reach() -> None:
    assert Session().see(STILL, 5).see(tilted(-9.0), 5).state.step == "forward"


def test_a_reach_within_its_own_uncertainty_is_no_reach() -> None:
    sample = replace(tilted(5.0), pelvic_tilt_sd_deg=4.0)
    assert Session().see(STILL, 5).see(sample, 5).state.step == "forward"


def test_without_a_reach_the_step_is_left_out_in_kind_words() -> None:
    session = Session().see(STILL, 5).see(tilted(1.0), 60)
    assert session.state.step == DONE
    assert isnan(session.state.forward_deg)
    assert session.state.forward is None
    assert "forward_left_out" in session.said
    assert session.said[-1] == "backward_left_out"


def test_a_step_can_be_done_again_and_keeps_those_before_it() -> None:
    session = calibrated()
    first = session.state
    session.state = redo(TILT, first, "backward")
    assert session.state.forward_deg == first.forward_deg
    assert isnan(session.state.backward_deg)
    session.see(tilted(-12.0), 2)
    assert session.state.step == DONE
    assert session.state.backward_deg == pytest.approx(-12)
    again = redo(TILT, session.state, "neutral")
    assert again.neutral is None
    assert isnan(again.forward_deg)


def test_who_moved_meanwhile_is_told_so_and_holds_neutral_again() -> None:
    session = Session().see(STILL, 5)
    session.state, cue = neutral_anew(TILT, session.state, session.now_s, "moved")
    assert cue.id == "moved"
    assert (session.state.step, session.state.neutral, session.state.held) == ("neutral", None, ())
    before = list(session.said)
    session.see(STILL, 3.2)
    assert session.state.neutral is not None
    assert session.said == [*before, "forward"]


def test_only_a_step_of_the_exercise_can_be_done_again() -> None:
    with pytest.raises(ValueError, match="no calibration step 'forward'"):
        redo(MONKEY, begin(MONKEY), "forward")


def test_samples_out_of_order_are_left_out() -> None:
    session = Session().see(STILL, 4)
    state, cue = step(TILT, session.state, replace(STILL, time_s=1.0, trunk_lean_deg=60.0))
    assert state == session.state
    assert cue is None
    state, cue = step(TILT, session.state, replace(STILL, time_s=nan))
    assert state == session.state


def test_the_own_range_is_in_percent_of_each_side() -> None:
    own = PersonalRange(forward_deg=12.0, backward_deg=-8.0)
    assert own.percent(6.0) == pytest.approx(50)
    assert own.percent(-8.0) == pytest.approx(-100)
    assert own.percent(0.0) == 0
    assert isnan(own.percent(nan))
    assert isnan(PersonalRange(forward_deg=12.0).percent(-4.0))


def test_a_change_below_the_minimal_detectable_change_is_none() -> None:
    assert minimal_detectable_change_deg(1.0) == pytest.approx(2.77, abs=0.01)
    assert not is_real_change(4.0, 6.5, sd_deg=1.0)
    assert is_real_change(4.0, 7.0, sd_deg=1.0)
    assert is_real_change(7.0, 4.0, sd_deg=1.0)
    assert not is_real_change(nan, 4.0, sd_deg=1.0)


@pytest.mark.parametrize("exercise_id", exercise_ids())
def test_every_exercise_calibrates_by_known_steps_with_words(exercise_id: str) -> None:
    exercise = get_exercise(exercise_id)
    assert set(exercise.calibration) <= set(STEPS)
    order = [STEPS.index(name) for name in exercise.calibration]
    assert order == sorted(order)
    for lang in LANGUAGES:
        for name in (*exercise.calibration, DONE):
            assert text(f"guide.{instruction(exercise, name)}", lang)


@pytest.mark.parametrize("exercise_id", ["monkey", "sit-bones", "floor-deep", "floor-lying"])
def test_a_special_starting_position_is_not_given_up_for_the_usual_one(exercise_id: str) -> None:
    assert instruction(get_exercise(exercise_id), "neutral") == "neutral_start"


@pytest.mark.parametrize("exercise_id", exercise_ids())
def test_every_exercise_takes_neutral_so_that_hips_head_and_feet_can_be_watched(
    exercise_id: str,
) -> None:
    assert get_exercise(exercise_id).calibration[:2] == ("in_picture", "neutral")
