"""Moments and summaries as the browser gets them: small, rounded, words where it needs words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np

from posture import guide
from posture.contour import edge_points_px
from posture.datatypes import Facing, FloatArray, Rep, Verdict
from posture.exercises.exercise import Exercise
from posture.feedback import Cue
from posture.live.coach import Coach, Moment, counts
from posture.live.course import Course
from posture.live.doubt import NOTHING_YET
from posture.live.tally import numbers_of
from posture.locales import text
from posture.pelvis.quality import Reading
from posture.programmes import left_s
from posture.ui.wording import (
    breaths,
    fault_name,
    joined,
    kind_counted,
    kind_name,
    number,
    rep_columns,
    rep_size,
    size,
    some_good,
    unseen,
    verdict_name,
)

# Less than this without a reading is not worth a word.
SHORTEST_LOSS_S = 0.3


def moment_message(moment: Moment, coach: Coach, lang: str) -> dict[str, Any]:
    """Return what is to be drawn and said for one picture; unknown numbers are ``None``."""
    observation, sample = moment.observation, moment.sample
    message: dict[str, Any] = {
        "stage": moment.stage,
        "size": list(observation.image_size_px),
        "points": _points(observation.landmarks_px),
        "ahead": -1 if sample.facing is Facing.LEFT else 1,
        "hint": moment.hint_key,
        "reason": sample.reason,
        "asked": moment.asked_key,
        "held": round(moment.held, 2),
        "stance": sample.stance,
        "tilt": _number(sample.pelvic_tilt_deg),
        "sd": _number(sample.pelvic_tilt_sd_deg),
        "yaw": _number(sample.pelvis_yaw_deg),
        "lift": _number(sample.lift_fraction, 3),
        "phase": moment.phase,
        "hold": round(moment.hold_s, 1),
        "reps": len(moment.reps),
        "kinds": counts(moment.reps),
    }
    if observation.contour is not None and coach.exercise.reading is Reading.TILT:
        back, front = edge_points_px(observation.contour)
        message["back"], message["front"] = _points(back), _points(front)
    reach = coach.personal_range
    if isfinite(reach.forward_deg) or isfinite(reach.backward_deg):
        message["reach"] = [_number(reach.backward_deg), _number(reach.forward_deg)]
        message["percent"] = _number(abs(reach.percent(sample.pelvic_tilt_deg)), 0)
    if moment.new_rep is not None:
        message["rep"] = {
            "index": moment.new_rep.index,
            "kind": moment.new_rep.kind,
            "verdict": moment.new_rep.verdict,
        }
    if moment.breath is not None:
        message["breath"] = {
            "kind": moment.breath.breath,
            "progress": round(moment.breath.progress, 2),
            "left": round(moment.breath.remaining_s, 2),
            "round": moment.breath.round,
        }
    if moment.cue is not None:
        message["cue"] = {
            "id": moment.cue.id,
            "weight": int(moment.cue.weight),
            "text": moment.cue.text(lang),
            "say": _said(moment.cue, coach, lang),
        }
    return message


def course_message(course: Course, lang: str) -> dict[str, Any]:
    """Return where in a routine the person is, and what is to be said of it."""
    state = course.state
    message = {
        "exercise": course.exercise,
        "part": state.index + 1,
        "parts": len(course.routine.parts),
        "stage": state.stage,
        "left": round(left_s(course.routine, state)),
        "paused": state.is_paused,
    }
    said = course.announcement(lang)
    return message | {"say": said} if said else message


def _said(cue: Cue, coach: Coach, lang: str) -> str:
    """Return what to say; where no breath leads from here on, what to do is said once more."""
    if cue.silent or (cue.id != NOTHING_YET and (cue.id != guide.DONE or coach.leads_breath)):
        return cue.say(lang)
    return f"{cue.say(lang)} {text(f'exercise.{coach.exercise.id}.short', lang)}"


def summary_message(coach: Coach, lang: str) -> dict[str, Any]:
    """Return a finished practice: its numbers, and the sentences that say them."""
    return {
        "exercise": coach.exercise.id,
        "numbers": numbers_of(coach.tally, coach.reps),
        "said": _sentences(coach, lang),
        "tiles": _tiles(coach, lang),
        "columns": _columns(coach.exercise.id, lang),
        "reps": [_rep_line(coach.exercise.id, rep, lang) for rep in coach.reps],
        "losses": [
            {
                "words": text(f"reason.{reason}", lang),
                "seconds": text("page.number.seconds", lang, value=number(seconds, lang, 1)),
            }
            for reason, seconds in coach.tally.losses()
            if seconds >= SHORTEST_LOSS_S
        ],
    }


def course_summary(course: Course, lang: str, kept: Callable[[Coach], str]) -> dict[str, Any]:
    """Return a routine that has ended: each exercise's numbers, and sentences that say them.

    Args:
        course: The routine.
        lang: Language of the sentences.
        kept: Says which text tells what is kept of an exercise's practice; empty without one.
    """
    practised = [each for each in course.practised if each.coach.tally.total_s]
    done = len({each.part for each in practised})
    minutes, seconds = divmod(round(sum(each.coach.tally.total_s for each in practised)), 60)
    said = text("live.summary.part_of_course", lang, count=done, parts=len(course.routine.parts))
    return {
        "exercise": course.routine.id,
        "numbers": {
            "parts": [
                {"exercise": each.exercise} | numbers_of(each.coach.tally, each.coach.reps)
                for each in practised
            ]
        },
        "said": [text("programme.done", lang) if course.is_over else said],
        "tiles": [
            _tile("live.summary.exercises", f"{done} / {len(course.routine.parts)}", lang)
            | {"note": ""},
            _tile("live.summary.practised", f"{minutes}:{seconds:02d}", lang)
            | {"note": text("live.summary.practised_note", lang)},
        ],
        "parts": [
            {
                "name": text(f"exercise.{each.exercise}.name", lang),
                "said": _sentences(each.coach, lang)
                + [text(key, lang) for key in [kept(each.coach)] if key],
            }
            for each in practised
        ],
        "reps": [],
        "losses": [],
    }


def _sentences(coach: Coach, lang: str) -> list[str]:
    reps = coach.reps
    if coach.calibration is None and not reps and not coach.tally.total_s:
        return [text("live.summary.never_began", lang)]
    if not reps:
        return [text("live.summary.none", lang)]
    said = [_counted(coach.exercise, reps, lang)]
    judged = [rep for rep in reps if rep.verdict is not Verdict.CANNOT_JUDGE]
    unclear = len(reps) - len(judged)
    only = len(reps) == 1
    faults = Counter(fault for rep in reps for fault in rep.faults)
    if judged and not faults and not unclear:
        said.append(text("live.summary.one_good" if only else "page.summary.all_good", lang))
    elif judged and faults:
        fault = faults.most_common(1)[0][0]
        good = sum(rep.verdict is Verdict.GOOD for rep in judged)
        said.append(some_good(good, len(judged), fault_name(coach.exercise.id, fault, lang), lang))
    if unclear:
        key = "unclear_only" if only else "unclear_one" if unclear == 1 else "unclear"
        said.append(text(f"live.summary.{key}", lang, count=unclear))
        if judged and not faults:
            others = "other_good" if len(judged) == 1 else "others_good"
            said.append(text(f"live.summary.{others}", lang))
    if coach.exercise.paced:
        said.append(unseen(coach.exercise.id, lang))
    return said


def _counted(exercise: Exercise, reps: tuple[Rep, ...], lang: str) -> str:
    """Return how many repetitions there were; what a breath pacer leads is told in breaths."""
    if exercise.paced:
        return breaths(len(reps), lang)
    parts = [kind_counted([rep for rep in reps if rep.kind is kind], lang) for kind in counts(reps)]
    key = "page.summary.counted" if len(parts) > 1 else "live.summary.counted_only"
    return text(key, lang, count=len(reps), parts=joined(parts, lang))


def _tiles(coach: Coach, lang: str) -> list[dict[str, str]]:
    tally, reps = coach.tally, coach.reps
    if not reps and not tally.total_s:
        return []
    good = sum(rep.verdict is Verdict.GOOD for rep in reps)
    minutes, seconds = divmod(round(tally.total_s), 60)
    found = [
        _tile(
            f"page.tile.{'breaths' if coach.exercise.paced else 'repetitions'}",
            str(len(reps)),
            lang,
        )
        | {"note": text("page.tile.repetitions_note", lang, good=good) if reps else ""},
        _tile("live.summary.practised", f"{minutes}:{seconds:02d}", lang)
        | {"note": text("live.summary.practised_note", lang)},
    ]
    reached = tally.tilt_range()
    if reached is not None:
        for kind, reach in (("forward", reached.forward_deg), ("backward", -reached.backward_deg)):
            label = text("page.tile.furthest", lang, kind=text(f"page.kind.{kind}", lang))
            # As the sentence beside it has it.
            counted = [rep.amplitude for rep in reps if rep.kind == kind and rep.unit == "deg"]
            value = size(max(counted, default=max(reach, 0.0)), "deg", lang)
            spread = size(reached.sd_deg, "deg", lang) if isfinite(reached.sd_deg) else ""
            note = text("page.tile.furthest_note", lang, sd=spread) if spread else ""
            found.append({"label": label, "value": value, "note": note})
    if tally.total_s:
        share = f"{number(100 * tally.read_s / tally.total_s, lang)} %"
        note = text("live.summary.reading_note", lang)
        found.append(_tile("page.tile.coverage", share, lang) | {"note": note})
    return found


def _tile(key: str, value: str, lang: str) -> dict[str, str]:
    return {"label": text(key, lang), "value": value}


def _columns(exercise_id: str, lang: str) -> dict[str, str]:
    """Return the headings of the table; when it was means little where no film can be looked at."""
    columns = rep_columns(exercise_id, lang)
    return {column: words for column, words in columns.items() if column != "when"}


def _rep_line(exercise_id: str, rep: Rep, lang: str) -> dict[str, Any]:
    return {
        "index": rep.index,
        "kind": kind_name(rep.kind, lang),
        "size": rep_size(rep, lang),
        "verdict": rep.verdict,
        "verdict_words": verdict_name(rep.verdict, lang),
        "remarks": [fault_name(exercise_id, fault, lang) for fault in rep.faults],
    }


def _points(points: FloatArray | None) -> list[list[float] | None] | None:
    """Picture points with a tenth of a pixel; ``None`` for a gap."""
    if points is None:
        return None
    rounded = np.round(np.asarray(points, dtype=np.float64), 1)
    return [[x, y] if isfinite(x) and isfinite(y) else None for x, y in rounded.tolist()]


def _number(value: float, decimals: int = 1) -> float | None:
    return round(value, decimals) if isfinite(value) else None
