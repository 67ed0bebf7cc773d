"""The posable body: merged skeleton, forward kinematics and two kinds of skinning (numpy only)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

BONES: tuple[str, ...] = (
    "pelvis",
    "spine04",
    "spine03",
    "spine02",
    "spine01",
    "neck",
    "head",
    "clavicle.L",
    "shoulder.L",
    "upperarm.L",
    "lowerarm.L",
    "hand.L",
    "clavicle.R",
    "shoulder.R",
    "upperarm.R",
    "lowerarm.R",
    "hand.R",
    "thigh.L",
    "shin.L",
    "foot.L",
    "thigh.R",
    "shin.R",
    "foot.R",
)
PARENT: dict[str, str] = {
    "spine04": "pelvis",
    "spine03": "spine04",
    "spine02": "spine03",
    "spine01": "spine02",
    "neck": "spine01",
    "head": "neck",
}
for _s in "LR":
    PARENT |= {
        f"clavicle.{_s}": "spine01",
        f"shoulder.{_s}": f"clavicle.{_s}",
        f"upperarm.{_s}": f"shoulder.{_s}",
        f"lowerarm.{_s}": f"upperarm.{_s}",
        f"hand.{_s}": f"lowerarm.{_s}",
        f"thigh.{_s}": "pelvis",
        f"shin.{_s}": f"thigh.{_s}",
        f"foot.{_s}": f"shin.{_s}",
    }
INDEX: dict[str, int] = {name: i for i, name in enumerate(BONES)}


@dataclass(frozen=True)
class Template:
    """What all bodies share: vertex groups, triangles per group, skin weights, paint masks."""

    groups: dict[str, slice]
    faces: dict[str, np.ndarray]
    weights: np.ndarray
    masks: dict[str, np.ndarray]


@dataclass
class Body:
    """One person at rest (metres, feet on Y = 0, facing +Z)."""

    template: Template
    vertices: np.ndarray
    heads: np.ndarray
    points: dict[str, np.ndarray]
    weights: np.ndarray | None = None
    soft: dict[str, np.ndarray] = field(default_factory=dict)

    def head(self, bone: str) -> np.ndarray:
        """Rest position of a joint, metres."""
        return np.asarray(self.heads[INDEX[bone]], dtype=np.float64)

    @property
    def skin_weights(self) -> np.ndarray:
        """Weights of this body, or the template's."""
        return self.template.weights if self.weights is None else self.weights

    @property
    def height_m(self) -> float:
        """Stature, metres."""
        part = self.vertices[self.template.groups["body"], 1]
        return float(part.max() - part.min())


def joint_positions(
    heads: np.ndarray, rotations: dict[str, np.ndarray], pelvis: np.ndarray
) -> dict[str, np.ndarray]:
    """Posed joint positions from world rotations per bone, with the pelvis joint at `pelvis`."""
    out = {"pelvis": np.asarray(pelvis, dtype=np.float64)}
    for name in BONES[1:]:
        parent = PARENT[name]
        offset = heads[INDEX[name]] - heads[INDEX[parent]]
        out[name] = out[parent] + rotations[parent] @ offset
    return out


def bone_matrices(
    heads: np.ndarray, rotations: dict[str, np.ndarray], joints: dict[str, np.ndarray]
) -> np.ndarray:
    """(bones, 3, 4) transforms taking rest points to posed points."""
    out = np.zeros((len(BONES), 3, 4), np.float32)
    for i, name in enumerate(BONES):
        out[i, :, :3] = rotations[name]
        out[i, :, 3] = joints[name] - rotations[name] @ heads[i]
    return out


