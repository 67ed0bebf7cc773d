"""Turning of the pelvis about the vertical, learned for the three-quarter view.

The pose model's own hip line follows the trunk, so pelvis and shoulders are told apart by networks
that read joints and outline against the person's neutral. Where the surface's shift is known too,
the pelvis is read from joints and surface.
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
from posture.surface import PLACE_COUNT

# Arms are free to move and the head to turn, so neither is read.
JOINTS = (*SHOULDERS, *HIPS, *KNEES, *ANKLES, *HEELS, *TOES)
MIRRORED = tuple(
    JOINTS.index(pair)
    for row in range(0, len(JOINTS), 2)
    for pair in (JOINTS[row + 1], JOINTS[row])
)
OUTLINE_WAVES = 6
POINT_COUNT = len(JOINTS) * 5
SURFACE = slice(POINT_COUNT + 2 * LINE_COUNT, POINT_COUNT + 2 * LINE_COUNT + PLACE_COUNT)
SURFACE_KEY = SURFACE.stop
TURN_FEATURE_COUNT = SURFACE_KEY + 1
SURFACE_CHANGE_COUNT = POINT_COUNT + PLACE_COUNT
CHANGE_COUNT = POINT_COUNT + 2 * OUTLINE_WAVES
FURTHEST_DEG = 50.0


@dataclass(frozen=True, slots=True)
class TurnEstimate:
    """Turns relative to neutral, to the person's own left positive; NaN when refused.

    Attributes:
        pelvis_deg: The pelvis.
        pelvis_sd_deg: Its standard uncertainty.
        thorax_deg: The shoulders; they may be known where the pelvis is refused.
        reason: Why the pelvis was refused; ``None`` when it was not.
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
        about the hips, then the outline, the surface's shift and its key's index; NaN without a
        person, for lines without an edge, and without a key.
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
    shift, key = observation.surface_shift, float(observation.surface_key)
    surface = (np.full(PLACE_COUNT, np.nan), nan) if shift is None else (shift, key)
    return np.hstack([deep.ravel(), flat.ravel(), *edges, *surface]).astype(np.float64)


def with_one_key(features: FloatArray) -> FloatArray:
    """Features of several frames with the surface of only those that share the commonest key.

    Args:
        features: Shape (n, TURN_FEATURE_COUNT).
    """
    keys, counts = np.unique(features[:, SURFACE_KEY], return_counts=True)
    same = features.copy()
    same[features[:, SURFACE_KEY] != keys[counts.argmax()], SURFACE.start :] = np.nan
    return same


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
            filled_lines(change[..., middle_line : SURFACE.start]) @ _WAVES,
            neutral[..., :POINT_COUNT],
        ],
        axis=-1,
    )


def surface_inputs(features: FloatArray, neutral: FloatArray) -> FloatArray:
    """What the pelvis is read from where both have the same key: changes of joints and surface.

    Args:
        features: Shape (..., TURN_FEATURE_COUNT).
        neutral: The same at neutral.

    Returns:
        Shape (..., SURFACE_CHANGE_COUNT); zero where the surface is unknown, so finite where the
        joints are, and zero throughout at neutral itself.
    """
    change = features - neutral
    surface = np.nan_to_num(change[..., SURFACE])
    return np.concatenate([change[..., :POINT_COUNT], surface], axis=-1)


_WAVES = waves(OUTLINE_WAVES)


class LearnedTurn:
    """Reads pelvis and shoulders from weights; refuses what they were not fitted on.

    Args:
        arrays: Named arrays of a weights file (see ``training/fit_turn.py``).
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self.name = str(arrays["name"])
        self._both = _Reader.from_arrays(arrays, "")
        self._pelvis = _Reader.from_arrays(arrays, "surface_")

    def estimate(self, features: FloatArray, neutral: FloatArray, facing: Facing) -> TurnEstimate:
        """See :meth:`TurnEstimator.estimate`."""
        now = turn_inputs(features, neutral)
        if not np.isfinite(now).all():
            return TurnEstimate(nan, nan, nan, Reason.OUTLINE_UNCLEAR)
        if self._both.novelty.is_new(now[:CHANGE_COUNT]):
            return TurnEstimate(nan, nan, nan, Reason.UNFAMILIAR_POSTURE)
        at_neutral = np.concatenate([np.zeros(CHANGE_COUNT), neutral[:POINT_COUNT]])
        both = self._both.network(now, at_neutral)
        sign = -1.0 if facing is Facing.LEFT else 1.0
        thorax_deg = float(both.mean[1]) * sign
        shoulders_alone = TurnEstimate(nan, nan, thorax_deg, Reason.UNFAMILIAR_POSTURE)
        reader, pelvis = self._both, both
        if features[SURFACE_KEY] == neutral[SURFACE_KEY]:
            reader, change = self._pelvis, surface_inputs(features, neutral)
            if reader.novelty.is_new(change):
                return shoulders_alone
            pelvis = reader.network(change, np.zeros_like(change))
        pelvis_deg, sd_deg = float(pelvis.mean[0]) * sign, float(pelvis.sd[0])
        if abs(pelvis_deg) > FURTHEST_DEG or sd_deg > reader.least_sure_deg:
            return shoulders_alone
        return TurnEstimate(pelvis_deg, sd_deg, thorax_deg)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Networks, what they know, and how unsure they may be."""

    network: Ensemble
    novelty: Novelty
    least_sure_deg: float

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], prefix: str) -> _Reader:
        return cls(
            Ensemble.from_arrays(arrays, prefix),
            Novelty.from_arrays(arrays, f"{prefix}novelty_"),
            float(arrays[f"{prefix}least_sure_deg"]),
        )
