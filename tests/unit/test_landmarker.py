"""Whom the landmarker finds, with an empty border where it needs one, and whom it follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from posture.adapters import landmarker as door
from posture.adapters.landmarker import DOUBTFUL, PLACES, STEPS_THERE, MediaPipeLandmarker
from posture.adapters.pose_network import Reading, Region
from posture.datatypes import Frame, Pose

HEIGHT, WIDTH = 100, 150
# A body upright, hands at its sides.
HIP_PX, SHOULDER_PX, FOOT_PX = (60.0, 60.0), (60.0, 30.0), (60.0, 90.0)


def body(shift_px: float = 0.0, size: float = 1.0) -> np.ndarray:
    points = np.tile(FOOT_PX, (33, 1))
    points[11:13], points[23:25] = SHOULDER_PX, HIP_PX
    points[15], points[16] = (45.0, 60.0), (75.0, 60.0)
    return (points - HIP_PX) * size + HIP_PX + (shift_px, 0.0)


class Finder:
    """Finds the people of `sure`; or one where the picture was given a certain height."""

    heights: list[int]
    sees_at: int
    sure: list[np.ndarray]

    @classmethod
    def create_from_options(cls, options: Any) -> Finder:
        model = cls()
        model.doubts = options.min_pose_detection_confidence == DOUBTFUL.detection
        return model

    def detect(self, picture: Any) -> SimpleNamespace:
        image = picture.numpy_view()
        height, width = image.shape[:2]
        people = Finder.sure
        above = 0
        if self.doubts:
            Finder.heights.append(height)
            people = [body()] if height == Finder.sees_at else []
            above = int(np.flatnonzero(image.any(axis=(1, 2)))[0])
        return SimpleNamespace(
            pose_landmarks=[
                [SimpleNamespace(x=x / width, y=(y + above) / height) for x, y in points]
                for points in people
            ]
        )

    def close(self) -> None:
        pass


class Network:
    """Sees the body of the region's place as long as it is sure; remembers every region."""

    regions: list[Region]
    presence: float
    step_px = 0.0  # how far on it sees the body each time
    thigh_m: float  # no body's, unless a test says so
    from_x_px: float  # what lies further left is nobody

    def __init__(self, *_: object) -> None:
        pass

    def read(self, image: np.ndarray, region: Region) -> Reading:
        Network.regions.append(region)
        points = body(region.x_px - HIP_PX[0])
        world = np.zeros((33, 3))
        world[11:13, 1], world[25:27, 1] = -0.5, Network.thigh_m
        pose = Pose(points, np.zeros(33), np.ones(33), world, np.ones(image.shape[:2]))
        sure = Network.presence if region.x_px >= Network.from_x_px else 0.0
        return Reading(pose, sure, replace(region, x_px=region.x_px + self.step_px))


@pytest.fixture(autouse=True)
def model(monkeypatch):
    monkeypatch.setattr(door, "PoseLandmarker", Finder)
    monkeypatch.setattr(door, "PoseNetwork", Network)
    Finder.heights, Finder.sees_at, Finder.sure = [], 0, []
    Network.regions, Network.presence = [], 1.0
    Network.thigh_m, Network.from_x_px = 0.0, 0.0


def frame(index: int, rate_hz: float = 10.0) -> Frame:
    return Frame(index, index / rate_hz, np.full((HEIGHT, WIDTH, 3), 255, np.uint8))


def opened() -> MediaPipeLandmarker:
    return MediaPipeLandmarker(Path("pose_landmarker_full.task"))


def looked_at(count: int) -> list[Any]:
    with opened() as landmarker:
        return [landmarker.detect(frame(index)) for index in range(count)]


def height_with(margin: tuple[float, float]) -> int:
    return HEIGHT + round(margin[0] * HEIGHT) + round(margin[1] * HEIGHT)


def test_each_border_is_tried_until_somebody_is_seen_who_is_then_followed_without():
    Finder.sees_at = height_with(DOUBTFUL.margins[1])
    found = [pose is not None for pose in looked_at(6)]
    assert found == [False, True, True, True, True, True]
    assert Finder.heights == [HEIGHT, Finder.sees_at]


def test_where_nobody_is_seen_all_borders_have_their_turn():
    looked_at(2 * len(DOUBTFUL.margins))
    assert Finder.heights == [height_with(margin) for margin in DOUBTFUL.margins] * 2


def test_the_pose_is_told_in_the_pictures_own_pixels():
    Finder.sees_at = height_with(DOUBTFUL.margins[1])
    pose = looked_at(2)[1]
    # Before, a place was looked at in the first picture.
    first = Network.regions[1 + STEPS_THERE]
    assert pose.landmarks_px == pytest.approx(body())
    assert first.x_px == pytest.approx(HIP_PX[0])
    assert first.y_px == pytest.approx(HIP_PX[1])
    assert first.turn_rad == pytest.approx(0.0)


def test_somebody_lost_is_looked_for_with_the_border_that_helped():
    Finder.sees_at = height_with(DOUBTFUL.margins[2])
    with opened() as landmarker:
        assert [landmarker.detect(frame(index)) is None for index in range(4)] == [1, 1, 0, 0]
        Network.presence = DOUBTFUL.presence - 0.01
        assert landmarker.detect(frame(4)) is None
        Network.presence = 1.0
        assert landmarker.detect(frame(5)) is not None
    assert Finder.heights[-2:] == [Finder.sees_at] * 2


