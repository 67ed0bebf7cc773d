"""What a whole recording comes to: the contents of ``summary.json``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from posture import __version__
from posture.datatypes import Quality, Stance, Verdict
from posture.guide import is_real_change, minimal_detectable_change_deg
from posture.pelvis.calibration import Calibration
from posture.pipeline import Result

if TYPE_CHECKING:
    from posture.analysis import Analysis

SUMMARY_VERSION = 1


def summarise(analysis: Analysis) -> dict[str, Any]:
    """A JSON-ready summary of an analysis; unknown numbers are ``None``."""
    results = analysis.results
    seconds = frame_seconds(results)
    total_s = float(seconds.sum())
    good = np.array([r.sample.quality is not Quality.NONE for r in results], dtype=bool)
    return {
        "summary_version": SUMMARY_VERSION,
        "video": {
            "name": analysis.path.name,
            "frames": len(results),
            "duration_s": round(total_s, 3),
            "width_px": analysis.info.width_px,
            "height_px": analysis.info.height_px,
            "damage": analysis.damage,
        },
        "exercise": analysis.request.exercise,
        "calibration": _calibration(analysis.calibration, found=analysis.neutral_found),
        "people_at_once": analysis.people_at_once,
        "followed": (
            "the largest person when tracking began" if analysis.people_at_once > 1 else None
        ),
        "repetitions": {
            "count": len(analysis.reps),
            "by_kind": dict(Counter(rep.kind for rep in analysis.reps)),
            "by_verdict": {
                verdict: sum(rep.verdict is verdict for rep in analysis.reps) for verdict in Verdict
            },
            "faults": dict(Counter(f for rep in analysis.reps for f in rep.faults)),
        },
        "pelvic_tilt": _tilt(results),
        "stance_seconds": {
            stance: round(_sum_where(seconds, [r.sample.stance is stance for r in results]), 2)
            for stance in Stance
        },
        "coverage": {
            "person_share": _share(seconds, [r.sample.person for r in results]),
            "reading_share": _share(seconds, good),
        },
        "no_reading_seconds": _no_reading(results, seconds),
        "versions": {"posture": __version__, "tilt_estimator": analysis.estimator},
        "model": {"name": analysis.request.model, "sha256": analysis.model_sha256},
    }


def frame_seconds(results: Sequence[Result]) -> np.ndarray:
    """How long each frame lasts, shape (n,); the last lasts as long as the median frame."""
    time_s = np.array([r.sample.time_s for r in results])
    if len(time_s) < 2:
        return np.zeros(len(time_s))
    steps = np.diff(time_s)
    return np.append(steps, np.median(steps))


def _calibration(calibration: Calibration | None, *, found: bool) -> dict[str, Any] | None:
    if calibration is None:
        return None
    return {
        "source": "found" if found else "given",
        "start_s": round(calibration.window.start_s, 3),
        "end_s": round(calibration.window.end_s, 3),
        "frames": calibration.frames,
        "facing": calibration.facing,
        "position": calibration.position,
        "forward_deg": _rounded(calibration.forward_deg),
        "backward_deg": _rounded(calibration.backward_deg),
    }


def _tilt(results: Sequence[Result]) -> dict[str, Any] | None:
    """Range reached (5th to 95th percentile), and whether that is a real change; None unread."""
    known = [r.sample for r in results if not isnan(r.sample.pelvic_tilt_deg)]
    if not known:
        return None
    tilt = np.array([sample.pelvic_tilt_deg for sample in known])
    sd_deg = float(np.median([sample.pelvic_tilt_sd_deg for sample in known]))
    furthest = {
        "forward": float(np.percentile(tilt, 95)),
        "backward": float(np.percentile(tilt, 5)),
    }
    return {
        "forward_deg": _rounded(furthest["forward"]),
        "backward_deg": _rounded(furthest["backward"]),
        "median_deg": _rounded(float(np.median(tilt))),
        "sd_deg": _rounded(sd_deg),
        "minimal_detectable_change_deg": _rounded(minimal_detectable_change_deg(sd_deg)),
        "real_change": is_real_change(furthest["backward"], furthest["forward"], sd_deg),
    }


def _no_reading(results: Sequence[Result], seconds: np.ndarray) -> dict[str, float]:
    lost: defaultdict[str, float] = defaultdict(float)
    for result, length_s in zip(results, seconds, strict=True):
        if result.sample.quality is Quality.NONE and result.sample.reason is not None:
            lost[result.sample.reason] += float(length_s)
    by_length = sorted(lost.items(), key=lambda item: -item[1])
    return {reason: round(length_s, 2) for reason, length_s in by_length}


def _sum_where(seconds: np.ndarray, flags: Sequence[bool]) -> float:
    return float(seconds[np.array(flags, dtype=bool)].sum())


def _share(seconds: np.ndarray, flags: Sequence[bool] | np.ndarray) -> float | None:
    total_s = float(seconds.sum())
    if total_s == 0.0:
        return None
    return round(float(seconds[np.array(flags, dtype=bool)].sum()) / total_s, 4)


def _rounded(value: float) -> float | None:
    return None if isnan(value) else round(value, 1)
