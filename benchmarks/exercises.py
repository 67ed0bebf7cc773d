"""What the exercises make of the sample videos, against their truth.

    python -m benchmarks.exercises [--only monkey,bridge] [--distractors]

Every clip runs as in the product: neutral is found by itself, every frame passes the gate, the
exercise counts and judges. The pose model's answers are kept in ``training/data/samples``, by the
video's and the adapter's own hash, so that a second run takes seconds. A found repetition matches a
true one when they share ``OVERLAP`` of the time that either takes; what matches none is a phantom.
With ``--distractors`` each exercise also looks at every clip in which nobody does it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import inspect
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isnan
from pathlib import Path

import posture.adapters.landmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.weights import learned_tilt, learned_turn
from posture.datatypes import EventKind, PostureSample, Rep, RepKind
from posture.exercises import exercise_ids, get_exercise
from posture.features import Observation
from posture.pelvis.calibration import calibrate, find_neutral
from posture.pipeline import DEFAULT_SETTINGS, Interpreter
from training.extract import DATA, poses_of
from training.observations import observations_of
from training.posefile import save_poses

VIDEOS = Path(__file__).resolve().parent.parent / "sample_videos"
KEPT = DATA / "samples"
OVERLAP = 0.3
SURE_SIDE_DEG = 8.0  # a turn or tilt beyond this has a side

# Which phase of the truth table begins a repetition of which kind, and which ones carry it on.
BEGINS: dict[str, dict[str, RepKind]] = {
    "standing-tilt": {"forward": RepKind.FORWARD, "backward": RepKind.BACKWARD},
    "monkey": {"left": RepKind.LEFT, "right": RepKind.RIGHT},
    "bridge": {"lift": RepKind.LIFT},
    "small-bridge": {"press": RepKind.PRESS},
    "sit-bones": {"bend": RepKind.BEND},
    "active-sitting": {"forward": RepKind.FORWARD, "backward": RepKind.BACKWARD},
    "pelvis-wave": {"rise": RepKind.WAVE},
    "floor-deep": {"scoop": RepKind.HOLD},
}
GOES_ON = {"return", "hold", "lower", "straighten", "sink", "release"}
# Clips of another exercise that do show this one's movement, or what cannot be told from it.
ALSO_SHOWS = {
    "standing-tilt": {"pelvis_wave"},
    "pelvis-wave": {"standing_tilt_mistakes"},
    "active-sitting": {"floor_deep"},
    "floor-deep": {"active_sitting"},
}


@dataclass(frozen=True)
class Told:
    """What the product said about a clip."""

    samples: tuple[PostureSample, ...]
    reps: tuple[Rep, ...]
    named: Counter[str]


@dataclass(frozen=True)
class Score:
    """Found against true repetitions of a clip."""

    found: int
    true: int
    matched: int
    right_side: int

    @property
    def phantoms(self) -> int:
        """Repetitions nobody made."""
        return self.found - self.matched

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where there is nothing to find or found."""
        both = self.found + self.true
        return 2 * self.matched / both if both else 1.0


def observations(video: Path) -> list[Observation]:
    """A video's observations, from the kept poses where video and adapter are unchanged."""
    code = inspect.getsource(posture.adapters.landmarker).encode()
    mark = hashlib.sha256(video.read_bytes() + code).hexdigest()[:16]
    poses = KEPT / "poses" / f"{video.stem}-{mark}.npz"
    if not poses.exists():
        poses.parent.mkdir(parents=True, exist_ok=True)
        for outdated in poses.parent.glob(f"{video.stem}-*.npz"):
            outdated.unlink()
        save_poses(poses, poses_of(video, ModelStore().path("full")))
    return observations_of(poses, KEPT / "observations" / f"{video.stem}.npz", video)


def tell(seen: Sequence[Observation], exercise_id: str) -> Told:
    """Let the product look at a recording as ``analyze_video`` does."""
    exercise = get_exercise(exercise_id)
    reading, quality = exercise.reading, DEFAULT_SETTINGS.quality
    window = find_neutral(seen, reading, exercise.position, quality, DEFAULT_SETTINGS.neutral)
    neutral = None if window is None else calibrate(seen, window, reading, quality)
    interpreter = Interpreter(
        exercise, neutral, learned_tilt(), DEFAULT_SETTINGS, turn_estimator=learned_turn()
    )
    results = [interpreter.interpret(observation) for observation in seen]
    events = [*(event for r in results for event in r.events), *interpreter.finish()]
    named = Counter(event.id for event in events if event.kind is EventKind.FAULT)
    return Told(tuple(r.sample for r in results), interpreter.state.reps, named)


def truth_of(video: Path) -> list[dict[str, str]]:
    """A clip's truth table."""
    with video.with_suffix(".csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def true_reps(
    rows: Sequence[dict[str, str]], exercise_id: str
) -> list[tuple[RepKind, float, float]]:
    """Kind, start and end (seconds) of every true repetition of an exercise."""
    begins = BEGINS.get(exercise_id, {})
    reps: list[tuple[RepKind, float, float]] = []
    open_rep = False
    for phase, stretch in groupby(rows, key=lambda row: row["phase"]):
        times = [float(row["time_s"]) for row in stretch]
        if phase in begins:
            reps.append((begins[phase], times[0], times[-1]))
            open_rep = True
        elif phase in GOES_ON and open_rep:
            reps[-1] = (*reps[-1][:2], times[-1])
        else:
            open_rep = False
    return reps


