"""Runs the product's ``Interpreter`` over cached clips and lays readings beside the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import degrees, nan

import numpy as np

from posture.datatypes import FloatArray, Position, PostureSample, TiltEstimate
from posture.errors import NobodyError
from posture.exercises import get_exercise
from posture.pelvis.calibration import Calibration, calibrate, find_neutral
from posture.pelvis.rotation import TurnEstimator
from posture.pelvis.tilt import JOINTS, POSE_FEATURES, TiltEstimator
from posture.pipeline import DEFAULT_SETTINGS, Interpreter
from training.clips import Clip

EXERCISE_OF = {
    "standing": "standing-tilt",
    "distractor": "standing-tilt",
    "sitting": "active-sitting",
    "supine": "small-bridge",
    "yaw": "monkey",
}


@dataclass(frozen=True)
class Track:
    """One clip read from end to end; arrays have one value per frame, NaN without a reading.

    Attributes:
        clip: The clip; its truth is in ``truth``.
        calibration: The neutral that was found; ``None`` when none was.
        time_s: Times.
        reading: What the product said.
        sd: With which uncertainty.
        truth: The true quantity minus its mean over the neutral window.
    """

    clip: Clip
    calibration: Calibration | None
    time_s: FloatArray
    reading: FloatArray
    sd: FloatArray
    truth: FloatArray

    @property
    def read(self) -> np.ndarray:
        """Which frames have a reading."""
        return ~np.isnan(self.reading)


def neutral_of(clip: Clip, exercise_id: str) -> Calibration | None:
    """The neutral that the product finds by itself."""
    exercise = get_exercise(exercise_id)
    reading, settings = exercise.reading, DEFAULT_SETTINGS
    window = find_neutral(
        clip.observations, reading, exercise.position, settings.quality, settings.neutral
    )
    if window is None:
        return None
    try:
        return calibrate(clip.observations, window, reading, settings.quality)
    except NobodyError:
        return None


def samples_of(
    clip: Clip,
    exercise_id: str,
    calibration: Calibration | None,
    estimator: TiltEstimator | None = None,
    turn_estimator: TurnEstimator | None = None,
) -> list[PostureSample]:
    """What the product says about each frame of a clip."""
    interpreter = Interpreter(
        get_exercise(exercise_id), calibration, estimator, turn_estimator=turn_estimator
    )
    return [interpreter.interpret(o).sample for o in clip.observations]


def read_clips(
    clips: Iterable[Clip],
    quantity: str,
    samples: Callable[[Clip, Calibration | None], list[PostureSample]],
    neutrals: dict[str, Calibration | None],
) -> list[Track]:
    """Lay a quantity's readings beside its truth.

    Args:
        clips: What to read.
        quantity: Name of the sample's field and of the truth's column.
        samples: Reads one clip.
        neutrals: Each clip's neutral, by its name.
    """
    tracks = []
    sd_name = quantity.removesuffix("_deg") + "_sd_deg"
    for clip in clips:
        calibration = neutrals[clip.name]
        read = samples(clip, calibration)
        time_s = np.array([s.time_s for s in read])
        truth = clip.truth[quantity].copy()
        if calibration is not None:
            window = calibration.window
            still = (time_s >= window.start_s) & (time_s <= window.end_s)
            truth -= np.median(truth[still])
        # A joint's angle is told of refused frames too; the product draws no conclusion from it.
        values = np.array([nan if s.reason else getattr(s, quantity) for s in read])
        sd = np.array([getattr(s, sd_name, nan) for s in read])
        tracks.append(Track(clip, calibration, time_s, values, sd, truth))
    return tracks


class LandmarkFormula:
    """One joint angle's change since neutral: what apps without an outline go by."""

    def __init__(self, feature: str) -> None:
        self.name = feature.removesuffix("_deg").replace("_", " ")
        self._at = JOINTS.start + POSE_FEATURES.index(feature)
        self._unit = 1.0 if feature.endswith("_deg") else degrees(1.0)

    def estimate(
        self,
        features: FloatArray,
        neutral: FloatArray,
        position: Position,  # noqa: ARG002  one formula for all
    ) -> TiltEstimate:
        """The change, degrees."""
        change = float(features[self._at] - neutral[self._at]) * self._unit
        return TiltEstimate(change, 1.0)


def with_one_gain(tracks: list[Track]) -> list[Track]:
    """All readings times the one gain that fits the truth of these very clips best."""
    x = np.concatenate([t.reading[t.read] for t in tracks])
    y = np.concatenate([t.truth[t.read] for t in tracks])
    return [_times(t, _gain(x, y)) for t in tracks]


def with_own_gain(tracks: list[Track]) -> list[Track]:
    """Each clip's readings times the gain, sign included, that fits its own truth best.

    No product can know that gain; it is an upper bound on what the formula could do.
    """
    return [_times(t, _gain(t.reading[t.read], t.truth[t.read])) for t in tracks]


def _gain(x: FloatArray, y: FloatArray) -> float:
    power = float(x @ x)
    return float(x @ y) / power if power > 0 else 0.0


def _times(track: Track, gain: float) -> Track:
    return replace(track, reading=track.reading * gain)
