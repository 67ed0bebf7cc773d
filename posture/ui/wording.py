"""From numbers to words: everything a result page says, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, isnan

from posture.analysis import Analysis
from posture.datatypes import (
    EventKind,
    Quality,
    Reason,
    Rep,
    RepKind,
    TimeWindow,
    Verdict,
)
from posture.exercises import get_exercise
from posture.guide import is_real_change
from posture.locales import has_text, lines, text
from posture.pelvis.calibration import NeutralSettings
from posture.pelvis.quality import Reading
from posture.rounding import shown_sd
from posture.ui.series import (
    Stretch,
    lost_stretches,
    merged,
    tilt_range_deg,
    uncertainty_at,
)

_GAP = "\N{NO-BREAK SPACE}"

# What the size of a repetition is to the person: most kinds go far, a wave's number says nothing.
_SIZES = {RepKind.LIFT: "high", RepKind.BEND: "deep", RepKind.HOLD: "long", RepKind.WAVE: ""}
# From here on a lift is told as the whole way.
WHOLE = 0.995

# Less than this without a reading is not worth a word.
SHORTEST_LOSS_S = 0.3
# Times of one reason that lie this close are told as one; no more than so many are told.
BRIDGED_S = 1.0
MOST_TIMES = 3
# A fault is named when a repetition is over; until so long after it, it belongs to that one.
JUST_AFTER_S = 0.5


@dataclass(frozen=True, slots=True)
class Tile:
    """One large number.

    Attributes:
        label: What it is.
        value: The number with its unit.
        note: What it means.
    """

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class RepLine:
    """One repetition in words.

    Attributes:
        number: Its count.
        kind: What it was.
        start_s: When it begins.
        when: Its time in the video, in words.
        size: How far, high, deep or long, with uncertainty; empty where no number says it.
        verdict: Good, improve or cannot judge.
        verdict_words: The same in words.
        remarks: What to work on, most important first.
        cues: The same in a few words each.
    """

    number: str
    kind: str
    start_s: float
    when: str
    size: str
    verdict: Verdict
    verdict_words: str
    remarks: tuple[str, ...]
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A fault outside the repetitions.

    Attributes:
        time_s: When it was seen.
        when: The same in words.
        words: What it is, and what to do instead.
    """

    time_s: float
    when: str
    words: str


@dataclass(frozen=True, slots=True)
class Loss:
    """Time without a reading, for one reason.

    Attributes:
        words: The reason, and what to do about it.
        when: When it was, in words.
        seconds: How long in all.
    """

    words: str
    when: str
    seconds: float


def exercise_name(exercise_id: str, lang: str) -> str:
    """Return what the user calls an exercise."""
    return text(f"exercise.{exercise_id}.name", lang)


def fault_name(exercise_id: str, fault: str, lang: str) -> str:
    """Return what to work on, in words."""
    return text(f"exercise.{exercise_id}.fault.{fault}", lang)


def number(value: float, lang: str, decimals: int = 0) -> str:
    """Return a number as people of this language write it; never "-0"."""
    words = f"{value:.{decimals}f}"
    if float(words) == 0.0:
        words = words.removeprefix("-")
    return words.replace("-", "−").replace(".", text("page.number.point", lang))


def clock(time_s: float) -> str:
    """Return a time in a video as players show it: minutes and seconds."""
    minutes, seconds = divmod(round(time_s), 60)
    return f"{minutes}:{seconds:02d}"


def span(start_s: float, end_s: float) -> str:
    """Return a stretch of a video: from when to when, or just when where that is the same."""
    start, end = clock(start_s), clock(end_s)
    return start if start == end else f"{start} – {end}"


def precise_span(window: TimeWindow, lang: str) -> str:
    """Return a stretch of a video to a tenth of a second: ``3.2 – 5.0 s``."""
    start = number(window.start_s, lang, 1)
    end = text("page.number.seconds", lang, value=number(window.end_s, lang, 1))
    return f"{start} – {end}"


def day_words(day: date, lang: str) -> str:
    """Return a day as people of this language write it: ``3 May 2026``."""
    month = lines("report.months", lang)[day.month - 1]
    return text("report.day", lang, day=day.day, month=month, year=day.year)


