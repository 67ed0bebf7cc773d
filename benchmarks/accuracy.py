"""How true the readings are, on rendered people whose angles are known.

    python -m benchmarks.accuracy [--data training/data] [--tilt models/tilt.npz] [--short]

Everything runs as in the product: neutral is found by itself, every frame passes the gate, readings
are smoothed. Coverage stands beside every error, so that refusing cannot buy accuracy. "unseen" are
bodies that the fitting never had; "heldout" are such bodies with another way of deforming, more
clutter and looser clothes. The clips' observations come from the cache that
``python -m training.extract`` fills; this takes minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.accuracy_figures import (
    accuracy,
    direction,
    lag_ms,
    moved_without_tilt,
    still_jitter,
)
from benchmarks.accuracy_readings import (
    EXERCISE_OF,
    LandmarkFormula,
    Track,
    neutral_of,
    read_clips,
    samples_of,
    with_one_gain,
    with_own_gain,
)
from posture.adapters.weights import learned_tilt, learned_turn
from posture.errors import ModelError
from posture.pelvis.calibration import Calibration
from posture.pelvis.rotation import TurnEstimator
from posture.pelvis.tilt import ContourTilt, TiltEstimator
from training.clips import DATA, Clip, load_clips

COLUMNS = ("clips", "coverage", "MAE", "worst", "bias", "gain", "r", "3class", "opposite%", "in90%")
STILL_COLUMNS = ("clips", "coverage", "MAE", "p95", "not neutral%")
WRONG_NEUTRAL_DEG = 2.0
Neutrals = dict[str, Calibration | None]


def main(arguments: list[str] | None = None) -> int:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--tilt", type=Path, default=None)
    parser.add_argument("--turn", type=Path, default=None)
    parser.add_argument("--short", action="store_true", help="leave out the conditions")
    options = parser.parse_args(arguments)
    clips = list(load_clips(options.data, splits={"unseen", "heldout"}))
    if not clips:
        print(
            f"There are no extracted clips in {options.data}; make them with\n"
            "  python -m training.generate\n  python -m training.extract"
        )
        return 2
    neutrals = {clip.name: neutral_of(clip, EXERCISE_OF[clip.kind]) for clip in clips}
    found = sum(n is not None for n in neutrals.values())
    print(
        f"{len(clips)} clips, {sum(len(c.observations) for c in clips)} frames, "
        f"neutral found in {found}"
    )
    tilting = [c for c in clips if c.kind in ("standing", "sitting", "supine")]
    off_deg = [tilt_at_neutral_deg(c, neutrals[c.name]) for c in tilting]
    wrong = sum(abs(tilt) > WRONG_NEUTRAL_DEG for tilt in off_deg)
    print(f"Of {len(tilting)} with tilts {wrong} have neutral {WRONG_NEUTRAL_DEG} deg off or more")
    estimators: dict[str, TiltEstimator] = {}
    try:
        estimators["learned"] = learned_tilt(options.tilt)
    except ModelError as error:
        print(error)
    estimators["back contour"] = ContourTilt()
    standing(clips, neutrals, estimators, short=options.short)
    for kind, title in (("sitting", "Sitting tilt"), ("supine", "Supine tilt")):
        other_position(clips, neutrals, estimators, kind, title)
    try:
        turning(clips, neutrals, learned_turn(options.turn))
    except ModelError as error:
        print(error)
    bridging(clips)
    return 0


def tilt_at_neutral_deg(clip: Clip, neutral: Calibration | None) -> float:
    """True tilt, from the person's natural stance, where neutral was taken; 0 where none was."""
    if neutral is None:
        return 0.0
    at = [o.time_s in neutral.window for o in clip.observations]
    return float(np.median(clip.truth["pelvic_tilt_deg"][at]))


