"""Scripts of the exercises other than the standing tilt. Units as in `movement`."""

from __future__ import annotations

import numpy as np

from training.movement import Script, blank, couple, glide, label, random_arms, repeat

_BOTH_HANG = {"L": "hang", "R": "hang"}


def clear_tilts(
    seconds: float, fps: int, forward: float = 12.0, backward: float = -10.0, reps: int = 3
) -> Script:
    """The standing tilt as it should be: slow, both ways, from the pelvis."""
    s = blank(seconds, fps, still_s=3.5)
    step = (seconds - 4.5) / reps / 6.6
    cycle = [
        (1.5 * step, forward, "forward"),
        (0.7 * step, forward, "forward"),
        (1.3 * step, 0.0, "return"),
        (1.4 * step, backward, "backward"),
        (0.7 * step, backward, "backward"),
        (1.0 * step, 0.0, "return"),
    ]
    repeat(s, "tilt", cycle, s.still_s, reps)
    couple(s, "shoulders_over_hips", 0.5)
    s.channels["knee"] += 12.0
    s.arms = [(0.0, {"L": "belly", "R": "belly"})]
    s.stance_m, s.foot_yaw = 0.11, 6.0
    return s


def tilt_mistakes(seconds: float, fps: int) -> Script:
    """Bad form: leaning the trunk, bending the knees and pushing the hips instead of tilting."""
    s = blank(seconds, fps, still_s=3.5)
    t, c = s.time, s.channels
    a = s.still_s
    span = (seconds - a - 0.5) / 3
    c["knee"] += 10.0
    c["thorax_pitch"] += glide(
        t, [(a, 0), (a + 0.35 * span, 20), (a + 0.55 * span, 20), (a + 0.95 * span, 0)]
    )
    c["tilt"] += glide(
        t, [(a, 0), (a + 0.35 * span, 3), (a + 0.55 * span, 3), (a + 0.95 * span, 0)]
    )
    b = a + span
    c["knee"] += glide(
        t, [(b, 0), (b + 0.4 * span, 34), (b + 0.6 * span, 34), (b + 0.95 * span, 0)]
    )
    d = b + span
    c["hips_z"] += glide(
        t, [(d, 0), (d + 0.4 * span, 0.09), (d + 0.6 * span, 0.09), (d + 0.95 * span, 0)]
    )
    for start, name, rep in ((a, "leaning", 1), (b, "knee_bend", 2), (d, "hip_push", 3)):
        label(s, start, start + span, name, rep)
    s.arms = [(0.0, {"L": "belly", "R": "belly"})]
    s.stance_m = 0.11
    return s


def monkey(
    seconds: float,
    fps: int,
    size: float = 18.0,
    shoulders_along: float = 0.0,
    reps: int = 3,
    step_s: float | None = None,
    skew: float = 1.0,
) -> Script:
    """Pelvis turns left and right; `shoulders_along` 0-1 is the fault of the chest turning too."""
    s = blank(seconds, fps, still_s=3.0)
    step = step_s or (seconds - s.still_s - 0.5) / reps / 6
    right = -size * skew
    cycle = [
        (1.5 * step, size, "left"),
        (0.5 * step, size, "left"),
        (step, 0.0, "return"),
        (1.5 * step, right, "right"),
        (0.5 * step, right, "right"),
        (step, 0.0, "return"),
    ]
    repeat(s, "pelvis_yaw", cycle, s.still_s, reps)
    s.channels["thorax_yaw"] += shoulders_along * s.channels["pelvis_yaw"]
    s.channels["head_yaw"] += 0.8 * shoulders_along * s.channels["pelvis_yaw"]
    s.channels["knee"] += 22.0
    s.arms = [(0.0, {"L": "hips", "R": "hips"} if shoulders_along == 0 else _BOTH_HANG)]
    s.stance_m = 0.14
    return s


