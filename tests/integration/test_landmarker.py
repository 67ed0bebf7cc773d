"""The pose model behind its door, on pictures that make it doubtful."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from posture.adapters.landmarker import Look, MediaPipeLandmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.video_reader import open_video
from posture.datatypes import Frame

SAMPLE = Path(__file__).resolve().parents[2] / "sample_videos" / "standing_tilt_left.mp4"
HEAD_PX = 110


@pytest.fixture(scope="module")
def headless() -> list[Frame]:
    """A second of somebody in a dark room, the head above the picture's upper edge."""
    noise = np.random.default_rng(1)
    frames = []
    with open_video(SAMPLE) as reader:
        for frame in islice(reader, 30):
            body = frame.image_rgb[HEAD_PX:]
            dim = body * 0.12 + noise.normal(0.0, 4.0, body.shape)
            image = np.ascontiguousarray(dim.clip(0, 255).astype(np.uint8))
            frames.append(Frame(frame.index, frame.time_s, image))
    return frames


def found(frames: list[Frame]) -> list[bool]:
    with MediaPipeLandmarker(ModelStore().path("full")) as landmarker:
        return [landmarker.detect(frame) is not None for frame in frames]


def test_a_person_whom_the_model_doubts_is_followed_all_the_same(headless, monkeypatch):
    followed = sum(found(headless))
    monkeypatch.setattr("posture.adapters.landmarker.DOUBTFUL", Look(tracking=0.6))
    assert followed >= sum(found(headless)) + 10
