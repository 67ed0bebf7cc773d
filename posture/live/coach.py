"""One person's live practice, picture after picture: into place, neutral, reach, practice, end.

    PLACE -> STILL -> RANGE -> PRACTICE -> DONE
      ^                           |
      +---------------------------+   calibrate again; what was counted stays

Knows no socket, no clock and no picture: observations come in, :class:`Moment` goes out.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, isfinite, nan

import numpy as np

from posture import feedback, guide, view_coach
from posture.breath import Moment as BreathMoment
from posture.breath import Pace
from posture.datatypes import EventKind, PostureSample, Quality, Rep, RepKind, TimeWindow
from posture.errors import NobodyError
from posture.exercises import engine
from posture.exercises.exercise import Exercise
from posture.features import Observation
from posture.feedback import Cue, FeedbackState, Weight
from posture.live.doubt import NOTHING_YET, Doubt
from posture.live.tally import Tally, renumbered
from posture.live.tempo import Tempo
from posture.pelvis.calibration import Calibration, calibrate
from posture.pelvis.rotation import TurnEstimator
from posture.pelvis.tilt import TiltEstimator
from posture.pipeline import DEFAULT_SETTINGS, Interpreter, PipelineSettings, Result

logger = logging.getLogger(__name__)

# Somebody who stands well from the first moment need not be told so.
AT_ONCE_S = 0.3
# Neutral is taken from the pictures of this much time; more is never needed.
REMEMBERED_S = 6.0
# The breath is led from so long after the last word of getting ready, so that it can be heard.
LEAD_IN_S = 4.0
# Whether somebody moved is told by most of the moments: not by a misread one, nor by a beginning
# that comes with the last of them.
MOST_OF_THEM = (5, 95)
# What to do is said once more when nothing was counted and nothing was said for so long.
NOTHING_YET_S = 20.0
# That too few pictures come is said again after so long.
SLOW_AGAIN_S = 30.0
TOO_SLOW = "guide.view.too_slow"


class Stage(StrEnum):
    """Where a practice is."""

    PLACE = "place"
    STILL = "still"
    # Neutral is known, and the person shows how far they reach: in few exercises.
    RANGE = "range"
    PRACTICE = "practice"
    DONE = "done"
    # In a routine only; see course.py.
    EXPLAIN = "explain"
    REST = "rest"
    PAUSED = "paused"


_STAGE_OF = {"in_picture": Stage.PLACE, "neutral": Stage.STILL, guide.DONE: Stage.PRACTICE}


@dataclass(frozen=True, slots=True)
class Moment:
    """What one picture came to.

    Attributes:
        stage: Where the practice is.
        observation: What was seen.
        sample: What it means.
        hint_key: Text of what keeps the person from being judged; empty when nothing does.
        asked_key: Text of what the guide asks for now; empty when it asks for nothing.
        held: How much of the hold that the guide asks for is done, 0 to 1.
        phase: The exercise's phase.
        reps: Repetitions so far.
        new_rep: The repetition finished with this picture.
        cue: What to say now.
        breath: Where the breath pacer is, for exercises that are led by it.
        hold_s: How long the person has been away from rest, in a movement that counts.
    """

    stage: Stage
    observation: Observation
    sample: PostureSample
    hint_key: str
    asked_key: str
    held: float
    phase: str
    reps: tuple[Rep, ...]
    new_rep: Rep | None
    cue: Cue | None
    breath: BreathMoment | None
    hold_s: float


class Coach:
    """Leads one person through one exercise.

    Args:
        exercise: What is practised.
        pace: The breath to be followed; the exercise's usual one unless named.
        estimator: Where the tilt comes from; the outline's formula unless named.
        turn_estimator: Where the pelvis's turn comes from; without it none is read.
        settings: Every stage's settings.
    """

    def __init__(
        self,
        exercise: Exercise,
        pace: Pace | None = None,
        estimator: TiltEstimator | None = None,
        settings: PipelineSettings = DEFAULT_SETTINGS,
        turn_estimator: TurnEstimator | None = None,
    ) -> None:
        self.exercise = exercise
        self.tally = Tally()
        self._pace = pace
        self._settings = settings
        self._interpreter = Interpreter(
            exercise, None, estimator, settings, turn_estimator=turn_estimator
        )
        self._earlier_reps: tuple[Rep, ...] = ()
        self._recent: deque[Observation] = deque()
        self._feedback = FeedbackState()
        self._stage = Stage.PLACE
        self._settled: Result | None = None
        self._out_since_s = nan
        self._tempo = Tempo()
        self._told_slow_s = -inf
        self._told_moved_s = -inf
        self._doubt = Doubt()
        self._spoke_s = nan
        self._guide: guide.GuideState
        self._start_guide()

    @property
    def stage(self) -> Stage:
        """Where the practice is."""
        return self._stage

    @property
    def is_counting(self) -> bool:
        """Whether what is seen now is practice."""
        return self._stage is Stage.PRACTICE

    @property
    def leads_breath(self) -> bool:
        """Whether a breath pacer leads, or will."""
        return self._pace is not None

    @property
    def calibration(self) -> Calibration | None:
        """The neutral that holds now."""
        return self._interpreter.calibration

    @property
    def reps(self) -> tuple[Rep, ...]:
        """All repetitions, counted through; what moves before the practice itself is none."""
        return renumbered(
            self._earlier_reps, self._interpreter.state.reps if self._has_begun else ()
        )

    @property
    def personal_range(self) -> guide.PersonalRange:
        """How far the person reached when asked; NaN where it is not known."""
        return guide.PersonalRange(self._guide.forward_deg, self._guide.backward_deg)

    def follow(self, observation: Observation) -> Moment:
        """Take the next picture's observation; times must rise."""
        if self._stage is Stage.DONE:
            raise RuntimeError("the practice has ended")
        result = self._interpreter.interpret(observation)
        sample = result.sample
        practising = self._stage is Stage.PRACTICE
        cue = self._lead(observation, sample)
        self._lead_breath(sample.time_s)
        new_rep = None
        if self._settled is not None:
            result, self._settled = self._settled, None
            sample = result.sample
        if practising:
            self.tally.add(sample)
            new_rep = next((e.rep for e in result.events if e.kind is EventKind.REP), None)
            self._feedback, said = feedback.step(
                self.exercise, self._feedback, sample.time_s, result.events
            )
            why, cue = self._doubt.step(sample, cue or said or self._encouragement(sample))
            if why:
                cue = self._take_neutral_anew(why, sample.time_s)
        # That it begins is said all the same.
        begins = self._stage is Stage.PRACTICE and not practising
        if self._tempo.add(sample.time_s) and sample.person and not begins:
            cue = self._told_slow(sample.time_s) or (cue if practising else None)
        if cue is not None:
            self._spoke_s = sample.time_s
        reps = self.reps
        if new_rep is not None:
            new_rep = reps[-1]
        return Moment(
            stage=self._stage,
            observation=observation,
            sample=sample,
            hint_key=self._hint(observation, sample),
            asked_key=self._asked(),
            held=self._held(),
            phase=result.phase,
            reps=reps,
            new_rep=new_rep,
            cue=cue,
            breath=self._breath(sample.time_s),
            hold_s=self._hold(sample.time_s),
        )

    def calibrate_again(self) -> None:
        """Take a new neutral; what was counted stays."""
        if self._stage is Stage.DONE:
            return
        self._interpreter.finish()
        self._earlier_reps = self.reps
        self._interpreter.calibrate(None)
        self._feedback = FeedbackState()
        self._stage = Stage.PLACE
        self._start_guide()

    def _take_neutral_anew(self, why: str, time_s: float) -> Cue:
        """Ask for neutral once more, of somebody whose neutral seems to be wrong."""
        self.calibrate_again()
        self._guide, cue = guide.neutral_anew(self.exercise, self._guide, time_s, f"anew_{why}")
        self._stage = Stage.STILL
        return cue

    def see_anew(self) -> None:
        """Another pose model sees from here on: neutral is held with it from its beginning."""
        self._recent.clear()
        self._tempo = Tempo()
        self._guide = replace(self._guide, held=())

    def interrupt(self) -> None:
        """The pictures stop for a while; the time until they go on is no practice."""
        self.tally.interrupt()
        self._recent.clear()
        self._tempo = Tempo()

    def finish(self) -> None:
        """End the practice: a movement that was more than half way back is counted."""
        if self._stage is not Stage.DONE:
            self._interpreter.finish()
            self._stage = Stage.DONE

    # -- into place and neutral ----------------------------------------------------------------

    def _start_guide(self) -> None:
        self._guide = guide.begin(self.exercise)
        self._has_begun = False
        self._breath_is_led = False
        self._fine_since_s = nan

    def _lead(self, observation: Observation, sample: PostureSample) -> Cue | None:
        """Let the guide take its step, and calibrate as soon as it has found neutral."""
        if self._stage is Stage.PRACTICE:
            return None
        if self._stage is not Stage.RANGE:
            self._remember(observation)
        known = self._guide.neutral
        if self._is_fine_at_once(observation, sample):
            self._guide = guide.redo(self.exercise, self._guide, "neutral")
        self._guide, cue = guide.step(self.exercise, self._guide, sample, observation.brightness)
        if self._guide.neutral is not None and self._guide.neutral is not known:
            cue = self._take_neutral(self._guide.neutral, cue)
        elif self._guide.step == guide.DONE:  # the reach was no repetition yet
            state = self._interpreter.state
            self._interpreter.state = engine.afresh(self.exercise, state, sample)
        self._stage = _STAGE_OF.get(self._guide.step, Stage.RANGE)
        self._has_begun = self._stage is Stage.PRACTICE
        return cue

    def _is_fine_at_once(self, observation: Observation, sample: PostureSample) -> bool:
        if self._guide.step != "in_picture" or "neutral" not in self.exercise.calibration:
            return False
        if view_coach.find_hint(self.exercise, sample, observation.brightness):
            self._fine_since_s = nan
            return False
        if not isfinite(self._fine_since_s):
            self._fine_since_s = sample.time_s
        return sample.time_s - self._fine_since_s >= AT_ONCE_S

    def _remember(self, observation: Observation) -> None:
        self._recent.append(observation)
        while observation.time_s - self._recent[0].time_s > REMEMBERED_S:
            self._recent.popleft()

    def _take_neutral(self, window: TimeWindow, cue: Cue | None) -> Cue | None:
        """Calibrate, and begin; or ask for neutral again. Return what to say."""
        inside = [o for o in self._recent if o.time_s in window]
        try:
            neutral = calibrate(inside, window, self.exercise.reading, self._settings.quality)
        except NobodyError as error:
            logger.info("Neutral is asked for again: %s", error)
            self._guide = guide.redo(self.exercise, self._guide, "neutral")
            return None
        self._interpreter.calibrate(neutral)
        self._interpreter.state = self.exercise.initial_state(
            self._pace if self._guide.step == guide.DONE else None
        )
        # The stillness that gave neutral is also the person's settling: practice begins in place.
        results = [self._interpreter.interpret(observation) for observation in inside]
        if self._moved(results):
            logger.info("Neutral is asked for again: the person moved")
            self._interpreter.calibrate(None)
            self._guide, cue = guide.neutral_anew(self.exercise, self._guide, window.end_s, "moved")
            if window.end_s - self._told_moved_s < guide.SETTINGS.remind_s:
                return None
            self._told_moved_s = window.end_s
            return cue
        self._settled = results[-1]
        self._recent.clear()
        return cue

    def _moved(self, results: Sequence[Result]) -> bool:
        """Whether the exercise's own movement was going on, too little though it showed before."""
        values = [self.exercise.signal(result.sample) for result in results]
        known = [value for value in values if isfinite(value)]
        if not known:
            return False
        low, high = np.percentile(known, MOST_OF_THEM)
        threshold = self.exercise.swing.threshold
        # At the far end of a slow roll it hardly moves; but it does so more than at rest.
        return bool(high - low > (threshold.leave or threshold.enter))

    def _lead_breath(self, time_s: float) -> None:
        """Begin to lead the breath when nothing else is asked any more, and not in mid-sentence."""
        state = self._interpreter.state
        if self._pace is None or self._stage is not Stage.PRACTICE or self._breath_is_led:
            return
        if self._guide.step == guide.DONE:
            start_s = time_s + LEAD_IN_S if state.in_place else nan
            self._interpreter.state = state._replace(pace=self._pace, pace_start_s=start_s)
            self._breath_is_led = True

    def _breath(self, time_s: float) -> BreathMoment | None:
        state = self._interpreter.state
        if self._stage is not Stage.PRACTICE or state.pace is None:
            return None
        if not time_s >= state.pace_start_s:
            return None
        return state.pace.moment(time_s - state.pace_start_s)

    def _hold(self, time_s: float) -> float:
        if self._stage is not Stage.PRACTICE or not self._interpreter.state.swing.confirmed:
            self._out_since_s = nan
            return 0.0
        if not isfinite(self._out_since_s):
            self._out_since_s = time_s
        return time_s - self._out_since_s

    def _encouragement(self, sample: PostureSample) -> Cue | None:
        """Say what to do once more, while nothing has been counted since neutral was taken."""
        state = self._interpreter.state
        waits = not state.reps and state.pace is None and not state.swing.confirmed
        if not waits or not isfinite(self._spoke_s):
            return None
        if sample.quality is Quality.NONE or sample.time_s - self._spoke_s < NOTHING_YET_S:
            return None
        key = f"guide.{NOTHING_YET}"
        return Cue(sample.time_s, NOTHING_YET, Weight.FOUND, key, key)

    def _told_slow(self, time_s: float) -> Cue | None:
        """Say that too few pictures come; now and then."""
        if time_s - self._told_slow_s < SLOW_AGAIN_S:
            return None
        self._told_slow_s = time_s
        return Cue(time_s, "too_slow", Weight.LOST, TOO_SLOW, TOO_SLOW)

    def _hint(self, observation: Observation, sample: PostureSample) -> str:
        """Return the text of what keeps the person from being judged."""
        if self._tempo.is_slow and sample.person:
            return TOO_SLOW
        hint = view_coach.find_hint(self.exercise, sample, observation.brightness)
        return view_coach.hint_key(self.exercise, hint) if hint else ""

    def _asked(self) -> str:
        if self._stage is Stage.PLACE or self._guide.step == guide.DONE:
            return ""
        return f"guide.{guide.instruction(self.exercise, self._guide.step)}"

    def _held(self) -> float:
        """How much of the hold that the guide asks for is done."""
        wanted_s = {"neutral": guide.SETTINGS.neutral_s, "forward": guide.SETTINGS.reach_s}
        wanted_s["backward"] = wanted_s["forward"]
        if self._stage is Stage.PLACE or self._guide.step not in wanted_s:
            return 0.0
        return min(self._guide.held_s / wanted_s[self._guide.step], 1.0)


def counts(reps: tuple[Rep, ...]) -> dict[RepKind, int]:
    """Return how many repetitions there are of each kind."""
    found: dict[RepKind, int] = {}
    for rep in reps:
        found[rep.kind] = found.get(rep.kind, 0) + 1
    return found