def skin_linear(vertices: np.ndarray, weights: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Linear blend skinning, (V, 3) float32."""
    blend = weights @ matrices.reshape(len(matrices), 12)
    blend = blend.reshape(-1, 3, 4)
    return np.asarray(np.einsum("vij,vj->vi", blend[:, :, :3], vertices) + blend[:, :, 3])


def _quaternions(rotation: np.ndarray) -> np.ndarray:
    """Unit quaternions (w, x, y, z) of (N, 3, 3) rotations."""
    m = rotation.astype(np.float64)
    w2 = 1 + m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    x2 = 1 + m[:, 0, 0] - m[:, 1, 1] - m[:, 2, 2]
    y2 = 1 - m[:, 0, 0] + m[:, 1, 1] - m[:, 2, 2]
    z2 = 1 - m[:, 0, 0] - m[:, 1, 1] + m[:, 2, 2]
    size = np.stack([w2, x2, y2, z2], axis=1)
    best = size.argmax(axis=1)
    out = np.zeros((len(m), 4))
    a = m[:, 2, 1] - m[:, 1, 2]
    b = m[:, 0, 2] - m[:, 2, 0]
    c = m[:, 1, 0] - m[:, 0, 1]
    d = m[:, 1, 0] + m[:, 0, 1]
    e = m[:, 0, 2] + m[:, 2, 0]
    f = m[:, 2, 1] + m[:, 1, 2]
    rows = np.stack(
        [
            np.stack([w2, a, b, c], 1),
            np.stack([a, x2, d, e], 1),
            np.stack([b, d, y2, f], 1),
            np.stack([c, e, f, z2], 1),
        ],
        axis=1,
    )
    out = rows[np.arange(len(m)), best]
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True))


def _hamilton(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Quaternion products of (..., 4) arrays."""
    pw, px, py, pz = np.moveaxis(p, -1, 0)
    qw, qx, qy, qz = np.moveaxis(q, -1, 0)
    return np.stack(
        [
            pw * qw - px * qx - py * qy - pz * qz,
            pw * qx + px * qw + py * qz - pz * qy,
            pw * qy - px * qz + py * qw + pz * qx,
            pw * qz + px * qy - py * qx + pz * qw,
        ],
        axis=-1,
    )


def skin_dual_quaternion(
    vertices: np.ndarray, weights: np.ndarray, matrices: np.ndarray
) -> np.ndarray:
    """Dual-quaternion skinning, (V, 3) float32; keeps volume where linear blending collapses."""
    real = _quaternions(matrices[:, :, :3])
    real = np.where((real @ real[0])[:, None] < 0, -real, real)
    shift = np.concatenate([np.zeros((len(real), 1)), matrices[:, :, 3]], axis=1)
    dual = 0.5 * _hamilton(shift, real)
    both = (weights @ np.concatenate([real, dual], axis=1).astype(np.float32)).astype(np.float32)
    both /= np.linalg.norm(both[:, :4], axis=1, keepdims=True)
    w, axis = both[:, :1], both[:, 1:4]
    turned = vertices + 2 * np.cross(axis, np.cross(axis, vertices) + w * vertices)
    dw, daxis = both[:, 4:5], both[:, 5:8]
    return np.asarray(
        turned + 2 * (w * daxis - dw * axis + np.cross(axis, daxis)), dtype=np.float32
    )


class Normals:
    """Smooth vertex normals of a fixed triangle list, quick enough for every frame."""

    def __init__(self, faces: np.ndarray, count: int) -> None:
        self._faces = faces
        order = np.argsort(faces.ravel(), kind="stable")
        owner = faces.ravel()[order]
        self._face_of = (order // 3).astype(np.int32)
        self._used, self._start = np.unique(owner, return_index=True)
        self._count = count

    def __call__(self, vertices: np.ndarray) -> np.ndarray:
        """Unit normals, (V, 3) float32."""
        a, b, c = (vertices[self._faces[:, k]] for k in range(3))
        e, f = b - a, c - a
        n = np.empty_like(e)
        n[:, 0] = e[:, 1] * f[:, 2] - e[:, 2] * f[:, 1]
        n[:, 1] = e[:, 2] * f[:, 0] - e[:, 0] * f[:, 2]
        n[:, 2] = e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0]
        out = np.zeros((self._count, 3), np.float32)
        out[self._used] = np.add.reduceat(n[self._face_of], self._start, axis=0)
        length = np.sqrt((out * out).sum(axis=1, keepdims=True))
        return np.asarray(out / np.maximum(length, 1e-12), dtype=np.float32)
