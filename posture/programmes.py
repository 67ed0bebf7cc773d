"""Programmes: the hand-out as a guided course of explanation, exercise and rest.

A routine is a list of parts. A course is somebody going through it; like the exercises it is a
pure state machine that is told the time and knows no clock. Skipping, pausing and repeating are
functions from state to state.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite, nan
from typing import Any

from posture.breath import Emphasis
from posture.errors import InputError, UsageError
from posture.exercises import exercise_ids, get_exercise
from posture.locales import text

EXPLAIN_S = 20.0
REST_S = 15.0
LONGEST_MINUTES = 30.0
MOST_PARTS = 40
LARGEST_BYTES = 64_000


class Stage(StrEnum):
    """What a part of a routine is at."""

    EXPLAIN = "explain"
    EXERCISE = "exercise"
    REST = "rest"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Part:
    """One exercise of a routine.

    Attributes:
        exercise: Its id.
        minutes: How long it is practised.
        reps: It also ends after so many repetitions; 0 leaves it to the time.
        explain_s: Time for the explanation before it.
        rest_s: Rest after it; the last part of a routine has none.
    """

    exercise: str
    minutes: float
    reps: int = 0
    explain_s: float = EXPLAIN_S
    rest_s: float = REST_S


@dataclass(frozen=True, slots=True)
class Routine:
    """A list of parts.

    Attributes:
        id: Its name for the machine.
        parts: What is done, in order; at least one.
        emphasis: What the breath pacer stresses.
        own_title: Title of a routine from a file; empty for those that come with the product.
        theme: Theme of a routine that comes with the product; empty for one from a file.
    """

    id: str
    parts: tuple[Part, ...]
    emphasis: Emphasis = Emphasis.EVEN
    own_title: str = ""
    theme: str = ""

    def title(self, lang: str) -> str:
        """Return what the user calls it."""
        if self.own_title:
            return self.own_title
        minutes = round(self.total_s / 60)
        return text(
            "programme.title",
            lang,
            name=text(f"programme.{self.theme}.name", lang),
            minutes=minutes,
        )

    @property
    def total_s(self) -> float:
        """How long it takes without pauses and skipping, seconds."""
        lengths = [part.explain_s + 60 * part.minutes + part.rest_s for part in self.parts]
        return sum(lengths) - self.parts[-1].rest_s


def _built_in(theme: str, emphasis: Emphasis, minutes: int, *parts: tuple[str, float]) -> Routine:
    return Routine(
        id=f"{theme}-{minutes}",
        parts=tuple(Part(exercise, length) for exercise, length in parts),
        emphasis=emphasis,
        theme=theme,
    )


# Standing first, then sitting, then lying, so that the camera moves as little as possible.
ROUTINES: tuple[Routine, ...] = (
    _built_in("let-go", Emphasis.LET_GO, 5, ("standing-tilt", 2), ("floor-lying", 2)),
    _built_in(
        "let-go",
        Emphasis.LET_GO,
        10,
        ("standing-tilt", 2),
        ("pelvis-wave", 2),
        ("small-bridge", 2),
        ("floor-lying", 2),
    ),
    _built_in(
        "let-go",
        Emphasis.LET_GO,
        20,
        ("standing-tilt", 3),
        ("pelvis-wave", 3),
        ("sit-bones", 2),
        ("active-sitting", 3),
        ("small-bridge", 3),
        ("floor-lying", 3),
    ),
    _built_in("strength", Emphasis.CONTRACT, 5, ("floor-surface", 2), ("bridge", 2)),
    _built_in(
        "strength",
        Emphasis.CONTRACT,
        10,
        ("floor-standing", 2),
        ("floor-surface", 2),
        ("floor-middle", 2),
        ("bridge", 2),
    ),
    _built_in(
        "strength",
        Emphasis.CONTRACT,
        20,
        ("sit-bones", 2),
        ("floor-standing", 3),
        ("floor-surface", 3),
        ("floor-middle", 3),
        ("floor-deep", 3),
        ("bridge", 3),
    ),
    _built_in("back-day", Emphasis.EVEN, 5, ("standing-tilt", 2), ("small-bridge", 2)),
    _built_in(
        "back-day",
        Emphasis.EVEN,
        10,
        ("standing-tilt", 2),
        ("monkey", 2),
        ("active-sitting", 2),
        ("small-bridge", 2),
    ),
    _built_in(
        "back-day",
        Emphasis.EVEN,
        20,
        ("standing-tilt", 3),
        ("monkey", 3),
        ("pelvis-wave", 2),
        ("active-sitting", 3),
        ("small-bridge", 3),
        ("bridge", 3),
    ),
)


def get_routine(routine_id: str) -> Routine:
    """Return a routine that comes with the product.

    Raises:
        UsageError: There is none with this id; the message names those there are.
    """
    for routine in ROUTINES:
        if routine.id == routine_id:
            return routine
    known = ", ".join(routine.id for routine in ROUTINES)
    raise UsageError("error.routine.unknown", id=routine_id, known=known)


# -- own routines --------------------------------------------------------------------------------


def read_routine(data: bytes, name: str) -> Routine:
    """Read a routine of the user's own from the content of a TOML file.

    Args:
        data: The file's bytes.
        name: What to call it in messages.

    Raises:
        InputError: It is no text, or larger than any routine.
        UsageError: It is text, and something in it is wrong; the message says what and where.
    """
    if len(data) > LARGEST_BYTES:
        raise InputError("error.routine.too_large", name=name, most_kb=LARGEST_BYTES // 1000)
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("error.routine.no_text", name=name) from error
    return parse_routine(content, name)


def parse_routine(content: str, name: str) -> Routine:
    """Return the routine that a TOML text describes.

    Args:
        content: For example::

            title = "My morning"
            emphasis = "let_go"      # or "even", "contract"; may be left out

            [[part]]
            exercise = "standing-tilt"
            minutes = 2
            reps = 10                # may be left out: ends after ten repetitions, if sooner
            rest_s = 20              # may be left out

        name: What to call it in messages.

    Raises:
        UsageError: Something in it is wrong; the message says what and where.
    """
    try:
        read = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise UsageError("error.routine.no_toml", name=name, error=error) from error
    _only(read, {"title", "emphasis", "part"}, "error.routine.means_nothing", {"name": name})
    title = read.get("title", name)
    if not isinstance(title, str) or not title.strip():
        raise UsageError("error.routine.no_title", name=name)
    emphasis = read.get("emphasis", Emphasis.EVEN.value)
    if emphasis not in set(Emphasis):
        known = ", ".join(Emphasis)
        raise UsageError("error.routine.emphasis", name=name, emphasis=emphasis, known=known)
    parts = read.get("part", [])
    if not isinstance(parts, list) or not parts or not all(isinstance(p, dict) for p in parts):
        raise UsageError("error.routine.no_parts", name=name)
    if len(parts) > MOST_PARTS:
        raise UsageError(
            "error.routine.too_many_parts", name=name, count=len(parts), most=MOST_PARTS
        )
    return Routine(
        id=name,
        parts=tuple(_part(part, {"name": name, "number": i}) for i, part in enumerate(parts, 1)),
        emphasis=Emphasis(emphasis),
        own_title=title.strip(),
    )


def _part(part: dict[str, Any], where: Mapping[str, object]) -> Part:
    known = {"exercise", "minutes", "reps", "explain_s", "rest_s"}
    _only(part, known, "error.routine.means_nothing_in_part", where)
    exercise = part.get("exercise")
    if exercise not in exercise_ids():
        raise UsageError(
            "error.routine.no_exercise",
            exercise=exercise,
            known=", ".join(exercise_ids()),
            **where,
        )
    return Part(
        exercise=str(exercise),
        minutes=_number(part, "minutes", 0.25, LONGEST_MINUTES, where),
        reps=round(_number(part, "reps", 1, 1000, where, 0)),
        explain_s=_number(part, "explain_s", 0, 600, where, EXPLAIN_S),
        rest_s=_number(part, "rest_s", 0, 600, where, REST_S),
    )


def _only(
    content: dict[str, Any], known: set[str], error: str, where: Mapping[str, object]
) -> None:
    for key in content:
        if key not in known:
            raise UsageError(error, key=key, known=", ".join(sorted(known)), **where)


def _number(
    part: dict[str, Any],
    key: str,
    low: float,
    high: float,
    where: Mapping[str, object],
    default: float = nan,
) -> float:
    value = part.get(key, default)
    if key not in part and isfinite(default):
        return default
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:
        raise UsageError("error.routine.out_of_range", key=key, low=low, high=high, **where)
    return float(value)


# -- going through a routine ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one part.

    Attributes:
        exercise: Its id.
        practised_s: Time practised.
        reps: Repetitions counted.
        skipped: Whether it was left before its end.
    """

    exercise: str
    practised_s: float
    reps: int
    skipped: bool


