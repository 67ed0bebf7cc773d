"""Loose cloth: a hanging radial drape (both variants) and a membrane over the body (held-back one).

Both look at the posed body of the frame, so that a loose back panel bridges the hollow of the
lower back, hangs from the shoulder blades or the buttocks and lags a little behind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.anatomy import Pose
from training.layers import GARMENT, BodyMap, Layer, grid_faces

ROWS, COLS = 34, 48


@dataclass
class DrapeStyle:
    """Cut of a hanging garment; lengths in metres.

    `taper` is how much the radius may shrink per metre of fall (0 hangs plumb), `flare` how much
    it must grow, `lag` 0-1 the share of the last frame's shape that stays, `open_front` the half
    angle in degrees that is left open, `slide` metres the hem moves over the clip.
    """

    kind: str
    length: float
    ease: float
    taper: float
    flare: float = 0.0
    lag: float = 0.3
    folds: int = 9
    fold_size: float = 0.02
    open_front: float = 0.0
    slide: float = 0.0
    seed: float = 0.0
    seated: bool = False


class Drape:
    """A garment as a grid of radii around the body's axis."""

    def __init__(self, m: BodyMap, style: DrapeStyle) -> None:
        self.style = style
        skirt = style.kind == "skirt"
        low = m.body.head("shin.L")[1] * 0.6
        keep = (m.arm < 0.3) & (m.headness < 0.3) & (m.v[:, 1] > low)
        self._pick = np.flatnonzero(keep & (m.leg < 0.5) if style.seated else keep)
        self._skirt = skirt
        self._state: np.ndarray | None = None
        self._theta = np.linspace(0, 2 * np.pi, COLS, endpoint=False)

    def layer(self, color: np.ndarray, number: int) -> Layer:
        """The layer to be joined into the person; its positions come from `update`."""
        count = ROWS * COLS
        s = self.style
        down = np.repeat(np.linspace(0, 1, ROWS), COLS) * -s.length
        around = np.tile(self._theta, ROWS)
        rest = np.stack([around * 0.16, down, np.zeros(count)], axis=1).astype(np.float32)
        faces = grid_faces(ROWS, COLS, closed=True)
        if s.open_front > 0:
            gap = np.minimum(around, 2 * np.pi - around) < np.radians(s.open_front)
            faces = faces[~gap[faces].any(axis=1)]
        if s.open_front > 0 or s.flare > 0.05:
            faces = np.concatenate([faces, faces[:, ::-1]])
        return Layer(
            rest,
            np.zeros((count, 0)),
            faces,
            np.tile(np.asarray(color, np.float32), (count, 1)),
            GARMENT + number,
            np.ones(count, np.float32),
        )

    def update(self, posed: np.ndarray, under: np.ndarray, pose: Pose, share: float) -> np.ndarray:
        """Grid positions over the posed body and the garment `under` this one.

        `share` 0-1 is the progress of the clip.
        """
        s, j = self.style, pose.joints
        knees = (j["shin.L"] + j["shin.R"]) / 2
        feet = (j["foot.L"] + j["foot.R"]) / 2
        hips = pose.hips
        waist = j["spine03"]
        belly = (hips + waist) / 2 + np.array([0, 0, 0.0])
        chain = np.stack([feet, knees, hips, belly, j["spine02"], j["spine01"], j["neck"]])
        chain = chain[np.argsort(chain[:, 1])]
        top = float(j["spine04"][1] + 0.045) if self._skirt else float(j["spine01"][1] + 0.02)
        bottom = top - s.length - s.slide * share
        y = np.linspace(top, bottom, ROWS)
        step = (top - bottom) / (ROWS - 1)
        p = posed[self._pick] if s.seated else np.concatenate([posed[self._pick], under])
        row = np.round((top - p[:, 1]) / step).astype(int)
        good = (row >= 0) & (row < ROWS)
        p, row = p[good], row[good]
        rx = p[:, 0] - np.interp(p[:, 1], chain[:, 1], chain[:, 0])
        rz = p[:, 2] - np.interp(p[:, 1], chain[:, 1], chain[:, 2])
        side = pose.rotations["pelvis"] if self._skirt else pose.rotations["spine02"]
        yaw = float(np.arctan2(side[0, 2], side[2, 2]))
        col = np.floor((np.arctan2(rx, rz) - yaw) / (2 * np.pi) * COLS + 0.5).astype(int) % COLS
        radius = np.zeros((ROWS, COLS))
        np.maximum.at(radius, (row, col), np.hypot(rx, rz))
        for _ in range(3):
            wide = np.maximum(np.roll(radius, 1, 1), np.roll(radius, -1, 1)) * 0.985
            radius = np.where(radius > 0, radius, wide)
        below = np.vstack([radius[1:], radius[-1:]])
        above = np.vstack([radius[:1], radius[:-1]])
        radius = np.maximum(radius, np.maximum(below, above) * 0.985)
        body = radius.copy()
        out = np.empty_like(radius)
        out[0] = np.maximum(radius[0] * 0.97, 0.06)
        for i in range(1, ROWS):
            out[i] = np.maximum(
                radius[i] + s.ease * min(i / 3, 1.0), out[i - 1] + (s.flare - s.taper) * step
            )
        for _ in range(3):
            out[2:] = 0.25 * np.roll(out[2:], 1, 1) + 0.5 * out[2:] + 0.25 * np.roll(out[2:], -1, 1)
        for _ in range(2):
            out[1:-1] = 0.25 * out[:-2] + 0.5 * out[1:-1] + 0.25 * out[2:]
        grow = np.linspace(0, 1, ROWS)[:, None] ** 1.5
        wave = np.sin(s.folds * self._theta + s.seed) + 0.6 * np.sin(
            (s.folds * 2 - 3) * self._theta + 2 * s.seed
        )
        out = out * (1 + s.fold_size * grow * wave)
        if self._state is not None:
            out = (1 - s.lag) * out + s.lag * self._state
        self._state = out
        out = np.maximum(out, np.where(grow > 0.03, body + 0.004, 0))
        cx = np.interp(y, chain[:, 1], chain[:, 0])[:, None]
        cz = np.interp(y, chain[:, 1], chain[:, 2])[:, None]
        angle = self._theta + yaw
        grid = np.stack(
            [
                cx + out * np.sin(angle),
                np.broadcast_to(y[:, None], out.shape),
                cz + out * np.cos(angle),
            ],
            axis=-1,
        )
        return grid.reshape(-1, 3).astype(np.float32)


class Membrane:
    """Smooths a posed shell outwards every frame: cloth that spans hollows instead of hanging."""

    def __init__(self, faces: np.ndarray, count: int, rounds: int, lag: float) -> None:
        edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
        edges = np.unique(np.concatenate([edges, edges[:, ::-1]]), axis=0)
        self._to = edges[:, 1]
        self._used, self._start = np.unique(edges[:, 0], return_index=True)
        self._degree = np.diff(np.append(self._start, len(edges)))[:, None].astype(np.float32)
        self._rounds, self._lag = rounds, lag
        self._state: np.ndarray | None = None
        self._count = count

    def update(self, positions: np.ndarray, normals: np.ndarray) -> np.ndarray:
        """Shell positions pushed out along their normals where the membrane spans a hollow."""
        soft = positions.copy()
        for _ in range(self._rounds):
            soft[self._used] = np.add.reduceat(soft[self._to], self._start, axis=0) / self._degree
        rise = np.maximum(np.einsum("vi,vi->v", soft - positions, normals), 0.0)
        if self._state is not None:
            rise = (1 - self._lag) * rise + self._lag * self._state
        self._state = rise
        return np.asarray(positions + normals * rise[:, None], dtype=np.float32)
