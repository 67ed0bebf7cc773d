"""The 33 points of the pose model by name, and which of them lie where they can be believed.

The model's own 'visibility' is high for hips behind a desk, so a point counts as seen only when
it lies inside the picture and on (or right beside) the body's mask.
"""

from __future__ import annotations

from enum import IntEnum
from math import nan, sqrt

import numpy as np
import numpy.typing as npt

from posture.datatypes import FloatArray, Pose

BoolArray = npt.NDArray[np.bool_]


class Landmark(IntEnum):
    """Rows of the pose model's output (BlazePose GHUM topology)."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


POINT_COUNT = len(Landmark)
SHOULDERS = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
HIPS = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
KNEES = (Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE)
ANKLES = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
HEELS = (Landmark.LEFT_HEEL, Landmark.RIGHT_HEEL)
TOES = (Landmark.LEFT_FOOT_INDEX, Landmark.RIGHT_FOOT_INDEX)
EARS = (Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
ELBOWS = (Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW)
WRISTS = (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)
INDEXES = (Landmark.LEFT_INDEX, Landmark.RIGHT_INDEX)

# The mask at a joint's centre is well above this when the joint is really in the picture;
# chosen by us: hips behind a worktop read below .1, seen hips above .8.
ON_BODY_CONFIDENCE = 0.4


def middle(points: FloatArray, pair: tuple[Landmark, Landmark]) -> FloatArray:
    """Mean of a left-right pair, shape (2,) or (3,), in the unit of ``points``."""
    mean: FloatArray = (points[pair[0]] + points[pair[1]]) * 0.5
    return mean


def thigh_trunks(world_m: FloatArray) -> float:
    """Length of the thighs in trunks, in space; NaN without a trunk.

    It is .7 to 1.1 on adults (Drillis and Contini 1966: .245 H over .288 H = .85).

    Args:
        world_m: Shape (33, 3).
    """
    shoulder, hip, knee = (middle(world_m, pair) for pair in (SHOULDERS, HIPS, KNEES))
    up, along = shoulder - hip, knee - hip
    trunk_m = sqrt(up @ up)
    return sqrt(along @ along) / trunk_m if trunk_m > 0 else nan


def seen(pose: Pose) -> BoolArray:
    """Which landmarks lie inside the picture and on the body's mask.

    Args:
        pose: One person; the mask has the picture's shape.

    Returns:
        Shape (33,), true where the point can be believed.
    """
    height, width = pose.mask.shape
    # A row left of the border rounds to -1; the clip keeps the look-up legal, `inside` refuses it.
    columns = np.floor(pose.landmarks_px[:, 0]).astype(np.intp)
    rows = np.floor(pose.landmarks_px[:, 1]).astype(np.intp)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    confidence = pose.mask[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    on_body: BoolArray = inside & (confidence >= ON_BODY_CONFIDENCE)
    return on_body
