"""Rooms as coloured boxes and blobs: floor, walls, the calm room of the demonstration clips."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from training.render import Light, Surface

WOOD, CARPET, TILES, BRICK, STRIPES, FIGURED, PICTURE, BOOKS, LEAF, CURTAIN, PAINT, GLOW = (
    20.0,
    21.0,
    22.0,
    23.0,
    24.0,
    25.0,
    26.0,
    27.0,
    28.0,
    29.0,
    30.0,
    40.0,
)
_CORNERS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)


@dataclass
class Props:
    """Triangles being collected; positions in metres."""

    positions: list[np.ndarray] = field(default_factory=list)
    normals: list[np.ndarray] = field(default_factory=list)
    colors: list[np.ndarray] = field(default_factory=list)
    patterns: list[np.ndarray] = field(default_factory=list)
    kinds: list[np.ndarray] = field(default_factory=list)
    faces: list[np.ndarray] = field(default_factory=list)
    count: int = 0

    def add(
        self,
        position: np.ndarray,
        normal: np.ndarray,
        color: np.ndarray,
        pattern: np.ndarray,
        kind: float,
        faces: np.ndarray,
    ) -> None:
        """Append a mesh; normal and colour may be one row for all vertices."""
        n = len(position)
        self.positions.append(position)
        self.normals.append(np.broadcast_to(normal, (n, 3)))
        self.colors.append(np.broadcast_to(color, (n, 3)))
        self.patterns.append(pattern)
        self.kinds.append(np.full(n, kind))
        self.faces.append(faces + self.count)
        self.count += n

    def quad(
        self,
        center: np.ndarray,
        right: np.ndarray,
        up: np.ndarray,
        color: np.ndarray,
        kind: float = PAINT,
        floor: bool = False,
        unit_pattern: bool = False,
    ) -> None:
        """A rectangle given by half-extents; pattern metres along right/up (x/z for a floor)."""
        position = np.array([center + a * right + b * up for a, b in _CORNERS])
        lr, lu = (1.0, 1.0) if unit_pattern else (np.linalg.norm(right), np.linalg.norm(up))
        flat = _CORNERS * np.array([lr, lu])
        zero = np.zeros(4)
        columns = (flat[:, 0], zero, flat[:, 1]) if floor else (flat[:, 0], flat[:, 1], zero)
        normal = np.cross(right, up)
        normal = normal / np.linalg.norm(normal)
        tris = np.array([[0, 1, 2], [0, 2, 3]])
        self.add(position, normal, color, np.stack(columns, axis=1), kind, tris)

    def box(
        self,
        center: np.ndarray,
        half: np.ndarray,
        turn: float,
        color: np.ndarray,
        kind: float = PAINT,
        front: float | None = None,
    ) -> None:
        """A box turned about the vertical by `turn` degrees; `front` is the kind of its +Z face."""
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        x, y, z = np.array([c, 0, -s]), np.array([0, 1.0, 0]), np.array([s, 0, c])
        for axis, a, b, h, ha, hb in (
            (z, x, y, half[2], half[0], half[1]),
            (-z, -x, y, half[2], half[0], half[1]),
            (x, -z, y, half[0], half[2], half[1]),
            (-x, z, y, half[0], half[2], half[1]),
            (y, x, -z, half[1], half[0], half[2]),
            (-y, x, z, half[1], half[0], half[2]),
        ):
            which = front if (axis is z and front is not None) else kind
            self.quad(center + axis * h, a * ha, b * hb, color, which, floor=which < 23)

    def blob(
        self,
        center: np.ndarray,
        radii: np.ndarray,
        color: np.ndarray,
        kind: float,
        rng: np.random.Generator | None = None,
        rough: float = 0.0,
    ) -> None:
        """An ellipsoid, optionally roughened (foliage, cushions, balls)."""
        rows, cols = 9, 14
        lat, lon = np.linspace(-1.57, 1.57, rows), np.linspace(0, 2 * np.pi, cols)
        grid = np.stack(
            [
                np.outer(np.cos(lat), np.cos(lon)),
                np.outer(np.sin(lat), np.ones(cols)),
                np.outer(np.cos(lat), np.sin(lon)),
            ],
            axis=-1,
        ).reshape(-1, 3)
        scale = 1.0 if rng is None else 1 + rough * rng.normal(size=(len(grid), 1))
        position = center + grid * radii * scale
        faces = []
        for r in range(rows - 1):
            for k in range(cols - 1):
                a = r * cols + k
                faces += [[a, a + cols, a + 1], [a + 1, a + cols, a + cols + 1]]
        self.add(position, grid, color, position, kind, np.array(faces))

    def surface(self) -> tuple[Surface, np.ndarray, np.ndarray]:
        """Surface, positions and normals for the renderer."""
        n = self.count
        surface = Surface(
            np.concatenate(self.faces).astype(np.int32),
            np.concatenate(self.colors),
            np.concatenate(self.patterns),
            np.concatenate(self.kinds),
            np.ones(n),
        )
        position = np.concatenate(self.positions).astype(np.float32)
        return surface, position, np.concatenate(self.normals).astype(np.float32)


def up(metres: float) -> np.ndarray:
    """A step upwards."""
    return np.array([0.0, metres, 0.0])


def out(metres: float) -> np.ndarray:
    """A step from the far wall towards the viewer."""
    return np.array([0.0, 0.0, metres])


def muted(rng: np.random.Generator, low: float = 0.05, high: float = 0.6) -> np.ndarray:
    """A muted random linear colour."""
    base = rng.uniform(low, high)
    return np.clip(base * (1 + 0.35 * rng.normal(size=3)), 0.01, 0.9)


@dataclass
class Room:
    """Everything static of one clip, in a frame whose -Z is the view direction's far wall."""

    props: Props
    light: Light