def time_of_day(moment: datetime) -> str:
    """Return the time of day: ``14:05``."""
    return f"{moment:%H:%M}"


def time_left(left_s: float, lang: str) -> str:
    """Return how long it still takes, no finer than anybody can know; empty when unknown."""
    if isnan(left_s):
        return ""
    if left_s < 5:
        return text("page.progress.left_moment", lang)
    if left_s < 55:
        return text("page.progress.left_seconds", lang, count=5 * ceil(left_s / 5))
    minutes = max(1, round(left_s / 60))
    key = "left_minute" if minutes == 1 else "left_minutes"
    return text(f"page.progress.{key}", lang, count=minutes)


def size(amount: float, unit: str, lang: str, sd: float = float("nan")) -> str:
    """Return a size with its unit and, where known, its uncertainty: ``11° ± 3°``.

    Args:
        amount: In ``unit``; of a fraction no more than the whole is told.
        unit: ``deg``, ``fraction`` or ``s``.
        lang: Language.
        sd: Standard uncertainty in the same unit, NaN where unknown.
    """
    if unit == "deg":
        words = f"{number(amount, lang)}°"
        return words if isnan(sd) else f"{words}{_GAP}±{_GAP}{shown_sd(sd)}°"
    if unit == "fraction":
        words = f"{number(100 * min(amount, 1.0), lang)}{_GAP}%"
        return words if isnan(sd) else f"{words}{_GAP}±{_GAP}{shown_sd(100 * sd)}{_GAP}%"
    return text("page.number.seconds", lang, value=number(amount, lang, 1))


