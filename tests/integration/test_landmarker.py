"""The pose model behind its door, on pictures that make it doubtful."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import mediapipe as mp
import numpy as np
import pytest
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import PoseLandmarker, PoseLandmarkerOptions, RunningMode

from posture.adapters.landmarker import SURE, MediaPipeLandmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.video_reader import open_video
from posture.datatypes import Frame

SAMPLE = Path(__file__).resolve().parents[2] / "sample_videos" / "standing_tilt_left.mp4"
HEAD_PX = 110


def headless(brightness: float) -> list[Frame]:
    """A second of somebody in a dark room, the head above the picture's upper edge."""
    noise = np.random.default_rng(1)
    frames = []
    with open_video(SAMPLE) as reader:
        for frame in islice(reader, 30):
            body = frame.image_rgb[HEAD_PX:]
            dim = body * brightness + noise.normal(0.0, 4.0, body.shape)
            image = np.ascontiguousarray(dim.clip(0, 255).astype(np.uint8))
            frames.append(Frame(frame.index, frame.time_s, image))
    return frames


def test_any_number_of_threads_sees_the_same():
    seen = []
    for threads in (1, 2, 4):
        with (
            open_video(SAMPLE) as reader,
            MediaPipeLandmarker(ModelStore().path("full"), threads) as landmarker,
        ):
            frames = landmarker.looking_ahead(islice(reader, 15))
            seen.append([landmarker.detect(frame) for frame in frames])
    for poses in zip(*seen, strict=True):
        for name in ("landmarks_px", "depth_px", "visibility", "world_m", "mask"):
            numbers = [getattr(pose, name) for pose in poses]
            assert all(np.array_equal(numbers[0], other) for other in numbers[1:]), name


def found(frames: list[Frame]) -> list[bool]:
    with MediaPipeLandmarker(ModelStore().path("full")) as landmarker:
        return [landmarker.detect(frame) is not None for frame in frames]


def nowhere(*_: object) -> None:
    """In place of the search for somebody whom the detector overlooks."""


def test_a_person_whom_the_model_doubts_is_followed_all_the_same(monkeypatch):
    monkeypatch.setattr(MediaPipeLandmarker, "_find_at_a_place", nowhere)
    frames = headless(0.12)
    followed = sum(found(frames))
    monkeypatch.setattr("posture.adapters.landmarker.LOOKS", (SURE,))
    assert followed >= sum(found(frames)) + 10


def test_a_person_whom_the_detector_overlooks_is_followed_all_the_same(monkeypatch):
    frames = headless(0.09)
    followed = sum(found(frames))
    monkeypatch.setattr(MediaPipeLandmarker, "_find_at_a_place", nowhere)
    assert followed >= sum(found(frames)) + 10


def test_nobody_is_found_in_an_empty_room():
    with open_video(SAMPLE.with_name("empty_room.mp4")) as reader:
        assert not any(found(list(islice(reader, 30))))


@pytest.mark.parametrize("name", ["standing_tilt_right", "bridge"])
def test_whoever_is_followed_is_seen_as_mediapipe_sees_them(name):
    options = PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(ModelStore().path("full"))),
        running_mode=RunningMode.VIDEO,
        output_segmentation_masks=True,
    )
    off_px, off_mask = [], []
    with (
        open_video(SAMPLE.with_name(f"{name}.mp4")) as reader,
        MediaPipeLandmarker(ModelStore().path("full")) as ours,
        PoseLandmarker.create_from_options(options) as theirs,
    ):
        for frame in islice(reader, 45):
            picture = mp.Image(mp.ImageFormat.SRGB, frame.image_rgb)
            result = theirs.detect_for_video(picture, round(frame.time_s * 1000))
            pose = ours.detect(frame)
            height, width = frame.image_rgb.shape[:2]
            points = [(point.x * width, point.y * height) for point in result.pose_landmarks[0]]
            mask = result.segmentation_masks[0].numpy_view().reshape(height, width)
            off_px.append(np.abs(pose.landmarks_px - points).max(axis=1))
            off_mask.append(np.abs(pose.mask - mask).mean())
    # After a second both look at the same region, but for noise that each feeds back to itself.
    assert np.median(off_px[30:]) < 0.5
    assert np.percentile(off_px[30:], 95) < 3.0
    assert np.median(off_mask[30:]) < 0.004


def test_whoever_watches_the_program_does_not_stop_it():
    """A debugger, or a profiler as Dask's, holds functions that have ended, with all they named."""
    held = []

    def watch(frame, event, _):
        if event == "return":
            held.append(frame)

    with open_video(SAMPLE) as reader, MediaPipeLandmarker(ModelStore().path("full")) as landmarker:
        sys.setprofile(watch)
        try:
            seen = [landmarker.detect(frame) for frame in islice(reader, 4)]
        finally:
            sys.setprofile(None)
    assert held
    assert None not in seen
