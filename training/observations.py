"""Observations of a clip as columns, made by the product's own ``Perception``.

A file is made anew whenever the stages that it comes from have changed.
"""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import astuple, fields
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

import posture.adapters.surface
import posture.contour
import posture.features
import posture.landmarks
import posture.pipeline
import posture.surface
from posture.adapters.surface import DenseFlow
from posture.adapters.video_reader import open_video
from posture.contour import LINE_COUNT, LINE_HEIGHTS
from posture.datatypes import Contour, Facing, Frame, Position, View
from posture.features import Measures, Observation
from posture.pipeline import Perception
from posture.surface import PLACE_COUNT
from training.posefile import ReplayLandmarker, Seen, blank_frame, load_poses

MEASURES = tuple(f.name for f in fields(Measures))


@cache
def stages_version() -> str:
    """A short hash of the code that turns poses into observations."""
    sources: list[ModuleType | type] = [
        posture.contour,
        posture.features,
        posture.landmarks,
        Perception,
        posture.surface,
        posture.adapters.surface,
    ]
    text = "".join(inspect.getsource(s) for s in sources)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def observe_clip(poses: Path, video: Path | None = None) -> list[Observation]:
    """Run ``Perception`` over a clip's kept poses; its surface shift needs the video's pictures."""
    landmarker = ReplayLandmarker()
    if video is None:
        perception = Perception(landmarker)
        return [_replayed(perception, landmarker, s, blank_frame(s)) for s in load_poses(poses)]
    perception = Perception(landmarker, optics=DenseFlow())
    with open_video(video) as frames:
        return [
            _replayed(perception, landmarker, seen, frame)
            for seen, frame in zip(load_poses(poses), frames, strict=True)
        ]


def _replayed(
    perception: Perception, landmarker: ReplayLandmarker, seen: Seen, frame: Frame
) -> Observation:
    landmarker.pose = seen.pose
    return perception.observe(frame)


def observations_of(poses: Path, kept: Path, video: Path | None = None) -> list[Observation]:
    """A clip's observations: from ``kept`` when it is up to date, else made and kept there.

    Args:
        poses: What the pose model said.
        kept: Where the observations are kept.
        video: The clip itself, where its surface shift is wanted.
    """
    if kept.exists() and kept.stat().st_mtime >= poses.stat().st_mtime:
        with np.load(kept) as data:
            columns = dict(data)
        if str(columns["version"]) == stages_version():
            return _from_columns(columns)
    observations = observe_clip(poses, video)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part.npz")
    np.savez(part, version=stages_version(), **_to_columns(observations))
    part.replace(kept)
    return observations


def _to_columns(observations: list[Observation]) -> dict[str, np.ndarray]:
    no_points, no_world = np.full((33, 2), np.nan), np.full((33, 3), np.nan)
    nowhere = np.zeros(33, dtype=bool)
    contours = [o.contour for o in observations]
    line = np.full(LINE_COUNT, np.nan)
    return {
        "index": np.array([o.index for o in observations]),
        "time_s": np.array([o.time_s for o in observations]),
        "size_px": np.array([o.image_size_px for o in observations]),
        "brightness": np.array([o.brightness for o in observations]),
        "present": np.array([o.landmarks_px is not None for o in observations]),
        "landmarks_px": _stack([o.landmarks_px for o in observations], no_points),
        "world_m": _stack([o.world_m for o in observations], no_world),
        "seen": np.stack([o.seen if o.seen is not None else nowhere for o in observations]),
        "traced": np.array([c is not None for c in contours]),
        "back": _stack([c.back if c else None for c in contours], line),
        "front": _stack([c.front if c else None for c in contours], line),
        "sharpness": _stack([c.sharpness if c else None for c in contours], line),
        "origin_px": _stack([c.origin_px if c else None for c in contours], np.full(2, np.nan)),
        "scale_px": np.array([c.scale_px if c else np.nan for c in contours]),
        "forward_sign": np.array([c.forward_sign if c else 0 for c in contours]),
        "turned": np.array([c.turned if c else 0 for c in contours]),
        "measures": np.array([astuple(o.measures) for o in observations]),
        "facing": np.array([o.facing.value for o in observations]),
        "view": np.array([o.view.value for o in observations]),
        "position": np.array([o.position.value for o in observations]),
        "legs_crossed": np.array([o.legs_crossed for o in observations]),
        "surface_key": np.array([o.surface_key for o in observations]),
        "surface_shift": _stack(
            [o.surface_shift for o in observations], np.full(PLACE_COUNT, np.nan)
        ),
    }


def _stack(arrays: list[np.ndarray | None], absent: np.ndarray) -> np.ndarray:
    return np.stack([a if a is not None else absent for a in arrays]).astype(np.float32)


def _from_columns(c: dict[str, np.ndarray]) -> list[Observation]:
    return [_observation(c, i) for i in range(len(c["index"]))]


def _observation(c: dict[str, np.ndarray], i: int) -> Observation:
    width, height = (int(v) for v in c["size_px"][i])
    start = (int(c["index"][i]), float(c["time_s"][i]), (width, height), float(c["brightness"][i]))
    if not c["present"][i]:
        return Observation(*start)
    contour = None
    if c["traced"][i]:
        contour = Contour(
            height=LINE_HEIGHTS,
            back=c["back"][i],
            front=c["front"][i],
            sharpness=c["sharpness"][i],
            scale_px=float(c["scale_px"][i]),
            origin_px=c["origin_px"][i].astype(np.float64),
            forward_sign=int(c["forward_sign"][i]),
            turned=int(c["turned"][i]),
        )
    return Observation(
        *start,
        landmarks_px=c["landmarks_px"][i],
        world_m=c["world_m"][i],
        seen=c["seen"][i],
        contour=contour,
        measures=Measures(*(float(v) for v in c["measures"][i])),
        facing=Facing(str(c["facing"][i])),
        view=View(str(c["view"][i])),
        position=Position(str(c["position"][i])),
        legs_crossed=bool(c["legs_crossed"][i]),
        surface_shift=c["surface_shift"][i] if c["surface_key"][i] >= 0 else None,
        surface_key=int(c["surface_key"][i]),
    )