def joined(parts: Sequence[str], lang: str) -> str:
    """Return a list as a sentence has it: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {text('page.number.and', lang)} {parts[-1]}"


def kind_name(kind: RepKind, lang: str) -> str:
    """Return the word for a kind of repetition."""
    return text(f"page.kind.{kind}", lang)


def size_name(kind: RepKind) -> str:
    """Return what the size of a repetition is: ``far``, ``high``, ``deep``, ``long`` or nothing."""
    return _SIZES.get(kind, "far")


def rep_size(rep: Rep, lang: str, sd: float = float("nan")) -> str:
    """Return how far, high, deep or long a repetition was; empty where no number says it."""
    return size(rep.amplitude, rep.unit, lang, sd) if size_name(rep.kind) else ""


def rep_columns(exercise_id: str, lang: str) -> dict[str, str]:
    """Return the columns of a table of repetitions that an exercise has, with their headings."""
    kinds = get_exercise(exercise_id).kinds.values()
    name = size_name(next(iter(kinds)))
    size_key = f"page.size.{name}" if name else ""
    keys = {
        "number": "page.table.number",
        "kind": "page.table.kind" if len(kinds) > 1 else "",
        "when": "page.table.when",
        "size": size_key,
        "verdict": "page.table.verdict",
        "remarks": "page.table.remarks",
    }
    return {column: text(key, lang) for column, key in keys.items() if key}


def kind_counted(reps: Sequence[Rep], lang: str, sd: float = float("nan")) -> str:
    """Return how many repetitions of one kind there were, and the largest: "3 × lift (…)".

    Args:
        reps: Of one kind, at least one.
        lang: Language.
        sd: Standard uncertainty of the largest one's size.
    """
    largest = max(reps, key=lambda rep: rep.amplitude)
    name = size_name(largest.kind)
    whole = name == "high" and largest.amplitude >= WHOLE
    return text(
        f"page.summary.one_{'whole' if whole else name or 'plain'}",
        lang,
        count=len(reps),
        kind=kind_name(largest.kind, lang),
        size=rep_size(largest, lang, sd),
    )


def verdict_name(verdict: Verdict, lang: str) -> str:
    """Return the word for a verdict."""
    return text(f"page.verdict.{verdict}", lang)


def noticed(analysis: Analysis, lang: str) -> list[Noticed]:
    """Return the faults that were seen outside the repetitions, in order of time."""
    named = {(rep.start_s, rep.end_s, fault) for rep in analysis.reps for fault in rep.faults}
    return [
        Noticed(
            event.time_s, clock(event.time_s), fault_name(analysis.request.exercise, event.id, lang)
        )
        for event in analysis.events
        if event.kind is EventKind.FAULT
        and not any(
            fault == event.id and start_s <= event.time_s <= end_s + JUST_AFTER_S
            for start_s, end_s, fault in named
        )
    ]


def summary(analysis: Analysis, lang: str) -> list[str]:
    """Return what happened, in a few plain sentences, the most important first."""
    if not analysis.judged:
        return [text("page.summary.nothing", lang)]
    said = [_counted(analysis, lang)]
    praise = _judged(analysis, lang)
    if praise:
        said.append(praise)
    seen = Counter(item.words for item in noticed(analysis, lang))
    if seen and not analysis.reps:
        said.append(text("page.summary.noticed", lang, fault=seen.most_common(1)[0][0]))
    if is_live(analysis) and analysis.reps and get_exercise(analysis.request.exercise).paced:
        said.append(unseen(analysis.request.exercise, lang))
    return said


def is_live(analysis: Analysis) -> bool:
    """Whether it was practised in front of the camera: then there never was a video to read."""
    return not analysis.path.name


def breaths(count: int, lang: str) -> str:
    """Return how many breaths were counted of those that were led."""
    return text(f"live.summary.{'breaths_one' if count == 1 else 'breaths'}", lang, count=count)


def unseen(exercise_id: str, lang: str) -> str:
    """Return by what a breath that was led is judged, and that the contraction is not seen."""
    own = f"exercise.{exercise_id}.judged"
    return text(own if has_text(own, lang) else "live.summary.posture_only", lang)


def _counted(analysis: Analysis, lang: str) -> str:
    if not analysis.reps:
        exercise = get_exercise(analysis.request.exercise)
        if exercise.paced and exercise.reading is Reading.POSTURE:
            return text("cue.not_led", lang)
        low, high, sd = tilt_range_deg(analysis)
        if isnan(low):
            return text("page.summary.none", lang)
        if not is_real_change(low, high, sd):
            return text("cue.no_real_change", lang)
        return text(
            "page.summary.none_range",
            lang,
            forward=size(max(high, 0.0), "deg", lang, sd),
            backward=size(max(-low, 0.0), "deg", lang, sd),
        )
    if is_live(analysis) and get_exercise(analysis.request.exercise).paced:
        return breaths(len(analysis.reps), lang)
    parts = []
    for reps in _by_kind(analysis.reps).values():
        largest = max(reps, key=lambda rep: rep.amplitude)
        parts.append(kind_counted(reps, lang, _sd(analysis, largest)))
    key = "counted_one" if len(analysis.reps) == 1 else "counted"
    if all(rep.unit == "deg" for rep in analysis.reps):
        key += "_neutral"
    elif len(parts) == 1:
        return text("live.summary.counted_only", lang, parts=parts[0])
    return text(f"page.summary.{key}", lang, count=len(analysis.reps), parts=joined(parts, lang))


def _judged(analysis: Analysis, lang: str) -> str:
    judged = [rep for rep in analysis.reps if rep.verdict is not Verdict.CANNOT_JUDGE]
    if not judged:
        return ""
    good = sum(rep.verdict is Verdict.GOOD for rep in judged)
    faults = Counter(fault for rep in analysis.reps for fault in rep.faults)
    if not faults:
        return text("page.summary.all_good", lang)
    fault, _ = faults.most_common(1)[0]
    return some_good(good, len(judged), fault_name(analysis.request.exercise, fault, lang), lang)


def some_good(good: int, count: int, fault: str, lang: str) -> str:
    """Return how many of several were good, and what came up most."""
    key = {0: "none", 1: "single"}.get(good, "some")
    return text(f"page.summary.{key}_good", lang, good=good, count=count, fault=fault)


def _by_kind(reps: Sequence[Rep]) -> dict[RepKind, list[Rep]]:
    kinds: dict[RepKind, list[Rep]] = {}
    for rep in reps:
        kinds.setdefault(rep.kind, []).append(rep)
    return kinds


def _sd(analysis: Analysis, rep: Rep) -> float:
    if rep.unit == "s":
        return float("nan")
    return uncertainty_at(analysis, rep.peak_s)


def tiles(analysis: Analysis, lang: str) -> list[Tile]:
    """Return the few large numbers of a result."""
    good = sum(rep.verdict is Verdict.GOOD for rep in analysis.reps)
    led = is_live(analysis) and get_exercise(analysis.request.exercise).paced
    found = [
        Tile(
            text(f"page.tile.{'breaths' if led else 'repetitions'}", lang),
            str(len(analysis.reps)),
            text("page.tile.repetitions_note", lang, good=good) if analysis.reps else "",
        )
    ]
    exercise = get_exercise(analysis.request.exercise)
    kinds = _by_kind(analysis.reps)
    for side in (1, -1):
        kind = exercise.kinds.get(side)
        if kind not in kinds:
            continue
        largest = max(kinds[kind], key=lambda rep: rep.amplitude)
        name = size_name(kind)
        if not name:
            continue
        sd = _sd(analysis, largest)
        found.append(
            Tile(
                text("page.tile.furthest", lang, kind=kind_name(kind, lang))
                if len(exercise.kinds) > 1
                else text(f"page.tile.{name}", lang),
                rep_size(largest, lang),
                ""
                if isnan(sd)
                else text("page.tile.furthest_note", lang, sd=size(sd, largest.unit, lang)),
            )
        )
    share = analysis.summary()["coverage"]["reading_share"]
    if share is not None:
        found.append(
            Tile(
                text("page.tile.coverage", lang),
                f"{number(100 * share, lang)}{_GAP}%",
                text("page.tile.coverage_note", lang),
            )
        )
    return found


def rep_lines(analysis: Analysis, lang: str) -> list[RepLine]:
    """Return every repetition in words."""
    exercise = analysis.request.exercise
    return [
        RepLine(
            number=str(rep.index),
            kind=kind_name(rep.kind, lang),
            start_s=rep.start_s,
            when=span(rep.start_s, rep.end_s),
            size=rep_size(rep, lang, _sd(analysis, rep)),
            verdict=rep.verdict,
            verdict_words=verdict_name(rep.verdict, lang),
            remarks=tuple(fault_name(exercise, fault, lang) for fault in rep.faults),
            cues=tuple(text(f"exercise.{exercise}.say.{fault}", lang) for fault in rep.faults),
        )
        for rep in analysis.reps
    ]


def losses(analysis: Analysis, lang: str) -> list[Loss]:
    """Return why there was no reading and when, the longest first."""
    by_reason: dict[Reason, list[Stretch]] = {}
    for stretch in lost_stretches(analysis.results):
        by_reason.setdefault(stretch.reason, []).append(stretch)
    found = []
    for reason, stretches in by_reason.items():
        seconds = sum(stretch.length_s for stretch in stretches)
        if seconds < SHORTEST_LOSS_S:
            continue
        together = merged(stretches, BRIDGED_S)
        longest = sorted(together, key=lambda s: s.length_s, reverse=True)[:MOST_TIMES]
        times = [span(s.start_s, s.end_s) for s in sorted(longest, key=lambda s: s.start_s)]
        more = " …" if len(together) > MOST_TIMES else ""
        found.append(Loss(text(f"reason.{reason}", lang), ", ".join(times) + more, seconds))
    return sorted(found, key=lambda loss: loss.seconds, reverse=True)


def remarks(analysis: Analysis, lang: str) -> list[str]:
    """Return what the reader should know about how this result came about."""
    if is_live(analysis):
        return [text("report.neutral_live", lang)]
    said = []
    neutral = analysis.calibration
    if neutral is not None:
        key = "neutral_given"
        if analysis.neutral_found:
            length_s = neutral.window.end_s - neutral.window.start_s
            is_middle = length_s > NeutralSettings().longest_s
            key = "neutral_middle" if is_middle else "neutral_found"
        said.append(
            text(
                f"page.remark.{key}",
                lang,
                start=number(neutral.window.start_s, lang, 1),
                end=number(neutral.window.end_s, lang, 1),
            )
        )
    elif any(r.sample.quality is not Quality.NONE or r.sample.person for r in analysis.results):
        said.append(text("page.remark.no_neutral", lang))
    if analysis.people_at_once > 1:
        said.append(text("page.remark.people", lang, count=analysis.people_at_once))
    if analysis.damage:
        said.append(text("page.remark.damage", lang))
    return said
