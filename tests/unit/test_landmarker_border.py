"""Whom the pose model sees only with an empty border around the picture."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from posture.adapters import landmarker as door
from posture.adapters.landmarker import DOUBTFUL, MediaPipeLandmarker
from posture.datatypes import Frame

HEIGHT, WIDTH = 100, 150
HIP_PX = (60.0, 40.0)


class Model:
    """Sees somebody where the picture was given a certain height, and remembers every height."""

    heights: list[int]
    sees_at = 0

    @classmethod
    def create_from_options(cls, options: Any) -> Model:
        model = cls()
        model.sure = options.min_pose_detection_confidence == 0.5
        return model

    def detect_for_video(self, picture: Any, time_ms: int) -> SimpleNamespace:
        del time_ms
        image = picture.numpy_view()
        height, width = image.shape[:2]
        if not self.sure:
            Model.heights.append(height)
        if self.sure or height != Model.sees_at:
            return SimpleNamespace(pose_landmarks=[])
        above = int(np.flatnonzero(image.any(axis=(1, 2)))[0])
        x, y = HIP_PX[0] / width, (HIP_PX[1] + above) / height
        point = SimpleNamespace(x=x, y=y, z=0.1, visibility=1.0)
        mask = image[..., 0].astype(np.float32) / 255.0
        return SimpleNamespace(
            pose_landmarks=[[point] * 33],
            pose_world_landmarks=[[SimpleNamespace(x=0.0, y=0.0, z=0.0)] * 33],
            segmentation_masks=[SimpleNamespace(numpy_view=lambda: mask)],
        )

    def detect(self, picture: Any) -> SimpleNamespace:
        del picture
        return SimpleNamespace(pose_landmarks=[])

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def model(monkeypatch):
    monkeypatch.setattr(door, "PoseLandmarker", Model)
    Model.heights, Model.sees_at = [], 0


def looked_at(count: int) -> list[Any]:
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    with MediaPipeLandmarker(Path("pose_landmarker_full.task")) as landmarker:
        return [landmarker.detect(Frame(i, i / 10, image)) for i in range(count)]


def height_with(margin: tuple[float, float]) -> int:
    return HEIGHT + round(margin[0] * HEIGHT) + round(margin[1] * HEIGHT)


def test_each_border_is_tried_until_somebody_is_seen_and_then_it_stays():
    Model.sees_at = height_with(DOUBTFUL.margins[1])
    found = [pose is not None for pose in looked_at(6)]
    assert found == [False, True, True, True, True, True]
    assert Model.heights == [HEIGHT] + [Model.sees_at] * 5


def test_where_nobody_is_seen_all_borders_have_their_turn():
    looked_at(2 * len(DOUBTFUL.margins))
    assert Model.heights == [height_with(margin) for margin in DOUBTFUL.margins] * 2


def test_the_pose_is_told_in_the_pictures_own_pixels():
    Model.sees_at = height_with(DOUBTFUL.margins[1])
    pose = looked_at(2)[1]
    assert pose.landmarks_px == pytest.approx(np.tile(HIP_PX, (33, 1)))
    assert pose.depth_px == pytest.approx(0.1 * (WIDTH + 2))  # widths are made multiples of four
    assert pose.mask.shape == (HEIGHT, WIDTH)
    assert pose.mask.min() == 1.0


def test_the_border_that_helped_has_a_second_try_when_somebody_is_lost(monkeypatch):
    Model.sees_at = helped = height_with(DOUBTFUL.margins[1])
    see = Model.detect_for_video

    def blink(self: Model, picture: Any, time_ms: int) -> SimpleNamespace:
        Model.sees_at = 0 if time_ms == 300 else helped
        return see(self, picture, time_ms)

    monkeypatch.setattr(Model, "detect_for_video", blink)
    assert [pose is not None for pose in looked_at(6)] == [False, True, True, False, True, True]
