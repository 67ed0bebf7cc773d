"""How the body's surface has shifted in the picture since a key picture.

A pelvis that turns in clothes hardly moves the outline, but what lies on it moves across the body:
folds, seams, light. The picture around the hips is cut out at the body's own size, facing right,
and its horizontal shift since the key picture is read at places fixed to the body.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf
from typing import Protocol

import numpy as np
import numpy.typing as npt

from posture.datatypes import Contour, Facing, Float32Array, Frame, ImageArray, Pose
from posture.landmarks import ANKLES, HEELS, HIPS, KNEES, middle

# The cut-out, body-scale units about the hips' middle, and its pixels.
UNIT_PX = 80
ABOVE, BELOW, ASIDE = 0.6, 1.0, 0.55
WIDTH_PX, HEIGHT_PX = round(2 * ASIDE * UNIT_PX), round((ABOVE + BELOW) * UNIT_PX)
CELL_PX = 4

# Where the shift is read: heights below the hips, parts of the way from back to front, and joints.
HEIGHTS = np.arange(-0.45, 0.41, 0.07)
ACROSS = (0.15, 0.38, 0.62, 0.85)
JOINTS = (*KNEES, *ANKLES, *HEELS)
PLACE_COUNT = len(HEIGHTS) * len(ACROSS) + len(JOINTS)
# How far around a place counts, body-scale units: across and upright.
REACH_ON_TRUNK = (0.03, 0.045)
REACH_ON_JOINT = (0.04, 0.04)
USUAL_HALF_WIDTH = 0.13
LEAST_BODY_PX = 0.5

# A key picture is taken of somebody who stands still, and another where this one no longer fits.
STILL_WITHIN = 0.04
STILL_S = 0.3
STAYS_WITHIN = 0.35
GROWS_WITHIN = 1.2
FORGOTTEN_S = 2.0


@dataclass(frozen=True, slots=True)
class CutOut:
    """The body in a picture, at the body's own size and facing right.

    Attributes:
        grey: Shape (HEIGHT_PX, WIDTH_PX), uint8, contrast made even, 0 off the body.
        body: Shape (HEIGHT_PX, WIDTH_PX), which pixels lie on the body.
    """

    grey: ImageArray
    body: npt.NDArray[np.bool_]


class Optics(Protocol):
    """What is needed of a library for pictures."""

    def cut_out(self, frame: Frame, pose: Pose, scale_px: float, forward_sign: int) -> CutOut:
        """The body's cut-out; ``forward_sign`` -1 mirrors it."""

    def shift_px(self, key: CutOut, now: CutOut) -> Float32Array:
        """How far each pixel of the key has gone to the right, shape (HEIGHT_PX, WIDTH_PX)."""


@dataclass(frozen=True, slots=True)
class _Key:
    """A key picture and what its shifts are read with."""

    index: int
    facing: Facing
    origin_px: npt.NDArray[np.float64]
    scale_px: float
    picture: CutOut
    weights: Float32Array


