"""The set-up coach: helps until the camera sees the person well, and then keeps watch.

It speaks in words of what to do ("turn a little to the left", "step back, I cannot see your
knees"), one hint at a time, and falls silent when the view is good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite, nan
from typing import TYPE_CHECKING

from posture.datatypes import Position, Quality, Reason, View
from posture.feedback import Cue, Weight

if TYPE_CHECKING:
    from posture.datatypes import PostureSample
    from posture.exercises import Exercise

GOOD = "good"

# Where the trunk should face for each view; the nearest of left and right is chosen.
_TARGET_DEG = {View.SIDE: 90.0, View.THREE_QUARTER: 45.0, View.FRONT: 0.0}


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """When the set-up coach speaks. Chosen by us; evidence: tests/unit/test_view_coach.py.

    Attributes:
        hint_after_s: A problem must last this long before it is spoken of.
        repeat_s: A hint is repeated after this time if nothing has changed.
        quiet_s: Least time between two hints.
        good_after_s: The view must be good for this long.
        watch_s: After that, a problem must last this long before help is offered again.
        dark: Mean brightness below which more light is asked for, 0 to 1.
        little_deg: A smaller turn than this is called "a little".
    """

    hint_after_s: float = 0.8
    repeat_s: float = 10.0
    quiet_s: float = 4.0
    good_after_s: float = 1.5
    watch_s: float = 3.0
    dark: float = 0.18
    little_deg: float = 50.0


SETTINGS = ViewSettings()


@dataclass(frozen=True, slots=True)
class ViewState:
    """What the set-up coach remembers. ``ViewState()`` is a fresh one.

    Attributes:
        hint: What is wrong now; empty when nothing is.
        hint_since_s: Since when.
        good_since_s: Since when nothing is wrong, else NaN.
        is_good: Whether the view is good, and only kept watch over.
        spoken: The hint said last.
        spoke_s: When.
    """

    hint: str = ""
    hint_since_s: float = nan
    good_since_s: float = nan
    is_good: bool = False
    spoken: str = ""
    spoke_s: float = -inf


def step(
    exercise: Exercise,
    state: ViewState,
    sample: PostureSample,
    brightness: float = nan,
    settings: ViewSettings = SETTINGS,
) -> tuple[ViewState, Cue | None]:
    """Look at one sample; return the new state and the hint to begin now, if any.

    Args:
        exercise: What is going to be practised.
        state: What the coach remembers.
        sample: What the camera sees now; it need not be calibrated.
        brightness: Mean brightness of the picture, 0 to 1; NaN when unknown.
        settings: When the coach speaks.
    """
    time_s = sample.time_s
    hint = find_hint(exercise, sample, brightness, settings)
    if not hint:
        since_s = state.good_since_s if isfinite(state.good_since_s) else time_s
        state = replace(state, hint="", hint_since_s=nan, good_since_s=since_s)
        if state.is_good or time_s - since_s < settings.good_after_s:
            return state, None
        state = replace(state, is_good=True, spoken=GOOD, spoke_s=time_s)
        return state, _cue(exercise, time_s, GOOD)
    if hint != state.hint:
        state = replace(state, hint=hint, hint_since_s=time_s)
    state = replace(state, good_since_s=nan)
    if time_s - state.hint_since_s < (settings.watch_s if state.is_good else settings.hint_after_s):
        return state, None
    again_s = settings.repeat_s if hint == state.spoken else settings.quiet_s
    if time_s - state.spoke_s < again_s:
        return replace(state, is_good=False), None
    return replace(state, is_good=False, spoken=hint, spoke_s=time_s), _cue(exercise, time_s, hint)


def find_hint(
    exercise: Exercise,
    sample: PostureSample,
    brightness: float = nan,
    settings: ViewSettings = SETTINGS,
) -> str:
    """Return what keeps the camera from seeing the person well; empty when nothing does.

    Args:
        exercise: What is going to be practised.
        sample: What the camera sees now.
        brightness: Mean brightness of the picture, 0 to 1; NaN when unknown.
        settings: Where dark begins, and how large a little turn is.
    """
    dark = brightness < settings.dark
    if not sample.person:
        return "more_light" if dark else Reason.NOBODY.value
    if sample.position not in (exercise.position, Position.UNKNOWN):
        return f"position_{exercise.position.value}"
    reason = sample.reason if sample.quality is Quality.NONE else None
    lies = exercise.position is Position.LYING
    wrong_view = sample.view not in (*exercise.views, View.UNKNOWN) and not lies
    if wrong_view or reason in (Reason.NOT_SIDE_ON, Reason.NOT_THREE_QUARTER):
        return _turn(exercise, sample, settings)
    if reason is None or reason is Reason.NOT_CALIBRATED:
        return "" if exercise.is_start(sample) else "start"
    if reason is Reason.OUTLINE_UNCLEAR and dark:
        return "more_light"
    return reason.value


def hint_key(exercise: Exercise, hint: str) -> str:
    """Return the key of a hint's text."""
    if hint == "start":
        return f"exercise.{exercise.id}.start"
    return f"reason.{hint}" if hint in set(Reason) else f"guide.view.{hint}"


def _turn(exercise: Exercise, sample: PostureSample, settings: ViewSettings) -> str:
    view = exercise.views[0]
    yaw_deg = sample.trunk_yaw_deg
    if not isfinite(yaw_deg):
        return f"turn_{view.value}"
    target_deg = _TARGET_DEG[view] if yaw_deg >= 0 else -_TARGET_DEG[view]
    to_left_deg = target_deg - yaw_deg
    side = "left" if to_left_deg > 0 else "right"
    return f"turn_{side}_little" if abs(to_left_deg) < settings.little_deg else f"turn_{side}"


def _cue(exercise: Exercise, time_s: float, hint: str) -> Cue:
    key = hint_key(exercise, hint)
    return Cue(time_s, hint, Weight.FOUND if hint == GOOD else Weight.LOST, key, key)
