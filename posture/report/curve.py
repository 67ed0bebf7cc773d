"""The curve as shapes on paper: bands, uncertainty, repetitions, faults, stretches unread.

A long recording is broken into rows, so that a repetition stays wide enough to be looked at.
Shapes know neither HTML nor PDF: x to the right, y down, in points.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from posture.analysis import Analysis
from posture.datatypes import EventKind, FloatArray, RepKind, Stance, TimeWindow, Verdict
from posture.exercises import get_exercise
from posture.locales import text
from posture.pelvis.stance import StanceSettings
from posture.ui.series import (
    curve_of,
    curve_unit,
    end_s,
    is_stillness,
    lost_stretches,
    merged,
    stance_stretches,
)
from posture.ui.wording import clock, kind_name, number

WIDTH = 720.0
HEIGHT = 230.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 18.0, 26.0, 34.0
_STRIP = 6.0

# About what a row holds, and no recording has more rows than that.
ROW_S = 60.0
MOST_ROWS = 12
MOST_POINTS = 700
# Axes never show less than this, so that a person at rest looks at rest.
LEAST_REACH = {"deg": 12.0, "fraction": 1.0}
LEAST_WAVE = 0.08
# A stretch without a reading is named where the words find room.
LABELLED = 70.0
BRIDGED_S = 0.5

FORWARD, BACKWARD, NEUTRAL = "#b45309", "#1d64b5", "#5f6b70"
LINE, PALE, LOST, GOOD = "#1d2a2e", "#dcd9cd", "#7b8489", "#256b4c"
_STANCES = {Stance.FORWARD: FORWARD, Stance.BACKWARD: BACKWARD, Stance.NEUTRAL: PALE}
_VERDICTS = {Verdict.GOOD: GOOD, Verdict.IMPROVE: FORWARD, Verdict.CANNOT_JUDGE: LOST}
_TILTS = {RepKind.FORWARD, RepKind.BACKWARD}
_STEPS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A filled outline."""

    points: Points
    fill: str
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line."""

    points: Points
    colour: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """A short text.

    Attributes:
        x: Where it starts, has its middle or ends, by ``anchor``.
        y: Its base line.
        words: What it says.
        colour: Of the letters.
        size: Their height.
        anchor: ``start``, ``middle`` or ``end``.
    """

    x: float
    y: float
    words: str
    colour: str = NEUTRAL
    size: float = 9.0
    anchor: str = "middle"


Shape = Area | Stroke | Words


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the curve, ``WIDTH`` by ``HEIGHT`` points.

    Attributes:
        window: The time it shows.
        shapes: What is drawn, the lowest first.
    """

    window: TimeWindow
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where times and values lie on the paper."""

    window: TimeWindow
    low: float
    high: float

    def x(self, time_s: float) -> float:
        inside = min(max(time_s, self.window.start_s), self.window.end_s)
        share = (inside - self.window.start_s) / (self.window.end_s - self.window.start_s)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 2)

    def y(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 2)

    def shows(self, start_s: float, end_s: float) -> bool:
        return start_s < self.window.end_s and end_s > self.window.start_s

    def box(self, start_s: float, end_s: float, top: float, bottom: float) -> Points:
        left, right = self.x(start_s), self.x(end_s)
        return ((left, top), (right, top), (right, bottom), (left, bottom))


def curve_rows(analysis: Analysis, lang: str) -> tuple[Row, ...]:
    """Draw a recording.

    Args:
        analysis: A recording; it may hold no reading at all.
        lang: Language of the words.
    """
    total_s = max(end_s(analysis.results), 0.1)
    count = min(max(1, ceil(total_s / ROW_S - 0.25)), MOST_ROWS)
    length_s = total_s / count
    low, high = _reach(analysis)
    rows = []
    for index in range(count):
        window = TimeWindow(index * length_s, (index + 1) * length_s)
        scale = _Scale(window, low, high)
        shapes = (
            *_zones(analysis, scale, lang),
            *_lost(analysis, scale, lang),
            *_axes(analysis, scale, lang),
            *_line(analysis, scale),
            *_strip(analysis, scale),
            *_faults(analysis, scale),
            *_blocks(analysis, scale),
        )
        rows.append(Row(window, shapes))
    return tuple(rows)


def _reach(analysis: Analysis) -> tuple[float, float]:
    curve, exercise = curve_of(analysis), get_exercise(analysis.request.exercise)
    known = ~np.isnan(curve.value)
    value, sd = curve.value[known], np.nan_to_num(curve.sd[known])
    least = LEAST_REACH[curve.unit]
    high = max(least, 1.05 * float((value + sd).max(initial=0.0)))
    low = 1.05 * float((value - sd).min(initial=0.0))
    if len(exercise.kinds) > 1 or is_stillness(exercise):
        both = max(high, -low)
        return -both, both
    if RepKind.WAVE in exercise.kinds.values() and known.any():  # its zero means nothing
        low = float((value - sd).min())
        high = max(float((value + sd).max()), low + LEAST_WAVE)
        return low - 0.05 * (high - low), high + 0.05 * (high - low)
    return min(-0.1 * least, low), high


def _zones(analysis: Analysis, scale: _Scale, lang: str) -> list[Shape]:
    """Where the pelvis counts as forward, neutral and backward."""
    if set(get_exercise(analysis.request.exercise).kinds.values()) != _TILTS:
        return []
    enter = StanceSettings().enter_deg
    first, last = scale.window.start_s, scale.window.end_s
    zones = (
        (Stance.FORWARD, FORWARD, scale.high, enter),
        (Stance.BACKWARD, BACKWARD, -enter, scale.low),
    )
    shapes: list[Shape] = []
    for stance, colour, high, low in zones:
        top, bottom = scale.y(high), scale.y(low)
        shapes.append(Area(scale.box(first, last, top, bottom), colour, 0.09))
        base = top + 11 if stance is Stance.FORWARD else bottom - 4
        words = text(f"stance.{stance}", lang)
        shapes.append(Words(WIDTH - _RIGHT - 4, base, words, colour, anchor="end"))
    words = text("stance.neutral", lang)
    right = WIDTH - _RIGHT - 4
    return [*shapes, Words(right, scale.y(enter) + 11, words, NEUTRAL, anchor="end")]


def _lost(analysis: Analysis, scale: _Scale, lang: str) -> list[Shape]:
    shapes: list[Shape] = []
    for stretch in merged(lost_stretches(analysis.results), BRIDGED_S):
        if not scale.shows(stretch.start_s, stretch.end_s):
            continue
        box = scale.box(stretch.start_s, stretch.end_s, _TOP, HEIGHT - _BOTTOM)
        shapes.append(Area(box, LOST, 0.28))
        if box[1][0] - box[0][0] > LABELLED:
            middle = (box[0][0] + box[1][0]) / 2
            shapes.append(Words(middle, _TOP + 14, text("overlay.no_reading", lang), LINE))
    return shapes


def _axes(analysis: Analysis, scale: _Scale, lang: str) -> list[Shape]:
    unit = curve_unit(get_exercise(analysis.request.exercise))
    shapes: list[Shape] = []
    factor, sign = {"deg": (1, "°"), "fraction": (100, " %")}[unit]
    step = _nice((scale.high - scale.low) / 5)  # more than two of them, so two lines at least
    for count in range(ceil(scale.low / step), int(scale.high / step) + 1):
        y = scale.y(count * step)
        grid = LINE if count == 0 else PALE
        shapes.append(Stroke(((_LEFT, y), (WIDTH - _RIGHT, y)), grid, 0.7))
        words = number(abs(count * step) * factor, lang, 0 if step * factor >= 1 else 1) + sign
        shapes.append(Words(_LEFT - 5, y + 3, words, anchor="end"))
    length_s = scale.window.end_s - scale.window.start_s
    step_s = next((s for s in _STEPS_S if length_s / s <= 12), _STEPS_S[-1])
    for count in range(ceil(scale.window.start_s / step_s), int(scale.window.end_s / step_s) + 1):
        x = scale.x(count * step_s)
        base = HEIGHT - _BOTTOM + _STRIP + 3
        shapes.append(Stroke(((x, base), (x, base + 3)), NEUTRAL, 0.7))
        shapes.append(Words(x, HEIGHT - 9, clock(count * step_s)))
    return shapes


def _nice(step: float) -> float:
    size = 10.0 ** np.floor(np.log10(step))
    return float(next(size * part for part in (1, 2, 5, 10) if size * part >= step))


def _line(analysis: Analysis, scale: _Scale) -> list[Shape]:
    curve = curve_of(analysis)
    inside = (curve.time_s >= scale.window.start_s) & (curve.time_s <= scale.window.end_s)
    time_s, value, sd = curve.time_s[inside], curve.value[inside], curve.sd[inside]
    known = np.concatenate([[False], ~np.isnan(value), [False]])
    starts, ends = np.flatnonzero(known[1:] & ~known[:-1]), np.flatnonzero(~known[1:] & known[:-1])
    shapes: list[Shape] = []
    for first, last in zip(starts, ends, strict=True):
        keep = first + _thinned(value[first:last], -(-len(value) // MOST_POINTS))
        xs = [scale.x(t) for t in time_s[keep]]
        around = np.nan_to_num(sd[keep])
        upper = [scale.y(v) for v in value[keep] + around]
        lower = [scale.y(v) for v in value[keep] - around]
        if around.any():
            outline = (*zip(xs, upper, strict=True), *reversed(list(zip(xs, lower, strict=True))))
            shapes.append(Area(outline, LINE, 0.16))
        points = tuple(zip(xs, (scale.y(v) for v in value[keep]), strict=True))
        shapes.append(Stroke(points, LINE, 1.4))
    return shapes


def _thinned(value: FloatArray, step: int) -> np.ndarray:
    """Indices of one point for every ``step``: the furthest out, so that peaks stay."""
    if step <= 1:
        return np.arange(len(value))
    pieces = range(0, len(value), step)
    return np.array([i + int(np.argmax(np.abs(value[i : i + step]))) for i in pieces])


def _strip(analysis: Analysis, scale: _Scale) -> list[Shape]:
    top = HEIGHT - _BOTTOM + 2
    return [
        Area(scale.box(one.start_s, one.end_s, top, top + _STRIP), _STANCES[one.stance])
        for one in stance_stretches(analysis.results)
        if scale.shows(one.start_s, one.end_s)
    ]


def _faults(analysis: Analysis, scale: _Scale) -> list[Shape]:
    base = HEIGHT - _BOTTOM
    times_s = [event.time_s for event in analysis.events if event.kind is EventKind.FAULT]
    return [
        Area(((x - 4, base), (x + 4, base), (x, base - 8)), FORWARD)
        for x in (scale.x(t) for t in times_s if scale.shows(t, t + 1e-6))
    ]


def _blocks(analysis: Analysis, scale: _Scale) -> list[Shape]:
    shapes: list[Shape] = []
    for rep in analysis.reps:
        if not scale.shows(rep.start_s, rep.end_s):
            continue
        box = scale.box(rep.start_s, rep.end_s, 4, _TOP - 6)
        shapes.append(Area(box, _VERDICTS[rep.verdict]))
        if box[1][0] - box[0][0] > 12:
            middle = (box[0][0] + box[1][0]) / 2
            shapes.append(Words(middle, 15.5, str(rep.index), "#ffffff"))
    return shapes


def described(analysis: Analysis, lang: str) -> str:
    """Say in words what the curve shows, for those who cannot see it."""
    kinds = dict.fromkeys(kind_name(rep.kind, lang) for rep in analysis.reps)
    return text(
        "report.curve_alt",
        lang,
        seconds=number(end_s(analysis.results), lang),
        count=len(analysis.reps),
        kinds=", ".join(kinds) or text("report.no_kinds", lang),
    )