def shell_of_room(props: Props, rng: np.random.Generator, back_m: float, plain: bool) -> None:
    """Floor, far wall, side walls, skirting; the wall stands `back_m` behind the person."""
    x, y, z = np.eye(3)
    wall = np.clip(rng.uniform(0.35, 0.8) * (1 + 0.08 * rng.normal(size=3)), 0.05, 0.9)
    if not plain and rng.random() < 0.3:
        wall = muted(rng, 0.08, 0.5)
    kind = (
        PAINT if plain else rng.choice([PAINT, STRIPES, FIGURED, BRICK], p=[0.64, 0.12, 0.14, 0.1])
    )
    floor = rng.choice([WOOD, CARPET, TILES], p=[0.6, 0.25, 0.15])
    tone = np.array([0.36, 0.22, 0.12]) * rng.uniform(0.5, 1.6) if floor == WOOD else muted(rng)
    props.quad(np.array([0, 0, 2.0]), 6 * x, -6.0 * z, tone, floor, floor=True)
    props.quad(np.array([0, 1.4, -back_m]), 6 * x, 1.6 * y, wall, kind)
    for s in (-1, 1):
        at = s * rng.uniform(2.6, 4.5)
        props.quad(np.array([at, 1.4, 0]), -s * -6 * z * -1, 1.6 * y, wall * 0.95, kind)
    props.quad(np.array([0, 2.9, 0]), 6 * x, 6 * z, np.full(3, 0.75))
    props.box(np.array([0, 0.045, -back_m]), np.array([6, 0.045, 0.012]), 0, np.full(3, 0.7))


def calm_room(back_m: float = 0.9) -> Room:
    """The pleasant, quiet room of the demonstration clips."""
    props = Props()
    x, y, z = np.eye(3)
    wall = np.array([0.63, 0.60, 0.53])
    props.quad(np.array([0, 0, 2.0]), 6 * x, -6.0 * z, np.array([0.42, 0.28, 0.17]), WOOD, True)
    props.quad(np.array([0, 1.4, -back_m]), 6 * x, 1.7 * y, wall)
    props.box(np.array([0, 0.05, -back_m]), np.array([6, 0.05, 0.012]), 0, np.full(3, 0.72))
    rng = np.random.default_rng(5)
    pot = np.array([-1.45, 0, -back_m + 0.35])
    props.box(pot + up(0.17), np.array([0.15, 0.17, 0.15]), 15, np.array([0.45, 0.2, 0.12]))
    props.box(pot + up(0.5), np.array([0.02, 0.3, 0.02]), 0, np.array([0.12, 0.08, 0.04]))
    for _ in range(26):
        offset = rng.normal(size=3) * [0.13, 0.2, 0.12] + [0, rng.uniform(0.5, 1.05), 0]
        size = rng.uniform(0.05, 0.14, 3)
        props.blob(pot + offset, size, np.array([0.06, 0.2, 0.06]), LEAF, rng, 0.1)
    at = np.array([1.45, 1.5, -back_m + 0.02])
    props.quad(at, x * 0.3, y * 0.38, np.array([0.25, 0.16, 0.09]))
    props.quad(at + out(0.006), x * 0.26, y * 0.34, np.array([0.75, 0.73, 0.68]))
    sun = at + np.array([0.05, 0.08, 0.0])
    props.blob(sun, np.array([0.09, 0.09, 0.012]), np.array([0.7, 0.3, 0.1]), PAINT)
    props.box(
        np.array([1.6, 0.22, -back_m + 0.25]),
        np.array([0.5, 0.22, 0.2]),
        0,
        np.array([0.5, 0.34, 0.2]),
    )
    light = Light(
        key_direction=(-0.45, 0.75, 0.9),
        key_color=(0.85, 0.8, 0.72),
        sky_color=(0.58, 0.6, 0.63),
        ground_color=(0.36, 0.33, 0.29),
        exposure=1.0,
    )
    return Room(props, light)
