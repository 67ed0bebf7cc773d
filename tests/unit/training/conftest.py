"""A stick figure with just enough surface for the posing code."""

import numpy as np
import pytest

from training.body import BONES, INDEX, Body, Template

_JOINTS = {
    "pelvis": (0, 0.93, -0.06),
    "spine04": (0, 1.03, -0.03),
    "spine03": (0, 1.10, -0.02),
    "spine02": (0, 1.18, -0.02),
    "spine01": (0, 1.31, -0.04),
    "neck": (0, 1.51, 0.01),
    "head": (0, 1.57, 0.03),
    "clavicle": (0.02, 1.43, 0.02),
    "shoulder": (0.10, 1.45, 0.03),
    "upperarm": (0.17, 1.41, 0.02),
    "lowerarm": (0.36, 1.21, 0.02),
    "hand": (0.48, 1.08, 0.20),
    "thigh": (0.10, 0.93, 0.0),
    "shin": (0.13, 0.50, 0.03),
    "foot": (0.16, 0.08, 0.0),
}


@pytest.fixture(scope="session")
def mannequin() -> Body:
    heads = np.zeros((len(BONES), 3), np.float32)
    vertices, weights = [], []
    for i, bone in enumerate(BONES):
        stem, _, side = bone.partition(".")
        x, y, z = _JOINTS[stem]
        heads[i] = (-x if side == "R" else x, y, z)
        for offset in ((0, 0, 0.1), (0, 0, -0.12), (0.02, 0.02, 0.1), (-0.02, -0.02, -0.1)):
            vertices.append(heads[i] + np.array(offset, np.float32))
            row = np.zeros(len(BONES), np.float32)
            row[INDEX[bone]] = 1.0
            weights.append(row)
    for y in np.arange(0.0, 1.72, 0.02):
        for z in (0.11, -0.11):
            vertices.append(np.array([0.0, y, z], np.float32))
            row = np.zeros(len(BONES), np.float32)
            row[INDEX["pelvis"]] = 1.0
            weights.append(row)
    points = {}
    for s, sign in (("L", 1.0), ("R", -1.0)):
        for name, (x, y, z) in {
            "index": (0.51, 1.04, 0.30),
            "little": (0.54, 1.01, 0.25),
            "middle": (0.53, 1.03, 0.28),
            "tip": (0.54, 0.98, 0.33),
        }.items():
            points[f"{name}.{s}"] = np.array([sign * x, y, z], np.float32)
    body = np.stack(vertices).astype(np.float32)
    template = Template({"body": slice(0, len(body))}, {}, np.stack(weights), {})
    return Body(template, body, heads, points)
