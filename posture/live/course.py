"""A routine, practised live: explanation, exercise, rest, and the coach of the exercise that is on.

``posture/programmes.py`` says what comes when; time passes with the pictures. An exercise's own
time begins when its practice does: finding one's place takes nothing from it. Each exercise has a
coach of its own, so each has its own neutral, counts and record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from posture import programmes
from posture.datatypes import PostureSample
from posture.features import Observation
from posture.live.coach import Coach, Moment, Stage
from posture.locales import text
from posture.programmes import CourseState, Routine

_STAGE_OF = {
    programmes.Stage.EXPLAIN: Stage.EXPLAIN,
    programmes.Stage.REST: Stage.REST,
    programmes.Stage.DONE: Stage.DONE,
}


@dataclass(frozen=True, slots=True)
class Practised:
    """A part of a routine that was practised, and the coach who knows what came of it."""

    part: int
    exercise: str
    coach: Coach


class Course:
    """Leads one person through a routine.

    Args:
        routine: What is done.
        make_coach: Returns a fresh coach for an exercise.
    """

    def __init__(self, routine: Routine, make_coach: Callable[[str], Coach]) -> None:
        self.routine = routine
        self.state = CourseState()
        self.practised: list[Practised] = []
        self._make_coach = make_coach
        self._announced: tuple[int, programmes.Stage] | None = None
        self.coach = make_coach(self.exercise)

    @property
    def exercise(self) -> str:
        """Id of the exercise that is on, or was on last."""
        return self.routine.parts[self.state.index].exercise

    @property
    def is_counting(self) -> bool:
        """Whether what is seen now is practice."""
        return self._is_on and self.coach.is_counting

    @property
    def is_over(self) -> bool:
        """Whether all parts are done."""
        return self.state.stage is programmes.Stage.DONE

    @property
    def _is_on(self) -> bool:
        return self.state.stage is programmes.Stage.EXERCISE and not self.state.is_paused

    def follow(self, observation: Observation) -> Moment:
        """Take the next picture's observation; times must rise."""
        practising = self.is_counting
        moment = self.coach.follow(observation) if self._is_on else self._between(observation)
        counted = int(moment.new_rep is not None)
        self._go_to(
            programmes.step(
                self.routine, self.state, observation.time_s, counted, practising=practising
            )
        )
        return moment

    def skip(self) -> None:
        """Leave the explanation, the exercise or the rest."""
        self._go_to(programmes.skip(self.routine, self.state))

    def pause(self) -> None:
        """Let time stand still; nothing counts."""
        self.state = programmes.pause(self.state)
        self.coach.interrupt()

    def resume(self) -> None:
        """Let time go on."""
        self.state = programmes.resume(self.state)

    def repeat(self) -> None:
        """Do this part's exercise again, from its beginning."""
        if self.state.stage is programmes.Stage.EXERCISE:
            self._end_exercise()
        self.state = programmes.repeat(self.routine, self.state)
        if self.coach.stage is Stage.DONE:
            self.coach = self._make_coach(self.exercise)

    def calibrate_again(self) -> None:
        """Take a new neutral in the exercise that is on."""
        self.coach.calibrate_again()

    def interrupt(self) -> None:
        """The pictures stop for a while; when they go on, what is on is said again."""
        self.state = programmes.interrupt(self.state)
        self._announced = None
        self.coach.interrupt()

    def finish(self) -> None:
        """End it here: the exercise that is on counts as far as it went."""
        if self.state.stage is programmes.Stage.EXERCISE:
            self._end_exercise()
        self.coach.finish()

    def announcement(self, lang: str) -> str:
        """Return what to say of the stage that has just begun; empty when it was said."""
        state = self.state
        if self._announced == (state.index, state.stage):
            return ""
        self._announced = (state.index, state.stage)
        if state.stage not in (programmes.Stage.EXPLAIN, programmes.Stage.REST):
            return ""  # the coach speaks
        said = [programmes.announcement(self.routine, state, lang)]
        if state.stage is programmes.Stage.EXPLAIN:
            own = f"exercise.{self.exercise}"
            said += [text(f"{own}.short", lang), text(f"{own}.start", lang)]
        return " ".join(said)

    def _go_to(self, state: CourseState) -> None:
        before = self.state
        if before.stage is programmes.Stage.EXERCISE and state.stage is not before.stage:
            self._end_exercise()
        self.state = state
        if state.index != before.index:
            self.coach = self._make_coach(self.exercise)

    def _end_exercise(self) -> None:
        if self.coach.stage is not Stage.DONE:
            self.coach.finish()
            self.practised.append(Practised(self.state.index, self.exercise, self.coach))

    def _between(self, observation: Observation) -> Moment:
        """Return a moment in which nothing is judged."""
        stage = Stage.PAUSED if self.state.is_paused else _STAGE_OF[self.state.stage]
        return Moment(
            stage=stage,
            observation=observation,
            sample=PostureSample(observation.time_s),
            hint_key="",
            asked_key="",
            held=0.0,
            phase="waiting",
            reps=self.coach.reps,
            new_rep=None,
            cue=None,
            breath=None,
            hold_s=0.0,
        )
