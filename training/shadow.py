"""A soft shadow of the person on floor and far wall, drawn once into the backdrop."""

from __future__ import annotations

import cv2
import numpy as np

from training.render import Camera


def cast_shadow(
    positions: np.ndarray,
    faces: np.ndarray,
    camera: Camera,
    light: np.ndarray,
    wall: tuple[np.ndarray, np.ndarray],
    softness: float,
) -> np.ndarray:
    """Shadow share per pixel, 0-1, (height, width).

    `positions` are the person's vertices (metres), `light` points towards the key light, `wall` is
    a point on the far wall and its normal towards the room, `softness` the blur in pixels.
    """
    out = np.zeros((camera.height, camera.width), np.uint8)
    light = light / np.linalg.norm(light)
    if light[1] < 0.05:
        return out.astype(np.float32)
    point, normal = wall
    to_floor = positions[:, 1] / light[1]
    facing = float(light @ normal)
    distance = (positions - point) @ normal
    to_wall = np.full(len(positions), np.inf)
    if facing > 0.02:
        to_wall = distance / facing
    for reach, mine in ((to_floor, to_floor <= to_wall), (to_wall, to_wall < to_floor)):
        pick = mine[faces].all(axis=1)
        if not pick.any():
            continue
        used = faces[pick]
        spots = positions - light * np.where(np.isfinite(reach), reach, 0.0)[:, None]
        flat = camera.project(spots)
        behind = ((spots - camera.position) @ (camera.target - camera.position)) < 0.3
        good = ~behind[used].any(axis=1) & (np.abs(flat[used]) < 5000).all(axis=(1, 2))
        for corner in np.round(flat[used[good]]).astype(np.int32):
            cv2.fillConvexPoly(out, corner, 255)
    return cv2.GaussianBlur(out.astype(np.float32) / 255.0, (0, 0), softness)
