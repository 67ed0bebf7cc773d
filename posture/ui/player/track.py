"""A recording as the player in the browser reads it: numbers packed, and what they mean in words.

Nothing here knows Streamlit. All numbers are little-endian.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from posture.analysis import Analysis
from posture.bodies import Bodies
from posture.corrections import is_by_hand
from posture.datatypes import Rep, RepKind, Stance
from posture.exercises import get_exercise
from posture.landmarks import Landmark
from posture.locales import text
from posture.pelvis.stance import StanceSettings
from posture.ui.palette import SIGNS
from posture.ui.series import Curve, curve_of, end_s, is_stillness, lost_stretches
from posture.ui.wording import noticed, rep_lines

L = Landmark
# What is drawn of a body, in the order in which it is sent.
DRAWN = (
    *(L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_ELBOW, L.RIGHT_ELBOW, L.LEFT_WRIST, L.RIGHT_WRIST),
    *(L.LEFT_HIP, L.RIGHT_HIP, L.LEFT_KNEE, L.RIGHT_KNEE, L.LEFT_ANKLE, L.RIGHT_ANKLE),
    *(L.LEFT_FOOT_INDEX, L.RIGHT_FOOT_INDEX),
)
# Every so many-th line of the outline is enough for the eye.
LINE_STEP = 3
# Points are sent in quarters of a pixel; this one is not there.
PER_PIXEL = 4
NOWHERE = -32768
STANCES = {None: 0, Stance.BACKWARD: 1, Stance.NEUTRAL: 2, Stance.FORWARD: 3}
# An axis never shows less than this, so that a person at rest looks at rest.
LEAST_REACH = {"deg": 12.0, "fraction": 1.0, "wave": 0.08}
_TILTS = {RepKind.FORWARD, RepKind.BACKWARD}


def curve_bytes(analysis: Analysis) -> bytes:
    """Pack what the exercise watches, for every frame.

    Returns:
        ``uint32`` number of frames n, then ``float32`` (3, n): time in seconds, value and its
        standard uncertainty in the exercise's unit (NaN where unknown), then ``uint8`` (n,): the
        stance, 0 none, 1 backward, 2 neutral, 3 forward.
    """
    curve = curve_of(analysis)
    stances = np.array([STANCES[r.sample.stance] for r in analysis.results], dtype="u1")
    numbers = np.stack([curve.time_s, curve.value, curve.sd]).astype("<f4")
    count = np.array([len(analysis.results)], dtype="<u4")
    return count.tobytes() + numbers.tobytes() + stances.tobytes()


def body_bytes(bodies: Bodies) -> bytes:
    """Pack the body's points in every frame.

    Returns:
        ``uint32`` (5,): frames n, joints j, outline points p on each side, width and height of the
        picture that the points belong to; then ``int16`` (n, j + 2 p, 2): x and y in quarters of a
        pixel, the joints of ``DRAWN`` first, then the back and the front; ``NOWHERE`` where there
        is none.
    """
    edges = bodies.back_px[:, ::LINE_STEP], bodies.front_px[:, ::LINE_STEP]
    points = np.concatenate([bodies.points_px[:, DRAWN], *edges], axis=1)
    inside = np.isfinite(points) & (np.abs(points) < -NOWHERE / PER_PIXEL)
    packed = np.where(
        inside.all(axis=2, keepdims=True), np.rint(points * PER_PIXEL), NOWHERE
    ).astype("<i2")
    head = np.array([len(points), len(DRAWN), edges[0].shape[1], *bodies.size_px], dtype="<u4")
    return head.tobytes() + packed.tobytes()


def seen_again(analysis: Analysis) -> bool:
    """Whether it holds what was seen, and not only the numbers that came of it."""
    return any(result.observation.landmarks_px is not None for result in analysis.results)


def story(analysis: Analysis, lang: str, *, correctable: bool) -> dict[str, Any]:
    """Say what there is to see and to point at, ready for JSON.

    Args:
        analysis: A recording; it may hold no reading at all.
        lang: Language of the words in it.
        correctable: Whether it can be put right.
    """
    exercise = get_exercise(analysis.request.exercise)
    curve = curve_of(analysis)
    neutral = analysis.calibration.window if analysis.calibration is not None else None
    shares = curve.unit == "fraction"
    return {
        "end_s": round(end_s(analysis.results), 3),
        "unit": "\N{NO-BREAK SPACE}%" if shares else "°",
        "factor": 100 if shares else 1,
        "reach": reach(
            curve,
            signed=len(exercise.kinds) > 1 or is_stillness(exercise),
            body_angle=curve.unit == "deg" or RepKind.WAVE in exercise.kinds.values(),
        ),
        "zone": StanceSettings().enter_deg if set(exercise.kinds.values()) == _TILTS else None,
        "stances": [text(f"stance.{s}", lang) if s else "" for s in STANCES],
        "correctable": correctable,
        "neutral": None if neutral is None else [neutral.start_s, neutral.end_s],
        "reps": _reps(analysis, lang),
        "faults": [[round(item.time_s, 3), item.words] for item in noticed(analysis, lang)],
        "lost": [
            [round(s.start_s, 3), round(s.end_s, 3), text(f"reason.{s.reason}", lang)]
            for s in lost_stretches(analysis.results)
        ],
    }


def _reps(analysis: Analysis, lang: str) -> list[dict[str, Any]]:
    return [
        {
            "start": round(rep.start_s, 3),
            "peak": round(rep.peak_s, 3),
            "end": round(rep.end_s, 3),
            "verdict": rep.verdict,
            "short": f"{rep.index} {SIGNS[rep.verdict]}",
            "words": rep_title(rep, line.kind, line.size, line.verdict_words, lang),
            "more": " ".join(line.remarks),
        }
        for rep, line in zip(analysis.reps, rep_lines(analysis, lang), strict=True)
    ]


def rep_title(rep: Rep, kind: str, size: str, verdict: str, lang: str) -> str:
    """Return a repetition in one line: its number, what it was, how far and how good."""
    told = ", ".join(filter(None, (kind, size, verdict)))
    said = text("player.rep", lang, number=rep.index, told=told)
    return f"{said} ({text('player.by_hand', lang)})" if is_by_hand(rep) else said


def reach(curve: Curve, *, signed: bool, body_angle: bool = False) -> tuple[float, float]:
    """Return the ends of the value axis, in the curve's unit, with a little room.

    Args:
        curve: The curve.
        signed: Whether zero is the middle of the movement.
        body_angle: Whether zero means nothing, as with an angle of the body or what follows of it.
    """
    sd = np.nan_to_num(curve.sd)
    least = LEAST_REACH["wave" if body_angle and curve.unit == "fraction" else curve.unit]
    known = ~np.isnan(curve.value)
    highest = float(np.max((curve.value + sd)[known], initial=-np.inf))
    lowest = float(np.min((curve.value - sd)[known], initial=np.inf))
    if signed:
        low, high = min(lowest, -least), max(highest, least)
    elif body_angle and known.any():
        low, high = lowest, max(highest, lowest + least)
    else:
        low, high = min(lowest, 0.0), max(highest, least)
    room = 0.05 * (high - low)
    return round(low - room, 4), round(high + room, 4)