@dataclass(frozen=True, slots=True)
class CourseState:
    """Where somebody is in a routine. ``CourseState()`` is the beginning.

    Attributes:
        index: Which part, from 0.
        stage: Explanation, exercise, rest, or done.
        elapsed_s: Time spent in this stage, without pauses.
        reps: Repetitions counted in this part.
        is_paused: Whether time stands still.
        time_s: The last time told; NaN before the first.
        outcomes: What came of the parts so far.
    """

    index: int = 0
    stage: Stage = Stage.EXPLAIN
    elapsed_s: float = 0.0
    reps: int = 0
    is_paused: bool = False
    time_s: float = nan
    outcomes: tuple[Outcome, ...] = field(default=())


def step(
    routine: Routine,
    state: CourseState,
    time_s: float,
    new_reps: int = 0,
    *,
    practising: bool = True,
) -> CourseState:
    """Let time pass.

    Args:
        routine: What is gone through.
        state: Where in it.
        time_s: The time now; an earlier one than before changes nothing.
        new_reps: Repetitions counted since the last step; only those of the exercise count.
        practising: Whether an exercise that is on has begun: finding one's place takes no time
            from it.
    """
    passed_s = time_s - state.time_s if isfinite(state.time_s) else 0.0
    if state.stage is Stage.DONE or not passed_s >= 0 or not isfinite(time_s):
        return state
    state = replace(state, time_s=time_s)
    if state.is_paused or (state.stage is Stage.EXERCISE and not practising):
        return state
    state = replace(state, elapsed_s=state.elapsed_s + passed_s)
    part = routine.parts[state.index]
    if state.stage is Stage.EXERCISE:
        state = replace(state, reps=state.reps + new_reps)
        if part.reps and state.reps >= part.reps:
            return _go_on(routine, state, skipped=False)
    return _go_on(routine, state, skipped=False) if left_s(routine, state) <= 0 else state


