"""The exercises of the hand-out, one file each.

A module of this package that holds a value ``EXERCISE`` is an exercise; there is no list to keep.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from posture.errors import PostureError, UsageError
from posture.exercises.exercise import Exercise
from posture.exercises.state import ExerciseState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

__all__ = ["Exercise", "ExerciseState", "exercise_ids", "get_exercise"]


def exercise_ids() -> tuple[str, ...]:
    """Return the ids of all exercises, in the order of the hand-out."""
    return tuple(_registry())


def get_exercise(exercise_id: str) -> Exercise:
    """Return one exercise.

    Raises:
        UsageError: There is no such exercise; the message names those there are.
    """
    found = _registry().get(exercise_id)
    if found is None:
        known = ", ".join(_registry())
        raise UsageError("error.exercise.unknown", id=exercise_id, known=known)
    return found


@cache
def _registry() -> Mapping[str, Exercise]:
    names = sorted(module.name for module in iter_modules(__path__))
    return collect(_load(f"{__name__}.{name}") for name in names)


def _load(name: str) -> ModuleType:
    try:
        return import_module(name)
    except (ImportError, SyntaxError, NameError, AttributeError, TypeError, ValueError) as error:
        file = name.rpartition(".")[2]
        raise PostureError("error.exercise.mistake", file=file, error=error) from error


def collect(modules: Iterable[ModuleType]) -> Mapping[str, Exercise]:
    """Return the exercises found in modules, by id, in the order of their numbers.

    Raises:
        PostureError: Two of them share an id or a number.
    """
    found = [
        exercise
        for module in modules
        if isinstance(exercise := getattr(module, "EXERCISE", None), Exercise)
    ]
    for name in ("id", "number"):
        values = [getattr(exercise, name) for exercise in found]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise PostureError("error.exercise.twice", name=name, value=twice)
    return {exercise.id: exercise for exercise in sorted(found, key=lambda item: item.number)}