def test_the_largest_is_followed_and_then_the_same_again():
    large, small = body(0.0), body(60.0, size=0.5)
    Finder.sure = [small, large]
    with opened() as landmarker:
        assert landmarker.detect(frame(0)).landmarks_px == pytest.approx(large)
        assert landmarker.people_at_once == 2
        Network.presence = 0.0
        landmarker.detect(frame(1))
        # Nearer to the camera now, the other one is the larger.
        Finder.sure, Network.presence = [body(60.0, size=2.0), large], 1.0
        assert landmarker.detect(frame(2)).landmarks_px == pytest.approx(large)


def test_whoever_jumps_is_somebody_else():
    Finder.sure = [body()]
    with opened() as landmarker:
        landmarker.detect(frame(0))
        searched = len(Network.regions)
        jump = Region(140.0, 60.0, 100.0, 0.0)
        landmarker._region = jump
        assert landmarker.detect(frame(1)).landmarks_px == pytest.approx(body())
    assert Network.regions[searched] == jump


def test_whoever_is_followed_is_not_given_up_for_a_doubtful_find():
    Finder.sure = [body()]
    with opened() as landmarker:
        landmarker.detect(frame(0))
        Finder.sure, Finder.sees_at = [], HEIGHT
        landmarker._region = Region(140.0, 60.0, 100.0, 0.0)
        assert landmarker.detect(frame(1)).landmarks_px[23, 0] > 100.0
    assert Finder.heights == []


def test_a_find_that_the_network_does_not_believe_is_none():
    Finder.sure, Network.presence = [body()], 0.4
    with opened() as landmarker:
        assert landmarker.detect(frame(0)) is None
        assert landmarker._region is None


def test_a_tremble_is_taken_out_and_a_movement_is_followed():
    Finder.sure = [body()]
    rng = np.random.default_rng(0)
    with opened() as landmarker:
        told = []
        for index in range(80):
            walk = 0.0 if index < 40 else 3.0 * (index - 40)
            if landmarker._region is not None:
                x = HIP_PX[0] + walk + rng.normal(0.0, 0.5)
                landmarker._region = Region(x, HIP_PX[1], 300.0, 0.0)
            pose = landmarker.detect(Frame(index, index / 30, frame(0).image_rgb))
            told.append(pose.landmarks_px[23, 0] - HIP_PX[0] - walk)
    assert np.std(told[10:40]) < 0.25
    assert abs(np.mean(told[60:])) < 3.0


def places_looked_at(rate_hz: float, lost_at: int = -1) -> list[float]:
    """Where each reading of seven pictures of a recording looked, pixels from the first."""
    Finder.sure = [body()]
    with opened() as landmarker:
        frames = [frame(index, rate_hz) for index in range(7)]
        for picture in landmarker.looking_ahead(frames):
            Network.presence = 0.0 if picture.index == lost_at else 1.0
            landmarker.detect(picture)
    return [region.x_px - Network.regions[0].x_px for region in Network.regions]


def test_a_recordings_picture_is_looked_at_where_the_last_but_one_pointed(monkeypatch):
    monkeypatch.setattr(Network, "step_px", 1.0)
    # Found, read once more, and the second picture that nothing could be begun of before.
    assert places_looked_at(rate_hz=30) == [0, 1, 2, 2, 3, 3, 4, 4]


def test_pictures_far_apart_are_looked_at_where_the_last_one_pointed(monkeypatch):
    monkeypatch.setattr(Network, "step_px", 1.0)
    assert places_looked_at(rate_hz=15) == [0, 1, 2, 3, 4, 5, 6, 7]


def test_what_was_begun_of_somebody_lost_is_void(monkeypatch):
    monkeypatch.setattr(Network, "step_px", 1.0)
    # Lost in the fourth picture, found in it neither by the detector nor in the middle, and from
    # the fifth on as from the start.
    middle = 0.5 * WIDTH - HIP_PX[0]
    assert places_looked_at(rate_hz=30, lost_at=3) == [0, 1, 2, 2, 3, 0, middle, 0, 1, 2, 2]


def test_somebody_overlooked_is_found_where_people_stand_and_followed_from_there():
    Network.thigh_m, Network.from_x_px = 0.42, 0.6 * WIDTH
    found = [pose is not None for pose in looked_at(6)]
    assert found == [False, False, True, True, True, True]
    first_tries = [region.x_px / WIDTH for region in Network.regions[:3]]
    assert first_tries == [x for x, _ in PLACES[:3]]
    assert len(Network.regions) == 2 + (1 + STEPS_THERE + 1) + 3


@pytest.mark.parametrize(("thigh_m", "presence"), [(0.2, 1.0), (0.6, 1.0), (0.42, 0.8)])
def test_what_only_looks_a_little_like_a_body_is_nobody(thigh_m, presence):
    Network.thigh_m, Network.presence = thigh_m, presence
    assert looked_at(2 * len(PLACES)) == [None] * 2 * len(PLACES)


def test_whoever_is_seen_by_the_detector_is_not_looked_for_elsewhere():
    Finder.sure, Network.thigh_m = [body()], 0.42
    looked_at(3)
    assert {region.x_px for region in Network.regions} == {HIP_PX[0]}


@pytest.mark.parametrize(
    ("turned_deg", "looked_at_deg"), [(0, 0), (80, 80), (-80, -80), (140, 140), (180, 0)]
)
def test_somebody_found_head_down_is_looked_at_upright(turned_deg, looked_at_deg):
    turn = np.radians(turned_deg)
    rotated = (body() - HIP_PX) @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    Finder.sure = [rotated + HIP_PX]
    looked_at(1)
    assert np.degrees(Network.regions[0].turn_rad) == pytest.approx(looked_at_deg, abs=0.1)