def monkey_session(rng: np.random.Generator, seconds: float, fps: int) -> Script:
    """Random pelvic turns with the shoulders still, partly along, or the only thing that turns."""
    s = blank(seconds, fps, still_s=float(rng.uniform(2.5, 3.2)))
    t, c = s.time, s.channels
    keys = [(0.0, 0.0), (s.still_s, 0.0)]
    now, sign, rep = s.still_s, float(rng.choice([-1, 1])), 0
    while now < seconds - 1.0:
        rep += 1
        peak = sign * rng.uniform(5, 30)
        go = rng.uniform(0.6, 1.5)
        label(s, now, now + go + 0.3, "left" if sign > 0 else "right", rep)
        keys += [(now + go, peak), (now + go + 0.3, peak)]
        now += go + 0.3
        if rng.random() < 0.4:
            keys.append((now + 0.8, rng.normal(0, 1.5)))
            now += 0.8
        sign = -sign
    turn = glide(t, keys)
    along = float(rng.choice([0.0, rng.uniform(0, 0.3), rng.uniform(0.5, 1.0)], p=[0.4, 0.3, 0.3]))
    if rng.random() < 0.12:
        c["thorax_yaw"] += turn
        s.notes["fault"] = "shoulders_only"
        s.phase = ["neutral" if x < s.still_s else "shoulders_only" for x in t]
    else:
        c["pelvis_yaw"] += turn
        c["thorax_yaw"] += along * turn
    c["head_yaw"] += rng.uniform(0, 1) * c["thorax_yaw"]
    c["hips_x"] += rng.choice([0.0, rng.uniform(-0.0015, 0.0015)]) * turn
    c["knee"] += rng.uniform(5, 30) + rng.uniform(-0.3, 0.3) * np.abs(turn) / 2
    c["knee"] = np.clip(c["knee"], 0, 40)
    c["tilt"] += rng.uniform(-0.15, 0.15) * np.abs(turn)
    c["thorax_pitch"] += rng.normal(0, 2)
    s.notes["along"] = round(along, 3)
    s.stance_m = float(rng.uniform(0.09, 0.19))
    s.foot_yaw = float(rng.uniform(0, 20))
    s.arms, s.swing = random_arms(rng, t, s.still_s, rng.random() < 0.6)
    return s


def bridge(seconds: float, fps: int, heights: tuple[float, ...], pace_s: float) -> Script:
    """Lifts to the given fractions of a full bridge; `pace_s` seconds up, held, down."""
    s = blank(seconds, fps, still_s=3.0)
    s.support = "back"
    keys = [(0.0, 0.0), (s.still_s, 0.0)]
    now = s.still_s
    for rep, h in enumerate(heights, start=1):
        for share, value, phase in (
            (1.0, h, "lift"),
            (0.8, h, "hold"),
            (1.0, 0.0, "lower"),
            (0.7, 0.0, "rest"),
        ):
            label(s, now, now + share * pace_s, phase, rep)
            now += share * pace_s
            keys.append((now, value))
    s.channels["lift"] = glide(s.time, keys)
    s.arms = [(0.0, {"L": "floor", "R": "floor"})]
    return s


def small_bridge(seconds: float, fps: int, size: float = 9.0, reps: int = 3) -> Script:
    """Lying: a slight hollow on the inhale, the lower back pressed flat on the exhale."""
    s = blank(seconds, fps, still_s=3.0)
    s.support = "back"
    step = (seconds - s.still_s - 0.5) / reps / 5.5
    cycle = [
        (1.3 * step, 0.7 * size, "hollow"),
        (0.4 * step, 0.7 * size, "hollow"),
        (1.7 * step, -size, "press"),
        (0.8 * step, -size, "press"),
        (1.3 * step, 0.0, "return"),
    ]
    repeat(s, "tilt", cycle, s.still_s, reps)
    s.arms = [(0.0, {"L": "belly", "R": "belly"})]
    return s


