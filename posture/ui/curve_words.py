"""How to read the curve of a recording, in words."""

from __future__ import annotations

from math import isnan

from posture.analysis import Analysis
from posture.datatypes import Position, RepKind
from posture.exercises import get_exercise
from posture.locales import text
from posture.ui.series import curve_of, is_led_tilt, is_stillness, stance_stretches
from posture.ui.wording import is_live, kind_name, losses


def curve_meaning(exercise_id: str, lang: str) -> str:
    """Return what it means that the curve of an exercise is high or low."""
    exercise = get_exercise(exercise_id)
    if is_stillness(exercise):
        key = "still_lying" if exercise.position is Position.LYING else "still"
        return text(f"page.result.curve_{key}", lang)
    sides = {1: RepKind.BACKWARD} if is_led_tilt(exercise) else exercise.kinds
    if sides[1] in {RepKind.LIFT, RepKind.WAVE}:
        return text(f"page.result.curve_{sides[1]}", lang)
    plus, minus = (kind_name(sides[s], lang) if s in sides else "" for s in (1, -1))
    key = "two_sides" if minus else "one_side"
    return text(f"page.result.curve_{key}", lang, plus=plus, minus=minus)


def curve_notes(analysis: Analysis, lang: str) -> str:
    """Return how to read the curve of this recording."""
    said = [curve_meaning(analysis.request.exercise, lang)]
    there = {
        "band": any(not isnan(sd) for sd in curve_of(analysis).sd),
        "strip": bool(stance_stretches(analysis.results)),
        "blocks": bool(analysis.reps),
        "lost": bool(losses(analysis, lang)),
        "click": not is_live(analysis),
    }
    said += [text(f"page.result.curve_{key}", lang) for key, true in there.items() if true]
    return " ".join(said)