def left_s(routine: Routine, state: CourseState) -> float:
    """Return how long the stage still takes, seconds; 0 when done."""
    if state.stage is Stage.DONE:
        return 0.0
    part = routine.parts[state.index]
    lengths_s = {
        Stage.EXPLAIN: part.explain_s,
        Stage.EXERCISE: 60.0 * part.minutes,
        Stage.REST: part.rest_s,
    }
    return max(0.0, lengths_s[state.stage] - state.elapsed_s)


def skip(routine: Routine, state: CourseState) -> CourseState:
    """Leave the stage: from the explanation to the exercise, from the exercise to the rest."""
    return state if state.stage is Stage.DONE else _go_on(routine, state, skipped=True)


def pause(state: CourseState) -> CourseState:
    """Let time stand still."""
    return replace(state, is_paused=state.stage is not Stage.DONE)


def resume(state: CourseState) -> CourseState:
    """Let time go on."""
    return replace(state, is_paused=False)


def interrupt(state: CourseState) -> CourseState:
    """Nobody is there for a while: the time until the next step does not count."""
    return replace(state, time_s=nan)


def repeat(routine: Routine, state: CourseState) -> CourseState:
    """Do the exercise of this part again; in its rest too, and when all is done the last one.

    What came of it the first time stays noted.
    """
    index = min(state.index, len(routine.parts) - 1)
    return replace(state, index=index, stage=Stage.EXERCISE, elapsed_s=0.0, reps=0, is_paused=False)


def announcement(routine: Routine, state: CourseState, lang: str) -> str:
    """Return what to say when this stage begins."""
    if state.stage is Stage.DONE:
        return text("programme.done", lang)
    here = routine.parts[state.index].exercise
    if state.stage is Stage.REST:
        following = routine.parts[state.index + 1].exercise
        moved = get_exercise(following).position is not get_exercise(here).position
        key = "programme.rest_and_move" if moved else "programme.rest"
        return text(key, lang, exercise=text(f"exercise.{following}.name", lang))
    key = f"programme.{state.stage.value}"
    return text(key, lang, exercise=text(f"exercise.{here}.name", lang))


def _go_on(routine: Routine, state: CourseState, *, skipped: bool) -> CourseState:
    part = routine.parts[state.index]
    following = replace(state, elapsed_s=0.0, is_paused=False)
    if state.stage is Stage.EXPLAIN:
        return replace(following, stage=Stage.EXERCISE, reps=0)
    if state.stage is Stage.EXERCISE:
        outcome = Outcome(part.exercise, state.elapsed_s, state.reps, skipped)
        following = replace(following, outcomes=(*state.outcomes, outcome))
        is_last = state.index + 1 == len(routine.parts)
        return replace(following, stage=Stage.DONE if is_last else Stage.REST)
    return replace(following, index=state.index + 1, stage=Stage.EXPLAIN, reps=0)