def supine_session(rng: np.random.Generator, seconds: float, fps: int) -> Script:
    """Lying on the back: bridges of several heights or small tilts."""
    lifting = rng.random() < 0.5
    if lifting:
        pace = rng.uniform(1.1, 2.0)
        count = max(1, int((seconds - 3.0) / (3.5 * pace)))
        s = bridge(seconds, fps, tuple(rng.uniform(0.25, 1.08, count)), pace)
        s.channels["tilt"] += rng.uniform(-8, 4) * np.clip(s.channels["lift"], 0, 1)
    else:
        s = small_bridge(seconds, fps, float(rng.uniform(4, 13)), int(rng.integers(2, 4)))
    s.notes["lifting"] = bool(lifting)
    pairs = [("floor", "floor"), ("belly", "belly"), ("floor", "belly"), ("belly", "floor")]
    a, b = pairs[int(rng.choice(4, p=[0.4, 0.3, 0.15, 0.15]))]
    s.arms = [(0.0, {"L": a, "R": b})]
    return s


def sitting(
    seconds: float, fps: int, forward: float = 9.0, backward: float = -13.0, reps: int = 2
) -> Script:
    """Active sitting: rolling back over the sit bones, upright again, forward, upright."""
    s = blank(seconds, fps, still_s=3.0)
    s.support = "seat"
    step = (seconds - s.still_s - 0.5) / reps / 7
    cycle = [
        (2 * step, backward, "backward"),
        (0.5 * step, backward, "backward"),
        (1.4 * step, 0.0, "return"),
        (1.3 * step, forward, "forward"),
        (0.5 * step, forward, "forward"),
        (1.3 * step, 0.0, "return"),
    ]
    repeat(s, "tilt", cycle, s.still_s, reps)
    _sit_along(s, 0.32)
    s.arms = [(0.0, {"L": "thighs", "R": "thighs"})]
    return s


def _sit_along(s: Script, rounding: float) -> None:
    """Rolling over the sit bones carries the hips; the chest rounds or opens against the pelvis."""
    c = s.channels
    c["hips_z"] += 0.085 * np.sin(np.radians(c["tilt"]))
    c["thorax_pitch"] -= rounding * np.minimum(c["tilt"], 0) + 0.25 * np.maximum(c["tilt"], 0)


def sitting_session(rng: np.random.Generator, seconds: float, fps: int) -> Script:
    """Sitting with random tilts, leans, nods; sometimes quite still, sometimes a small scoop."""
    s = blank(seconds, fps, still_s=float(rng.uniform(2.5, 3.2)))
    s.support = "seat"
    t, c = s.time, s.channels
    kind = str(rng.choice(["active", "still", "scoop", "lean"], p=[0.62, 0.1, 0.18, 0.1]))
    s.notes["sitting"] = kind
    top = {"active": 16.0, "still": 0.0, "scoop": 7.0, "lean": 0.0}[kind]
    keys, now, rep = [(0.0, 0.0), (s.still_s, 0.0)], s.still_s, 0
    while top > 0 and now < seconds - 1.2:
        rep += 1
        down = kind == "scoop" or rng.random() < 0.6
        peak = -rng.uniform(0.3, 1.0) * top if down else rng.uniform(0.3, 0.8) * top
        go = rng.uniform(0.9, 2.2)
        label(s, now, now + go + 0.3, "backward" if down else "forward", rep)
        keys += [(now + go, peak), (now + go + 0.3, peak)]
        now += go + 0.3
        if rng.random() < 0.7:
            keys.append((now + go * 0.8, rng.normal(0, 0.7)))
            now += go * 0.8
    c["tilt"] += glide(t, keys)
    _sit_along(s, float(rng.uniform(-0.4, 0.8)))
    if kind == "lean" or rng.random() < 0.3:
        at = np.sort(rng.uniform(s.still_s, seconds, 3))
        c["thorax_pitch"] += glide(
            t, [(0, 0), (at[0], 0), (at[1], rng.uniform(-10, 18)), (at[2], rng.uniform(-6, 10))]
        )
    if rng.random() < 0.4:
        at = np.sort(rng.uniform(s.still_s, seconds, 3))
        c["head_pitch"] += glide(
            t, [(0, 0), (at[0], 0), (at[1], rng.uniform(-18, 20)), (at[2], rng.uniform(-15, 15))]
        )
    pairs = [
        ("thighs", "thighs"),
        ("belly", "belly"),
        ("thighs", "belly"),
        ("hang", "hang"),
        ("crossed", "crossed"),
        ("belly", "sacrum"),
    ]
    a, b = pairs[int(rng.choice(6, p=[0.5, 0.15, 0.1, 0.05, 0.1, 0.1]))]
    s.arms = [(0.0, {"L": a, "R": b})]
    return s


