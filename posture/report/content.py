"""What the report says: words and pictures, in the order in which they are read."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields, replace
from datetime import date
from math import isnan, nan

import numpy as np

from posture import __version__
from posture.adapters.drawing import draw_overlay
from posture.adapters.stills import jpeg, read_stills
from posture.analysis import Analysis
from posture.annotate import calm_corners, overlay
from posture.corrections import Corrections
from posture.datatypes import EventKind, Rep, Stance, Verdict
from posture.errors import InputError
from posture.exercises import get_exercise
from posture.locales import lines, text
from posture.pelvis.quality import Reading
from posture.report.curve import Row, curve_rows, described
from posture.report.plots import Plot, plots
from posture.summary import frame_seconds
from posture.ui.curve_words import curve_meaning
from posture.ui.series import curve_of, stance_stretches, uncertainty_at
from posture.ui.wording import (
    RepLine,
    clock,
    exercise_name,
    fault_name,
    is_live,
    joined,
    kind_name,
    losses,
    number,
    remarks,
    rep_columns,
    rep_lines,
    rep_size,
    size,
    size_name,
    summary,
    verdict_name,
)

logger = logging.getLogger(__name__)

PICTURE_WIDTH_PX = 640
MOST_TIMES = 6
_SHORT_HASH = 12


@dataclass(frozen=True, slots=True)
class Picture:
    """One moment of the video, drawn on.

    Attributes:
        heading: What it shows.
        caption: When, how far, how good.
        jpeg: The picture.
        width_px: Its width.
        height_px: Its height.
    """

    heading: str
    caption: str
    jpeg: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says, in one language.

    Attributes:
        lang: The language.
        title: Its title.
        facts: Name and value: which video, when, how long.
        corrected: What was put right by hand; empty when nothing.
        short: The result in a few sentences.
        pictures: Moments to look at; none without the video.
        rows: The curve.
        curve_alt: The curve in words.
        curve_note: How to read it.
        plots: The person's own range, and the path of a wave.
        columns: What the table of repetitions has, with its headings.
        reps: The repetitions.
        faults: What to work on, the most frequent first.
        unread: What could not be read, and why, the longest first.
        sure: How sure all this is.
        made_by: Versions.
    """

    lang: str
    title: str
    facts: tuple[tuple[str, str], ...]
    corrected: str
    short: tuple[str, ...]
    pictures: tuple[Picture, ...]
    rows: tuple[Row, ...]
    curve_alt: str
    curve_note: str
    plots: tuple[Plot, ...]
    columns: dict[str, str]
    reps: tuple[RepLine, ...]
    faults: tuple[str, ...]
    unread: tuple[str, ...]
    sure: tuple[str, ...]
    made_by: str

    @property
    def plain_columns(self) -> tuple[str, ...]:
        """The columns that are words alone: attributes of :class:`RepLine`."""
        return tuple(name for name in self.columns if name not in {"verdict", "remarks"})


def report_of(
    analysis: Analysis,
    lang: str,
    *,
    practised: date | None = None,
) -> Report:
    """Return what a report of a recording says.

    Args:
        analysis: A recording, as it is after corrections.
        lang: Language.
        practised: The day; left out when unknown.
    """
    exercise = exercise_name(analysis.request.exercise, lang)
    return Report(
        lang=lang,
        title=text("report.title", lang, exercise=exercise),
        facts=_facts(analysis, lang, practised),
        corrected=_corrected(analysis.corrections, lang),
        short=tuple(summary(analysis, lang)),
        pictures=_pictures(analysis, lang),
        rows=curve_rows(analysis, lang),
        curve_alt=described(analysis, lang),
        curve_note=_curve_note(analysis, lang),
        plots=plots(analysis, lang),
        columns=rep_columns(analysis.request.exercise, lang),
        reps=tuple(rep_lines(analysis, lang)),
        faults=_faults(analysis, lang),
        unread=_unread(analysis, lang),
        sure=_sure(analysis, lang),
        made_by=_made_by(analysis, lang),
    )


def _facts(analysis: Analysis, lang: str, practised: date | None) -> tuple[tuple[str, str], ...]:
    minutes, seconds = divmod(round(float(frame_seconds(analysis.results).sum())), 60)
    key = "minutes" if minutes else "seconds"
    length = text(f"report.{key}", lang, minutes=minutes, seconds=seconds)
    facts = [(text("report.video", lang), analysis.path.name)] if analysis.path.name else []
    if practised is not None:
        month = lines("report.months", lang)[practised.month - 1]
        day = text("report.day", lang, day=practised.day, month=month, year=practised.year)
        facts.append((text("report.date", lang), day))
    return (*facts, (text("report.length", lang), length))


def _made_by(analysis: Analysis, lang: str) -> str:
    model = analysis.request.model
    if is_live(analysis):
        return text("report.made_live", lang, version=__version__, model=model)
    said = text(
        "report.made_by",
        lang,
        version=__version__,
        model=model,
        sha256=analysis.model_sha256[:_SHORT_HASH],
    )
    if get_exercise(analysis.request.exercise).reading is not Reading.TILT:
        return said
    return text("report.made_by_tilt", lang, made=said, estimator=analysis.estimator)


def _corrected(corrections: Corrections, lang: str) -> str:
    names = [field.name for field in fields(corrections) if getattr(corrections, field.name)]
    parts = [text(f"report.correction.{name}", lang) for name in names]
    return text("report.corrected", lang, parts=joined(parts, lang)) if parts else ""


