"""Where an arm, not the back, may be what the outline shows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from posture.contour import LINE_COUNT
from posture.datatypes import FloatArray
from posture.features import Observation
from posture.landmarks import ELBOWS, INDEXES, SHOULDERS, WRISTS, BoolArray

# Half an arm's thickness and how far a joint may be misplaced, body-scale units (about .9 m on an
# adult). Chosen by us on rendered arms in known places.
HALF_ARM = 0.045
MISPLACED = 0.012
PIECES = np.array(
    [
        piece
        for arm in zip(SHOULDERS, ELBOWS, WRISTS, INDEXES, strict=True)
        for piece in pairwise(arm)
    ]
)


def covered_by_arm(observation: Observation) -> BoolArray:
    """Which lines of the contour may end at an arm behind the back.

    Args:
        observation: A frame of somebody upright, with a contour.

    Returns:
        Shape (LINE_COUNT,); nothing is covered without a contour or for somebody lying.
    """
    contour, points = observation.contour, observation.landmarks_px
    covered = np.zeros(LINE_COUNT, dtype=bool)
    if contour is None or points is None or contour.turned:
        return covered
    behind = (contour.origin_px[0] - points[:, 0]) * contour.forward_sign / contour.scale_px
    above = (contour.origin_px[1] - points[:, 1]) / contour.scale_px
    furthest = _crossings(contour.height, above, behind).max(axis=0)
    arm_edge: BoolArray = np.abs(furthest - contour.back) <= HALF_ARM + MISPLACED
    return arm_edge


def _crossings(height: FloatArray, above: FloatArray, behind: FloatArray) -> FloatArray:
    """How far behind the hip each piece of the arms crosses each line; -inf where it does not.

    Args:
        height: Shape (LINE_COUNT,), the lines.
        above: Shape (33,), how far above the hip each point lies.
        behind: Shape (33,), how far behind it.

    Returns:
        Shape (pieces, LINE_COUNT).
    """
    ends = np.where(above[PIECES[:, :1]] <= above[PIECES[:, 1:]], PIECES, PIECES[:, ::-1])
    low, high = above[ends[:, :1]], above[ends[:, 1:]]
    near, far = behind[ends[:, :1]], behind[ends[:, 1:]]
    along = np.clip((height - low) / np.maximum(high - low, 1e-9), 0.0, 1.0)
    reached = (height >= low - HALF_ARM) & (height <= high + HALF_ARM)
    return np.where(reached, near + along * (far - near), -np.inf)
