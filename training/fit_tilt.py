"""Fits the tilt's weights on the extracted clips and writes ``models/tilt.npz``.

    python -m training.fit_tilt [--data training/data] [--out models/tilt.npz] [--beside WEIGHTS]
                                [--bodies upright lying]

Only clips of the split "train" are used. What it prints is measured on people that the member
asked had not seen. With ``--beside``, earlier weights of quite other people go on answering too;
with ``--bodies`` only those of one kind of position are fitted, and the others kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from posture.contour import LINE_COUNT
from posture.datatypes import Position, TimeWindow
from posture.errors import NobodyError
from posture.pelvis.calibration import calibrate, find_neutral
from posture.pelvis.caution import Caution, grounds, moved
from posture.pelvis.learned_tilt import CHANGE_COUNT, LYING, UPRIGHT, tilt_inputs
from posture.pelvis.novelty import Novelty
from posture.pelvis.quality import QualitySettings, Reading, why_not
from posture.pelvis.tilt import (
    ANKLE_FEATURES,
    BACK,
    COVERED,
    FRONT,
    JOINTS,
    POSE_FEATURES,
    tilt_features,
)
from posture.pipeline import DEFAULT_SETTINGS
from posture.smoothing import OneEuro
from training.clips import DATA, Clip, load_clips
from training.fitting import (
    Array,
    Pairs,
    Recipe,
    beginning,
    clip_count,
    cloud,
    earlier_weights,
    fit,
    fit_caution,
    kept_out_answers,
    sd_scales,
)

MODELS = Path(__file__).resolve().parent.parent / "models"
FURTHEST_DEG = 24.0
# A neutral put right by hand may lie anywhere, so any moment is one to fit against.
REFERENCE_WITHIN_DEG = 20.0
EPOCHS = 80
STEADY_S = 0.3
# With fewer pictures in a second the product looks for no neutral.
FEWEST_FPS = 8
# The least certain answers are not given: this share of the frames of people kept out remains.
SURE_SHARE = 0.9925
# Caution is fitted as if in this share of the time something else than the pelvis moved: chosen by
# us so that such people kept out are read within three degrees (19 frames in 20).
STILL_SHARE = 0.35
FEWEST_CLIPS = 10
KINDS = {UPRIGHT: ("standing", "distractor", "sitting"), LYING: ("supine",)}
ROUNDS_OF_SHAPING = 60


@dataclass(frozen=True)
class Track:
    """The frames of one clip that can be read, and which part of the people it belongs to.

    ``neutral`` holds the features of the neutral that the product finds, and ``neutral_deg`` the
    true tilt in it; ``None`` and NaN where it finds none. ``pelvis_still`` is true of clips in
    which only something else moves.
    """

    features: Array
    steady: Array
    tilt_deg: Array
    steady_tilt_deg: Array
    position: Position
    time_s: Array
    neutral: Array | None
    neutral_deg: float
    pelvis_still: bool = False
    part: int = 0


@dataclass(frozen=True)
class Disturbance:
    """How features are disturbed in fitting; body-scale units and degrees.

    Attributes:
        line: Noise of each line's edge.
        wave: Noise that is smooth along the outline.
        shift: The hip's place, forwards and upwards.
        scale: The body's size, as a share.
        cloth: Depth of a bulge or hollow that cloth may make, on half of the frames.
        joint: Noise of angles.
        missing: Share of frames with a stretch of lines without an edge; twice as many lack the
            feet.
        exaggerated: Share of frames that change since neutral by up to twice as much, tilt and all:
            what is read then keeps growing where nobody fitted on ever went.
    """

    line: float = 0.0015
    wave: float = 0.0015
    shift: float = 0.002
    scale: float = 0.005
    cloth: float = 0.004
    joint: float = 0.5
    missing: float = 0.05
    exaggerated: float = 0.6


def tracks_of(clips: Iterable[Clip]) -> list[Track]:
    """Readable frames of each clip."""
    tracks = []
    for clip in clips:
        rows = [
            i
            for i, o in enumerate(clip.observations)
            if why_not(o, Reading.TILT, QualitySettings()) is None
        ]
        if len(rows) < 20:
            continue
        position = {"sitting": Position.SITTING, "supine": Position.LYING}.get(
            clip.kind, Position.STANDING
        )
        rows = [i for i in rows if clip.observations[i].position is position]
        if len(rows) < 20:
            continue
        features = np.stack([tilt_features(clip.observations[i]) for i in rows])
        tilt = clip.truth["pelvic_tilt_deg"][rows]
        time_s = np.array([clip.observations[i].time_s for i in rows])
        neutral = neutral_of(clip, position)
        tracks.append(
            Track(
                features,
                steady(features, time_s),
                tilt,
                steady(tilt, time_s),
                position,
                time_s,
                *neutral,
                pelvis_still=clip.kind == "distractor",
            )
        )
    return tracks


def neutral_of(clip: Clip, position: Position) -> tuple[Array | None, float]:
    """Features of the neutral that the product finds, and the true tilt in it.

    In clips of few pictures a second, in which the product looks for none, it is the stillness that
    every clip begins with.
    """
    quality, seen = DEFAULT_SETTINGS.quality, clip.observations
    if int(clip.parameters["fps"]) >= FEWEST_FPS:
        window = find_neutral(seen, Reading.TILT, position, quality, DEFAULT_SETTINGS.neutral)
    else:
        window = TimeWindow(0.0, float(clip.parameters["still_s"]))
    if window is None:
        return None, float("nan")
    try:
        neutral = calibrate(seen, window, Reading.TILT, quality)
    except NobodyError:
        return None, float("nan")
    inside = [o.time_s in window for o in seen]
    return neutral.features, float(np.median(clip.truth["pelvic_tilt_deg"][inside]))


def steady(values: Array, time_s: Array) -> Array:
    """Mean over the neighbours within ``STEADY_S``, ignoring NaN."""
    means = np.full(values.shape, np.nan)
    for row, at_s in enumerate(time_s):
        around = values[np.abs(time_s - at_s) < STEADY_S + 0.01]
        there = ~np.isnan(around)
        total, count = np.where(there, around, 0.0).sum(axis=0), there.sum(axis=0)
        means[row] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means


def draw_pairs(
    tracks: list[Track], rng: np.random.Generator, disturbance: Disturbance, rounds: int = 1
) -> Pairs:
    """Every frame against a random moment of its clip."""
    inputs, at_neutral, targets, parts = [], [], [], []
    for track in tracks * rounds:
        count = len(track.tilt_deg)
        allowed = np.flatnonzero(np.abs(track.steady_tilt_deg) < REFERENCE_WITHIN_DEG)
        # A few moments for each clip and round, each disturbed as a whole: a neutral is one.
        moments = rng.choice(allowed, size=8)
        neutral = _disturbed(track.steady[moments], rng, disturbance, 0.5)
        which = rng.integers(0, len(moments), count)
        now = _disturbed(track.features, rng, disturbance, 1.0)
        times = np.where(
            rng.random(count) < disturbance.exaggerated, rng.uniform(1.0, 2.0, count), 1.0
        )
        measured = slice(0, COVERED.start)
        since = now[:, measured] - neutral[which][:, measured]
        now[:, measured] = neutral[which][:, measured] + times[:, None] * since
        target = times * (track.tilt_deg - track.steady_tilt_deg[moments][which])
        good = np.abs(target) < FURTHEST_DEG
        inputs.append(tilt_inputs(now, neutral[which], track.position)[good])
        at_neutral.append(tilt_inputs(neutral[which], neutral[which], track.position)[good])
        targets.append(target[good])
        parts.append(np.full(int(good.sum()), track.part))
    return Pairs(
        np.concatenate(inputs),
        np.concatenate(at_neutral),
        np.concatenate(targets)[:, None],
        np.concatenate(parts),
    )


def _disturbed(features: Array, rng: np.random.Generator, d: Disturbance, strength: float) -> Array:
    """Features as another picture of the same posture might have given them."""
    count = len(features)
    out = features.copy()
    at = np.linspace(0.0, 1.0, LINE_COUNT)
    forward, upward, size = rng.normal(0, strength, (3, count, 1))
    for side, sign in ((BACK, 1.0), (FRONT, -1.0)):
        lines = out[:, side]
        slope = np.gradient(lines, axis=1) * (LINE_COUNT / 0.92)
        noise = rng.normal(0, d.line * strength, lines.shape)
        phase = rng.uniform(0, 2 * np.pi, (count, 1))
        often = rng.uniform(0.5, 4.0, (count, 1))
        noise += (
            d.wave
            * strength
            * rng.normal(0, 1, (count, 1))
            * np.sin(2 * np.pi * often * at + phase)
        )
        middle, width = rng.uniform(-0.1, 1.1, (count, 1)), rng.uniform(0.05, 0.3, (count, 1))
        depth = d.cloth * strength * rng.normal(0, 1, (count, 1)) * (rng.random((count, 1)) < 0.5)
        noise += depth * np.exp(-(((at - middle) / width) ** 2))
        lines = lines * (1 + d.scale * size) + noise + sign * d.shift * forward
        lines = lines + np.nan_to_num(slope) * d.shift * upward
        gap = rng.random((count, 1)) < d.missing * strength
        start, length = rng.uniform(0, 1, (count, 1)), rng.uniform(0, 0.2, (count, 1))
        lines[gap & (at >= start) & (at <= start + length)] = np.nan
        out[:, side] = lines
    unit = np.array([d.joint] * 5 + [0.005] * 5)
    out[:, JOINTS] += rng.normal(0, strength, (count, len(unit))) * unit
    cropped = np.flatnonzero(rng.random(count) < 2 * d.missing * strength)
    feet = [JOINTS.start + POSE_FEATURES.index(name) for name in ANKLE_FEATURES]
    out[np.ix_(cropped, feet)] = np.nan
    return out


def fit_body(
    body: str,
    tracks: list[Track],
    recipe: Recipe,
    disturbance: Disturbance,
    beside: Mapping[str, Array],
) -> dict[str, Array]:
    """Weights for one kind of position, with calibrated deviations and the known cloud."""
    arrays = fit(lambda rng: draw_pairs(tracks, rng, disturbance, rounds=2), recipe, beside)
    rng = np.random.default_rng(99)
    calm = [replace(t, features=t.steady, tilt_deg=t.steady_tilt_deg) for t in tracks]
    pairs = draw_pairs(calm, rng, Disturbance(0, 0, 0, 0, 0, 0, 0, 0), rounds=3)
    mean, sd, excess = kept_out_answers(arrays, pairs, recipe)
    near = np.abs(pairs.targets[:, 0]) < 20.0
    mean, sd, truth = mean[near], sd[near], pairs.targets[near]
    report("any moment, all told", mean[:, 0], truth[:, 0])
    sure = sd[:, 0] <= np.quantile(sd, SURE_SHARE)
    scale = sd_scales(mean[sure] - truth[sure], sd[sure], excess)
    least_sure = float((sd[sure] * scale).max())
    print(f"  deviations x {scale[0]:.2f}; refused above {least_sure:.1f} deg")
    arrays |= {"sd_scale": scale, "least_sure_deg": np.array(least_sure)}
    as_seen = replace(disturbance, exaggerated=0.0)
    known = draw_pairs(tracks, rng, as_seen, rounds=2).inputs[:, :CHANGE_COUNT]
    arrays |= {f"novelty_{k}": v for k, v in cloud(known, reach=1.3).items()}
    if body == LYING:
        return arrays | {"told_sd": np.ones(2)}
    return arrays | careful(tracks, arrays, recipe)


def careful(tracks: list[Track], arrays: dict[str, Array], recipe: Recipe) -> dict[str, Array]:
    """How much of a change is told, and what deviations are multiplied by so that these are true.

    Everything as in use: the product's own neutral, refusals and smoothing, on people kept out.
    Nine in ten errors lie within 1.645 deviations both where little of a change is told and where
    much is.

    Returns:
        The arrays of :class:`posture.pelvis.caution.Caution`.
    """
    tracks = [t for t in tracks if t.neutral is not None]
    pairs = pairs_in_use(tracks)
    mean, sd, excess = kept_out_answers(arrays, pairs, recipe)
    change, sd, truth = mean[:, 0], sd[:, 0] * arrays["sd_scale"][0], pairs.targets[:, 0]
    changes = pairs.inputs[:, :CHANGE_COUNT]
    new = Novelty.from_arrays(arrays, "novelty_").is_new(changes)
    read = ~(new | (sd > arrays["least_sure_deg"]) | (np.abs(change) > FURTHEST_DEG))
    still = np.concatenate([np.full(len(t.tilt_deg), t.pelvis_still) for t in tracks])
    moved_by = moved(changes, arrays["spread"][:CHANGE_COUNT])
    of_each = grounds(change, sd, moved_by)
    among = still[read].mean()
    counts = np.where(still[read], STILL_SHARE / among, (1 - STILL_SHARE) / (1 - among))
    weights = fit_caution(of_each[read], change[read], truth[read], counts)
    print("  caution:", np.round(weights, 2))
    caution = Caution(weights, np.ones(2))
    share = caution.share(change, sd, moved_by)
    told = smoothed(np.where(read, change * share, np.nan), tracks)
    read = ~np.isnan(told)
    report("in use", told[read & ~still], truth[read & ~still])
    away = np.abs(told - truth)[read & still]
    print(f"  where only something else moves: p95 {np.quantile(away, 0.95):.2f} deg", flush=True)
    error = np.abs(told - truth)[read]
    error *= np.sqrt(1.0 - excess[0] / (error**2).mean())
    sd, share, scales = sd[read], share[read], np.ones(2)
    halves = (share < 0.5, share >= 0.5)
    for _ in range(ROUNDS_OF_SHAPING):  # each half has a little of the other's scale in it
        ratio = error / Caution(weights, scales).sd_deg(share, sd)
        scales = scales * [np.sqrt(np.quantile(ratio[half], 0.9) / 1.645) for half in halves]
    print(f"  deviations told x {scales[0]:.2f} at neutral, x {scales[1]:.2f} away from it")
    return {"caution": weights, "told_sd": scales}


def pairs_in_use(tracks: list[Track]) -> Pairs:
    """Every frame against the neutral that the product found, in the order of the tracks."""
    inputs, at_neutral, targets, parts = [], [], [], []
    for track in tracks:
        neutral = np.broadcast_to(np.asarray(track.neutral), track.features.shape)
        inputs.append(tilt_inputs(track.features, neutral, track.position))
        at_neutral.append(tilt_inputs(neutral, neutral, track.position))
        targets.append(track.tilt_deg - track.neutral_deg)
        parts.append(np.full(len(track.features), track.part))
    return Pairs(
        np.concatenate(inputs),
        np.concatenate(at_neutral),
        np.concatenate(targets)[:, None],
        np.concatenate(parts),
    )


def smoothed(values: Array, tracks: list[Track]) -> Array:
    """Values of all the tracks' frames in turn, smoothed as the product does."""
    ends = np.cumsum([len(t.time_s) for t in tracks])[:-1]
    parts = zip(np.split(values, ends), tracks, strict=True)
    series = [OneEuro(DEFAULT_SETTINGS.tilt_smoothing).series(v, t.time_s) for v, t in parts]
    return np.concatenate(series)


