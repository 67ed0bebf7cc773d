"""Turning of the pelvis about the vertical, learned for the three-quarter view.

The pose model's own hip line follows the trunk, so pelvis and shoulders are told apart by networks
that read joints and outline against the person's neutral.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Protocol

import numpy as np

from posture.contour import LINE_COUNT
from posture.datatypes import Facing, FloatArray, Reason
from posture.features import Observation
from posture.landmarks import ANKLES, HEELS, HIPS, KNEES, SHOULDERS, TOES, middle
from posture.pelvis.learned_tilt import filled_lines, waves
from posture.pelvis.network import Ensemble
from posture.pelvis.novelty import Novelty

# Arms are free to move and the head to turn, so neither is read.
JOINTS = (*SHOULDERS, *HIPS, *KNEES, *ANKLES, *HEELS, *TOES)
MIRRORED = tuple(
    JOINTS.index(pair)
    for row in range(0, len(JOINTS), 2)
    for pair in (JOINTS[row + 1], JOINTS[row])
)
OUTLINE_WAVES = 6
POINT_COUNT = len(JOINTS) * 5
TURN_FEATURE_COUNT = POINT_COUNT + 2 * LINE_COUNT
CHANGE_COUNT = POINT_COUNT + 2 * OUTLINE_WAVES
FURTHEST_DEG = 50.0


@dataclass(frozen=True, slots=True)
class TurnEstimate:
    """Turns relative to neutral, to the person's own left positive; NaN when refused.

    Attributes:
        pelvis_deg: The pelvis.
        pelvis_sd_deg: Its standard uncertainty.
        thorax_deg: The shoulders.
        reason: Why it was refused; ``None`` when it was not.
    """

    pelvis_deg: float
    pelvis_sd_deg: float
    thorax_deg: float
    reason: Reason | None = None


class TurnEstimator(Protocol):
    """Turns features into a turn. Stateless; smoothing comes after it."""

    @property
    def name(self) -> str:
        """Short name and version, for summaries."""

    def estimate(self, features: FloatArray, neutral: FloatArray, facing: Facing) -> TurnEstimate:
        """Turn of one frame relative to neutral.

        Args:
            features: Shape (TURN_FEATURE_COUNT,), from :func:`turn_features`.
            neutral: The same at the person's neutral.
            facing: Where the person looked in neutral.
        """


def turn_features(observation: Observation) -> FloatArray:
    """The numbers that a turn is read from, as if the person faced the picture's right.

    Args:
        observation: A frame with a person.

    Returns:
        Shape (TURN_FEATURE_COUNT,): joints in space (metres) and in the picture (body-scale units)
        about the hips, then the outline; NaN without a person, or lines without an edge.
    """
    points, world = observation.landmarks_px, observation.world_m
    if points is None or world is None:
        return np.full(TURN_FEATURE_COUNT, np.nan)
    sign = -1.0 if observation.facing is Facing.LEFT else 1.0
    joints = list(JOINTS) if sign > 0 else [JOINTS[i] for i in MIRRORED]
    flat = (points[joints] - middle(points, HIPS)) / observation.measures.scale_px * (sign, 1.0)
    deep = (world[joints] - middle(world, HIPS)) * (sign, 1.0, 1.0)
    contour = observation.contour
    nothing = np.full(LINE_COUNT, np.nan)
    edges = (nothing, nothing) if contour is None else (contour.back, contour.front)
    return np.concatenate([deep.ravel(), flat.ravel(), *edges]).astype(np.float64)


def turn_inputs(features: FloatArray, neutral: FloatArray) -> FloatArray:
    """What the networks read: changes since neutral, then neutral's own joints. Finite.

    Args:
        features: Shape (..., TURN_FEATURE_COUNT).
        neutral: The same at neutral.
    """
    change = features - neutral
    middle_line = POINT_COUNT + LINE_COUNT
    return np.concatenate(
        [
            change[..., :POINT_COUNT],
            filled_lines(change[..., POINT_COUNT:middle_line]) @ _WAVES,
            filled_lines(change[..., middle_line:]) @ _WAVES,
            neutral[..., :POINT_COUNT],
        ],
        axis=-1,
    )


_WAVES = waves(OUTLINE_WAVES)


class LearnedTurn:
    """Reads pelvis and shoulders from weights; refuses what they were not fitted on.

    Args:
        arrays: Named arrays of a weights file (see ``training/fit_turn.py``).
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self.name = str(arrays["name"])
        self._network = Ensemble.from_arrays(arrays)
        self._novelty = Novelty.from_arrays(arrays, "novelty_")
        self._least_sure_deg = float(arrays["least_sure_deg"])

    def estimate(self, features: FloatArray, neutral: FloatArray, facing: Facing) -> TurnEstimate:
        """See :meth:`TurnEstimator.estimate`."""
        now = turn_inputs(features, neutral)
        if not np.isfinite(now).all():
            return TurnEstimate(nan, nan, nan, Reason.OUTLINE_UNCLEAR)
        if self._novelty.is_new(now[:CHANGE_COUNT]):
            return TurnEstimate(nan, nan, nan, Reason.UNFAMILIAR_POSTURE)
        answer = self._network(now, turn_inputs(neutral, neutral))
        sign = -1.0 if facing is Facing.LEFT else 1.0
        pelvis_deg, thorax_deg = (float(v) * sign for v in answer.mean)
        sd_deg = float(answer.sd[0])
        if abs(pelvis_deg) > FURTHEST_DEG or sd_deg > self._least_sure_deg:
            return TurnEstimate(nan, nan, nan, Reason.UNFAMILIAR_POSTURE)
        return TurnEstimate(pelvis_deg, sd_deg, thorax_deg)
