"""Scripted movements: channels over time, as a person would do them. Numpy only.

Angles in degrees, lengths in metres, time in seconds. The `tilt` channel is relative to the
person's neutral; anterior (forward) positive. Yaw is positive towards the person's own left.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

CHANNELS = (
    "tilt",
    "pelvis_yaw",
    "pelvis_roll",
    "thorax_pitch",
    "thorax_yaw",
    "thorax_roll",
    "head_pitch",
    "head_yaw",
    "knee",
    "hips_x",
    "hips_z",
    "lift",
    "walk",
    "spread",
    "shrug",
)
STRATEGIES = ("chest_vertical", "shoulders_over_hips", "push_hips", "push_hips_back", "lean_along")
Key = tuple[float, float]


@dataclass
class Script:
    """One clip's movement. `support` is feet, seat or back (lying)."""

    time: np.ndarray
    channels: dict[str, np.ndarray]
    phase: list[str]
    rep: np.ndarray
    support: str = "feet"
    arms: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    swing: dict[str, np.ndarray] = field(default_factory=dict)
    legs_crossed: bool = False
    stance_m: float = 0.13
    foot_yaw: float = 8.0
    still_s: float = 2.5
    notes: dict[str, object] = field(default_factory=dict)


def blank(seconds: float, fps: int, still_s: float = 2.5) -> Script:
    """A script in which nothing moves."""
    time = np.arange(round(seconds * fps)) / fps
    zero = {name: np.zeros(len(time)) for name in CHANNELS}
    return Script(time, zero, ["neutral"] * len(time), np.zeros(len(time), int), still_s=still_s)


def glide(time: np.ndarray, keys: list[Key]) -> np.ndarray:
    """Minimum-jerk travel through (second, value) keys, constant before and after."""
    t = np.array([k[0] for k in keys])
    v = np.array([k[1] for k in keys])
    i = np.clip(np.searchsorted(t, time, side="right") - 1, 0, len(t) - 2)
    s = np.clip((time - t[i]) / np.maximum(t[i + 1] - t[i], 1e-6), 0, 1)
    return np.asarray(v[i] + (v[i + 1] - v[i]) * (10 * s**3 - 15 * s**4 + 6 * s**5))


def sway(
    time: np.ndarray, rng: np.random.Generator, size: float, low: float = 0.08, high: float = 0.7
) -> np.ndarray:
    """Slow irregular drift with standard deviation `size`."""
    out = np.zeros(len(time))
    for f in rng.uniform(low, high, 5):
        out += rng.normal() * np.sin(2 * np.pi * f * time + rng.uniform(0, 6.283)) / (0.4 + f)
    deviation = float(out.std())
    return out * (size / deviation) if deviation > 1e-9 else out


def add_life(script: Script, rng: np.random.Generator, amount: float = 1.0) -> None:
    """Small natural sway on every channel; nobody stands like a post."""
    t, c = script.time, script.channels
    for name, size in (
        ("tilt", 0.25),
        ("thorax_pitch", 0.35),
        ("thorax_roll", 0.3),
        ("thorax_yaw", 0.4),
        ("pelvis_yaw", 0.35),
        ("pelvis_roll", 0.25),
        ("head_pitch", 0.8),
        ("head_yaw", 1.0),
        ("knee", 0.5),
        ("hips_x", 0.003),
        ("hips_z", 0.004),
    ):
        c[name] = c[name] + sway(t, rng, size * amount)
    breath = np.sin(2 * np.pi * t / rng.uniform(3.2, 4.8) + rng.uniform(0, 6.28))
    c["thorax_pitch"] = c["thorax_pitch"] - 0.3 * amount * breath


def label(script: Script, start: float, end: float, name: str, rep: int) -> None:
    """Name the frames between two times."""
    for i in np.flatnonzero((script.time >= start) & (script.time < end)):
        script.phase[i] = name
        script.rep[i] = rep


