"""Random clothes, hair and skin: fitted, loose, long, skirts, jackets, patterned, bare torso."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.body import Body
from training.cloth import Drape, DrapeStyle
from training.layers import (
    BodyMap,
    Layer,
    bottom_cut,
    eye_layer,
    hair_layers,
    shoe_cut,
    skin_layer,
    top_cut,
)
from training.person import Outfit

TOPS = ("fitted", "loose", "long", "jacket", "dress", "bare", "fitted_long_sleeve")
BOTTOMS = ("leggings", "shorts", "trousers", "wide", "skirt")
HAIR = ("bald", "short", "bob", "bun", "tail", "long")
_SKIN = np.array(
    [
        [0.72, 0.50, 0.40],
        [0.62, 0.40, 0.29],
        [0.52, 0.31, 0.21],
        [0.38, 0.21, 0.13],
        [0.22, 0.115, 0.07],
        [0.11, 0.056, 0.036],
    ]
)
_HAIR = np.array(
    [
        [0.015, 0.012, 0.01],
        [0.04, 0.022, 0.013],
        [0.10, 0.05, 0.025],
        [0.26, 0.16, 0.07],
        [0.22, 0.07, 0.025],
        [0.33, 0.32, 0.31],
    ]
)


@dataclass(frozen=True)
class Clothes:
    """What is worn; `loose` names the class used when accuracy is broken down by clothing."""

    top: str
    bottom: str
    hair: str
    shoes: bool
    slide_m: float
    membrane: bool
    pattern: tuple[int, int]

    @property
    def hanging(self) -> bool:
        """Whether the top hangs off the body instead of following it."""
        return self.top in ("loose", "long", "jacket", "dress")

    @property
    def loose(self) -> str:
        """fitted, bare, loose (hides the lower back's outline) or skirt."""
        if self.hanging:
            return "loose"
        if self.bottom in ("skirt", "wide"):
            return "skirt" if self.bottom == "skirt" else "wide"
        return "bare" if self.top == "bare" else "fitted"


def draw_clothes(
    rng: np.random.Generator, female: bool, held_back: bool, lying: bool, sitting: bool
) -> Clothes:
    """Draw an outfit; the held-back variant wears loose things twice as often."""
    p = np.array([0.30, 0.20, 0.10, 0.07, 0.05, 0.10, 0.18])
    if held_back:
        p = np.array([0.17, 0.34, 0.15, 0.10, 0.06, 0.06, 0.12])
    if lying:
        p = np.array([0.5, 0.0, 0.0, 0.0, 0.0, 0.1, 0.4])
    elif sitting:
        p = np.array([0.36, 0.30, 0.0, 0.04, 0.0, 0.08, 0.22])
    top = str(rng.choice(TOPS, p=p / p.sum()))
    if top == "dress" and not female:
        top = "long"
    q = np.array([0.42, 0.2, 0.2, 0.08, 0.10 if female else 0.0])
    if lying or sitting:
        q[3:] = [0.06, 0.0]
    bottom = str(rng.choice(BOTTOMS, p=q / q.sum()))
    h = (
        np.array([0.02, 0.2, 0.2, 0.2, 0.2, 0.18])
        if female
        else np.array([0.15, 0.68, 0.06, 0.04, 0.03, 0.04])
    )
    if lying:
        h = np.array([0.1, 0.6, 0.0, 0.3, 0.0, 0.0])
    slide = float(rng.choice([0.0, rng.uniform(-0.05, 0.05)]))
    pattern = (
        int(rng.choice(7, p=[0.5, 0.1, 0.07, 0.08, 0.08, 0.1, 0.07])),
        int(rng.choice(7, p=[0.72, 0.03, 0.05, 0.05, 0.03, 0.09, 0.03])),
    )
    return Clothes(
        top,
        bottom,
        str(rng.choice(HAIR, p=h / h.sum())),
        bool(rng.random() < 0.45),
        slide,
        held_back and top == "loose" and bool(rng.random() < 0.6),
        pattern,
    )


def _cloth_color(rng: np.random.Generator) -> np.ndarray:
    """Linear colour of a fabric, from black through saturated to white."""
    kind = rng.random()
    if kind < 0.22:
        return np.asarray(np.full(3, rng.uniform(0.008, 0.05)) * (1 + 0.1 * rng.normal(size=3)))
    if kind < 0.42:
        return np.asarray(np.full(3, rng.uniform(0.2, 0.8)) * (1 + 0.05 * rng.normal(size=3)))
    hue, sat, val = rng.random(), rng.uniform(0.2, 0.9), rng.uniform(0.04, 0.5)
    k = (hue * 6 + np.array([5, 3, 1])) % 6
    return np.asarray(val * (1 - sat * np.clip(np.minimum(k, 4 - k), 0, 1)))


def _bottom(m: BodyMap, clothes: Clothes, rng: np.random.Generator) -> tuple[Layer, np.ndarray]:
    """Trousers, shorts or leggings (a brief under a skirt) and where they cover."""
    h, hip = m.body.height_m, float(m.body.head("thigh.L")[1])
    waist = hip + rng.uniform(0.05, 0.085) * h
    knee = float(m.body.head("shin.L")[1])
    cuff = {
        "leggings": rng.uniform(0.04, 0.17) * h,
        "shorts": rng.uniform(knee * 0.95, hip * 0.88),
        "trousers": 0.03 * h,
        "wide": 0.035 * h,
        "skirt": waist - 0.14 * h,
    }[clothes.bottom]
    cut = bottom_cut(m, waist, cuff)
    width = np.full(len(m.v), 0.005 if clothes.bottom == "leggings" else 0.012)
    if clothes.bottom in ("trousers", "wide", "shorts"):
        fall = np.clip((hip - m.v[:, 1]) / 0.5, 0, 1)
        width = 0.008 + fall * {"wide": 0.05, "trousers": 0.018, "shorts": 0.03}[clothes.bottom]
    smoothing = 12 if clothes.bottom in ("leggings", "shorts") else 30
    return m.shell(cut, width, _cloth_color(rng), 0, smoothing), cut


def _top(
    m: BodyMap, clothes: Clothes, rng: np.random.Generator, ease: float
) -> tuple[Layer, np.ndarray]:
    """The part of a top that follows the body; a drape hangs from it where the top is loose."""
    h, hip = m.body.height_m, float(m.body.head("thigh.L")[1])
    sleeve = {
        "fitted": rng.uniform(0.0, 0.7),
        "loose": rng.uniform(0.3, 0.9),
        "long": rng.uniform(0.4, 1.9),
        "jacket": 1.95,
        "dress": rng.uniform(0, 0.8),
        "fitted_long_sleeve": rng.uniform(1.6, 1.95),
    }[clothes.top]
    hem = hip + rng.uniform(-0.02, 0.05) * h
    if clothes.membrane:
        hem = hip - rng.uniform(0.02, 0.06) * h
    elif clothes.hanging:
        hem = float(m.body.head("spine02")[1]) - 0.02 * h
    cut = top_cut(m, hem, rng.uniform(0.075, 0.11), sleeve)
    thick = np.full(len(m.v), 0.009)
    if clothes.hanging:
        loose = np.clip(m.arm_t / 0.8, 0, 1) * (m.arm > 0.02)
        thick = 0.010 + loose * rng.uniform(0.005, 0.022)
    if clothes.membrane:
        thick = thick + ease * 0.6 * np.clip((m.body.head("spine01")[1] - m.v[:, 1]) / 0.2, 0, 1)
    return m.shell(cut, thick, _cloth_color(rng), 1, 30 if clothes.membrane else 14), cut


def dress_body(
    body: Body, clothes: Clothes, rng: np.random.Generator, *, seated: bool = False
) -> Outfit:
    """All layers of a person wearing `clothes`."""
    m = BodyMap(body)
    h = body.height_m
    ease = rng.uniform(0.012, 0.035)
    trousers, cut = _bottom(m, clothes, rng)
    covered = cut > 0.035
    membranes: dict[int, tuple[int, float]] = {}
    worn = [trousers]
    if clothes.top != "bare":
        top, cut = _top(m, clothes, rng, ease)
        covered |= cut > 0.035
        if clothes.membrane:
            membranes[3] = (int(rng.integers(12, 28)), float(rng.uniform(0.1, 0.5)))
        worn.append(top)
    skin = skin_layer(m, _tone(rng), _HAIR[int(rng.integers(0, 3))] * 0.8, covered)
    eyes = eye_layer(body, np.array([0.05, 0.06, 0.06]) * rng.uniform(0.4, 2.5))
    layers = [skin, eyes, *worn]
    if clothes.shoes:
        shoe = shoe_cut(m, float(body.head("foot.L")[1]) * rng.uniform(0.75, 1.3))
        layers.append(m.shell(shoe, 0.008, _cloth_color(rng), 4, smoothing=10))
    gray = rng.random() < 0.25
    hair = _HAIR[5] * rng.uniform(0.6, 1.8) if gray else _HAIR[int(rng.integers(0, 5))]
    layers += hair_layers(m, clothes.hair, hair * rng.uniform(0.7, 1.4), rng)
    drapes: dict[int, Drape] = {}
    if clothes.hanging and not clothes.membrane:
        style = _drape_style(clothes, rng, h, ease)
        if seated:
            style.seated, style.length = True, min(style.length, 0.225 * h)
        drapes[len(layers)] = Drape(m, style)
        layers.append(drapes[len(layers)].layer(worn[1].color[0], 1))
    if clothes.bottom == "skirt" and clothes.top != "dress":
        style = DrapeStyle(
            "skirt",
            rng.uniform(0.22, 0.5) * h,
            rng.uniform(0.006, 0.03),
            0.0,
            rng.uniform(0.0, 0.25),
            rng.uniform(0.1, 0.5),
            int(rng.integers(5, 14)),
            rng.uniform(0.01, 0.06),
            seed=rng.uniform(0, 6),
        )
        drapes[len(layers)] = Drape(m, style)
        layers.append(drapes[len(layers)].layer(trousers.color[0], 0))
    return Outfit(layers, drapes, membranes, _garments(clothes, rng))


def _tone(rng: np.random.Generator) -> np.ndarray:
    at = rng.uniform(0, len(_SKIN) - 1.001)
    i, f = int(at), at - int(at)
    return np.asarray(_SKIN[i] * (1 - f) + _SKIN[i + 1] * f)


def _drape_style(
    clothes: Clothes, rng: np.random.Generator, height: float, ease: float
) -> DrapeStyle:
    """How a loose top, long shirt, jacket or dress hangs; lengths from just below the armpit."""
    to_hip = 0.22 * height
    length = {
        "loose": to_hip + rng.uniform(-0.02, 0.06) * height,
        "long": to_hip + rng.uniform(0.06, 0.16) * height,
        "jacket": to_hip + rng.uniform(0.0, 0.12) * height,
        "dress": to_hip + rng.uniform(0.18, 0.32) * height,
    }[clothes.top]
    return DrapeStyle(
        clothes.top,
        length,
        ease,
        float(rng.choice([rng.uniform(0, 0.25), rng.uniform(0.2, 0.8)])),
        0.0 if clothes.top != "dress" else float(rng.uniform(0.0, 0.1)),
        float(rng.uniform(0.1, 0.55)),
        int(rng.integers(4, 12)),
        float(rng.uniform(0.005, 0.04)),
        float(rng.uniform(12, 40)) if clothes.top == "jacket" else 0.0,
        clothes.slide_m,
        float(rng.uniform(0, 6)),
    )


def _garments(clothes: Clothes, rng: np.random.Generator) -> list[dict[str, object]]:
    """Pattern parameters for garments 0 (bottom) to 4 (shoes)."""
    out: list[dict[str, object]] = []
    kinds = {0: clothes.pattern[1], 1: clothes.pattern[0]}
    for number in range(5):
        other = _cloth_color(rng)
        scale = float(np.exp(rng.uniform(np.log(6), np.log(32))))
        out.append(
            {
                "b": tuple(float(x) for x in other),
                "style": (
                    float(kinds.get(number, 0)),
                    scale,
                    float(rng.uniform(0.4, 1.0)),
                    float(rng.uniform(0, 9)),
                ),
            }
        )
    return out
