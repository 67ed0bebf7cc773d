"""Guided routines: explanation, exercise, rest; skip, pause, repeat; and one's own from a file."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import nan

import pytest

from posture.breath import Emphasis
from posture.errors import InputError, UsageError
from posture.exercises import exercise_ids, get_exercise
from posture.locales import LANGUAGES, text
from posture.programmes import (
    ROUTINES,
    CourseState,
    Outcome,
    Part,
    Routine,
    Stage,
    announcement,
    get_routine,
    interrupt,
    left_s,
    parse_routine,
    pause,
    read_routine,
    repeat,
    resume,
    skip,
    step,
)

TWO = Routine(
    id="two",
    parts=(Part("standing-tilt", 1.0), Part("bridge", 2.0, reps=5)),
    own_title="Two",
)
OWN = """
title = "My morning"
emphasis = "let_go"

[[part]]
exercise = "standing-tilt"
minutes = 2
reps = 10
rest_s = 20

[[part]]
exercise = "bridge"
minutes = 1.5
"""


def after(state: CourseState, seconds: float, reps: int = 0, routine: Routine = TWO) -> CourseState:
    """Let time pass in tenths of a second; the repetitions come evenly."""
    start_s = 0.0 if state.time_s != state.time_s else state.time_s
    steps = round(seconds * 10)
    for number in range(1, steps + 1):
        new = reps * number // steps - reps * (number - 1) // steps
        state = step(routine, state, start_s + number / 10, new)
    return state


def test_a_routine_goes_from_explanation_to_exercise_to_rest_and_on() -> None:
    state = step(TWO, CourseState(), 0.0)
    told: list[tuple[int, Stage]] = []
    for _ in range(400):
        if not told or told[-1] != (state.index, state.stage):
            told.append((state.index, state.stage))
        state = after(state, 1.0)
    assert told == [
        (0, Stage.EXPLAIN),
        (0, Stage.EXERCISE),
        (0, Stage.REST),
        (1, Stage.EXPLAIN),
        (1, Stage.EXERCISE),
        (1, Stage.DONE),
    ]
    assert [outcome.exercise for outcome in state.outcomes] == ["standing-tilt", "bridge"]
    assert not any(outcome.skipped for outcome in state.outcomes)


def test_it_takes_as_long_as_it_says() -> None:
    state = step(TWO, CourseState(), 0.0)
    assert after(state, TWO.total_s - 1).stage is Stage.EXERCISE
    assert after(state, TWO.total_s + 1).stage is Stage.DONE


def test_enough_repetitions_end_the_exercise_sooner() -> None:
    state = replace(CourseState(), index=1, stage=Stage.EXERCISE, time_s=0.0)
    assert after(state, 30, reps=4).stage is Stage.EXERCISE
    done = after(state, 30, reps=5)
    assert done.stage is Stage.DONE
    assert done.outcomes[-1].reps == 5
    assert done.outcomes[-1].practised_s == pytest.approx(30, abs=0.2)


def test_repetitions_count_in_the_exercise_only() -> None:
    state = step(TWO, CourseState(index=1), 0.0, new_reps=9)
    assert state.reps == 0


def test_a_pause_stops_the_time_and_nothing_is_lost() -> None:
    state = after(step(TWO, CourseState(), 0.0), 10)
    before_s = left_s(TWO, state)
    paused = after(pause(state), 100)
    assert paused.is_paused
    assert left_s(TWO, paused) == before_s
    going = after(resume(paused), 2)
    assert left_s(TWO, going) == pytest.approx(before_s - 2)


def test_skipping_goes_on_and_notes_what_was_done() -> None:
    state = skip(TWO, step(TWO, CourseState(), 0.0))
    assert state.stage is Stage.EXERCISE
    state = skip(TWO, after(state, 20, reps=3))
    assert state.stage is Stage.REST
    (outcome,) = state.outcomes
    assert replace(outcome, practised_s=20.0) == Outcome("standing-tilt", 20.0, 3, skipped=True)
    assert outcome.practised_s == pytest.approx(20)
    state = skip(TWO, skip(TWO, skip(TWO, state)))
    assert state.stage is Stage.DONE
    assert skip(TWO, state) == state
    assert not pause(state).is_paused


def test_repeating_does_the_part_again_and_keeps_what_came_of_it() -> None:
    state = skip(TWO, after(skip(TWO, step(TWO, CourseState(), 0.0)), 20, reps=3))
    again = repeat(TWO, state)
    assert (again.index, again.stage, again.reps) == (0, Stage.EXERCISE, 0)
    assert len(again.outcomes) == 1
    done = replace(again, index=1, stage=Stage.DONE)
    assert repeat(TWO, done).stage is Stage.EXERCISE


def test_a_clock_that_goes_backwards_changes_nothing() -> None:
    state = after(step(TWO, CourseState(), 0.0), 10)
    assert step(TWO, state, 3.0) == state
    assert step(TWO, state, nan) == state


@pytest.mark.parametrize("routine", ROUTINES, ids=lambda routine: routine.id)
def test_a_ready_routine_is_as_long_as_its_name_says(routine: Routine) -> None:
    minutes = int(routine.id.rpartition("-")[2])
    assert routine.total_s == pytest.approx(60 * minutes, rel=0.1)
    assert {part.exercise for part in routine.parts} <= set(exercise_ids())
    assert get_routine(routine.id) is routine
    for lang in LANGUAGES:
        assert str(minutes) in routine.title(lang)
        assert text(f"programme.{routine.theme}.short", lang).endswith(".")


@pytest.mark.parametrize("routine", ROUTINES, ids=lambda routine: routine.id)
def test_a_ready_routine_never_goes_back_to_an_earlier_position(routine: Routine) -> None:
    positions = [get_exercise(part.exercise).position for part in routine.parts]
    changes = sum(a is not b for a, b in pairwise(positions))
    assert changes == len(set(positions)) - 1


def test_there_are_three_themes_in_three_lengths() -> None:
    assert {(r.theme, r.id.rpartition("-")[2]) for r in ROUTINES} == {
        (theme, length)
        for theme in ("let-go", "strength", "back-day")
        for length in ("5", "10", "20")
    }
    assert len(ROUTINES) == 9


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_stage_is_announced(lang: str) -> None:
    routine = get_routine("back-day-20")
    state = step(routine, CourseState(), 0.0)
    while state.stage is not Stage.DONE:
        assert announcement(routine, state, lang).endswith(".")
        state = skip(routine, state)
    assert announcement(routine, state, lang).endswith(".")


def test_a_change_of_position_leaves_time_to_move_the_camera() -> None:
    state = CourseState(stage=Stage.REST)
    assert "camera" in announcement(TWO, state, "en")
    same = replace(TWO, parts=(Part("standing-tilt", 1), Part("monkey", 1)))
    assert "camera" not in announcement(same, state, "en")


def test_an_unknown_routine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'yoga'.*let-go-5"):
        get_routine("yoga")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_an_own_routine_is_read_from_a_file(encoding: str) -> None:
    routine = read_routine(OWN.encode(encoding), "morning")
    assert routine.title("nl") == "My morning"
    assert routine.emphasis is Emphasis.LET_GO
    assert routine.parts[0] == Part("standing-tilt", 2.0, reps=10, rest_s=20.0)
    assert routine.parts[1] == Part("bridge", 1.5)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("title = ", "not valid TOML"),
        ("", "no parts"),
        ("part = 3", "no parts"),
        ('title = 7\n[[part]]\nexercise="bridge"\nminutes=1', "needs a title"),
        ('mood = 1\n[[part]]\nexercise="bridge"\nminutes=1', "'mood', which means nothing"),
        ('emphasis = "hard"\n[[part]]\nexercise="bridge"\nminutes=1', "no emphasis 'hard'"),
        ('[[part]]\nexercise="yoga"\nminutes=1', "Part 1 .* no exercise 'yoga'.*standing-tilt"),
        ("[[part]]\nminutes=1", "Part 1 .* no exercise None"),
        ('[[part]]\nexercise="bridge"', "Part 1 .* minutes between"),
        ('[[part]]\nexercise="bridge"\nminutes=0', "minutes between"),
        ('[[part]]\nexercise="bridge"\nminutes=true', "minutes between"),
        ('[[part]]\nexercise="bridge"\nminutes="2"', "minutes between"),
        ('[[part]]\nexercise="bridge"\nminutes=nan', "minutes between"),
        ('[[part]]\nexercise="bridge"\nminutes=1\nreps=-2', "reps between"),
        ('[[part]]\nexercise="bridge"\nminutes=1\nspeed=2', "Part 1 .* 'speed'"),
        ('[[part]]\nexercise="bridge"\nminutes=1\n' * 41, "41 parts"),
    ],
)
def test_a_mistake_in_an_own_routine_is_named(content: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_routine(content, "morning")


def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(InputError, match=r"'picture' is not a text file.*UTF-8"):
        read_routine(b"\xff\xd8\xff\xe0", "picture")
    with pytest.raises(InputError, match="'film' is larger than 64 kB"):
        read_routine(b" " * 64_001, "film")


def test_finding_ones_place_takes_no_time_from_the_exercise() -> None:
    state = skip(TWO, step(TWO, CourseState(), 0.0))
    for second in range(1, 40):
        state = step(TWO, state, float(second), practising=False)
    assert state.stage is Stage.EXERCISE
    assert left_s(TWO, state) == 60.0
    assert left_s(TWO, step(TWO, state, 41.0)) == pytest.approx(58.0)


def test_time_in_which_nobody_was_there_does_not_count() -> None:
    state = interrupt(after(step(TWO, CourseState(), 0.0), 5))
    state = step(TWO, state, 9000.0)
    assert left_s(TWO, state) == pytest.approx(TWO.parts[0].explain_s - 5)
