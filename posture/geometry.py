"""Angles and lines in the picture. Pixels in, degrees out, no state."""

from __future__ import annotations

from math import atan2, degrees, nan

import numpy as np

from posture.datatypes import FloatArray


def angle_at_deg(a: FloatArray, vertex: FloatArray, b: FloatArray) -> float:
    """Inner angle at ``vertex`` between the rays to ``a`` and ``b``.

    Args:
        a: Point, shape (2,) or (3,), any unit.
        vertex: Point of the same shape.
        b: Point of the same shape.

    Returns:
        0 to 180 degrees; NaN when a ray has no length.
    """
    u, v = a - vertex, b - vertex
    length = float(np.sqrt((u @ u) * (v @ v)))
    if length == 0.0:
        return nan
    return degrees(np.arccos(np.clip((u @ v) / length, -1.0, 1.0)))


def lean_deg(bottom_px: FloatArray, top_px: FloatArray, forward_sign: int) -> float:
    """Angle of the line from ``bottom_px`` up to ``top_px`` against the vertical.

    Args:
        bottom_px: Lower end, shape (2,), image pixels, y down.
        top_px: Upper end.
        forward_sign: +1 when forward is the picture's right, -1 when it is its left.

    Returns:
        -180 to 180 degrees, forward positive, 0 when ``top_px`` is straight above.
    """
    dx = float(top_px[0] - bottom_px[0]) * forward_sign
    dy = float(bottom_px[1] - top_px[1])
    return degrees(atan2(dx, dy))


def wrap_deg(angle_deg: float) -> float:
    """The same direction between -180 (excluded) and 180 degrees."""
    wrapped = (angle_deg + 180.0) % 360.0 - 180.0
    return 180.0 if wrapped == -180.0 else wrapped


def yaw_deg(left_m: FloatArray, right_m: FloatArray) -> float:
    """Where a left-right pair of body points faces, seen from above.

    Args:
        left_m: The person's left point (x right, y down, z away from the camera), shape (3,).
        right_m: The person's right point.

    Returns:
        0 facing the camera, +90 facing the picture's right (turned to the person's own left),
        -90 facing the picture's left, 180 facing away.
    """
    across = left_m - right_m
    return degrees(atan2(float(across[2]), float(across[0])))
