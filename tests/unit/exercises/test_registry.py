"""Finding exercises, and clear words about those that cannot be found or have a mistake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from posture import exercises
from posture.errors import PostureError, UsageError
from posture.exercises import collect, exercise_ids, get_exercise
from posture.exercises.faults import Stray
from posture.exercises.place import Watch
from posture.exercises.swing import Swing, Threshold

TILT = get_exercise("standing-tilt")


def module_with(**changes: object) -> ModuleType:
    module = ModuleType("made_up")
    module.EXERCISE = replace(TILT, **changes)  # type: ignore[attr-defined, arg-type]
    return module


def test_every_exercise_is_found_by_its_id() -> None:
    for exercise_id in exercise_ids():
        assert get_exercise(exercise_id).id == exercise_id


def test_an_unknown_exercise_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'yoga'.*standing-tilt"):
        get_exercise("yoga")


def test_two_files_with_one_id_are_refused() -> None:
    with pytest.raises(PostureError, match="the id 'standing-tilt'"):
        collect([module_with(), module_with(number=99)])
    with pytest.raises(PostureError, match="the number 1"):
        collect([module_with(), module_with(id="other")])


NO_VIEWS = """
from dataclasses import replace
from posture.exercises.standing_tilt import EXERCISE as TILT
EXERCISE = replace(TILT, views=())
"""
MISTAKES = {
    "SyntaxError": ("EXERCISE = (", "never closed"),
    "NameError": ("EXERCISE = Exercize()", "'Exercize' is not defined"),
    "ImportError": ("from posture.exercises.swing import Swingg", "cannot import name 'Swingg'"),
    "TypeError": (
        "from posture.exercises.exercise import Exercise\nEXERCISE = Exercise(id='x')",
        "missing",
    ),
    "ValueError": (NO_VIEWS, "names no view"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_file_with_a_mistake_is_named(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, words = MISTAKES[kind]
    name = f"made_up_{kind.lower()}"
    (tmp_path / f"{name}.py").write_text(written, encoding="utf-8")
    monkeypatch.setattr(exercises, "__path__", [str(tmp_path)])
    with pytest.raises(PostureError, match=rf"{name}\.py has a mistake: .*{words}"):
        exercises._load(f"posture.exercises.{name}")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"watches": (Watch("mood_deg"),)}, "'mood_deg', which no sample has"),
        ({"watches": ()}, "without watching 'trunk_lean_deg'"),
        ({"faults": (TILT.faults[0], TILT.faults[0])}, "a fault twice"),
        ({"swing": Swing(TILT.swing.threshold, sides=(1,))}, "each side"),
        ({"views": ()}, "no view"),
        ({"settle_s": 0.0}, "time to settle"),
    ],
)
def test_an_exercise_that_contradicts_itself_is_refused(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        module_with(**changes)


@pytest.mark.parametrize(
    ("enter", "leave", "dwell_s", "source"),
    [(5, 5, 0.1, "x"), (5, -1, 0.1, "x"), (5, 3, -0.1, "x"), (5, 3, 0.1, "")],
)
def test_a_threshold_without_hysteresis_dwell_or_source_is_refused(
    enter: float, leave: float, dwell_s: float, source: str
) -> None:
    with pytest.raises(ValueError, match=r"threshold|dwell"):
        Threshold(enter, leave, dwell_s, "deg", source)


def test_every_threshold_names_its_source() -> None:
    for exercise_id in exercise_ids():
        exercise = get_exercise(exercise_id)
        assert exercise.swing.threshold.source
        for fault in exercise.faults:
            source = fault.threshold.source if isinstance(fault, Stray) else ""
            source = source or getattr(fault, "source", "") or fault.swing.threshold.source  # type: ignore[union-attr]
            assert len(source) > 10, (exercise_id, fault.id)
