"""What one frame says by itself: may it be read, and what are its tilt and turn before smoothing.

A judgement depends on the frame and on neutral alone, so a recording's frames can be judged all at
once, and be judged again against another neutral while what does not depend on it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import nan
from typing import Protocol

import numpy as np

from posture.datatypes import FloatArray, Position, Reason, TiltEstimate
from posture.features import Observation
from posture.landmarks import BoolArray
from posture.pelvis.arms import covered_by_arm, covered_by_arms
from posture.pelvis.calibration import Calibration
from posture.pelvis.quality import QualitySettings, Reading, facing_changed, why_not
from posture.pelvis.rotation import TurnEstimate, TurnEstimator, turn_features
from posture.pelvis.tilt import TiltEstimator, tilt_features

# The networks let go of Python's lock, so that threads help.
BESIDE = 2
NO_TILT = TiltEstimate(nan, nan)
NO_TURN = TurnEstimate(nan, nan, nan)


class ManyTilts(TiltEstimator, Protocol):
    """An estimator that answers for many frames at once."""

    def estimates(
        self, features: FloatArray, neutral: FloatArray, position: Position
    ) -> list[TiltEstimate]:
        """As :meth:`TiltEstimator.estimate`, for features of shape (n, FEATURE_COUNT)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One frame against one neutral.

    Attributes:
        reason: Why it cannot be read; ``None`` when it can.
        tilt: The tilt, where the exercise lives by it.
        turn: The turn, likewise.
    """

    reason: Reason | None
    tilt: TiltEstimate = NO_TILT
    turn: TurnEstimate = NO_TURN


def judge(
    observation: Observation,
    reading: Reading,
    neutral: Calibration | None,
    quality: QualitySettings,
    estimator: TiltEstimator,
    turn_estimator: TurnEstimator | None,
) -> Judgement:
    """Judge one frame.

    Args:
        observation: The frame.
        reading: The quantity wanted.
        neutral: The person's neutral; without it there is neither tilt nor turn.
        quality: Limits of the gate.
        estimator: Where the tilt comes from.
        turn_estimator: Where the turn comes from; without one no turn is given.
    """
    covered = covered_by_arm(observation) if reading is Reading.TILT else None
    reason = why_not(observation, reading, quality, covered)
    reason = reason or _misfit(observation, neutral, reading)
    if reason is not None or neutral is None:
        return Judgement(reason)
    if reading is Reading.TILT:
        features = tilt_features(observation, covered)
        tilt = estimator.estimate(features, neutral.features, neutral.position)
        return Judgement(tilt.reason, tilt)
    if reading is Reading.YAW and turn_estimator is not None:
        turn = turn_estimator.estimate(
            turn_features(observation), neutral.turn_features, neutral.facing
        )
        return Judgement(turn.reason, turn=turn)
    return Judgement(None)


class Recording:
    """The frames of a recording, with what is known of them whatever the neutral.

    Args:
        observations: The frames, times rising.
        quality: Limits of the gate.
    """

    def __init__(self, observations: Sequence[Observation], quality: QualitySettings) -> None:
        self.observations = tuple(observations)
        self._quality = quality
        self._reasons: dict[Reading, tuple[Reason | None, ...]] = {}
        self._features: dict[int, FloatArray] = {}

    def hiding(self, observations: Sequence[Observation]) -> Recording:
        """Return the same recording with some frames hidden; what is known of the others stays.

        Args:
            observations: As many as there are, each the same as here or without a person.
        """
        other = Recording(observations, self._quality)
        same = [a is b for a, b in zip(self.observations, other.observations, strict=True)]
        other._features = {i: known for i, known in self._features.items() if same[i]}
        other._reasons = {
            reading: tuple(
                reason if kept else Reason.NOBODY
                for reason, kept in zip(reasons, same, strict=True)
            )
            for reading, reasons in self._reasons.items()
        }
        return other

    def prepare(self, reading: Reading) -> None:
        """Work out now what :meth:`judge` needs whatever the neutral."""
        if reading is not Reading.YAW:
            for index, reason in enumerate(self._gate(reading)):
                if reason is None and reading is Reading.TILT:
                    self._features_of(index)

    def judge(
        self,
        reading: Reading,
        neutral: Calibration | None,
        estimator: ManyTilts,
        turn_estimator: TurnEstimator | None,
    ) -> list[Judgement]:
        """Judge every frame; the same answers as :func:`judge`, many at once."""
        if reading is Reading.YAW or neutral is None:
            return [
                judge(seen, reading, neutral, self._quality, estimator, turn_estimator)
                for seen in self.observations
            ]
        reasons = [
            reason or _misfit(seen, neutral, reading)
            for seen, reason in zip(self.observations, self._gate(reading), strict=True)
        ]
        judged = [Judgement(reason) for reason in reasons]
        readable = [index for index, reason in enumerate(reasons) if reason is None]
        if reading is Reading.TILT and readable:
            features = np.stack([self._features_of(index) for index in readable])
            with ThreadPoolExecutor(BESIDE) as threads:
                parts = threads.map(
                    lambda some: estimator.estimates(some, neutral.features, neutral.position),
                    np.array_split(features, BESIDE),
                )
                tilts = chain.from_iterable(parts)
            for index, tilt in zip(readable, tilts, strict=True):
                judged[index] = Judgement(tilt.reason, tilt)
        return judged

    def _gate(self, reading: Reading) -> tuple[Reason | None, ...]:
        if reading not in self._reasons:
            self._reasons[reading] = tuple(
                why_not(seen, reading, self._quality, covered)
                for seen, covered in zip(self.observations, self._covered, strict=True)
            )
        return self._reasons[reading]

    @cached_property
    def _covered(self) -> BoolArray:
        """Lines that may end at an arm, shape (n, LINE_COUNT)."""
        return covered_by_arms(self.observations)

    def _features_of(self, index: int) -> FloatArray:
        if index not in self._features:
            self._features[index] = tilt_features(self.observations[index], self._covered[index])
        return self._features[index]


def _misfit(
    observation: Observation, neutral: Calibration | None, reading: Reading
) -> Reason | None:
    """Why there is no neutral that holds for this frame, or ``None``."""
    if neutral is None:
        return None if reading is Reading.POSTURE else Reason.NOT_CALIBRATED
    if facing_changed(observation, neutral.facing):
        return Reason.TURNED_ROUND
    if reading is not Reading.POSTURE and observation.position is not neutral.position:
        return Reason.WRONG_POSITION
    return None