def score(reps: Sequence[Rep], true: Sequence[tuple[RepKind, float, float]]) -> Score:
    """Match found repetitions to true ones, the greatest overlap first."""
    pairs = sorted(
        (
            (_overlap(rep, start_s, end_s), i, j)
            for i, rep in enumerate(reps)
            for j, (_, start_s, end_s) in enumerate(true)
        ),
        reverse=True,
    )
    matched: dict[int, int] = {}
    for overlap, i, j in pairs:
        if overlap >= OVERLAP and i not in matched and j not in matched.values():
            matched[i] = j
    right = sum(reps[i].kind is true[j][0] for i, j in matched.items())
    return Score(len(reps), len(true), len(matched), right)


def _overlap(rep: Rep, start_s: float, end_s: float) -> float:
    shared = min(rep.end_s, end_s) - max(rep.start_s, start_s)
    return shared / (max(rep.end_s, end_s) - min(rep.start_s, start_s))


def side_of_frames(
    samples: Sequence[PostureSample], rows: Sequence[dict[str, str]], quantity: str
) -> tuple[int, int]:
    """Frames read to the right side, and frames read, where the truth surely has a side."""
    sure = [
        (float(row[quantity]), getattr(sample, quantity))
        for sample, row in zip(samples, rows, strict=True)
        if abs(float(row[quantity])) > SURE_SIDE_DEG
    ]
    read = [(true, said) for true, said in sure if not isnan(said)]
    return sum(true * said > 0 for true, said in read), len(read)


def exercise_of(video: Path) -> str | None:
    """The exercise a sample is named after; ``None`` for the empty room."""
    fitting = [e for e in exercise_ids() if video.stem.startswith(e.replace("-", "_"))]
    return max(fitting, key=len, default=None)


def own_clips(videos: Sequence[Path]) -> None:
    """Each clip with its own exercise."""
    print(
        f"{'clip':<24}{'exercise':<16}{'reps':>6}{'exact':>7}{'F1':>6}{'phantom':>9}"
        f"{'side':>7}{'frames':>8}  verdicts; faults named"
    )
    scores: list[Score] = []
    for video in videos:
        exercise_id = exercise_of(video)
        if exercise_id is None:
            continue
        rows = truth_of(video)
        told = tell(observations(video), exercise_id)
        verdicts = ", ".join(f"{n} {v}" for v, n in Counter(r.verdict for r in told.reps).items())
        faults = ", ".join(f"{fault} {n}" for fault, n in told.named.most_common())
        one = score(told.reps, true_reps(rows, exercise_id))
        scores.append(one)
        side = f"{100 * one.right_side / one.matched:.0f} %" if one.matched else "-"
        quantity = "pelvis_yaw_deg" if exercise_id == "monkey" else "pelvic_tilt_deg"
        right, read = side_of_frames(told.samples, rows, quantity)
        frames = f"{100 * right / read:.0f} %" if read else "-"
        print(
            f"{video.stem:<24}{exercise_id:<16}{one.found:>4}/{one.true}"
            f"{'yes' if one.found == one.true else 'NO':>7}{one.f1:>6.2f}{one.phantoms:>9}"
            f"{side:>7}{frames:>8}  {verdicts}; {faults}"
        )
    exact = sum(s.found == s.true for s in scores)
    both = sum(s.found + s.true for s in scores)
    print(
        f"count exact in {exact} of {len(scores)} clips; F1 over all "
        f"{2 * sum(s.matched for s in scores) / both if both else 1.0:.3f}; "
        f"phantoms {sum(s.phantoms for s in scores)}"
    )


def negatives(videos: Sequence[Path]) -> Iterator[tuple[str, str, list[Observation]]]:
    """Exercise, name and observations of every clip in which nobody does that exercise."""
    for video in videos:
        seen = observations(video)
        for exercise_id in exercise_ids():
            if exercise_of(video) == exercise_id or video.stem in ALSO_SHOWS.get(exercise_id, ()):
                continue
            yield exercise_id, video.stem, seen
    for poses in sorted((DATA / "poses").glob("*_distractor_*.npz")):
        seen = observations_of(poses, DATA / "observations" / poses.name)
        for exercise_id in exercise_ids():
            yield exercise_id, poses.stem, seen


def distractors(videos: Sequence[Path]) -> None:
    """Repetitions where there are none."""
    looked: Counter[str] = Counter()
    phantoms: Counter[str] = Counter()
    for exercise_id, name, seen in negatives(videos):
        told = tell(seen, exercise_id)
        looked[exercise_id] += 1
        phantoms[exercise_id] += len(told.reps)
        for rep in told.reps:
            print(
                f"phantom: {exercise_id} in {name}: {rep.kind} {rep.start_s:.1f}-{rep.end_s:.1f} s,"
                f" {rep.amplitude:.3g} {rep.unit}, {rep.verdict}, {', '.join(rep.faults)}"
            )
    for exercise_id, count in looked.items():
        print(f"{exercise_id:<16}{phantoms[exercise_id]:>4} phantoms in {count} clips without it")


def main(arguments: list[str] | None = None) -> int:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="STEM,...", help="samples to look at")
    parser.add_argument("--distractors", action="store_true")
    options = parser.parse_args(arguments)
    wanted = set(filter(None, options.only.split(",")))
    videos = [v for v in sorted(VIDEOS.glob("*.mp4")) if not wanted or v.stem in wanted]
    own_clips(videos)
    if options.distractors:
        distractors(videos)
    return 0


if __name__ == "__main__":
    sys.exit(main())
