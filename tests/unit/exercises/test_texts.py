"""Every exercise can be explained, followed and corrected in both languages."""

from __future__ import annotations

import pytest

from posture.exercises import exercise_ids, get_exercise
from posture.exercises.swing import Row, SwingState
from posture.locales import LANGUAGES, has_text, lines, table, text

IDS = exercise_ids()
SENTENCES = ("short", "start", "camera", "sees", "cannot", "care")
LONGEST_SPOKEN = 52


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("exercise_id", IDS)
def test_an_exercise_is_explained(exercise_id: str, lang: str) -> None:
    assert text(f"exercise.{exercise_id}.name", lang)
    for name in SENTENCES:
        assert text(f"exercise.{exercise_id}.{name}", lang).endswith(".")
    assert len(lines(f"exercise.{exercise_id}.how", lang)) >= 3
    for breath in ("inhale", "exhale"):
        assert text(f"exercise.{exercise_id}.{breath}", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("exercise_id", IDS)
def test_every_fault_has_a_remark_and_a_short_spoken_form(exercise_id: str, lang: str) -> None:
    for fault in get_exercise(exercise_id).fault_ids:
        remark = text(f"exercise.{exercise_id}.fault.{fault}", lang)
        spoken = text(f"exercise.{exercise_id}.say.{fault}", lang)
        assert remark.count(".") >= 2, "what was seen, then what to do"
        assert len(spoken) <= LONGEST_SPOKEN


@pytest.mark.parametrize("exercise_id", IDS)
def test_there_are_no_words_for_faults_that_do_not_exist(exercise_id: str) -> None:
    known = set(get_exercise(exercise_id).fault_ids)
    for part in ("fault", "say"):
        prefix = f"exercise.{exercise_id}.{part}."
        named = {key.removeprefix(prefix) for key in table("en") if key.startswith(prefix)}
        assert named == known


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("exercise_id", IDS)
def test_every_phase_has_words(exercise_id: str, lang: str) -> None:
    exercise = get_exercise(exercise_id)
    up = tuple(Row(t / 10, t / 10, 0.0, ()) for t in range(8))
    down = tuple(Row(t / 10, 1 - t / 10, 0.0, ()) for t in range(8))
    held = tuple(Row(t / 10, 1.0, 0.0, ()) for t in range(8))
    phases = {exercise.phase_of(SwingState())} | {
        exercise.phase_of(SwingState(side=side, confirmed=True, trace=trace))
        for side in exercise.swing.sides
        for trace in (up, down, held)
    }
    assert len(phases) >= 2
    for phase in phases:
        assert has_text(f"exercise.{exercise_id}.phase.{phase}", lang)


def test_no_texts_are_left_over_from_an_exercise_that_is_gone() -> None:
    named = {key.split(".")[1] for key in table("en") if key.startswith("exercise.")}
    assert named == set(IDS)


def test_names_are_those_of_the_list() -> None:
    dutch = {exercise_id: text(f"exercise.{exercise_id}.name", "nl") for exercise_id in IDS}
    assert dutch["standing-tilt"] == "Bekken kantelen"
    assert dutch["monkey"] == "De Aap"
    assert dutch["bridge"] == "De Hefbrug"
    assert dutch["sit-bones"] == "Zitknobbels, staand"
    assert dutch["active-sitting"] == "Actief zitten"
    assert len(set(dutch.values())) == len(IDS) == 12
