"""Runs the pose model over rendered clips and keeps what it says.

    python -m training.extract [FOLDER] [--watch MINUTES] [--model full]

Each clip (``.mp4``) becomes one file in ``training/data/poses``, and its observations one in
``training/data/observations``. Clips that are done are passed over, so a stopped run goes on where
it was; with ``--watch`` it keeps looking for new clips for that long. Run it in the product's own
environment (it needs mediapipe, not torch).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from posture.adapters.landmarker import MediaPipeLandmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.video_reader import open_video
from posture.errors import PostureError
from training.clips import pictures_of
from training.observations import observations_of
from training.posefile import Seen, save_poses

DATA = Path(__file__).resolve().parent / "data"
LOOK_AGAIN_S = 20.0


def poses_of(video: Path, bundle: Path) -> list[Seen]:
    """The pose model's answer for every frame, tracking as the product does."""
    frames = []
    with open_video(video) as reader, MediaPipeLandmarker(bundle) as landmarker:
        for frame in reader:
            height, width = frame.image_rgb.shape[:2]
            brightness = float(frame.image_rgb[::16, ::16].mean()) / 255.0
            pose = landmarker.detect(frame)
            if pose is not None and not np.isfinite(pose.landmarks_px).all():
                pose = None
            frames.append(Seen(frame.index, frame.time_s, (width, height), brightness, pose))
    return frames


def extract(folder: Path, out: Path, model: str, only: str = "*") -> int:
    """Do every clip that is not done and whose stem matches; returns how many were done now."""
    bundle = ModelStore().path(model)
    done = 0
    for video in sorted(folder.rglob(f"{only}.mp4")):
        name = "__".join(video.relative_to(folder).with_suffix("").parts)
        poses = out / "poses" / f"{name}.npz"
        if poses.exists() and poses.stat().st_mtime >= video.stat().st_mtime:
            continue
        poses.parent.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        try:
            frames = poses_of(video, bundle)
        except PostureError as error:
            print(f"{name}: passed over; {error}", flush=True)
            continue
        save_poses(poses, frames)
        observations_of(poses, out / "observations" / poses.name, pictures_of(video))
        spent = time.perf_counter() - started
        print(f"{name}: {len(frames)} frames, {1e3 * spent / len(frames):.0f} ms each", flush=True)
        done += 1
    return done


def main(arguments: list[str] | None = None) -> int:
    """Extract all clips of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DATA / "clips")
    parser.add_argument("--out", type=Path, default=DATA)
    parser.add_argument("--model", default="full")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="for example '*_yaw_*'")
    parser.add_argument("--watch", type=float, default=0.0, metavar="MINUTES")
    options = parser.parse_args(arguments)
    until = time.monotonic() + 60.0 * options.watch
    while True:
        done = extract(options.folder, options.out, options.model, options.only)
        if time.monotonic() >= until:
            return 0
        if done == 0:
            time.sleep(LOOK_AGAIN_S)


if __name__ == "__main__":
    sys.exit(main())