def repeat(
    script: Script, channel: str, cycle: list[tuple[float, float, str]], start: float, reps: int
) -> float:
    """Repeat (duration, value, phase) steps from `start`; returns the end time."""
    keys: list[Key] = [(0.0, 0.0), (start, 0.0)]
    now = start
    for rep in range(1, reps + 1):
        for duration, value, phase in cycle:
            label(script, now, now + duration, phase, rep)
            now += duration
            keys.append((now, value))
    script.channels[channel] = script.channels[channel] + glide(script.time, keys)
    return now


def couple(script: Script, strategy: str, gain: float) -> None:
    """How the rest of the body goes along with the tilt; `gain` 0.5-1.5."""
    c, tilt = script.channels, script.channels["tilt"]
    if strategy == "shoulders_over_hips":
        c["thorax_pitch"] = c["thorax_pitch"] - 0.28 * gain * tilt
    elif strategy == "push_hips":
        c["hips_z"] = c["hips_z"] - 0.0040 * gain * tilt
        c["thorax_pitch"] = c["thorax_pitch"] + 0.12 * gain * tilt
    elif strategy == "push_hips_back":
        c["hips_z"] = c["hips_z"] + 0.0030 * gain * tilt
        c["thorax_pitch"] = c["thorax_pitch"] - 0.10 * gain * tilt
    elif strategy == "lean_along":
        c["thorax_pitch"] = c["thorax_pitch"] + 0.45 * gain * tilt
    script.notes["strategy"] = strategy
    script.notes["strategy_gain"] = round(gain, 3)


def _random_keys(
    rng: np.random.Generator, start: float, end: float, low: float, high: float, count: int
) -> list[Key]:
    """Values that wander between `low` and `high` after `start`, zero before."""
    times = np.sort(rng.uniform(start, end, count))
    times = np.maximum.accumulate(times + np.arange(count) * 0.4)
    keys: list[Key] = [(0.0, 0.0), (start, 0.0)]
    for t in times:
        held = keys[-1][1]
        keys.append((float(t), held))
        keys.append((float(t + rng.uniform(0.6, 1.6)), float(rng.uniform(low, high))))
    return sorted(keys)


def _tilts(s: Script, rng: np.random.Generator, seconds: float) -> list[Key]:
    """Tilts both ways from the end of the stillness, labelled; most pass through neutral."""
    now, rep = s.still_s, 0
    keys: list[Key] = [(0.0, 0.0), (now, 0.0)]
    sign = float(rng.choice([-1.0, 1.0]))
    while now < seconds - 1.0:
        rep += 1
        peak = sign * float(np.clip(rng.gamma(6.0, 1.7), 3.0, 20.0))
        go, hold = rng.uniform(0.6, 1.8), rng.uniform(0.1, 0.9)
        label(s, now, now + go + hold, "forward" if sign > 0 else "backward", rep)
        keys += [(now + go, peak), (now + go + hold, peak * rng.uniform(0.85, 1.0))]
        now += go + hold
        if rng.random() < 0.6:
            back = rng.uniform(0.6, 1.5)
            label(s, now, now + back, "return", rep)
            keys.append((now + back, rng.normal(0, 1.0)))
            now += back
        sign = -sign if rng.random() < 0.8 else sign
    return keys


def standing_session(
    rng: np.random.Generator, seconds: float, fps: int, tilting: bool = True
) -> Script:
    """Standing: stillness, then tilts both ways among knee bends, leans, nods and arm changes."""
    s = blank(seconds, fps, still_s=float(rng.uniform(2.5, 3.2)))
    t, c = s.time, s.channels
    if tilting:
        c["tilt"] = glide(t, _tilts(s, rng, seconds))
        couple(
            s,
            str(rng.choice(STRATEGIES, p=[0.25, 0.25, 0.2, 0.12, 0.18])),
            float(rng.uniform(0.4, 1.5)),
        )
    calm = bool(tilting and rng.random() < 0.3)
    s.notes["calm"] = calm
    knee = float(rng.choice([rng.uniform(0, 10), rng.uniform(5, 22)]))
    c["knee"] = c["knee"] + knee
    # channel, chance that it wanders, lowest, highest, number of changes
    wandering = (
        ("knee", 0.55, -knee, 30 - knee, 3),
        ("head_pitch", 0.55, -20.0, 20.0, 4),
        ("head_yaw", 0.35, -35.0, 35.0, 3),
        ("thorax_pitch", 0.5, -8.0, 14.0, 3),
        ("hips_z", 0.35, -0.05, 0.06, 3),
        ("thorax_yaw", 0.25, -10.0, 10.0, 2),
        ("hips_x", 0.2, -0.04, 0.04, 2),
    )
    for name, chance, low, high, count in wandering:
        if not calm and rng.random() < chance:
            c[name] = c[name] + glide(t, _random_keys(rng, s.still_s, seconds, low, high, count))
    s.stance_m = float(rng.uniform(0.08, 0.17))
    s.foot_yaw = float(rng.uniform(0, 18))
    s.arms, s.swing = random_arms(rng, t, s.still_s, calm)
    return s


