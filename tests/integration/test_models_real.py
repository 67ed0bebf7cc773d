"""The real bundles in the real landmarker: each loads and finds the person in a photo."""

from __future__ import annotations

from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np
import pytest
from mediapipe.tasks.python import BaseOptions, vision

from posture.adapters.model_store import MODEL_NAMES, ModelState, ModelStore

PHOTO = Path(__file__).parents[2].parent / "shared" / "testdata" / "people" / "pose.jpg"
# Where the person's joints are in the photo, read off by eye: landmark, x, y in pixels.
JOINTS_PX = {
    11: (545, 321),  # left shoulder
    12: (452, 326),
    23: (522, 473),  # left hip
    24: (467, 470),
    27: (702, 613),  # left ankle
    28: (350, 608),
}


def ready(name: str) -> Path:
    store = ModelStore()
    if name != "full" and store.status(name).state is ModelState.MISSING:
        pytest.skip(f"not on this computer; to run this test: posture models fetch {name}")
    return store.path(name)


@pytest.mark.model
@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_bundle_loads_and_finds_the_person(name: str) -> None:
    if not PHOTO.exists():
        pytest.skip(f"the shared test photo {PHOTO.name} is not on this computer")
    picture = cv2.imread(str(PHOTO))
    assert picture is not None
    image = mp.Image(
        image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    )
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(ready(name))),
        running_mode=vision.RunningMode.VIDEO,
        output_segmentation_masks=True,
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        for time_ms in (0, 33, 66):
            result = landmarker.detect_for_video(image, time_ms)
        mask = result.segmentation_masks[0].numpy_view().copy()
    (person,) = result.pose_landmarks
    height, width = mask.shape[:2]
    assert (height, width) == picture.shape[:2]
    found = np.array([(person[i].x * width, person[i].y * height) for i in JOINTS_PX])
    body_height_px = 400
    assert np.abs(found - np.array(list(JOINTS_PX.values()))).max() < 0.05 * body_height_px
    inside = [mask[round(y), round(x)] for x, y in found[2:4]]
    assert np.min(inside) > 0.8, "the hips lie inside the silhouette"
    assert mask[5, 5] < 0.1, "the corner does not"


@pytest.mark.model
@pytest.mark.parametrize("name", MODEL_NAMES)
def test_what_is_on_this_computer_is_whole(name: str) -> None:
    ready(name)
    status = {status.name: status for status in ModelStore().verify()}[name]
    assert status.state is ModelState.READY