def best_and_worst(analysis: Analysis) -> tuple[Rep | None, Rep | None]:
    """Return the repetition to be proud of and the one with most to gain, where they differ."""
    judged = [rep for rep in analysis.reps if rep.verdict is not Verdict.CANNOT_JUDGE]
    if not judged:
        return None, None
    best = min(judged, key=lambda rep: (len(rep.faults), -rep.amplitude))
    worst = min(judged, key=lambda rep: (-len(rep.faults), rep.amplitude))
    return best, None if worst is best else worst


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a picture is made of."""

    time_s: float
    heading: str
    caption: str
    badge: str = ""


def _pictures(analysis: Analysis, lang: str) -> tuple[Picture, ...]:
    moments = _moments(analysis, lang)
    if not moments or not analysis.path.is_file():
        return ()
    time_s = np.array([result.sample.time_s for result in analysis.results])
    chosen = [(int(np.argmin(np.abs(time_s - moment.time_s))), moment) for moment in moments]
    try:
        stills = read_stills(analysis.path, [index for index, _ in chosen])
    except InputError:
        logger.info("The report is made without pictures", exc_info=True)
        return ()
    corners = calm_corners(analysis)
    found = []
    for index, moment in chosen:
        if index not in stills:
            continue
        still = stills[index]
        marks = overlay(analysis.results[index], still.shape[1], lang, corners)
        drawn = draw_overlay(still, replace(marks, rep_text=moment.badge))
        height, width = drawn.shape[:2]
        picture = jpeg(drawn, PICTURE_WIDTH_PX)
        found.append(Picture(moment.heading, moment.caption, picture, width, height))
    return tuple(found)


def _moments(analysis: Analysis, lang: str) -> list[_Moment]:
    """Best and worst repetition; where there are none, neutral and the furthest."""
    best, worst = best_and_worst(analysis)
    least = "shortest" if worst and worst.unit == "s" else "smallest"
    named = (("best", best), ("worst" if worst and worst.faults else least, worst))
    moments = [
        _Moment(
            rep.peak_s,
            text(f"report.{name}", lang),
            _rep_caption(analysis, rep, lang),
            str(rep.index),
        )
        for name, rep in named
        if rep is not None and (name == "best" or rep.faults or size_name(rep.kind))
    ]
    if moments or not analysis.results:
        return moments
    if analysis.calibration is not None:
        window = analysis.calibration.window
        at = (window.start_s + window.end_s) / 2
        caption = text("report.picture_neutral", lang, when=clock(at))
        moments.append(_Moment(at, text("report.neutral", lang), caption))
    curve = curve_of(analysis)
    if not np.isnan(curve.value).all():
        far = int(np.nanargmax(np.abs(curve.value)))
        at, amount = float(curve.time_s[far]), abs(float(curve.value[far]))
        how_far = size(amount, curve.unit, lang, float(curve.sd[far]))
        caption = text("report.picture_at", lang, when=clock(at), size=how_far)
        moments.append(_Moment(at, text("report.furthest", lang), caption))
    return moments


def _rep_caption(analysis: Analysis, rep: Rep, lang: str) -> str:
    sd = nan if rep.unit == "s" else uncertainty_at(analysis, rep.peak_s)
    return text(
        "report.picture_rep",
        lang,
        number=rep.index,
        kind=kind_name(rep.kind, lang),
        when=clock(rep.peak_s),
        told=", ".join(filter(None, (rep_size(rep, lang, sd), verdict_name(rep.verdict, lang)))),
    )


def _curve_note(analysis: Analysis, lang: str) -> str:
    said = [curve_meaning(analysis.request.exercise, lang)]
    there = {
        "strip": any(
            one.stance is not Stance.NEUTRAL for one in stance_stretches(analysis.results)
        ),
        "band": not np.isnan(curve_of(analysis).sd).all(),
        "blocks": bool(analysis.reps),
        "faults": any(event.kind is EventKind.FAULT for event in analysis.events),
        "unread": bool(losses(analysis, lang)),
    }
    return " ".join([*said, *(text(f"report.curve_{key}", lang) for key in there if there[key])])


def _faults(analysis: Analysis, lang: str) -> tuple[str, ...]:
    times: dict[str, list[float]] = {}
    for rep in analysis.reps:
        for fault in rep.faults:
            times.setdefault(fault, []).append(rep.start_s)
    for event in analysis.events:
        if event.kind is EventKind.FAULT:
            known = times.setdefault(event.id, [])
            inside = [r for r in analysis.reps if r.start_s <= event.time_s <= r.end_s + 0.5]
            if not any(event.id in rep.faults for rep in inside):
                known.append(event.time_s)
    by_count = sorted(times.items(), key=lambda item: -len(item[1]))
    return tuple(
        text(
            "report.fault_times",
            lang,
            fault=fault_name(analysis.request.exercise, fault, lang),
            times=", ".join(dict.fromkeys(clock(at) for at in sorted(when)[:MOST_TIMES]))
            + (" …" if len(when) > MOST_TIMES else ""),
        )
        for fault, when in by_count
        if when
    )


def _unread(analysis: Analysis, lang: str) -> tuple[str, ...]:
    return tuple(
        text(
            "report.unread_part",
            lang,
            when=loss.when,
            seconds=number(loss.seconds, lang, 1),
            reason=loss.words,
        )
        for loss in losses(analysis, lang)
    )


def _sure(analysis: Analysis, lang: str) -> tuple[str, ...]:
    said = list(remarks(analysis, lang))
    tilt = analysis.summary()["pelvic_tilt"]
    if tilt is not None and not isnan(tilt["sd_deg"] or nan):
        said.append(text("report.sure_tilt", lang))
        change = size(tilt["minimal_detectable_change_deg"], "deg", lang)
        said.append(text("report.sure_change", lang, change=change))
    else:
        said.append(text("report.sure_other", lang))
    return tuple(said)
