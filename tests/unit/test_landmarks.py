import numpy as np
import pytest

from posture.landmarks import HIPS, SHOULDERS, Landmark, middle, seen
from tests.unit.people import standing


def test_a_body_in_the_picture_is_seen():
    assert seen(standing())[[*HIPS, *SHOULDERS]].all()


@pytest.mark.parametrize("origin", [(-50, 240), (320, 900), (700, 240)])
def test_points_outside_the_picture_are_not_seen(origin):
    assert not seen(standing(origin=origin))[[*HIPS]].any()


def test_a_point_off_the_mask_is_not_seen_however_visible_the_model_calls_it():
    pose = standing()
    mask = pose.mask.copy()
    mask[220:480] = 0.0
    hidden = type(pose)(pose.landmarks_px, pose.depth_px, np.ones(33), pose.world_m, mask)
    assert not seen(hidden)[[*HIPS]].any()
    assert seen(hidden)[[*SHOULDERS]].all()


def test_the_middle_lies_between():
    points = np.zeros((33, 2))
    points[Landmark.LEFT_HIP] = (2, 4)
    assert middle(points, HIPS) == pytest.approx([1, 2])
