"""Where an arm, not the back, may be what the outline shows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from posture.contour import LINE_COUNT
from posture.datatypes import Float32Array, FloatArray
from posture.features import Observation
from posture.landmarks import ELBOWS, INDEXES, SHOULDERS, WRISTS, BoolArray

# Half an arm's thickness and how far a joint may be misplaced, body-scale units (about .9 m on an
# adult). Chosen by us on rendered arms in known places.
HALF_ARM = 0.045
MISPLACED = 0.012
# So many frames are worked on together, which keeps them in the processor's own memory.
AT_ONCE = 64
PIECES = np.array(
    [
        piece
        for arm in zip(SHOULDERS, ELBOWS, WRISTS, INDEXES, strict=True)
        for piece in pairwise(arm)
    ]
)
_ONE, _OTHER = PIECES.T


def covered_by_arm(observation: Observation) -> BoolArray:
    """Which lines of the contour may end at an arm behind the back.

    Args:
        observation: A frame of somebody upright, with a contour.

    Returns:
        Shape (LINE_COUNT,); nothing is covered without a contour or for somebody lying.
    """
    contour, points = observation.contour, observation.landmarks_px
    if contour is None or points is None or contour.turned:
        return np.zeros(LINE_COUNT, dtype=bool)
    away = contour.origin_px - points
    behind, above = (
        away[:, 0] * contour.forward_sign / contour.scale_px,
        away[:, 1] / contour.scale_px,
    )
    return _covered(contour.height, contour.back, above, behind)


def covered_by_arms(observations: Sequence[Observation]) -> BoolArray:
    """The same for many frames at once, shape (n, LINE_COUNT)."""
    covered = np.zeros((len(observations), LINE_COUNT), dtype=bool)
    upright = [
        (index, seen.contour, seen.landmarks_px)
        for index, seen in enumerate(observations)
        if seen.contour is not None and seen.landmarks_px is not None and not seen.contour.turned
    ]
    for first in range(0, len(upright), AT_ONCE):
        indices, contours, points = zip(*upright[first : first + AT_ONCE], strict=True)
        away = np.stack([contour.origin_px for contour in contours])[:, None] - np.stack(points)
        scale = np.array([contour.scale_px for contour in contours])[:, None]
        sign = np.array([contour.forward_sign for contour in contours])[:, None]
        height = np.stack([contour.height for contour in contours])
        back = np.stack([contour.back for contour in contours])
        behind, above = away[..., 0] * sign / scale, away[..., 1] / scale
        covered[list(indices)] = _covered(height, back, above, behind)
    return covered


def _covered(
    height: FloatArray, back: Float32Array, above: FloatArray, behind: FloatArray
) -> BoolArray:
    """Which lines end at an arm.

    Args:
        height: Shape (..., LINE_COUNT), the lines.
        back: Shape (..., LINE_COUNT), the back edge on them.
        above: Shape (..., 33), how far above the hip each point lies.
        behind: Shape (..., 33), how far behind it.

    Returns:
        Shape (..., LINE_COUNT).
    """
    first, second = above[..., _ONE], above[..., _OTHER]
    rises = first <= second
    low, high = np.minimum(first, second)[..., None], np.maximum(first, second)[..., None]
    first, second = behind[..., _ONE], behind[..., _OTHER]
    near = np.where(rises, first, second)[..., None]
    far = np.where(rises, second, first)[..., None]
    lines = height[..., None, :]
    along = np.clip((lines - low) / np.maximum(high - low, 1e-9), 0.0, 1.0)
    reached = (lines >= low - HALF_ARM) & (lines <= high + HALF_ARM)
    furthest = np.where(reached, near + along * (far - near), -np.inf).max(axis=-2)
    arm_edge: BoolArray = np.abs(furthest - back) <= HALF_ARM + MISPLACED
    return arm_edge