def standing(
    clips: Sequence[Clip], neutrals: Neutrals, estimators: dict[str, TiltEstimator], *, short: bool
) -> None:
    """Tilt, standing and side-on."""
    tilting, still = of_kind(clips, "standing"), of_kind(clips, "distractor")
    header("Standing tilt", COLUMNS)
    for name, estimator in estimators.items():
        tracks = tilts(tilting, neutrals, estimator)
        for split in ("unseen", "heldout"):
            row(f"{name}, {split}", accuracy(of_split(tracks, split)), COLUMNS)
    for feature in ("trunk_lean_deg", "shoulder_hip_knee_deg", "thigh_lean_deg", "hip_shift"):
        formula = LandmarkFormula(feature)
        raw = tilts(tilting, neutrals, formula)
        for gain, tracks in (("one", with_one_gain(raw)), ("own", with_own_gain(raw))):
            for split in ("unseen", "heldout"):
                figures = accuracy(of_split(tracks, split)) | {"in90%": float("nan")}
                row(f"{formula.name} ({gain} gain), {split}", figures, COLUMNS)
    for name, estimator in estimators.items():
        tracks = tilts(tilting, neutrals, estimator)
        print(f"{name}: still jitter {still_jitter(tracks):.2f} deg, lag {lag_ms(tracks):.0f} ms")
        if not short:
            conditions(name, tracks)
    header("No tilt, other movement", STILL_COLUMNS)
    for name, estimator in estimators.items():
        tracks = tilts(still, neutrals, estimator)
        row(f"{name}, all", moved_without_tilt(tracks), STILL_COLUMNS)
        for kind in sorted({str(c.parameters["notes"]["distractor"]) for c in still}):
            some = [t for t in tracks if t.clip.parameters["notes"]["distractor"] == kind]
            row(f"{name}, {kind}", moved_without_tilt(some), STILL_COLUMNS)


def conditions(name: str, tracks: list[Track]) -> None:
    """The same by clothing, arms, view, crop, knee bend and how much else moves."""
    header(f"Standing tilt by condition ({name}, unseen and heldout)", COLUMNS)
    keys: dict[str, Callable[[Track], str]] = {
        "clothes": lambda t: str(t.clip.parameters["clothing_class"]),
        "arms": lambda t: arms_of(t.clip),
        "off side": lambda t: off_side(t.clip),
        "crop": lambda t: str(t.clip.parameters["camera"]["crop"]),
        "light": lambda t: str(t.clip.parameters["light"]),
        "else moving": lambda t: "little" if t.clip.parameters["notes"]["calm"] else "much",
    }
    for title, key in keys.items():
        for value in sorted({key(t) for t in tracks}):
            row(f"{title}: {value}", accuracy([t for t in tracks if key(t) == value]), COLUMNS)
    for low, high in ((0, 5), (5, 15), (15, 40)):
        bent = [only(t, knee_change(t), low, high) for t in tracks]
        row(f"knee bend since neutral {low}-{high} deg", accuracy(bent), COLUMNS)


def other_position(
    clips: Sequence[Clip],
    neutrals: Neutrals,
    estimators: dict[str, TiltEstimator],
    kind: str,
    title: str,
) -> None:
    """Tilt while sitting or lying."""
    some = of_kind(clips, kind)
    if kind == "supine":
        some = [c for c in some if not c.parameters["notes"]["lifting"]]
    header(title, COLUMNS)
    for name, estimator in estimators.items():
        tracks = tilts(some, neutrals, estimator)
        for split in ("unseen", "heldout"):
            row(f"{name}, {split}", accuracy(of_split(tracks, split)), COLUMNS)
        print(f"{name}: sign right beyond 4 deg {direction(tracks, 4.0):.3f}")


def turning(clips: Sequence[Clip], neutrals: Neutrals, estimator: TurnEstimator) -> None:
    """Turns of pelvis and shoulders in the three-quarter view."""
    some = of_kind(clips, "yaw")

    def samples(clip: Clip, calibration: Calibration | None) -> list[object]:
        return samples_of(clip, "monkey", calibration, turn_estimator=estimator)  # type: ignore[return-value]

    columns = (*COLUMNS[:7], "in90%")
    header("Turns, three-quarter view", columns)
    for quantity in ("pelvis_yaw_deg", "thorax_yaw_deg"):
        tracks = read_clips(some, quantity, samples, neutrals)  # type: ignore[arg-type]
        for low, high in ((20, 35), (35, 55), (55, 75)):
            seen = [t for t in tracks if low <= abs(azimuth(t.clip)) < high]
            row(f"{quantity[:6]}, camera {low}-{high} deg", accuracy(seen), columns)
            print(f"   direction right beyond 8 deg {direction(seen, 8.0):.3f}")
    alone = [c for c in some if c.parameters["notes"].get("fault") == "shoulders_only"]
    tracks = read_clips(alone, "pelvis_yaw_deg", samples, neutrals)  # type: ignore[arg-type]
    row("pelvis while only shoulders turn", accuracy(tracks), columns)