_PAIRS: tuple[tuple[str, str], ...] = (
    ("hang", "hang"),
    ("belly", "sacrum"),
    ("sacrum", "belly"),
    ("belly", "belly"),
    ("crossed", "crossed"),
    ("hips", "hips"),
    ("hang", "belly"),
    ("front", "front"),
)


def random_arms(
    rng: np.random.Generator, time: np.ndarray, still_s: float, calm: bool
) -> tuple[list[tuple[float, dict[str, str]]], dict[str, np.ndarray]]:
    """Arm poses (start second, mode per side), perhaps changing, and a swing per side."""
    p = np.array([0.30, 0.12, 0.12, 0.13, 0.10, 0.08, 0.08, 0.07])

    def pick() -> dict[str, str]:
        a, b = _PAIRS[int(rng.choice(len(_PAIRS), p=p))]
        return {"L": a, "R": b}

    first = pick()
    arms = [(0.0, first)]
    if not calm and rng.random() < 0.45:
        now = still_s
        for _ in range(int(rng.integers(1, 4))):
            now += rng.uniform(0.5, 3.5)
            one = pick()
            if rng.random() < 0.2:
                one[str(rng.choice(["L", "R"]))] = "up"
            arms.append((float(now), one))
    swing = {}
    for s in "LR":
        size = rng.uniform(0.02, 0.12) if (not calm and rng.random() < 0.3) else 0.004
        swing[s] = sway(time, rng, size, 0.3, 1.0) * (time > still_s)
    return arms, swing


def distractor_session(rng: np.random.Generator, seconds: float, fps: int) -> Script:
    """Movement without any tilt: lean, knee bend, nod, arm wave, walking into place."""
    s = standing_session(rng, seconds, fps, tilting=False)
    c, t = s.channels, s.time
    kind = str(rng.choice(["lean", "knees", "head", "arms", "walk", "mixed"]))
    s.notes["distractor"] = kind
    start = s.still_s

    def pulses(size: float) -> np.ndarray:
        keys: list[Key] = [(0.0, 0.0), (start, 0.0)]
        now = start
        while now < seconds - 1.5:
            go, hold = rng.uniform(0.8, 1.6), rng.uniform(0.2, 0.8)
            value = size * rng.uniform(0.5, 1.0)
            keys += [(now + go, value), (now + go + hold, value), (now + 2 * go + hold, 0.0)]
            now += 2 * go + hold + rng.uniform(0, 0.5)
        return glide(t, keys)

    if kind in ("lean", "mixed"):
        c["thorax_pitch"] = c["thorax_pitch"] + pulses(float(rng.choice([22.0, -12.0])))
    if kind in ("knees", "mixed"):
        c["knee"] = np.clip(c["knee"], 0, 14) + pulses(18.0)
    if kind == "head":
        c["head_pitch"] = pulses(float(rng.choice([22.0, -20.0])))
    if kind == "arms":
        s.arms = [
            (0.0, {"L": "hang", "R": "hang"}),
            (start, {"L": "front", "R": "front"}),
            (start + 2.5, {"L": "up", "R": "front"}),
            (start + 5, {"L": "hang", "R": "up"}),
            (start + 7.5, {"L": "belly", "R": "sacrum"}),
        ]
    if kind == "walk":
        c["walk"] = glide(t, [(0.0, 0.0), (seconds - 4.5, 0.0), (seconds - 2.5, 1.0)])
    s.phase = ["neutral" if x < start else kind for x in t]
    return s