class SurfaceShift:
    """Keeps a key picture and reads every other one against it.

    Args:
        optics: Cuts pictures out and compares them.
    """

    def __init__(self, optics: Optics) -> None:
        self._optics = optics
        self._key: _Key | None = None
        self._seen_s = -inf
        self._place: tuple[float, float] | None = None
        self._there_since_s = inf

    def read(
        self, frame: Frame, pose: Pose, contour: Contour, facing: Facing
    ) -> tuple[Float32Array | None, int]:
        """The shifts in a picture of somebody in the three-quarter view.

        Args:
            frame: The picture; times must rise.
            pose: The person in it.
            contour: Their outline.
            facing: Where the person looks.

        Returns:
            Shape (PLACE_COUNT,), float32, body-scale units, forward positive, NaN where the key
            shows no body; and the key picture's index. ``None`` and -1 without a key, and where
            the person lies or faces the camera.
        """
        if facing not in {Facing.LEFT, Facing.RIGHT} or contour.turned:
            return None, -1
        if frame.time_s - self._seen_s > FORGOTTEN_S:
            self._key = None
            self._place = None
        self._seen_s = frame.time_s
        if self._key is not None and not _fits(self._key, contour, facing):
            self._key = None
        is_still = self._is_still(contour, frame.time_s)
        if self._key is None and not is_still:
            return None, -1
        now = self._optics.cut_out(frame, pose, contour.scale_px, contour.forward_sign)
        if self._key is None:
            weights = _weights(now, pose, contour)
            origin, scale = contour.origin_px, contour.scale_px
            self._key = _Key(frame.index, facing, origin, scale, now, weights)
        shift = _cells(self._optics.shift_px(self._key.picture, now)) / UNIT_PX
        at_places: Float32Array = (self._key.weights @ shift.ravel()).astype(np.float32)
        return at_places, self._key.index

    def _is_still(self, contour: Contour, time_s: float) -> bool:
        x, y = (float(v) / contour.scale_px for v in contour.origin_px)
        if self._place is None or hypot(x - self._place[0], y - self._place[1]) > STILL_WITHIN:
            self._place, self._there_since_s = (x, y), time_s
        return time_s - self._there_since_s >= STILL_S


def _fits(key: _Key, contour: Contour, facing: Facing) -> bool:
    """Whether it is still the same person at the same place, the same way round."""
    grown = contour.scale_px / key.scale_px
    gone_px = hypot(*(contour.origin_px - key.origin_px))
    return (
        facing is key.facing
        and 1 / GROWS_WITHIN < grown < GROWS_WITHIN
        and gone_px < STAYS_WITHIN * key.scale_px
    )


def _weights(picture: CutOut, pose: Pose, contour: Contour) -> Float32Array:
    """What each cell counts at each place, shape (PLACE_COUNT, cells); rows of NaN off the body."""
    rows, columns = HEIGHT_PX // CELL_PX, WIDTH_PX // CELL_PX
    y = ((np.arange(rows) + 0.5) * CELL_PX / UNIT_PX - ABOVE)[:, None]
    x = ((np.arange(columns) + 0.5) * CELL_PX / UNIT_PX - ASIDE)[None]
    body = picture.body.reshape(rows, CELL_PX, columns, CELL_PX).sum(axis=(1, 3))
    places = []
    for place_x, place_y, (reach_x, reach_y) in _places(pose, contour):
        off = ((x - place_x) / reach_x) ** 2 + ((y - place_y) / reach_y) ** 2
        counts = (np.exp(-0.5 * off) * body).ravel()
        whole = counts.sum()
        places.append(counts / whole if whole > LEAST_BODY_PX else np.full_like(counts, np.nan))
    return np.stack(places).astype(np.float32)


def _places(pose: Pose, contour: Contour) -> list[tuple[float, float, tuple[float, float]]]:
    """Places and their reach: across the body from back to front, top to bottom; then joints."""
    back, front = (
        np.interp(-HEIGHTS, contour.height[::-1], np.nan_to_num(edge, nan=USUAL_HALF_WIDTH)[::-1])
        for edge in (contour.back, contour.front)
    )
    places = [
        (float((f + b) * part - b), float(height), REACH_ON_TRUNK)
        for height, b, f in zip(HEIGHTS, back, front, strict=True)
        for part in ACROSS
    ]
    sign = contour.forward_sign
    joints = [pair[::sign] for pair in (KNEES, ANKLES, HEELS)]
    points = pose.landmarks_px[[j for pair in joints for j in pair]]
    about = (points - middle(pose.landmarks_px, HIPS)) / contour.scale_px * (sign, 1.0)
    return places + [(float(x), float(y), REACH_ON_JOINT) for x, y in about]


def _cells(shift: Float32Array) -> Float32Array:
    """Mean of each cell."""
    rows, columns = HEIGHT_PX // CELL_PX, WIDTH_PX // CELL_PX
    means: Float32Array = shift.reshape(rows, CELL_PX, columns, CELL_PX).mean(axis=(1, 3))
    return means
