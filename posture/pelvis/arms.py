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
    reach = np.full(LINE_COUNT, -np.inf)
    inner = np.full(LINE_COUNT, np.inf)
    for side in (0, 1):
        joints = [pair[side] for pair in (SHOULDERS, ELBOWS, WRISTS, INDEXES)]
        for upper, lower in pairwise(joints):
            at = _crossing(contour.height, above[[upper, lower]], behind[[upper, lower]])
            outer = np.fmax(reach, at + HALF_ARM)
            inner = np.where(outer > reach, at - HALF_ARM, inner)
            reach = outer
    arm_edge: BoolArray = (reach >= contour.back - MISPLACED) & (inner <= contour.back + MISPLACED)
    return arm_edge


def _crossing(height: FloatArray, above: FloatArray, behind: FloatArray) -> FloatArray:
    """How far behind the hip a piece of arm crosses each line; NaN on lines it does not reach."""
    order = np.argsort(above)
    low, high = above[order]
    at: FloatArray = np.interp(height, above[order], behind[order])
    at[(height < low - HALF_ARM) | (height > high + HALF_ARM)] = np.nan
    return at