def report(what: str, answer: Array, truth: Array) -> None:
    """Print what people kept out say about the fit."""
    error = answer - truth
    three = np.abs(_three(answer) - _three(truth))
    print(
        f"  kept-out people, {what}: MAE {np.abs(error).mean():.2f} deg, bias {error.mean():+.2f}, "
        f"r {np.corrcoef(answer, truth)[0, 1]:.3f}, 3 classes {np.mean(three == 0):.3f}, "
        f"opposite {np.mean(three == 2):.4f}, {len(error)} pairs",
        flush=True,
    )


def _three(tilt_deg: Array) -> Array:
    return np.where(tilt_deg > 5.0, 1, np.where(tilt_deg < -5.0, -1, 0))


def main(arguments: list[str] | None = None) -> int:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=MODELS / "tilt.npz")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--beside", type=Path, help="weights fitted on quite other people")
    parser.add_argument("--bodies", nargs="+", default=[UPRIGHT, LYING], choices=[UPRIGHT, LYING])
    options = parser.parse_args(arguments)
    recipe = Recipe(epochs=options.epochs)
    kinds = {kind for body in options.bodies for kind in KINDS[body]}
    clips = load_clips(options.data, splits={"train"}, kinds=kinds)
    tracks = tracks_of(clips)
    earlier = earlier_weights(options.beside)
    out = dict(earlier)
    count = clip_count(earlier)
    for body in options.bodies:
        some = [t for t in tracks if (t.position is Position.LYING) == (body == LYING)]
        print(f"{body}: {len(some)} clips, {sum(len(t.tilt_deg) for t in some)} frames", flush=True)
        if len(some) < FEWEST_CLIPS:
            print("  too few clips; left out")
            continue
        some = [replace(t, part=i % recipe.members) for i, t in enumerate(some)]
        arrays = fit_body(body, some, recipe, Disturbance(), beginning(earlier, f"{body}_"))
        out |= {f"{body}_{name}": value for name, value in arrays.items()}
        count += len(some)
    out["name"] = np.array(f"learned-tilt/2 ({count} clips)")
    packed = {k: v.astype(np.float32) if v.dtype.kind == "f" else v for k, v in out.items()}
    np.savez_compressed(options.out, **packed)
    print(f"{options.out.name}: {options.out.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
