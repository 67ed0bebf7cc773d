"""The pose network in two parts sees what the whole one sees."""

from __future__ import annotations

import zipfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from posture.adapters import pose_network
from posture.adapters.landmarker import MediaPipeLandmarker
from posture.adapters.model_store import ModelStore
from posture.adapters.network_parts import SMALL_SIDE, Parts, take_apart
from posture.adapters.pose_bundle import DETECTOR_MEMBER, LANDMARKER_MEMBER
from posture.adapters.video_reader import open_video
from posture.datatypes import Pose
from posture.errors import ModelError

SAMPLES = Path(__file__).resolve().parents[2] / "sample_videos"


def answer(network: bytes, *inputs: np.ndarray) -> list[np.ndarray]:
    interpreter = Interpreter(model_content=network, num_threads=1)
    interpreter.allocate_tensors()
    for each, values in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(each["index"], np.ascontiguousarray(values))
    interpreter.invoke()
    return [interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()]


@pytest.fixture(scope="module")
def network() -> bytes:
    with zipfile.ZipFile(ModelStore().path("full")) as bundle:
        return bundle.read(LANDMARKER_MEMBER)


@pytest.fixture(scope="module")
def parts(network: bytes) -> Parts:
    return take_apart(network)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    with open_video(SAMPLES / "standing_tilt_left.mp4") as reader:
        image = next(iter(reader)).image_rgb
    rows, columns = (np.linspace(0, side - 1, 256).astype(int) for side in image.shape[:2])
    return (image[rows][:, columns] / 255.0).astype(np.float32)[None]


def test_both_parts_together_give_what_the_whole_network_gives(network, parts, picture):
    whole = answer(network, picture)
    points = answer(parts.points, picture)
    (mask,) = answer(parts.drawing, *points[4:])
    for ours, theirs in zip([*points[:2], mask, *points[2:4]], whole, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(("first", "width"), [(0, 24), (17, 24), (20, 44), (40, 24), (0, 64)])
def test_the_mask_of_some_columns_is_that_part_of_the_whole_mask(parts, picture, first, width):
    points = answer(parts.points, picture)
    (whole,) = answer(parts.drawing, *points[4:])
    small, large = points[4:]
    some = slice(first, first + width), slice(2 * first, 2 * (first + width))
    (mask,) = answer(parts.drawing_of(width), small[:, :, some[0]], large[:, :, some[1]])
    left = pose_network.BLURRED_CELLS * (first > 0)
    right = 4 * width - pose_network.BLURRED_CELLS * (first + width < SMALL_SIDE)
    expected = whole[:, :, 4 * first : 4 * (first + width)]
    assert mask[:, :, left:right] == pytest.approx(expected[:, :, left:right], abs=1e-4)


@pytest.mark.parametrize("damage", ["short", "empty", "other"])
def test_a_damaged_network_is_refused_in_one_sentence(network, tmp_path, damage):
    broken = {"short": network[: len(network) // 2], "empty": network[:4] + b"TFL3" + bytes(99)}
    with zipfile.ZipFile(ModelStore().path("full")) as bundle:
        other = bundle.read(DETECTOR_MEMBER)  # a network, but one that draws no mask
    path = tmp_path / "pose_landmarker_full.task"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr(LANDMARKER_MEMBER, broken.get(damage, other))
    with pytest.raises(ModelError, match="pose_landmarker_full"):
        pose_network.PoseNetwork(path)


def seen(name: str) -> list[Pose]:
    with (
        open_video(SAMPLES / f"{name}.mp4") as reader,
        MediaPipeLandmarker(ModelStore().path("full")) as landmarker,
    ):
        found = [landmarker.detect(frame) for frame in islice(reader, 12)]
    assert None not in found
    return [pose for pose in found if pose is not None]


@pytest.mark.parametrize("name", ["standing_tilt_left", "sit_bones", "bridge"])
@pytest.mark.parametrize("reach", [pose_network.FLESH_REACH, -0.1])
def test_nobody_is_cut_off(name, reach, monkeypatch):
    """Not even where hardly any column is thought to be enough."""
    monkeypatch.setattr(pose_network, "FLESH_REACH", reach)
    some = seen(name)
    monkeypatch.setattr(pose_network, "WIDTHS", (SMALL_SIDE,))
    for ours, whole in zip(some, seen(name), strict=True):
        assert ours.landmarks_px == pytest.approx(whole.landmarks_px)
        body = whole.mask > 0.5
        assert ours.mask[body] == pytest.approx(whole.mask[body], abs=1e-3)
        assert not (ours.mask[~body] > 0.5).any()
