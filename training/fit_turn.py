"""Fits the turn's weights on the extracted three-quarter clips and writes ``models/turn.npz``.

    python -m training.fit_turn [--data training/data] [--out models/turn.npz] [--beside WEIGHTS]

Only clips of the split "train" are used. What it prints is measured on people that the member
asked had not seen. With ``--beside``, earlier weights of quite other people go on answering too.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from posture.contour import LINE_COUNT
from posture.datatypes import Facing
from posture.pelvis.quality import QualitySettings, Reading, why_not
from posture.pelvis.rotation import (
    CHANGE_COUNT,
    POINT_COUNT,
    SURFACE,
    SURFACE_CHANGE_COUNT,
    SURFACE_KEY,
    surface_inputs,
    turn_features,
    turn_inputs,
    with_one_key,
)
from posture.surface import PLACE_COUNT
from training.clips import DATA, Clip, load_clips
from training.fit_tilt import MODELS, steady
from training.fitting import (
    Array,
    Pairs,
    Recipe,
    beginning,
    clip_count,
    cloud,
    earlier_weights,
    fit,
    kept_out_answers,
    sd_scales,
)

FURTHEST_DEG = 45.0
REFERENCE_WITHIN_DEG = 15.0
# Some fifty people: little more than the straight line holds for others.
RECIPE = Recipe(members=8, left_out=2, hidden=16, epochs=20, decay=0.3, ridge=0.1, rate=2e-3)
SURE_SHARE = 0.975
FEWEST_CLIPS = 5
FEWEST_FRAMES = 20
WORLD = POINT_COUNT * 3 // 5


Read = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Track:
    """The frames of one clip that can be read; turns as if the person faced the right."""

    features: Array
    steady: Array
    turn_deg: Array
    steady_turn_deg: Array
    time_s: Array
    part: int

    @classmethod
    def of(cls, features: Array, turn_deg: Array, time_s: Array, part: int) -> Track:
        """With both smoothed over a few neighbours in time."""
        calm, calm_deg = steady(features, time_s), steady(turn_deg, time_s)
        return cls(features, calm, turn_deg, calm_deg, time_s, part)


@dataclass(frozen=True)
class Disturbance:
    """How features are disturbed in fitting: joints in metres, the rest in body-scale units."""

    world: float = 0.002
    flat: float = 0.001
    line: float = 0.001
    surface: float = 0.0015
    scale: float = 0.004


# What is known is a little more than what was seen.
AROUND_KNOWN = Disturbance(world=0.008, flat=0.004, line=0.004, surface=0.006, scale=0.015)


def tracks_of(clips: Iterable[Clip], parts: int) -> list[Track]:
    """Readable frames of each clip; people are dealt to parts in turn."""
    tracks = []
    for clip in clips:
        sign = -1.0 if clip.parameters["facing"] == "left" else 1.0
        facing = Facing.LEFT if sign < 0 else Facing.RIGHT
        rows = [
            i
            for i, o in enumerate(clip.observations)
            if why_not(o, Reading.YAW, QualitySettings()) is None and o.facing is facing
        ]
        if len(rows) < FEWEST_FRAMES:
            continue
        features = np.stack([turn_features(clip.observations[i]) for i in rows])
        turns = np.stack([clip.truth[f"{p}_yaw_deg"][rows] for p in ("pelvis", "thorax")], axis=1)
        turns = turns * sign
        time_s = np.array([clip.observations[i].time_s for i in rows])
        tracks.append(Track.of(features, turns, time_s, len(tracks) % parts))
    return tracks


def draw_pairs(
    tracks: list[Track],
    rng: np.random.Generator,
    disturbance: Disturbance,
    rounds: int = 1,
    read: Read = turn_inputs,
    targets: int = 2,
) -> Pairs:
    """Every frame against a random moment of its clip in which the pelvis is near the middle.

    Args:
        tracks: The clips.
        rng: Chance.
        disturbance: How features are disturbed.
        rounds: How often every clip is gone through.
        read: What the networks read of features and neutral.
        targets: How many of the turns they answer: the pelvis's, then the shoulders'.
    """
    inputs, at_neutral, turns, parts = [], [], [], []
    for track in tracks * rounds:
        count = len(track.turn_deg)
        near = np.abs(track.steady_turn_deg).max(axis=1) < REFERENCE_WITHIN_DEG
        moments = rng.choice(np.flatnonzero(near), size=8)
        neutral = _disturbed(track.steady[moments], rng, disturbance, 0.5)
        which = rng.integers(0, len(moments), count)
        now = _disturbed(track.features, rng, disturbance, 1.0)
        turn = (track.turn_deg - track.steady_turn_deg[moments][which])[:, :targets]
        good = np.abs(turn).max(axis=1) < FURTHEST_DEG
        inputs.append(read(now, neutral[which])[good])
        at_neutral.append(read(neutral[which], neutral[which])[good])
        turns.append(turn[good])
        parts.append(np.full(int(good.sum()), track.part))
    return Pairs(
        np.concatenate(inputs),
        np.concatenate(at_neutral),
        np.concatenate(turns),
        np.concatenate(parts),
    )


def without_surface(track: Track) -> Track:
    """The same with joints and outline alone."""
    joints_and_outline = slice(0, SURFACE.start)
    return replace(
        track,
        features=track.features[:, joints_and_outline],
        steady=track.steady[:, joints_and_outline],
    )


def with_surface(tracks: list[Track]) -> list[Track]:
    """Those frames of each track whose surface is known since one and the same key picture."""
    known = []
    for track in tracks:
        features = with_one_key(track.features)
        rows = np.isfinite(features[:, SURFACE_KEY])
        if rows.sum() >= FEWEST_FRAMES:
            of_rows = features[rows], track.turn_deg[rows], track.time_s[rows]
            known.append(Track.of(*of_rows, track.part))
    return known


def _disturbed(features: Array, rng: np.random.Generator, d: Disturbance, strength: float) -> Array:
    """Features as another picture of the same posture might have given them."""
    unit = np.concatenate(
        [
            np.full(WORLD, d.world),
            np.full(POINT_COUNT - WORLD, d.flat),
            np.full(2 * LINE_COUNT, d.line),
            np.full(PLACE_COUNT, d.surface),
            np.zeros(1),
        ]
    )
    size = 1.0 + d.scale * strength * rng.normal(0, 1, (len(features), 1))
    return features * size + rng.normal(0, strength, features.shape) * unit[: features.shape[1]]


def _fitted(
    tracks: list[Track],
    read: Read,
    targets: tuple[str, ...],
    changes: int,
    beside: Mapping[str, Array],
) -> dict[str, Array]:
    """Networks, how unsure they may be, and the cloud of the first ``changes`` inputs."""

    def draw(rng: np.random.Generator, disturbance: Disturbance, rounds: int) -> Pairs:
        return draw_pairs(tracks, rng, disturbance, rounds, read, len(targets))

    arrays = fit(lambda rng: draw(rng, Disturbance(), 2), RECIPE, beside)
    rng = np.random.default_rng(99)
    pairs = draw(rng, Disturbance(0, 0, 0, 0, 0), 3)
    mean, sd, excess = kept_out_answers(arrays, pairs, RECIPE)
    error = mean - pairs.targets
    arrays["sd_scale"] = sd_scales(error, sd, excess)
    sure = np.quantile(sd[:, 0] * arrays["sd_scale"][0], SURE_SHARE)
    arrays["least_sure_deg"] = np.array(sure)
    for i, part in enumerate(targets):
        far = np.abs(pairs.targets[:, i]) > 8.0
        right = np.mean(np.sign(mean[far, i]) == np.sign(pairs.targets[far, i]))
        r = np.corrcoef(mean[:, i], pairs.targets[:, i])[0, 1]
        print(
            f"  kept-out people, {part}: MAE {np.abs(error[:, i]).mean():.2f} deg, r {r:.3f}, "
            f"direction beyond 8 deg {right:.3f}, deviations x {arrays['sd_scale'][i]:.2f}",
            flush=True,
        )
    known = draw(rng, AROUND_KNOWN, 3).inputs[:, :changes]
    return arrays | {f"novelty_{k}": v for k, v in cloud(known, reach=1.2).items()}


def main(arguments: list[str] | None = None) -> int:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=MODELS / "turn.npz")
    parser.add_argument("--beside", type=Path, help="weights fitted on quite other people")
    options = parser.parse_args(arguments)
    clips = list(load_clips(options.data, splits={"train"}, kinds={"yaw"}))
    tracks = tracks_of(clips, RECIPE.members)
    print(f"turn: {len(tracks)} clips, {sum(len(t.turn_deg) for t in tracks)} frames", flush=True)
    if len(tracks) < FEWEST_CLIPS:
        print("  too few clips; nothing written")
        return 1
    earlier = earlier_weights(options.beside)
    flat = list(map(without_surface, tracks))
    both = ("pelvis", "thorax")
    out = _fitted(flat, turn_inputs, both, CHANGE_COUNT, beginning(earlier, ""))
    known = with_surface(tracks)
    print(
        f"with surface: {len(known)} clips, {sum(len(t.turn_deg) for t in known)} frames",
        flush=True,
    )
    pelvis = ("pelvis",)
    surface_earlier = beginning(earlier, "surface_")
    surface = _fitted(known, surface_inputs, pelvis, SURFACE_CHANGE_COUNT, surface_earlier)
    out |= {f"surface_{name}": array for name, array in surface.items()}
    packed = {k: v.astype(np.float32) for k, v in out.items()}
    name = np.array(f"learned-turn/2 ({len(tracks) + clip_count(earlier)} clips)")
    np.savez_compressed(options.out, name=name, **packed)
    print(f"{options.out.name}: {options.out.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
