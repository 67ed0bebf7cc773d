"""Plots beside the curve: repetitions in percent of the person's own range, and the upright oval.

Drawn as the curve is: shapes on paper, that HTML, PDF and the page all show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, cos, isnan, nan, pi, sin

import numpy as np

from posture.analysis import Analysis
from posture.datatypes import FloatArray, Rep, RepKind, Verdict
from posture.exercises import get_exercise
from posture.exercises.exercise import Exercise
from posture.locales import text
from posture.report.curve import Area, Points, Shape, Stroke, Words
from posture.ui.palette import LIGHT, Palette
from posture.ui.series import uncertainty_at
from posture.ui.wording import kind_name, size

WIDTH, HEIGHT = 420.0, 270.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 12.0, 26.0, 30.0
_SMALL = 11.5
_LEAST_SLOT = 17.0  # a narrower bar has no room for its number
_LEAST_WHISKER_SLOT = 8.0  # in narrower ones the strokes would run together
_MOST_POINTS = 80
_ARROW = 7.0
_WHISKER = 1.2
# The foot of the oval lies between two waves; a longer pause does not belong to it.
_REST_S = 2.5
# An oval is never drawn larger than it is: so much tilt and height fill the plot at least.
_LEAST_TILT_DEG = 12.0
_LEAST_HEIGHT = 0.02


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot, ``WIDTH`` by ``HEIGHT`` points.

    Attributes:
        name: ``range`` or ``oval``.
        heading: What it shows.
        note: How to read it.
        alt: What there is to see, for those who cannot.
        shapes: What is drawn, the lowest first.
    """

    name: str
    heading: str
    note: str
    alt: str
    shapes: tuple[Shape, ...]


def plots(analysis: Analysis, lang: str, colours: Palette = LIGHT) -> tuple[Plot, ...]:
    """Return the plots that a recording has something to show in."""
    exercise = get_exercise(analysis.request.exercise)
    draw = _oval if RepKind.WAVE in exercise.kinds.values() else _range
    plot = draw(analysis, exercise, lang, colours)
    return () if plot is None else (plot,)


def heading_key(drawn: Sequence[Plot]) -> str:
    """Return the text under ``report`` that stands over some plots."""
    return "plot.heading" if any(plot.name == "range" for plot in drawn) else "plot.way"


# --- the range ------------------------------------------------------------------------------


def own_range(analysis: Analysis, kind: RepKind) -> float:
    """Return how far the person can go in one direction, in the repetitions' unit; NaN if unknown.

    That is what the person showed on purpose, where that was asked for, else the furthest
    repetition. A lift's whole way is a straight line, for everybody.
    """
    if kind is RepKind.LIFT:
        return 1.0
    shown_deg = nan
    if analysis.calibration is not None and kind in {RepKind.FORWARD, RepKind.BACKWARD}:
        calibration = analysis.calibration
        forward = kind is RepKind.FORWARD
        shown_deg = abs(calibration.forward_deg if forward else calibration.backward_deg)
    reached = (rep.amplitude for rep in analysis.reps if rep.kind is kind)
    return max((shown_deg if not isnan(shown_deg) else 0.0, *reached), default=nan) or nan


