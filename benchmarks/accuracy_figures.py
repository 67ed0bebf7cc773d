"""Figures from readings beside their truth. Degrees unless a name says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np

from benchmarks.accuracy_readings import Track
from posture.datatypes import FloatArray

BAND_DEG = 5.0
WITHIN_DEG = 20.0
Z_90 = 1.645


def three_classes(tilt_deg: FloatArray) -> FloatArray:
    """Forward 1, neutral 0, backward -1."""
    return np.where(tilt_deg > BAND_DEG, 1, np.where(tilt_deg < -BAND_DEG, -1, 0))


def joined(tracks: Sequence[Track]) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Reading, truth and deviation of all frames with a reading, and the share that have one.

    Frames whose truth lies beyond 20 degrees count neither way; every other frame counts for
    coverage, whether or not a neutral was found.
    """
    wanted = [np.abs(t.truth) <= WITHIN_DEG for t in tracks]
    read = [t.read & w for t, w in zip(tracks, wanted, strict=True)]
    frames = sum(int(w.sum()) for w in wanted)

    def column(name: str) -> FloatArray:
        return np.concatenate(
            [getattr(t, name)[r] for t, r in zip(tracks, read, strict=True)] or [np.empty(0)]
        )

    coverage = sum(int(r.sum()) for r in read) / frames if frames else nan
    return column("reading"), column("truth"), column("sd"), coverage


def accuracy(tracks: Sequence[Track]) -> dict[str, float]:
    """The row of figures of a set of clips."""
    reading, truth, sd, coverage = joined(tracks)
    row = {"clips": float(len(tracks)), "coverage": coverage}
    if len(reading) < 10:
        return row
    error = reading - truth
    classes, true_classes = three_classes(reading), three_classes(truth)
    spread = float(truth.var())
    per_clip = [
        np.abs((t.reading - t.truth)[t.read & (np.abs(t.truth) <= WITHIN_DEG)]).mean()
        for t in tracks
        if (t.read & (np.abs(t.truth) <= WITHIN_DEG)).any()
    ]
    return row | {
        "MAE": float(np.abs(error).mean()),
        "worst": float(np.max(per_clip)),
        "bias": float(error.mean()),
        "gain": float(np.cov(truth, reading)[0, 1] / spread) if spread > 1.0 else nan,
        "r": float(np.corrcoef(reading, truth)[0, 1]) if spread > 1.0 else nan,
        "3class": float(np.mean(classes == true_classes)),
        "opposite%": 100.0 * float(np.mean(classes * true_classes == -1)),
        "in90%": 100.0 * float(np.mean(np.abs(error) <= Z_90 * sd)),
    }


def moved_without_tilt(tracks: Sequence[Track]) -> dict[str, float]:
    """How far readings go while there is nothing to read."""
    reading, truth, _, coverage = joined(tracks)
    row = {"clips": float(len(tracks)), "coverage": coverage}
    if len(reading) < 10:
        return row
    away = np.abs(reading - truth)
    return row | {
        "MAE": float(away.mean()),
        "p95": float(np.quantile(away, 0.95)),
        "not neutral%": 100.0 * float(np.mean(np.abs(reading) > BAND_DEG)),
    }


def still_jitter(tracks: Sequence[Track]) -> float:
    """Median over clips of the reading's deviation about the truth while standing still."""
    jitters = []
    for t in tracks:
        still = t.read & (t.time_s > 0.5) & (t.time_s < float(t.clip.parameters["still_s"]))
        if still.sum() >= 10:
            rest = t.reading[still] - t.truth[still]
            slope = np.polyfit(t.time_s[still], rest, 1)
            jitters.append(float(np.std(rest - np.polyval(slope, t.time_s[still]))))
    return float(np.median(jitters)) if jitters else nan


def lag_ms(tracks: Sequence[Track]) -> float:
    """Median over clips of the delay at which readings follow the truth best."""
    delays = np.arange(-100, 400, 10)
    best = []
    for t in tracks:
        if t.read.mean() < 0.7 or t.truth.std() < 2.0:
            continue
        fit = [
            np.corrcoef(
                t.reading[t.read], np.interp(t.time_s[t.read] - d / 1e3, t.time_s, t.truth)
            )[0, 1]
            for d in delays
        ]
        best.append(float(delays[int(np.argmax(fit))]))
    return float(np.median(best)) if best else nan


def direction(tracks: Sequence[Track], beyond_deg: float) -> float:
    """Share of frames beyond a size whose reading has the right sign."""
    reading, truth, _, _ = joined(tracks)
    far = np.abs(truth) > beyond_deg
    return float(np.mean(np.sign(reading[far]) == np.sign(truth[far]))) if far.any() else nan
