"""Furniture and clutter that random rooms are filled with. Lengths in metres."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.scene import BOOKS, CURTAIN, GLOW, LEAF, PAINT, PICTURE, Props, muted, out, up

_X, _Y = np.eye(3)[0], np.eye(3)[1]


def _depth(rng: np.random.Generator, back_m: float) -> float:
    """Somewhere between the far wall and just behind the person, as z in the room."""
    far = -back_m + 0.3
    return float(rng.uniform(far, max(-0.5, far + 0.01)))


def _window(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    c = np.array([at, 1.5, -back_m + 0.02])
    w, h = rng.uniform(0.4, 0.8), rng.uniform(0.4, 0.65)
    props.quad(c, _X * (w + 0.05), _Y * (h + 0.05), np.full(3, 0.8))
    bright = np.array([0.85, 0.92, 1.0]) * rng.uniform(0.7, 1.3)
    props.quad(c + out(0.004), _X * w, _Y * h, bright, GLOW)
    props.quad(c + out(0.008), _X * 0.02, _Y * h, np.full(3, 0.7))


def _picture(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    c = np.array([at, rng.uniform(1.2, 1.7), -back_m + 0.02])
    w, h = rng.uniform(0.15, 0.5), rng.uniform(0.15, 0.4)
    props.quad(c, _X * (w + 0.03), _Y * (h + 0.03), muted(rng, 0.02, 0.4))
    props.quad(c + out(0.005), _X * w, _Y * h, muted(rng), PICTURE, unit_pattern=True)


def _mirror(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    c = np.array([at, 1.1, -back_m + 0.02])
    w, h = rng.uniform(0.25, 0.5), rng.uniform(0.5, 0.9)
    props.quad(c, _X * (w + 0.04), _Y * (h + 0.04), muted(rng, 0.05, 0.3))
    props.quad(c + out(0.005), _X * w, _Y * h, np.array([0.42, 0.44, 0.45]))
    floor = c + up(-h * 0.6) + out(0.008)
    props.quad(floor, _X * w, _Y * h * 0.4, np.array([0.2, 0.16, 0.12]))


def _books(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    w, h = rng.uniform(0.35, 0.7), rng.uniform(0.7, 1.0)
    color = np.array([0.3, 0.2, 0.12]) * rng.uniform(0.3, 2.0)
    props.box(np.array([at, h, -back_m + 0.16]), np.array([w, h, 0.15]), 0, color)
    for k in range(int(h * 2 / 0.34)):
        shelf = np.array([at, 0.2 + 0.34 * k, -back_m + 0.315])
        props.quad(shelf, _X * (w - 0.03), _Y * 0.14, color, BOOKS)
        props.patterns[-1][:, 1] = props.patterns[-1][:, 1] / 0.28 + 0.5
        props.patterns[-1][:, 2] = rng.uniform(0, 50)


def _plant(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    c = np.array([at, 0.0, _depth(rng, back_m)])
    props.box(c + up(0.16), np.array([0.14, 0.16, 0.14]), 20, muted(rng))
    green = np.array([0.05, 0.18, 0.04]) * rng.uniform(0.5, 1.8)
    props.box(c + up(0.5), np.array([0.02, 0.3, 0.02]), 0, np.full(3, 0.06))
    for _ in range(20):
        offset = rng.normal(size=3) * [0.16, 0.25, 0.16] + up(rng.uniform(0.6, 1.1))
        props.blob(c + offset, rng.uniform(0.05, 0.17, 3), green, LEAF, rng, 0.12)


def _sofa(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    c, color = np.array([at, 0.2, -back_m + 0.5]), muted(rng)
    props.box(c, np.array([0.8, 0.22, 0.42]), 0, color)
    props.box(c + up(0.35) - out(0.33), np.array([0.8, 0.3, 0.12]), 0, color * 0.9)
    for s in (-1, 1):
        props.box(c + s * 0.8 * _X + up(0.12), np.array([0.1, 0.3, 0.42]), 0, color * 0.95)
        cushion = c + s * 0.4 * _X + up(0.36) - out(0.1)
        props.blob(cushion, np.array([0.2, 0.17, 0.1]), muted(rng), PAINT)


def _door(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    c, color = np.array([at, 1.02, -back_m + 0.02]), np.full(3, rng.uniform(0.3, 0.8))
    props.quad(c, _X * 0.5, _Y * 1.06, color * 0.9)
    props.quad(c + out(0.005), _X * 0.44, _Y * 1.0, color)


def _curtain(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    c = np.array([at, 1.3, -back_m + 0.07])
    props.quad(c, _X * rng.uniform(0.2, 0.5), _Y * 1.25, muted(rng, 0.1, 0.6), CURTAIN)


def _cupboard(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    h, depth = rng.uniform(0.35, 0.9), rng.uniform(0.18, 0.3)
    c = np.array([at, h, -back_m + depth])
    color = np.array([0.4, 0.28, 0.17]) * rng.uniform(0.3, 1.8)
    props.box(c, np.array([rng.uniform(0.3, 0.8), h, depth]), rng.normal() * 3, color)
    if rng.random() < 0.6:
        props.box(c + up(h + 0.1) + 0.1 * _X, rng.uniform(0.05, 0.12, 3), 15, muted(rng))


def _table(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    c = np.array([at, 0.71, -back_m + 0.4])
    color = np.array([0.4, 0.28, 0.17]) * rng.uniform(0.3, 1.8)
    half = rng.uniform(0.35, 0.7)
    props.box(c, np.array([half, 0.02, 0.3]), 0, color)
    for s in (-1, 1):
        for t in (-1, 1):
            leg = c + s * (half - 0.05) * _X + out(t * 0.25) - up(0.36)
            props.box(leg, np.array([0.025, 0.34, 0.025]), 0, color * 0.7)


def _lamp(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    c = np.array([at, 0.75, _depth(rng, back_m)])
    props.box(c, np.array([0.015, 0.75, 0.015]), 0, np.full(3, 0.05))
    kind = GLOW if rng.random() < 0.5 else PAINT
    props.box(c + up(0.8), np.array([0.16, 0.13, 0.16]), 0, np.array([1, 0.85, 0.6]), kind)


def _ball(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    r = rng.uniform(0.2, 0.33)
    props.blob(np.array([at, r, _depth(rng, back_m)]), np.full(3, r), muted(rng), PAINT)


def _chair(props: Props, rng: np.random.Generator, at: float, back_m: float) -> None:
    foot = np.array([at, 0, _depth(rng, back_m)])
    chair(props, foot, rng.uniform(0, 360), muted(rng), 0.45, back=True)


PIECES: dict[str, Callable[[Props, np.random.Generator, float, float], None]] = {
    "window": _window,
    "picture": _picture,
    "books": _books,
    "plant": _plant,
    "sofa": _sofa,
    "door": _door,
    "curtain": _curtain,
    "cupboard": _cupboard,
    "lamp": _lamp,
    "mirror": _mirror,
    "table": _table,
    "ball": _ball,
    "chair": _chair,
}


def furniture(props: Props, rng: np.random.Generator, back_m: float, pieces: int) -> list[str]:
    """Place random things before the far wall; returns their names."""
    names = [str(n) for n in rng.choice(list(PIECES), pieces)]
    for name in names:
        PIECES[name](props, rng, float(rng.uniform(-2.0, 2.0)), back_m)
    return names


def chair(
    props: Props,
    foot: np.ndarray,
    turn: float,
    color: np.ndarray,
    seat_m: float,
    back: bool,
    half_m: float = 0.21,
) -> None:
    """A chair or stool whose seat top is `seat_m` above `foot`; it faces +Z turned by `turn`."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))

    def at(dx: float, y: float, dz: float) -> np.ndarray:
        return np.asarray(foot + np.array([c * dx + s * dz, y, -s * dx + c * dz]))

    props.box(at(0, seat_m - 0.025, 0), np.array([half_m, 0.025, half_m]), turn, color)
    for dx in (-1, 1):
        for dz in (-1, 1):
            leg = at(dx * (half_m - 0.03), seat_m / 2 - 0.025, dz * (half_m - 0.03))
            props.box(leg, np.array([0.018, seat_m / 2 - 0.025, 0.018]), turn, color * 0.6)
    if back:
        props.box(at(0, seat_m + 0.33, -half_m), np.array([half_m, 0.14, 0.015]), turn, color)
        for dx in (-1, 1):
            props.box(
                at(dx * (half_m - 0.03), seat_m + 0.2, -half_m),
                np.array([0.015, 0.25, 0.015]),
                turn,
                color * 0.6,
            )