def _range(analysis: Analysis, exercise: Exercise, lang: str, colours: Palette) -> Plot | None:
    """Bars: up for one direction, down for the other."""
    signs = {kind: side for side, kind in exercise.kinds.items()}
    own = {kind: own_range(analysis, kind) for kind in signs}
    reps = [rep for rep in analysis.reps if rep.kind in own and own[rep.kind] > 0]
    if len(reps) < 2 or any(rep.unit == "s" for rep in reps):
        return None
    low = -1.12 if -1 in signs.values() else 0.0

    def y(share: float) -> float:
        inside = min(max(share, low), 1.12)
        return round(
            HEIGHT - _BOTTOM - (inside - low) / (1.12 - low) * (HEIGHT - _TOP - _BOTTOM), 2
        )

    shapes: list[Shape] = []
    steps = (-1.0, -0.5, 0.0, 0.5, 1.0) if low else (0.0, 0.25, 0.5, 0.75, 1.0)
    for share in steps:
        line = ((_LEFT, y(share)), (WIDTH - _RIGHT, y(share)))
        shapes.append(Stroke(line, colours.line if share == 0 else colours.edge, 0.8))
        words = f"{abs(round(100 * share))} %"
        shapes.append(Words(_LEFT - 6, y(share) + 4, words, colours.line, _SMALL, "end"))
    slot = (WIDTH - _LEFT - _RIGHT) / len(reps)
    for place, rep in enumerate(reps):
        shapes += _bar(analysis, rep, _LEFT + (place + 0.5) * slot, slot, signs, own, y, colours)
    for kind, side in signs.items():
        if isnan(own[kind]):
            continue
        base = _TOP - 10 if side > 0 else HEIGHT - 8
        words = text("report.plot.line", lang)
        if kind is not RepKind.LIFT:
            amount = size(own[kind], "deg", lang)
            words = text("report.plot.full", lang, kind=kind_name(kind, lang), size=amount)
        shapes.append(Words(_LEFT, base, words, colours.line, _SMALL, "start"))
    listed = ", ".join(
        f"{rep.index}: {min(100, round(100 * rep.amplitude / own[rep.kind]))} %" for rep in reps
    )
    heading = text(f"report.plot.range{'_lift' if RepKind.LIFT in own else ''}", lang)
    note = text("report.plot.range_note", lang)
    if any(isinstance(s, Stroke) and s.width == _WHISKER for s in shapes):
        note += " " + text("report.plot.range_sd", lang)
    return Plot("range", heading, note, f"{heading}. {listed}", tuple(shapes))


def _bar(
    analysis: Analysis,
    rep: Rep,
    x: float,
    slot: float,
    signs: dict[RepKind, int],
    own: dict[RepKind, float],
    y: Callable[[float], float],
    colours: Palette,
) -> list[Shape]:
    """One repetition with its uncertainty and its number."""
    side, full = signs[rep.kind], own[rep.kind]
    share = rep.amplitude / full
    half = max(0.8, min(0.36 * slot, 16.0))
    top, zero = y(side * share), y(0.0)
    box = ((x - half, top), (x + half, top), (x + half, zero), (x - half, zero))
    shapes: list[Shape] = [Area(box, _verdict(colours, rep.verdict))]
    sd = uncertainty_at(analysis, rep.peak_s) / full
    if not isnan(sd) and slot >= _LEAST_WHISKER_SLOT:
        ends = ((x, y(side * max(0.0, share - sd))), (x, y(side * (share + sd))))
        shapes.append(Stroke(ends, colours.line, _WHISKER))
    if slot >= _LEAST_SLOT:
        base = zero + 13 if side > 0 else zero - 5
        shapes.append(Words(x, base, str(rep.index), colours.line, _SMALL))
    return shapes


# --- the oval -------------------------------------------------------------------------------


