"""The body's back and front edge from the mask, with sub-pixel positions.

The pelvis turns about the hip joints, so tilt moves no landmark; it moves the outline: the
buttocks go back and the hollow above them deepens, or both flatten. The edge is read along
horizontal lines at fixed fractions of the body's size above and below the hip.
"""

from __future__ import annotations

from dataclasses import replace
from math import hypot

import numpy as np
import numpy.typing as npt

from posture.datatypes import Contour, FloatArray, MaskArray, Pose
from posture.landmarks import HIPS, KNEES, SHOULDERS, middle

# One body-scale unit is trunk plus thigh, about .9 m on an adult: both lengths hold while the
# person bends, leans or loses the feet out of the picture.
LINE_COUNT = 40
TOP = 0.50
BOTTOM = -0.42
LINE_HEIGHTS: FloatArray = np.linspace(TOP, BOTTOM, LINE_COUNT)
LINE_HEIGHTS.setflags(write=False)

EDGE_CONFIDENCE = 0.5


def body_scale_px(landmarks_px: FloatArray) -> float:
    """Trunk length plus thigh length in the picture, pixels.

    Args:
        landmarks_px: Shape (33, 2).
    """
    shoulder, hip, knee = (middle(landmarks_px, pair) for pair in (SHOULDERS, HIPS, KNEES))
    return hypot(*(shoulder - hip)) + hypot(*(hip - knee))


def trace_contour(pose: Pose, scale_px: float, forward_sign: int) -> Contour:
    """Read the edge on both sides of the trunk and thigh.

    On each line the search starts on the body's axis (shoulder-hip-knee) and goes outwards to
    where the mask first falls through one half, so a gap between arm and body ends it.

    Args:
        pose: One person with a mask of the picture's shape.
        scale_px: Pixels per body-scale unit, > 0; take it smoothed.
        forward_sign: +1 when forward is the picture's right, -1 when it is its left.

    Returns:
        The contour; NaN on lines that leave the picture or start off the body, and on a side
        whose edge is the picture's border.
    """
    height, width = pose.mask.shape
    hip = middle(pose.landmarks_px, HIPS)
    line_y = hip[1] - LINE_HEIGHTS * scale_px
    axis_x = _axis_x(pose.landmarks_px, line_y)

    usable = (line_y >= 0) & (line_y <= height - 1) & (axis_x >= 0) & (axis_x <= width - 1)
    top = np.clip(np.floor(line_y), 0, height - 2).astype(np.intp)
    below = np.clip(line_y - top, 0.0, 1.0).astype(np.float32)[:, None]
    lines = pose.mask[top] * (1.0 - below) + pose.mask[top + 1] * below

    outside = lines < EDGE_CONFIDENCE
    start = np.clip(np.rint(axis_x), 0, width - 1).astype(np.intp)
    usable &= ~outside[np.arange(LINE_COUNT), start]

    columns = np.arange(width)
    right = _first(outside & (columns > start[:, None]))
    left = width - 1 - _first((outside & (columns < start[:, None]))[:, ::-1])
    right_x, right_slope = _refine(lines, right, step=-1)
    left_x, left_slope = _refine(lines, left, step=1)
    right_x[~usable | (right >= width)] = np.nan
    left_x[~usable | (left < 0)] = np.nan

    right_side = (right_x - hip[0]) / scale_px
    left_side = (hip[0] - left_x) / scale_px
    sides = (left_side, right_side) if forward_sign > 0 else (right_side, left_side)
    return Contour(
        height=LINE_HEIGHTS,
        back=sides[0].astype(np.float32),
        front=sides[1].astype(np.float32),
        sharpness=(left_slope if forward_sign > 0 else right_slope).astype(np.float32),
        scale_px=scale_px,
        origin_px=hip,
        forward_sign=forward_sign,
    )


