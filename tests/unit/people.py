"""Made-up people with known angles: a pose and its mask, drawn as a simple outline."""

from functools import cache

import cv2
import numpy as np

from posture.datatypes import Pose
from posture.landmarks import Landmark

WIDTH, HEIGHT = 640, 480


@cache
def standing(
    *,
    tilt_deg=0.0,
    lean_deg=0.0,
    facing=1,
    origin=(320.0, 240.0),
    size=1.0,
    yaw_deg=90.0,
    arm_back=0.0,
):
    """A person seen from the side whose back edge above the hip turns by ``tilt_deg``.

    Image pixels; trunk 130, thigh 105, shank 105 px at ``size`` 1. ``facing`` +1 is right.
    """
    points = np.zeros((33, 2))

    def put(name, forward, up):
        for row in [row for row in Landmark if row.name.endswith(name)]:
            points[row] = (forward * facing, -up)

    lean = np.radians(lean_deg)
    shoulder = (130 * np.sin(lean), 130 * np.cos(lean))
    put("HIP", 0, 0)
    put("SHOULDER", *shoulder)
    put("KNEE", 0, -105)
    put("ANKLE", 0, -210)
    put("HEEL", -10, -220)
    put("FOOT_INDEX", 30, -220)
    put("ELBOW", shoulder[0] - arm_back, shoulder[1] - 60)
    put("WRIST", shoulder[0] + 10 - arm_back, shoulder[1] - 110)
    put("EAR", shoulder[0], shoulder[1] + 40)
    for row in range(7):
        points[row] = ((shoulder[0] + 12) * facing, -(shoulder[1] + 40))
    for row in (Landmark.NOSE, Landmark.MOUTH_LEFT, Landmark.MOUTH_RIGHT):
        points[row] = ((shoulder[0] + 18) * facing, -(shoulder[1] + 38))
    for row in range(17, 23):
        points[row] = ((shoulder[0] + 12 - arm_back) * facing, -(shoulder[1] - 165))
    points = points * size + origin

    outline = _outline(tilt_deg, lean_deg)
    picture = (outline * (facing, -1)) * size + origin
    mask = np.zeros((HEIGHT * 2, WIDTH * 2), dtype=np.uint8)
    fine = np.round(picture * 2 + 0.5)  # the middle of a pixel twice as fine
    cv2.fillPoly(mask, [fine.astype(np.int32)], 255)
    mask = cv2.resize(mask, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    mask = cv2.GaussianBlur(mask, (0, 0), 1.2)

    world = np.zeros((33, 3))
    world[:, :2] = (points - origin) / (260 * size)
    yaw = np.radians(yaw_deg)
    for row in Landmark:
        side = 1.0 if "LEFT" in row.name else -1.0 if "RIGHT" in row.name else 0.0
        world[row] += side * 0.15 * np.array([np.cos(yaw), 0.0, np.sin(yaw)])
    depth = world[:, 2] * 260 * size
    return Pose(
        landmarks_px=points,
        depth_px=depth,
        visibility=np.ones(33),
        world_m=world,
        mask=mask.astype(np.float32) / 255,
    )


def _outline(tilt_deg, lean_deg):
    """Points around the body, pixels forward and up from the hip."""
    slope = np.tan(np.radians(tilt_deg))
    lean = np.tan(np.radians(lean_deg))
    back, front = [], []
    for up in np.linspace(-220, 180, 81):
        trunk = max(up, 0.0) * lean
        pelvis = np.clip(up, -20.0, 70.0) * slope
        back.append((-38.0 + trunk + pelvis, up))
        front.append((38.0 + trunk, up))
    return np.array(back + front[::-1])
