"""Pelvic tilt learned from rendered people of known tilt, with its uncertainty and its limits.

A few networks read how the outline and the joint angles changed since the person's own neutral,
and what the person looks like in it: how far the outline follows the bone differs from body to
body and from clothing to clothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import nan

import numpy as np

from posture.contour import LINE_COUNT
from posture.datatypes import FloatArray, Position, Reason, TiltEstimate
from posture.pelvis.caution import Caution, moved
from posture.pelvis.network import BLOCK, Ensemble
from posture.pelvis.novelty import Novelty
from posture.pelvis.tilt import (
    BACK,
    COVERED,
    FRONT,
    JOINTS,
    POSE_FEATURES,
    ContourTilt,
    ContourTiltSettings,
)

# Slow waves along the outline, so that a ragged edge cannot speak: this many of its change since
# neutral, and this many of its shape in neutral. Chosen by us: more did not help people kept out.
CHANGE_WAVES = 12
SHAPE_WAVES = 6
POSE_COUNT = len(POSE_FEATURES)
CHANGE_COUNT = 2 * CHANGE_WAVES + POSE_COUNT
SHAPE_COUNT = 2 * SHAPE_WAVES + POSE_COUNT
INPUT_COUNT = CHANGE_COUNT + SHAPE_COUNT + 1

# A line is torn away when it changed by so much more, body-scale units, than the middle of so many
# lines around it. Chosen by us: people not fitted on are read alike from two thirds to twice it.
TORN, TEAR_LINES = 0.015, 9
# Chosen by us: further than people tilt from neutral; the fitting had no more than this either.
FURTHEST_DEG = 25.0
UPRIGHT, LYING = "upright", "lying"
# So many frames go through the networks together, which with neutral itself fill whole blocks.
# More would be spread over all cores, which takes longer (chosen by us).
AT_ONCE = 32 * BLOCK - 1
DOUBTFUL = ContourTiltSettings(sd_deg=5.0, sd_per_deg=0.5)


def waves(count: int) -> FloatArray:
    """Cosine waves along the outline, shape (LINE_COUNT, count), orthonormal."""
    line = (np.arange(LINE_COUNT) + 0.5) / LINE_COUNT
    basis: FloatArray = np.cos(np.pi * line[:, None] * np.arange(count)) * np.sqrt(2 / LINE_COUNT)
    basis[:, 0] /= np.sqrt(2.0)
    return basis


_CHANGE, _SHAPE = waves(CHANGE_WAVES), waves(SHAPE_WAVES)
_BESIDE = np.arange(TEAR_LINES) - TEAR_LINES // 2
_AROUND = np.clip(np.arange(LINE_COUNT)[:, None] + _BESIDE, 0, LINE_COUNT - 1)


def tilt_inputs(features: FloatArray, neutral: FloatArray, position: Position) -> FloatArray:
    """What the networks read.

    Args:
        features: Shape (..., FEATURE_COUNT), from :func:`posture.pelvis.tilt.tilt_features`.
        neutral: The same at neutral, of the same shape or one for all of shape (1, FEATURE_COUNT).
        position: What the body does.

    Returns:
        Shape (..., INPUT_COUNT): changes of outline and joints, the neutral's own shape, and
        whether the person sits. A line without an edge, to which an arm came or from which it went,
        or that changed quite otherwise than those around it, takes its neighbour's change; a joint
        that is not seen has not changed, and is NaN in the shape.
    """
    change = features - neutral
    came_or_went = np.abs(change[..., COVERED]) > 0.5
    back = np.where(came_or_went, np.nan, change[..., BACK])
    used = _pose_used(position)
    sitting = np.full((*neutral.shape[:-1], 1), float(position is Position.SITTING))
    changes = [
        without_tears(filled_lines(back)) @ _CHANGE,
        without_tears(filled_lines(change[..., FRONT])) @ _CHANGE,
        np.nan_to_num(change[..., JOINTS]) * used,
    ]
    shape = [
        filled_lines(neutral[..., BACK]) @ _SHAPE,
        filled_lines(neutral[..., FRONT]) @ _SHAPE,
        neutral[..., JOINTS] * used,
        sitting,
    ]
    of_all = (np.broadcast_to(one, (*features.shape[:-1], one.shape[-1])) for one in shape)
    return np.concatenate([*changes, *of_all], axis=-1)


def _pose_used(position: Position) -> FloatArray:
    """Lying, only angles between limbs mean anything; the rest is about verticals and feet."""
    if position is not Position.LYING:
        return np.ones(POSE_COUNT)
    kept = {"knee_flexion_deg", "shoulder_hip_knee_deg"}
    return np.array([1.0 if name in kept else 0.0 for name in POSE_FEATURES])


def filled_lines(lines: FloatArray) -> FloatArray:
    """Each NaN replaced by the nearest value along the last axis; zeros where there is none.

    Args:
        lines: Shape (..., LINE_COUNT).
    """
    there = ~np.isnan(lines)
    if there.all():
        return lines
    at = np.arange(lines.shape[-1])
    before = np.maximum.accumulate(np.where(there, at, -1), axis=-1)
    after = np.minimum.accumulate(np.where(there, at, lines.shape[-1])[..., ::-1], axis=-1)
    after = after[..., ::-1]
    down = np.where(before >= 0, at - before, lines.shape[-1])
    up = np.where(after < lines.shape[-1], after - at, lines.shape[-1])
    nearest = np.where(down <= up, before, after)
    filled = np.take_along_axis(lines, np.clip(nearest, 0, lines.shape[-1] - 1), axis=-1)
    return np.nan_to_num(filled)


def without_tears(changes: FloatArray) -> FloatArray:
    """Each change that is far from the middle of those around it replaced by its neighbour's.

    A chair or a leaf that is taken for the person tears a few lines away from the outline, or did
    so in neutral; a body bends all of them a little.

    Args:
        changes: Shape (..., LINE_COUNT), without NaN.
    """
    middle = np.sort(changes[..., _AROUND], axis=-1)[..., TEAR_LINES // 2]
    torn = np.abs(changes - middle) > TORN
    return filled_lines(np.where(torn, np.nan, changes)) if torn.any() else changes


class LearnedTilt:
    """Reads the tilt from weights; refuses what they were not fitted on.

    For a position that the weights do not know, the back's slope answers, with twice its doubt.

    Args:
        arrays: Named arrays of a weights file (see ``training/fit_tilt.py``).
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self.name = str(arrays["name"])
        self._formula = ContourTilt(DOUBTFUL)
        self._networks = {
            body: Ensemble.from_arrays(arrays, f"{body}_")
            for body in (UPRIGHT, LYING)
            if f"{body}_w0" in arrays
        }
        self._novelty = {
            body: Novelty.from_arrays(arrays, f"{body}_novelty_") for body in self._networks
        }
        self._least_sure_deg = {
            body: float(arrays[f"{body}_least_sure_deg"]) for body in self._networks
        }
        self.caution = {body: Caution.from_arrays(arrays, f"{body}_") for body in self._networks}

    def estimate(
        self, features: FloatArray, neutral: FloatArray, position: Position
    ) -> TiltEstimate:
        """See :meth:`posture.pelvis.tilt.TiltEstimator.estimate`."""
        return self.estimates(features[None], neutral, position)[0]

    def estimates(
        self, features: FloatArray, neutral: FloatArray, position: Position
    ) -> list[TiltEstimate]:
        """As :meth:`estimate`, for many frames of one session at once.

        Args:
            features: Shape (n, FEATURE_COUNT).
            neutral: Shape (FEATURE_COUNT,).
            position: What the body does, now and in neutral.
        """
        body = LYING if position is Position.LYING else UPRIGHT
        if body not in self._networks:
            return [self._formula.estimate(one, neutral, position) for one in features]
        neutral_unknown = bool(np.isnan(neutral[BACK]).all())
        edgeless = np.asarray(np.isnan(features[:, BACK]).all(axis=1) | neutral_unknown)
        answers: list[TiltEstimate] = []
        for first in range(0, len(features), AT_ONCE):
            some = features[first : first + AT_ONCE]
            now = tilt_inputs(some, neutral[None], position)
            unchanged = now[0].copy()
            unchanged[:CHANGE_COUNT] = 0.0
            answer = self._networks[body].many(now, unchanged)
            mean_deg, sd_deg = answer.mean[:, 0], answer.sd[:, 0]
            changes = now[:, :CHANGE_COUNT]
            share = self.caution[body].share(
                mean_deg, sd_deg, moved(changes, self._networks[body].spread[:CHANGE_COUNT])
            )
            unfamiliar = (
                self._novelty[body].is_new(changes)
                | (np.abs(mean_deg) > FURTHEST_DEG)
                | (sd_deg > self._least_sure_deg[body])
            )
            answers += [
                TiltEstimate(nan, nan, Reason.UNFAMILIAR_POSTURE) if new else TiltEstimate(*read)
                for new, *read in zip(
                    unfamiliar.tolist(),
                    (mean_deg * share).tolist(),
                    self.caution[body].sd_deg(share, sd_deg).tolist(),
                    strict=True,
                )
            ]
        refused = TiltEstimate(nan, nan, Reason.OUTLINE_UNCLEAR)
        return [refused if none else answer for none, answer in zip(edgeless, answers, strict=True)]