def sit_bones(seconds: float, fps: int, depth: float = 55.0, reps: int = 3) -> Script:
    """Wide stance: bend the legs, straighten them, back upright."""
    s = blank(seconds, fps, still_s=3.0)
    step = (seconds - s.still_s - 0.5) / reps / 4
    cycle = [
        (1.5 * step, depth, "bend"),
        (0.5 * step, depth, "bend"),
        (1.4 * step, 0.0, "straighten"),
        (0.6 * step, 0.0, "rest"),
    ]
    repeat(s, "knee", cycle, s.still_s, reps)
    s.channels["thorax_pitch"] += 0.1 * s.channels["knee"]
    s.channels["tilt"] += 0.06 * s.channels["knee"]
    s.channels["hips_z"] -= 0.0009 * s.channels["knee"]
    s.channels["knee"] += 8.0
    s.arms = [(0.0, {"L": "hips", "R": "hips"})]
    s.stance_m, s.foot_yaw = 0.30, 32.0
    return s


def pelvis_wave(seconds: float, fps: int, reps: int = 4) -> Script:
    """Hips rise while the pelvis goes forward, sink while it goes back: an upright oval."""
    s = blank(seconds, fps, still_s=3.0)
    t, c = s.time, s.channels
    period = (seconds - s.still_s - 0.5) / reps
    turn = np.clip((t - s.still_s) / period, 0, reps)
    fade = glide(
        t,
        [
            (s.still_s, 0.0),
            (s.still_s + 0.4 * period, 1.0),
            (s.still_s + (reps - 0.4) * period, 1.0),
            (s.still_s + reps * period, 0.0),
        ],
    )
    angle = 2 * np.pi * turn
    rise = -np.cos(angle)
    c["knee"] += 22.0 - 14.0 * fade * rise
    c["tilt"] += 8.0 * fade * np.sin(angle)
    c["thorax_pitch"] += -3.0 * fade * np.sin(angle - 0.8)
    c["head_pitch"] += -5.0 * fade * np.sin(angle - 1.6)
    c["hips_z"] += 0.012 * fade * np.sin(angle)
    for rep in range(reps):
        a = s.still_s + rep * period
        label(s, a, a + period / 2, "rise", rep + 1)
        label(s, a + period / 2, a + period, "sink", rep + 1)
    s.arms = [(0.0, _BOTH_HANG)]
    s.stance_m = 0.11
    return s


def still(seconds: float, fps: int, support: str, crossed: bool) -> Script:
    """Hardly any movement: floor exercises that are felt rather than seen."""
    s = blank(seconds, fps, still_s=3.0)
    s.support, s.legs_crossed = support, crossed
    s.phase = ["neutral" if x < s.still_s else "still" for x in s.time]
    modes = {"seat": "thighs", "back": "floor", "feet": "hang"}
    s.arms = [(0.0, {"L": modes[support], "R": modes[support]})]
    return s


def deep_layer(seconds: float, fps: int, size: float = 5.0, reps: int = 3) -> Script:
    """Sitting: a small scoop (backward tilt) while growing taller on every exhale."""
    s = blank(seconds, fps, still_s=3.0)
    s.support = "seat"
    step = (seconds - s.still_s - 0.5) / reps / 4
    cycle = [
        (step, -size, "scoop"),
        (step, -size, "scoop"),
        (step, 0.0, "release"),
        (step, 0.0, "rest"),
    ]
    repeat(s, "tilt", cycle, s.still_s, reps)
    s.channels["hips_z"] += 0.085 * np.sin(np.radians(s.channels["tilt"]))
    s.arms = [(0.0, {"L": "thighs", "R": "thighs"})]
    return s