def _oval(analysis: Analysis, exercise: Exercise, lang: str, colours: Palette) -> Plot | None:
    """The path of each repetition: tilt to the side, the hip's height upwards, with arrows."""
    following = (*(rep.start_s for rep in analysis.reps[1:]), nan)
    paths = (
        (rep, _loop(analysis, exercise, rep, next_s))
        for rep, next_s in zip(analysis.reps, following, strict=True)
    )
    loops = [(rep, path) for rep, path in paths if len(path) > 2]
    if not loops:
        return None
    points = np.concatenate([loop for _, loop in loops])
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    half = np.maximum(np.ptp(points, axis=0), [_LEAST_TILT_DEG, _LEAST_HEIGHT]) / 2 * 1.15
    right, low = WIDTH - _RIGHT, HEIGHT - _BOTTOM

    def place(tilt_deg: float, height: float) -> tuple[float, float]:
        x = (tilt_deg - middle[0] + half[0]) / (2 * half[0])
        y = (height - middle[1] + half[1]) / (2 * half[1])
        return round(_LEFT + x * (right - _LEFT), 2), round(low - y * (low - _TOP), 2)

    shapes: list[Shape] = []
    step = 5 * max(1, ceil(2 * half[0] / 5 / 6))
    for tilt in range(-90, 91, step):
        if abs(tilt - middle[0]) > half[0]:
            continue
        x, _ = place(tilt, middle[1])
        shapes.append(
            Stroke(((x, _TOP), (x, low)), colours.line if not tilt else colours.edge, 0.8)
        )
        shapes.append(Words(x, low + 13, f"{abs(tilt)}°", colours.line, _SMALL))
    wanted = [
        place(middle[0] + 0.55 * half[0] * cos(a), middle[1] + 0.6 * half[1] * sin(a))
        for a in np.linspace(0.0, 2 * pi, 61)
    ]
    shapes.append(Stroke(tuple(wanted), colours.edge, 9.0))
    shapes += _arrows(tuple(wanted), colours.lost, 2)
    for rep, loop in loops:
        colour = _verdict(colours, rep.verdict)
        path = tuple(place(float(tilt), float(height)) for tilt, height in loop)
        shapes.append(Stroke(path, colour, 1.8))
        shapes += _arrows(path, colour, 3)
        (x, y), word = path[0], str(rep.index)
        square = ((x - 3, y - 3), (x + 3, y - 3), (x + 3, y + 3), (x - 3, y + 3))
        shapes.append(Area(square, colour))
        shapes.append(Words(x - 6, y + 4, word, colours.line, _SMALL, "end"))
    ends = (
        (_LEFT, low + 26, text("stance.backward", lang), "start"),
        (right, low + 26, text("stance.forward", lang), "end"),
        (_LEFT - 40, _TOP - 10, text("report.plot.higher", lang), "start"),
        (_LEFT - 40, low + 13, text("report.plot.lower", lang), "start"),
    )
    shapes += [Words(x, y, words, colours.line, _SMALL, anchor) for x, y, words, anchor in ends]
    heading = text("report.plot.oval", lang)
    note = text("report.plot.oval_note", lang)
    round_ones = ", ".join(
        text(f"report.plot.{_way(rep)}", lang, number=rep.index) for rep, _ in loops
    )
    return Plot("oval", heading, note, f"{heading}. {round_ones}", tuple(shapes))


def _loop(analysis: Analysis, exercise: Exercise, rep: Rep, next_s: float) -> FloatArray:
    """Tilt and hip height from a repetition's start until the next, shape (n, 2), thinned."""
    end_s = next_s if next_s - rep.end_s < _REST_S else rep.end_s
    inside = [
        (result.sample.pelvic_tilt_deg, exercise.signal(result.sample))
        for result in analysis.results
        if rep.start_s <= result.sample.time_s <= end_s
    ]
    points = np.array(inside, dtype=float).reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    thinned: FloatArray = points[:: max(1, -(-len(points) // _MOST_POINTS))]
    return thinned


def _way(rep: Rep) -> str:
    """Which way round: with the pelvis forward in rising, or against it."""
    return "with" if dict(rep.measures).get("roundness", 0.0) > 0 else "against"


def _arrows(path: Points, colour: str, count: int) -> list[Shape]:
    """Arrow heads along a path, evenly over its length."""
    points = np.array(path)
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    shapes: list[Shape] = []
    for share in (np.arange(count) + 0.5) / count:
        i = min(int(np.searchsorted(along, share * along[-1])), len(points) - 1)
        before = points[max(0, i - 2)]
        way = points[i] - before
        length = float(np.hypot(*way))
        if length == 0.0:
            continue
        way /= length
        tip, side = points[i] + _ARROW * way, np.array([-way[1], way[0]]) * 0.6 * _ARROW
        corners = (tip, points[i] - side, points[i] + side)
        shapes.append(Area(tuple((round(x, 2), round(y, 2)) for x, y in corners), colour))
    return shapes


def _verdict(colours: Palette, verdict: Verdict) -> str:
    named = {Verdict.GOOD: colours.good, Verdict.IMPROVE: colours.forward}
    return named.get(verdict, colours.lost)
