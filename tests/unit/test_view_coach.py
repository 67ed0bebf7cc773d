"""The set-up coach: one hint at a time, in words of what to do, until the view is good."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import nan
from typing import Any

import pytest

from posture.datatypes import Facing, Position, PostureSample, Quality, Reason, View
from posture.exercises import exercise_ids, get_exercise
from posture.feedback import Cue
from posture.locales import LANGUAGES, text
from posture.view_coach import ViewState, find_hint, hint_key, step

TILT = get_exercise("standing-tilt")
MONKEY = get_exercise("monkey")
SIT = get_exercise("sit-bones")
BRIDGE = get_exercise("bridge")
CROSSED = get_exercise("floor-standing")

GOOD = PostureSample(
    time_s=0.0,
    quality=Quality.NONE,
    reason=Reason.NOT_CALIBRATED,
    person=True,
    facing=Facing.RIGHT,
    view=View.SIDE,
    position=Position.STANDING,
    trunk_yaw_deg=85.0,
)
NOBODY = PostureSample(time_s=0.0)


def seen(**changes: Any) -> PostureSample:
    return replace(GOOD, **changes)


@dataclass
class Helper:
    """Shows a sample for some seconds, ten times a second, and collects what is said."""

    state: ViewState = field(default_factory=ViewState)
    now_s: float = 0.0
    cues: list[Cue] = field(default_factory=list)

    def see(self, sample: PostureSample, seconds: float) -> Helper:
        for _ in range(round(seconds * 10)):
            self.now_s = round(self.now_s + 0.1, 1)
            self.state, cue = step(TILT, self.state, replace(sample, time_s=self.now_s))
            if cue is not None:
                self.cues.append(cue)
        return self

    @property
    def said(self) -> list[str]:
        return [cue.id for cue in self.cues]


@pytest.mark.parametrize(
    ("sample", "hint"),
    [
        (GOOD, ""),
        (seen(quality=Quality.GOOD, reason=None), ""),
        (NOBODY, "nobody"),
        (seen(reason=Reason.KNEES_NOT_VISIBLE), "knees_not_visible"),
        (seen(reason=Reason.BACK_COVERED), "back_covered"),
        (seen(reason=Reason.TOO_SMALL), "too_small"),
        (seen(position=Position.SITTING), "position_standing"),
        (seen(view=View.THREE_QUARTER, trunk_yaw_deg=50.0), "turn_left_little"),
        (seen(view=View.THREE_QUARTER, trunk_yaw_deg=-50.0), "turn_right_little"),
        (seen(view=View.THREE_QUARTER, trunk_yaw_deg=130.0), "turn_right_little"),
        (seen(view=View.FRONT, trunk_yaw_deg=5.0), "turn_left"),
        (seen(view=View.FRONT, trunk_yaw_deg=-5.0), "turn_right"),
        (seen(view=View.FRONT, trunk_yaw_deg=nan), "turn_side"),
        (seen(reason=Reason.NOT_SIDE_ON, trunk_yaw_deg=-70.0), "turn_right_little"),
    ],
)
def test_what_is_wrong_is_found(sample: PostureSample, hint: str) -> None:
    assert find_hint(TILT, sample) == hint


def test_the_monkey_wants_to_be_seen_half_from_the_front() -> None:
    for yaw_deg, hint in ((45.0, ""), (-45.0, "")):
        sample = seen(view=View.THREE_QUARTER, trunk_yaw_deg=yaw_deg)
        assert find_hint(MONKEY, sample) == hint
    assert find_hint(MONKEY, seen(trunk_yaw_deg=88.0)) == "turn_right_little"
    front = seen(view=View.FRONT, trunk_yaw_deg=-4.0)
    assert find_hint(MONKEY, front) == "turn_right_little"


def test_a_front_exercise_accepts_front_and_half_front() -> None:
    assert find_hint(SIT, seen(view=View.FRONT, trunk_yaw_deg=3.0)) == ""
    assert find_hint(SIT, seen(view=View.THREE_QUARTER, trunk_yaw_deg=40.0)) == ""
    assert find_hint(SIT, seen(trunk_yaw_deg=80.0)) == "turn_right"


def test_lying_has_no_view_to_turn_to() -> None:
    assert find_hint(BRIDGE, seen(position=Position.LYING, view=View.FRONT)) == ""
    assert find_hint(BRIDGE, GOOD) == "position_lying"


def test_darkness_is_named_only_where_it_hurts() -> None:
    assert find_hint(TILT, NOBODY, brightness=0.05) == "more_light"
    assert find_hint(TILT, seen(reason=Reason.OUTLINE_UNCLEAR), brightness=0.05) == "more_light"
    assert find_hint(TILT, seen(reason=Reason.OUTLINE_UNCLEAR), brightness=0.5) == "outline_unclear"
    assert find_hint(TILT, GOOD, brightness=0.05) == ""


def test_an_exercise_with_a_start_of_its_own_asks_for_it() -> None:
    front = seen(view=View.FRONT, trunk_yaw_deg=0.0)
    assert find_hint(CROSSED, front) == "start"
    assert hint_key(CROSSED, "start") == "exercise.floor-standing.start"
    assert find_hint(CROSSED, replace(front, legs_crossed=True)) == ""


def test_a_hint_waits_is_said_and_is_repeated_only_after_a_while() -> None:
    helper = Helper().see(seen(reason=Reason.KNEES_NOT_VISIBLE), 25)
    assert set(helper.said) == {"knees_not_visible"}
    times = [cue.time_s for cue in helper.cues]
    assert times[0] == pytest.approx(0.9, abs=0.15)
    assert all(b - a >= 10 for a, b in pairwise(times))


def test_a_flicker_is_not_spoken_of() -> None:
    helper = Helper()
    for _ in range(10):
        helper.see(GOOD, 1.0).see(NOBODY, 0.4)
    assert helper.said == []
    assert not helper.state.is_good


def test_problems_are_mended_one_by_one_until_the_view_is_good() -> None:
    helper = Helper().see(NOBODY, 2).see(seen(reason=Reason.TOO_SMALL), 6)
    helper.see(seen(view=View.THREE_QUARTER, trunk_yaw_deg=50.0), 6).see(GOOD, 3)
    assert helper.said == ["nobody", "too_small", "turn_left_little", "good"]
    assert helper.state.is_good


def test_two_hints_never_follow_each_other_at_once() -> None:
    helper = Helper()
    for _ in range(6):
        helper.see(seen(reason=Reason.TOO_SMALL), 1.5).see(seen(reason=Reason.BACK_COVERED), 1.5)
    assert all(b.time_s - a.time_s >= 4 for a, b in pairwise(helper.cues))


def test_a_good_view_is_kept_watch_over() -> None:
    helper = Helper().see(GOOD, 5)
    assert helper.said == ["good"]
    helper.see(seen(reason=Reason.BACK_COVERED), 2)
    assert helper.said == ["good"]
    helper.see(seen(reason=Reason.BACK_COVERED), 3)
    assert helper.said == ["good", "back_covered"]
    assert not helper.state.is_good
    assert helper.see(GOOD, 4).said == ["good", "back_covered", "good"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("exercise_id", exercise_ids())
def test_every_hint_has_words(exercise_id: str, lang: str) -> None:
    exercise = get_exercise(exercise_id)
    turns = (
        "left",
        "right",
        "left_little",
        "right_little",
        *(view.value for view in exercise.views),
    )
    hints = {"good", "more_light", "start", f"position_{exercise.position.value}"}
    hints |= {f"turn_{turn}" for turn in turns} | {reason.value for reason in Reason}
    for hint in hints:
        assert text(hint_key(exercise, hint), lang).endswith(".")
