"""Small rotation helpers; degrees in, 3x3 matrices out. X left, Y up, Z forward."""

from __future__ import annotations

import math

import numpy as np


def pitch(deg: float) -> np.ndarray:
    """Turn in the sagittal plane; positive tips the top forward."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def yaw(deg: float) -> np.ndarray:
    """Turn about the vertical; positive turns the front to the person's own left."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def roll(deg: float) -> np.ndarray:
    """Sideways bend; positive tips the top to the person's own left."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])


def attitude(pitch_deg: float, yaw_deg: float, roll_deg: float) -> np.ndarray:
    """Pitch and roll in the body's own planes, then yaw about the vertical."""
    return np.asarray(yaw(yaw_deg) @ roll(roll_deg) @ pitch(pitch_deg))


def unit(v: np.ndarray) -> np.ndarray:
    """`v` scaled to length one (a zero vector stays zero)."""
    return np.asarray(v / max(math.sqrt(float(v @ v)), 1e-12))


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross product of two 3-vectors, several times quicker than numpy's general one."""
    ax, ay, az = a.tolist()
    bx, by, bz = b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def frame(direction: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """Right-handed axes whose first column is `direction` and third is `hinge` made square."""
    x = unit(direction)
    z = unit(hinge - (hinge @ x) * x)
    return np.array([x, cross(z, x), z]).T


def two_bone(
    start: np.ndarray, target: np.ndarray, first: float, second: float, pole: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle joint, end joint and hinge axis of a two-bone limb reaching for `target`.

    `pole` is the side to which the middle joint points. Lengths and positions in metres; a target
    out of reach is approached along the same line.
    """
    line = target - start
    reach = float(np.linalg.norm(line))
    span = float(np.clip(reach, abs(first - second) + 1e-4, (first + second) * 0.9995))
    d = unit(line)
    p = unit(pole - (pole @ d) * d)
    along = (first**2 - second**2 + span**2) / (2 * span)
    out = np.sqrt(max(first**2 - along**2, 0.0))
    return start + d * along + p * out, start + d * span, cross(p, d)


def angle_deg(a: np.ndarray, b: np.ndarray) -> float:
    """Angle between two vectors, degrees."""
    return float(np.degrees(np.arccos(np.clip(unit(a) @ unit(b), -1.0, 1.0))))
