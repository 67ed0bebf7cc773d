"""Personal calibration, led by voice: into the picture, natural stance, forward, backward.

The guide watches the samples and says what to do next. It finds the stretches of time in which
the person stood in neutral and reached as far as is comfortable; taking the calibration from the
pictures of those stretches is the pelvis stage's work. As soon as ``state.neutral`` is there the
caller calibrates, so that the samples that follow carry a tilt.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf, isfinite, nan, sqrt
from typing import TYPE_CHECKING

from posture.datatypes import Quality, Reason, TimeWindow
from posture.feedback import Cue, Weight
from posture.pelvis.quality import Reading
from posture.view_coach import ViewState, find_hint
from posture.view_coach import step as watch_view

if TYPE_CHECKING:
    from posture.datatypes import PostureSample
    from posture.exercises import Exercise

DONE = "done"
STEPS = ("in_picture", "neutral", "forward", "backward")
_SIGN = {"forward": 1.0, "backward": -1.0}


@dataclass(frozen=True, slots=True)
class GuideSettings:
    """What still, far and long enough mean. Chosen by us; evidence: tests/unit/test_guide.py.

    Attributes:
        neutral_s: How long the natural stance must be held still.
        reach_s: How long a reach must be held.
        still_deg: While holding, trunk, knee and hip angles stay within this.
        reach_still_deg: While holding a reach, the tilt stays within this.
        reach_deg: A smaller tilt is no reach.
        stray_deg: Nor is one for which the trunk leans or the knees bend by more since neutral.
        direction_sd: Nor is one within so many of its own standard uncertainties (one-sided
            95 % of a normal distribution).
        give_up_s: Without a reach for so long the step is left out.
        remind_s: The instruction is repeated after this time.
        gap_s: A longer time without samples breaks a stretch of stillness.
    """

    neutral_s: float = 3.0
    reach_s: float = 1.0
    still_deg: float = 4.0
    reach_still_deg: float = 2.5
    reach_deg: float = 3.0
    stray_deg: float = 12.0
    direction_sd: float = 1.64
    give_up_s: float = 25.0
    remind_s: float = 9.0
    gap_s: float = 0.7


SETTINGS = GuideSettings()


@dataclass(frozen=True, slots=True)
class GuideState:
    """Where the calibration is. ``begin(exercise)`` makes a fresh one.

    Attributes:
        step: ``in_picture``, ``neutral``, ``forward``, ``backward`` or ``done``.
        neutral: When the person stood in neutral; ``None`` until then.
        forward: When they reached forward; ``None`` without a reach.
        backward: When they reached backward; ``None`` without a reach.
        forward_deg: That reach, degrees; NaN without.
        backward_deg: The same backward, negative; NaN without.
        step_since_s: When the step began.
        rest: Trunk lean and knee bend in neutral, degrees; empty until then.
        held: The stretch of stillness so far: each moment's time and values.
        restless: Whether the person moved since the instruction was last given.
        spoke_s: When the step's instruction was last given.
        view: The set-up coach's memory; it keeps watch over the view in every step.
    """

    step: str
    neutral: TimeWindow | None = None
    forward: TimeWindow | None = None
    backward: TimeWindow | None = None
    forward_deg: float = nan
    backward_deg: float = nan
    step_since_s: float = nan
    rest: tuple[float, ...] = ()
    held: tuple[tuple[float, tuple[float, ...]], ...] = ()
    restless: bool = False
    spoke_s: float = -inf
    view: ViewState = field(default_factory=ViewState)

    @property
    def held_s(self) -> float:
        """How long the person has been still in this step."""
        return self.held[-1][0] - self.held[0][0] if self.held else 0.0


@dataclass(frozen=True, slots=True)
class PersonalRange:
    """How far this person tilts.

    Attributes:
        forward_deg: Forward reach, positive; NaN when it is not known.
        backward_deg: Backward reach, negative; NaN when it is not known.
    """

    forward_deg: float = nan
    backward_deg: float = nan

    def percent(self, tilt_deg: float) -> float:
        """Return a tilt in percent of the person's own reach on that side.

        Returns:
            100 at the forward reach, -100 at the backward reach, 0 in neutral; NaN where the
            reach or the tilt is not known.
        """
        reach_deg = self.forward_deg if tilt_deg >= 0 else -self.backward_deg
        return 100.0 * tilt_deg / reach_deg if reach_deg > 0 else nan


def minimal_detectable_change_deg(sd_deg: float) -> float:
    """Return the smallest difference between two readings that is real with 95 % certainty.

    Args:
        sd_deg: Standard uncertainty of one reading, degrees.

    Returns:
        1.96 * sqrt(2) * ``sd_deg``, the usual definition of the minimal detectable change.
    """
    return 1.96 * sqrt(2.0) * sd_deg


def is_real_change(before_deg: float, after_deg: float, sd_deg: float) -> bool:
    """Say whether two readings differ by more than can be put down to their uncertainty."""
    return abs(after_deg - before_deg) > minimal_detectable_change_deg(sd_deg)


def begin(exercise: Exercise) -> GuideState:
    """Return the state before the first sample; ``done`` where there is nothing to calibrate."""
    return GuideState(step=exercise.calibration[0] if exercise.calibration else DONE)


def redo(exercise: Exercise, state: GuideState, step: str) -> GuideState:
    """Return the state from which one step and those after it are done again.

    Raises:
        ValueError: The exercise has no such step.
    """
    if step not in exercise.calibration:
        raise ValueError(f"{exercise.id} has no calibration step {step!r}")
    again = GuideState(step=step)
    if step in _SIGN:
        again = replace(again, neutral=state.neutral, rest=state.rest)
    if step == "backward":
        again = replace(again, forward=state.forward, forward_deg=state.forward_deg)
    return again


def neutral_anew(
    exercise: Exercise, state: GuideState, time_s: float, why: str
) -> tuple[GuideState, Cue]:
    """Return the state in which neutral is asked for again, and what says why.

    Args:
        exercise: What is practised.
        state: Where the calibration is.
        time_s: The time now.
        why: ``moved`` meanwhile, ``anew_turned`` round since, or only ``anew_one_sided``.
    """
    again = replace(redo(exercise, state, "neutral"), step_since_s=time_s, spoke_s=time_s)
    return replace(again, view=state.view), _cue(time_s, why)


def step(
    exercise: Exercise,
    state: GuideState,
    sample: PostureSample,
    brightness: float = nan,
    settings: GuideSettings = SETTINGS,
) -> tuple[GuideState, Cue | None]:
    """Take one sample; return the new state and what to say now, if anything.

    Args:
        exercise: What is going to be practised.
        state: Where the calibration is.
        sample: What the camera sees now.
        brightness: Mean brightness of the picture, 0 to 1; NaN when unknown.
        settings: What still, far and long enough mean.
    """
    if state.step == DONE or not sample.time_s < inf:
        return state, None
    if not isfinite(state.step_since_s):
        state = replace(state, step_since_s=sample.time_s)
    if state.step == "in_picture":
        view, cue = watch_view(exercise, state.view, sample, brightness)
        state = replace(state, view=view)
        return _next(exercise, state, sample.time_s) if view.is_good else (state, cue)
    if state.held and sample.time_s <= state.held[-1][0]:
        return state, None
    view, hint = watch_view(exercise, state.view, sample, brightness)
    state = replace(state, view=view)
    if hint is not None and hint.weight is Weight.LOST:
        return replace(state, held=(), spoke_s=sample.time_s), hint
    state = _hold(exercise, state, sample, brightness, settings)
    if state.step == "neutral":
        if state.held_s < settings.neutral_s:
            return _remind(exercise, state, sample.time_s, settings)
        window = TimeWindow(state.held[0][0], state.held[-1][0])
        rest = state.held[-1][1][:2]
        return _next(exercise, replace(state, neutral=window, rest=rest), sample.time_s)
    return _reach(exercise, state, sample.time_s, settings)


def _hold(
    exercise: Exercise,
    state: GuideState,
    sample: PostureSample,
    brightness: float,
    settings: GuideSettings,
) -> GuideState:
    """Let the stretch of stillness grow by a moment, or begin it anew."""
    if find_hint(exercise, sample, brightness):
        return replace(state, held=())
    body = (sample.trunk_lean_deg, sample.knee_flexion_deg, sample.shoulder_hip_knee_deg)
    limits = [settings.still_deg] * len(body)
    values: tuple[float, ...] = body
    if state.step in _SIGN:
        sign = _SIGN[state.step]
        least_deg = max(settings.reach_deg, settings.direction_sd * sample.pelvic_tilt_sd_deg)
        strays = (now - rest for now, rest in zip(body, state.rest, strict=False))
        astray = any(abs(stray) > settings.stray_deg for stray in strays)
        unread = sample.quality is Quality.NONE
        if unread or astray or not sign * sample.pelvic_tilt_deg >= least_deg:
            return replace(state, held=())
        values = (*body, sample.pelvic_tilt_deg)
        limits = [inf] * len(body) + [settings.reach_still_deg]
    elif sample.quality is Quality.NONE and sample.reason is not Reason.NOT_CALIBRATED:
        return replace(state, held=())
    before = state.held
    if before and sample.time_s - before[-1][0] > settings.gap_s:
        before = ()
    held = (*before, (sample.time_s, values))
    for position, limit in enumerate(limits):
        column = [moment[1][position] for moment in held if isfinite(moment[1][position])]
        if column and max(column) - min(column) > limit:
            return replace(state, held=held[-1:], restless=True)
    return replace(state, held=held)


def _reach(
    exercise: Exercise, state: GuideState, time_s: float, settings: GuideSettings
) -> tuple[GuideState, Cue | None]:
    if state.held_s >= settings.reach_s:
        window = TimeWindow(state.held[0][0], state.held[-1][0])
        reach_deg = sum(values[-1] for _, values in state.held) / len(state.held)
        if state.step == "forward":
            state = replace(state, forward=window, forward_deg=reach_deg)
        else:
            state = replace(state, backward=window, backward_deg=reach_deg)
        return _next(exercise, state, time_s)
    if time_s - state.step_since_s > settings.give_up_s:
        return _next(exercise, state, time_s, left_out=True)
    return _remind(exercise, state, time_s, settings)


def _next(
    exercise: Exercise, state: GuideState, time_s: float, *, left_out: bool = False
) -> tuple[GuideState, Cue]:
    """Go on to the next step, and say so."""
    steps = (*exercise.calibration, DONE)
    following = steps[steps.index(state.step) + 1]
    said = f"{state.step}_left_out" if left_out else instruction(exercise, following)
    state = replace(state, step=following, step_since_s=time_s, held=(), spoke_s=time_s)
    return state, _cue(time_s, said)


def _remind(
    exercise: Exercise, state: GuideState, time_s: float, settings: GuideSettings
) -> tuple[GuideState, Cue | None]:
    if time_s - state.spoke_s < settings.remind_s:
        return state, None
    moves = state.step == "neutral" and state.restless
    said = "moved" if moves else instruction(exercise, state.step)
    return replace(state, restless=False, spoke_s=time_s), _cue(time_s, said)


def instruction(exercise: Exercise, step_name: str) -> str:
    """Return which text under ``guide`` tells what to do in a step."""
    if step_name != "neutral":
        return step_name
    # Where legs are wide or crossed, knees bent or the back hollow, rest is not as one usually is.
    natural = exercise.reading in {Reading.TILT, Reading.LIFT} and not exercise.paced
    return f"neutral_{exercise.position.value}" if natural else "neutral_start"


def _cue(time_s: float, said: str) -> Cue:
    return Cue(time_s, said, Weight.FOUND, f"guide.{said}", f"guide.{said}")
