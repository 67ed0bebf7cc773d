"""Skinned layers that make up a visible person: skin, eyes, hair and shell garments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.body import INDEX, Body, Normals

SKIN, HAIR, PLAIN, GARMENT = 0.0, 2.0, 3.0, 10.0


@dataclass
class Layer:
    """Rest-pose mesh with weights and paint; `cut` < 0 is not drawn. Metres, linear colours."""

    rest: np.ndarray
    weights: np.ndarray
    faces: np.ndarray
    color: np.ndarray
    kind: float
    cut: np.ndarray
    spread: np.ndarray | None = None


class BodyMap:
    """Rest-pose coordinates of body vertices that dressing needs (computed once per person)."""

    def __init__(self, body: Body) -> None:
        part = body.template.groups["body"]
        self.body = body
        self.v = body.vertices[part]
        self.w = body.skin_weights[part]
        self.faces = body.template.faces["body"]
        count = len(self.v)
        self.normals = Normals(self.faces, count)(self.v)
        pairs = ([0, 1], [1, 2], [2, 0])
        edges = np.concatenate([self.faces[:, pair] for pair in pairs])
        edges = np.unique(np.concatenate([edges, edges[:, ::-1]]), axis=0)
        self._edge_to = edges[:, 1]
        self._used, self._edge_start = np.unique(edges[:, 0], return_index=True)
        self._degree = np.diff(np.append(self._edge_start, len(edges)))[:, None]
        self.arm = np.asarray(
            sum(
                self.w[:, INDEX[f"{n}.{s}"]] for n in ("upperarm", "lowerarm", "hand") for s in "LR"
            )
        )
        self.leg = np.asarray(
            sum(self.w[:, INDEX[f"{n}.{s}"]] for n in ("thigh", "shin", "foot") for s in "LR")
        )
        self.headness = self.w[:, INDEX["head"]] + self.w[:, INDEX["neck"]]
        self.arm_t = self._along_arm()
        self._soft_weights: np.ndarray | None = None

    def smooth(self, values: np.ndarray, times: int) -> np.ndarray:
        """Umbrella smoothing of per-vertex values over the body mesh."""
        out = values.copy()
        for _ in range(times):
            mean = np.add.reduceat(out[self._edge_to], self._edge_start, axis=0) / self._degree
            out[self._used] = 0.5 * out[self._used] + 0.5 * mean
        return out

    def _along_arm(self) -> np.ndarray:
        """0 at the shoulder joint, 1 at the elbow, 2 at the wrist, beyond on the hand."""
        out = np.zeros(len(self.v))
        for s in "LR":
            a, b, c = (self.body.head(f"{n}.{s}") for n in ("upperarm", "lowerarm", "hand"))
            first = (self.v - a) @ (b - a) / ((b - a) @ (b - a))
            second = (self.v - b) @ (c - b) / ((c - b) @ (c - b))
            t = np.where(second > 0, 1 + second, np.clip(first, -1, 1.0))
            side = (self.v[:, 0] > 0) == (s == "L")
            out = np.where(side & (self.arm > 0.02), t, out)
        return out

    def shell(
        self,
        cut: np.ndarray,
        thickness: np.ndarray | float,
        color: np.ndarray,
        number: int,
        smoothing: int = 12,
    ) -> Layer:
        """A garment that follows the body at `thickness` metres, drawn where `cut` > 0."""
        near = (cut > -0.06)[self.faces].any(axis=1)
        faces = self.faces[near]
        used = np.unique(faces)
        new = np.full(len(self.v), -1)
        new[used] = np.arange(len(used))
        bridge = np.einsum("vi,vi->v", self.smooth(self.v, smoothing) - self.v, self.normals)
        flatten = np.einsum("vi,vi->v", self.smooth(self.v, 4) - self.v, self.normals)
        chest = (self.v[:, 1] > self.body.head("spine02")[1]) & (self.normals[:, 2] > 0.2)
        flatten *= chest & (self.arm < 0.2)
        soft = self.v + self.normals * (np.maximum(bridge, 0) + np.minimum(flatten, 0))[:, None]
        thick = np.broadcast_to(np.asarray(thickness, np.float32), cut.shape)[:, None]
        if self._soft_weights is None:
            soft_weights = self.smooth(self.w, 3)
            self._soft_weights = soft_weights / soft_weights.sum(1, keepdims=True)
        return Layer(
            rest=(soft + self.normals * thick)[used].astype(np.float32),
            weights=self._soft_weights[used].astype(np.float32),
            faces=new[faces].astype(np.int32),
            color=np.tile(np.asarray(color, np.float32), (len(used), 1)),
            kind=GARMENT + number,
            cut=cut[used].astype(np.float32),
        )


def top_cut(m: BodyMap, hem_y: float, neck_m: float, sleeve: float) -> np.ndarray:
    """Positive where a top covers: hem height (m), neck opening radius (m), sleeve 0-2."""
    neck = m.body.head("neck") + np.array([0, 0.02, 0.01])
    away = np.linalg.norm((m.v - neck) * np.array([1.0, 0.8, 1.0]), axis=1) - neck_m
    arm_length = np.linalg.norm(m.body.head("lowerarm.L") - m.body.head("upperarm.L"))
    sleeve_cut = np.where(m.arm > 0.35, (sleeve - m.arm_t) * arm_length, 1.0)
    hem = np.where(m.arm > 0.5, 1.0, m.v[:, 1] - hem_y)
    cut = np.minimum(np.minimum(away, sleeve_cut), hem)
    return np.asarray(np.where(m.w[:, INDEX["head"]] > 0.6, -1.0, cut))


def bottom_cut(m: BodyMap, waist_y: float, cuff_y: float) -> np.ndarray:
    """Positive where trousers, shorts or leggings cover, between two rest heights (m)."""
    cut = np.minimum(waist_y - m.v[:, 1], m.v[:, 1] - cuff_y)
    return np.asarray(np.where(m.arm > 0.25, -1.0, cut))


def shoe_cut(m: BodyMap, top_y: float) -> np.ndarray:
    """Positive on the feet below a rest height (m)."""
    return np.asarray(np.where(m.leg > 0.5, top_y - m.v[:, 1], -1.0))


def skin_colors(m: BodyMap, tone: np.ndarray, lips: float = 0.35) -> np.ndarray:
    """Linear skin colours with lips, brows, ruddier face and hands."""
    masks = m.body.template.masks
    part = m.body.template.groups["body"]
    out: np.ndarray = np.tile(tone.astype(np.float32), (len(m.v), 1))
    red = tone * np.array([0.85, 0.45, 0.45], np.float32)
    amount = np.clip(masks["lips"][part] * lips * 2, 0, 1)[:, None]
    out = out * (1 - amount) + red * amount
    warm = np.clip(masks["ears"][part], 0, 1)[:, None] * 0.3
    out = out * (1 - warm) + tone * np.array([1.05, 0.75, 0.7], np.float32) * warm
    return np.asarray(out, dtype=np.float32)


def brow_mask(m: BodyMap) -> np.ndarray:
    """0-1 where the eyebrows grow."""
    eyes = m.body.vertices[m.body.template.groups["eyes"]]
    center = np.array([np.abs(eyes[:, 0]).mean(), eyes[:, 1].mean(), eyes[:, 2].max()])
    p = m.v.copy()
    p[:, 0] = np.abs(p[:, 0])
    d = (p - center - np.array([0.002, 0.026, 0.01])) / np.array([0.021, 0.006, 0.035])
    return np.asarray(np.clip(1.6 - (d * d).sum(axis=1), 0, 1))


def skin_layer(m: BodyMap, tone: np.ndarray, brow: np.ndarray, covered: np.ndarray) -> Layer:
    """The visible skin; triangles wholly under garments (`covered`) are left out."""
    color = skin_colors(m, tone)
    b = (brow_mask(m) * 0.85)[:, None]
    color = color * (1 - b) + brow * b
    faces = m.faces[~covered[m.faces].all(axis=1)]
    return Layer(m.v, m.w, faces, color.astype(np.float32), SKIN, np.ones(len(m.v), np.float32))


def eye_layer(body: Body, iris: np.ndarray) -> Layer:
    """Eyeballs with a painted iris and pupil."""
    part = body.template.groups["eyes"]
    v = body.vertices[part]
    color = np.full((len(v), 3), 0.62, np.float32)
    for side in (v[:, 0] > 0, v[:, 0] <= 0):
        front = v[side][np.argmax(v[side][:, 2])]
        d = np.linalg.norm((v[side] - front)[:, :2], axis=1)
        paint = np.where(d[:, None] < 0.0035, 0.01, np.where(d[:, None] < 0.0075, iris, 0.62))
        color[side] = paint
    faces = body.template.faces["eyes"] - part.start
    return Layer(
        v,
        body.skin_weights[part],
        faces.astype(np.int32),
        color,
        PLAIN,
        np.ones(len(v), np.float32),
    )


def hair_layers(m: BodyMap, style: str, color: np.ndarray, rng: np.random.Generator) -> list[Layer]:
    """Hair: `bald`, `short`, `bob`, `bun`, `tail` or `long`."""
    if style == "bald":
        return []
    head = m.body.head("head")
    eyes = m.body.vertices[m.body.template.groups["eyes"]]
    eye_y, eye_z = float(eyes[:, 1].mean()), float(eyes[:, 2].max())
    top = float(m.v[:, 1].max())
    size = top - eye_y
    back = float(m.v[m.w[:, INDEX["head"]] > 0.9, 2].min())
    depth = eye_z - back
    # hairline: a plane falling from the forehead to the nape, in front of which the face is free
    p = m.v
    rise = (p[:, 1] - eye_y) / size
    ahead = (p[:, 2] - back) / depth
    cut = np.minimum(rise + 0.30 + (0.62 - ahead) * 1.3, 1.35 - ahead + (rise - 0.55) * 0.9)
    cut = np.minimum(cut, (rise - 0.42) * 2 + np.maximum(0.62 - ahead, 0) * 6) * 0.1
    nape = np.minimum(rise + 0.95, 1.0) * 0.1
    cut = np.minimum(cut, nape)
    cut = np.where(m.w[:, INDEX["head"]] > 0.25, cut, -1.0)
    ears = m.body.template.masks["ears"][m.body.template.groups["body"]]
    cut = np.where(ears > 0.3, -0.02, cut)
    volume = {"short": 0.010, "bun": 0.007, "tail": 0.007, "bob": 0.016, "long": 0.016}[style]
    volume *= rng.uniform(0.7, 1.5)
    thick = np.clip(cut * 2.0, -0.003, volume) + 0.002
    shell = m.shell(cut, thick, color, 0, smoothing=4)
    shell.kind = HAIR
    out = [shell]
    crown = np.array([0.0, eye_y + 0.45 * size, back])
    w = np.zeros(m.w.shape[1], np.float32)
    w[INDEX["head"]] = 1.0
    if style == "bun":
        high = rng.uniform(0.0, 0.7)
        out.append(
            _blob(
                crown + np.array([0, (high - 0.2) * size, -0.015 + 0.02 * high]),
                np.array([0.04, 0.038, 0.038]),
                w,
                color,
            )
        )
    if style == "tail":
        length = rng.uniform(0.10, 0.2)
        out.append(
            _blob(
                crown + np.array([0, -length * 0.75, -0.02]),
                np.array([0.028, length, 0.026]),
                w,
                color,
            )
        )
    if style in ("bob", "long"):
        length = rng.uniform(0.10, 0.16) if style == "bob" else rng.uniform(0.2, 0.36)
        out.append(_curtain(head, eye_y, size, back, depth, length, w, m, color))
    return out


def _blob(center: np.ndarray, radii: np.ndarray, w: np.ndarray, color: np.ndarray) -> Layer:
    """An ellipsoid rigidly fixed to one bone."""
    rows, cols = 10, 16
    lat = np.linspace(-np.pi / 2, np.pi / 2, rows)
    lon = np.linspace(0, 2 * np.pi, cols, endpoint=False)
    grid = np.stack(
        [
            np.outer(np.cos(lat), np.cos(lon)),
            np.outer(np.sin(lat), np.ones(cols)),
            np.outer(np.cos(lat), np.sin(lon)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    rest = (center + grid * radii).astype(np.float32)
    return Layer(
        rest,
        np.tile(w, (len(rest), 1)),
        grid_faces(rows, cols, True),
        np.tile(color.astype(np.float32), (len(rest), 1)),
        HAIR,
        np.ones(len(rest), np.float32),
    )


def grid_faces(rows: int, cols: int, closed: bool) -> np.ndarray:
    """Triangles of a rows x cols grid, wrapping around in columns when `closed`."""
    out = []
    for r in range(rows - 1):
        for c in range(cols if closed else cols - 1):
            a, b = r * cols + c, r * cols + (c + 1) % cols
            out += [[a, a + cols, b], [b, a + cols, b + cols]]
    return np.asarray(out, np.int32)


def _curtain(
    head: np.ndarray,
    eye_y: float,
    size: float,
    back: float,
    depth: float,
    length: float,
    w: np.ndarray,
    m: BodyMap,
    color: np.ndarray,
) -> Layer:
    """Hair falling down behind and beside the head, softly fixed to head and upper back."""
    rows, cols = 9, 21
    around = np.linspace(-2.25, 2.25, cols)
    down = np.linspace(0, 1, rows)
    wide = float(np.abs(m.v[m.w[:, INDEX["head"]] > 0.9, 0]).max())
    rest, weights = [], []
    upper = np.zeros_like(w)
    upper[INDEX["spine01"]] = 1.0
    for d in down:
        y = eye_y + 0.25 * size - d * (length + 0.25 * size)
        below = np.clip((head[1] - 0.02 - y) / 0.1, 0, 1)
        swell = 1.08 + 0.25 * below
        for a in around:
            rest.append(
                [
                    np.sin(a) * wide * swell,
                    y,
                    back + depth * 0.46 - np.cos(a) * (depth * 0.46 + 0.016) * (1.0 + 0.12 * below),
                ]
            )
            weights.append(w * (1 - 0.7 * below) + upper * 0.7 * below)
    count = rows * cols
    return Layer(
        np.asarray(rest, np.float32),
        np.asarray(weights, np.float32),
        grid_faces(rows, cols, False),
        np.tile(color.astype(np.float32), (count, 1)),
        HAIR,
        np.ones(count, np.float32),
    )
