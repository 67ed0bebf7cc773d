"""What a row of repetitions says together: size, tempo, hold, symmetry, and what to work on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from statistics import fmean, median, pstdev

from posture.datatypes import Rep, RepKind, Verdict


@dataclass(frozen=True, slots=True)
class KindOverview:
    """The repetitions of one kind.

    Attributes:
        kind: Which.
        count: How many.
        amplitude: Median size, in ``unit``.
        largest: Largest size.
        unit: ``deg``, ``fraction`` or ``s``.
        duration_s: Median time from leaving rest to being back.
        hold_s: Median time near the peak.
    """

    kind: RepKind
    count: int
    amplitude: float
    largest: float
    unit: str
    duration_s: float
    hold_s: float


@dataclass(frozen=True, slots=True)
class Overview:
    """All repetitions together.

    Attributes:
        kinds: One overview for each kind, in order of appearance.
        good: How many were good.
        improve: How many can be improved.
        cannot_judge: How many could not be judged.
        symmetry: Median size of the smaller side over that of the larger one, 0 to 1; NaN
            without two sides.
        unevenness: Standard deviation of the durations over their mean; 0 is a steady tempo,
            NaN with fewer than three repetitions.
        faults: Each fault's id and in how many repetitions it was seen, the most frequent first.
        measures: Median of each further measure, by name.
    """

    kinds: tuple[KindOverview, ...]
    good: int
    improve: int
    cannot_judge: int
    symmetry: float
    unevenness: float
    faults: tuple[tuple[str, int], ...]
    measures: tuple[tuple[str, float], ...]


def overview(reps: Sequence[Rep]) -> Overview:
    """Sum up repetitions.

    Those that cannot be judged are counted, and enter nothing else.

    Args:
        reps: Repetitions of one exercise, in order; may be empty.
    """
    verdicts = Counter(rep.verdict for rep in reps)
    judged = [rep for rep in reps if rep.verdict is not Verdict.CANNOT_JUDGE]
    kinds = tuple(
        _of_kind([rep for rep in judged if rep.kind is kind])
        for kind in dict.fromkeys(rep.kind for rep in judged)
    )
    sizes = sorted(kind.amplitude for kind in kinds)
    durations_s = [rep.end_s - rep.start_s for rep in judged]
    mean_s = fmean(durations_s) if durations_s else 0.0
    named = Counter(fault for rep in judged for fault in rep.faults)
    names = dict.fromkeys(name for rep in judged for name, _ in rep.measures)
    return Overview(
        kinds=kinds,
        good=verdicts[Verdict.GOOD],
        improve=verdicts[Verdict.IMPROVE],
        cannot_judge=verdicts[Verdict.CANNOT_JUDGE],
        symmetry=sizes[0] / sizes[1] if len(sizes) == 2 and sizes[1] > 0 else nan,
        unevenness=pstdev(durations_s) / mean_s if len(judged) >= 3 and mean_s > 0 else nan,
        faults=tuple(named.most_common()),
        measures=tuple((name, _median_measure(judged, name)) for name in names),
    )


def _of_kind(reps: Sequence[Rep]) -> KindOverview:
    sizes = [rep.amplitude for rep in reps]
    return KindOverview(
        kind=reps[0].kind,
        count=len(reps),
        amplitude=median(sizes),
        largest=max(sizes),
        unit=reps[0].unit,
        duration_s=median(rep.end_s - rep.start_s for rep in reps),
        hold_s=median(rep.hold_s for rep in reps),
    )


def _median_measure(reps: Sequence[Rep], name: str) -> float:
    return median(value for rep in reps for known, value in rep.measures if known == name)