def bridging(clips: Sequence[Clip]) -> None:
    """Hip angle and lift of a bridge, after the resting offset."""
    some = [c for c in of_kind(clips, "supine") if c.parameters["notes"]["lifting"]]
    neutrals = {c.name: neutral_of(c, "bridge") for c in some}

    def samples(clip: Clip, calibration: Calibration | None) -> list[object]:
        return samples_of(clip, "bridge", calibration)  # type: ignore[return-value]

    columns = ("clips", "coverage", "MAE")
    header("Bridge", columns)
    for quantity, scale in (("shoulder_hip_knee_deg", 1.0), ("lift_fraction", 100.0)):
        tracks = read_clips(some, quantity, samples, neutrals)  # type: ignore[arg-type]
        changes = []
        for t in tracks:
            rest = t.time_s < float(t.clip.parameters["still_s"])
            truth = t.clip.truth[quantity]
            if quantity == "shoulder_hip_knee_deg":
                truth = 180.0 - np.abs(180.0 - truth)
            error = (t.reading - np.nanmedian(t.reading[rest])) - (truth - truth[rest].mean())
            changes.append(error[~np.isnan(error)] * scale)
        errors = np.concatenate(changes or [np.empty(0)])
        frames = sum(len(t.reading) for t in tracks)
        if len(errors):
            figures = {
                "clips": float(len(some)),
                "coverage": len(errors) / frames,
                "MAE": float(np.abs(errors).mean()),
            }
            row(quantity if scale == 1.0 else "lift, percent", figures, columns)


def tilts(clips: Sequence[Clip], neutrals: Neutrals, estimator: TiltEstimator) -> list[Track]:
    """Tilt readings of an estimator on clips of one kind."""
    return read_clips(
        clips,
        "pelvic_tilt_deg",
        lambda clip, neutral: samples_of(clip, EXERCISE_OF[clip.kind], neutral, estimator),
        neutrals,
    )


def of_kind(clips: Sequence[Clip], kind: str) -> list[Clip]:
    """Clips of a kind."""
    return [c for c in clips if c.kind == kind]


def of_split(tracks: Sequence[Track], split: str) -> list[Track]:
    """Tracks of a split."""
    return [t for t in tracks if t.clip.split == split]


def arms_of(clip: Clip) -> str:
    """Where the arms are, or that they change."""
    plan = clip.parameters["arms"]
    if len(plan) > 1:
        return "moving"
    return "+".join(sorted(set(plan[0][1].values()))) if plan else "hang"


def off_side(clip: Clip) -> str:
    """How far the camera is from straight side-on."""
    off = abs(float(clip.parameters["camera"]["off_side_deg"]))
    return "0-7 deg" if off < 7 else "7-14 deg" if off < 14 else "14-20 deg"


def azimuth(clip: Clip) -> float:
    """Camera against the person's front, degrees."""
    return float(clip.parameters["camera"]["azimuth_deg"])


def knee_change(track: Track) -> np.ndarray:
    """True knee bend since the start."""
    knee = track.clip.truth["knee_flexion_deg"]
    start = track.time_s < float(track.clip.parameters["still_s"])
    change: np.ndarray = np.abs(knee - knee[start].mean())
    return change


def only(track: Track, values: np.ndarray, low: float, high: float) -> Track:
    """The frames of a track whose value lies between two limits."""
    keep = (values >= low) & (values < high)
    return replace(
        track,
        time_s=track.time_s[keep],
        reading=track.reading[keep],
        sd=track.sd[keep],
        truth=track.truth[keep],
    )


def header(title: str, columns: Sequence[str]) -> None:
    """A table's title and its columns."""
    print(f"\n{title:46}" + "".join(f"{c:>11}" for c in columns))


def row(name: str, figures: dict[str, float], columns: Sequence[str]) -> None:
    """One line of a table."""
    digits = {"clips": 0, "coverage": 3, "r": 3, "3class": 3}
    values = [figures.get(c, float("nan")) for c in columns]
    cells = [
        f"{'-':>11}" if np.isnan(v) else f"{v:11.{digits.get(c, 2)}f}"
        for c, v in zip(columns, values, strict=True)
    ]
    print(f"{name:46}" + "".join(cells), flush=True)


if __name__ == "__main__":
    sys.exit(main())