def trace_lying_contour(pose: Pose, scale_px: float) -> Contour:
    """The same for a person lying in side view, along vertical lines from shoulder to knee.

    The picture is turned a quarter so that the head is up; then "back" is the side that was
    below. The pelvis's back is that edge for somebody on the back.

    Args:
        pose: One person with a mask of the picture's shape.
        scale_px: Pixels per body-scale unit, > 0; take it smoothed.

    Returns:
        The contour, its ``turned`` set.
    """
    height, width = pose.mask.shape
    x, y = pose.landmarks_px[:, 0], pose.landmarks_px[:, 1]
    head_right = middle(pose.landmarks_px, SHOULDERS)[0] > middle(pose.landmarks_px, HIPS)[0]
    turned = 1 if head_right else -1
    points = (y, width - 1 - x) if head_right else (height - 1 - y, x)
    upright = replace(
        pose,
        landmarks_px=np.stack(points, axis=1),
        mask=np.ascontiguousarray(np.rot90(pose.mask, turned)),
    )
    contour = trace_contour(upright, scale_px, -turned)
    return replace(contour, origin_px=middle(pose.landmarks_px, HIPS), turned=turned)


def edge_points_px(contour: Contour) -> tuple[FloatArray, FloatArray]:
    """The back and front edge as picture points.

    Returns:
        Two arrays of shape (n, 2), image pixels, top to bottom (lying: head
        to knee); a coordinate is NaN without an edge.
    """
    back, front = (
        edges_px(away, contour.origin_px, contour.scale_px, contour.forward_sign, contour.turned)
        for away in (-contour.back, contour.front)
    )
    return back, front


def edges_px(
    away: npt.NDArray[np.floating],
    origin_px: FloatArray,
    scale_px: npt.ArrayLike,
    forward_sign: npt.ArrayLike,
    turned: npt.ArrayLike,
) -> FloatArray:
    """One edge of one contour, or of many, as picture points.

    Args:
        away: Shape (..., LINE_COUNT), from the hip to the edge, body-scale units, forward positive.
        origin_px: Shape (..., 2), the hips.
        scale_px: Shape (...), and so the rest, as in :class:`posture.datatypes.Contour`.
        forward_sign: +1 or -1.
        turned: 0, +1 or -1.

    Returns:
        Shape (..., LINE_COUNT, 2), image pixels.
    """
    scale, sign, lying = (np.asarray(one)[..., None] for one in (scale_px, forward_sign, turned))
    along, across = LINE_HEIGHTS * scale, away * scale
    x, y = origin_px[..., :1], origin_px[..., 1:]
    return np.stack(
        [
            np.where(lying, x + lying * along, x + sign * across),
            np.where(lying, y - across, y - along),
        ],
        axis=-1,
    )


def _axis_x(landmarks_px: FloatArray, line_y: FloatArray) -> FloatArray:
    """Where the shoulder-hip-knee axis crosses each line; vertical beyond its ends.

    Knees above the hips, as of somebody on a low chair, are no part of it.
    """
    shoulder, hip, knee = (middle(landmarks_px, pair) for pair in (SHOULDERS, HIPS, KNEES))
    joints = np.stack([shoulder, hip, knee] if knee[1] > hip[1] else [shoulder, hip])
    order = np.argsort(joints[:, 1], kind="stable")
    axis: FloatArray = np.interp(line_y, joints[order, 1], joints[order, 0])
    return axis


def _first(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Index of the first true value of each row; the row's length when there is none."""
    index = flags.argmax(axis=1)
    first: npt.NDArray[np.intp] = np.where(
        flags[np.arange(len(flags)), index], index, flags.shape[1]
    )
    return first


def _refine(
    lines: MaskArray, outer: npt.NDArray[np.intp], step: int
) -> tuple[FloatArray, FloatArray]:
    """Sub-pixel crossing between the first pixel outside and its inner neighbour."""
    rows = np.arange(len(lines))
    outer = np.clip(outer, 0, lines.shape[1] - 1)
    inner = np.clip(outer + step, 0, lines.shape[1] - 1)
    low = lines[rows, outer].astype(np.float64)
    high = lines[rows, inner].astype(np.float64)
    slope = high - low
    share = np.divide(EDGE_CONFIDENCE - low, slope, out=np.zeros_like(low), where=slope > 0)
    return outer + step * np.clip(share, 0.0, 1.0), slope
