from dataclasses import replace

import numpy as np
import pytest

from posture.contour import (
    LINE_HEIGHTS,
    body_scale_px,
    edge_points_px,
    trace_contour,
    trace_lying_contour,
)
from posture.datatypes import Pose
from posture.landmarks import HIPS, KNEES
from tests.unit.people import standing

NEAR_PELVIS = (LINE_HEIGHTS > -0.3) & (LINE_HEIGHTS < 0.4)


def traced(facing=1, **person):
    pose = standing(facing=facing, **person)
    return trace_contour(pose, body_scale_px(pose.landmarks_px), facing)


def test_the_scale_is_trunk_plus_thigh():
    assert body_scale_px(standing().landmarks_px) == pytest.approx(235)


@pytest.mark.parametrize("facing", [1, -1])
def test_edges_lie_where_the_body_ends_to_a_fraction_of_a_pixel(facing):
    contour = traced(facing)
    assert contour.back[NEAR_PELVIS] * contour.scale_px == pytest.approx(38, abs=0.6)
    assert contour.front[NEAR_PELVIS] * contour.scale_px == pytest.approx(38, abs=0.6)


def test_mirroring_changes_nothing():
    right, left = traced(1, tilt_deg=12), traced(-1, tilt_deg=12)
    assert left.back == pytest.approx(right.back, abs=2e-3, nan_ok=True)


@pytest.mark.parametrize(("size", "origin"), [(0.6, (320, 200)), (0.9, (150, 260))])
def test_size_and_place_change_nothing(size, origin):
    here, there = traced(tilt_deg=8), traced(tilt_deg=8, size=size, origin=origin)
    assert there.back[NEAR_PELVIS] == pytest.approx(here.back[NEAR_PELVIS], abs=6e-3)


def test_forward_tilt_draws_the_back_edge_forward_above_the_hip():
    neutral, tilted = traced(), traced(tilt_deg=15)
    above = (LINE_HEIGHTS > 0.1) & (LINE_HEIGHTS < 0.28)
    assert (tilted.back[above] < neutral.back[above] - 0.02).all()


def test_an_edge_that_is_the_pictures_border_is_no_edge():
    contour = traced(1, origin=(20, 240))
    assert np.isnan(contour.back[NEAR_PELVIS]).all()
    assert not np.isnan(contour.front[NEAR_PELVIS]).any()


def test_lines_outside_the_picture_have_no_edge():
    contour = traced(1, origin=(320, 400))
    assert np.isnan(contour.back[LINE_HEIGHTS < -0.36]).all()


def test_a_gap_between_arm_and_back_ends_the_body():
    pose = standing()
    with_arm = pose.mask.copy()
    with_arm[150:250, 250:265] = 1.0  # an arm hanging 17 px behind the back
    behind = type(pose)(pose.landmarks_px, pose.depth_px, pose.visibility, pose.world_m, with_arm)
    contour = trace_contour(behind, body_scale_px(pose.landmarks_px), 1)
    assert contour.back[NEAR_PELVIS] * contour.scale_px == pytest.approx(38, abs=0.6)


def test_knees_above_the_hips_leave_the_back_where_it_is():
    pose = standing()
    on_a_low_chair = pose.landmarks_px.copy()
    on_a_low_chair[list(KNEES)] = on_a_low_chair[list(HIPS)] + (100.0, -15.0)
    above = LINE_HEIGHTS > 0.0
    standing_up, sitting = (
        trace_contour(replace(pose, landmarks_px=points), 235.0, 1).back[above]
        for points in (pose.landmarks_px, on_a_low_chair)
    )
    assert sitting == pytest.approx(standing_up, abs=1e-6, nan_ok=True)


def test_the_mask_is_left_as_it_was():
    pose = standing()
    before = pose.mask.copy()
    trace_contour(pose, 235.0, 1)
    assert (pose.mask == before).all()


def test_edge_points_are_in_the_picture_where_the_edge_is():
    back, front = edge_points_px(traced(1))
    assert back[:, 0].max() < 320 < front[:, 0].min()
    assert len(back) == len(LINE_HEIGHTS)


def lying(head, tilt_deg):
    """The standing person laid on the back; ``head`` +1 at the picture's right, -1 at its left."""
    pose = standing(tilt_deg=tilt_deg, facing=-head)
    height, width = pose.mask.shape
    x, y = pose.landmarks_px.T
    points = (height - 1 - y, x) if head > 0 else (y, width - 1 - x)
    return Pose(
        landmarks_px=np.stack(points, axis=1),
        depth_px=pose.depth_px,
        visibility=pose.visibility,
        world_m=pose.world_m,
        mask=np.rot90(pose.mask, -head),
    )


@pytest.mark.parametrize("head", [1, -1])
def test_somebody_lying_has_the_edges_of_somebody_upright(head):
    upright, laid = traced(tilt_deg=10), trace_lying_contour(lying(head, 10), 235.0)
    assert laid.turned == head
    assert laid.back == pytest.approx(upright.back, abs=3e-3, nan_ok=True)
    assert laid.front == pytest.approx(upright.front, abs=3e-3, nan_ok=True)


@pytest.mark.parametrize("head", [1, -1])
def test_edge_points_of_somebody_lying_are_on_the_edge_in_the_picture(head):
    pose = lying(head, 0)
    back, front = edge_points_px(trace_lying_contour(pose, 235.0))
    for edge, outwards in ((back, 1), (front, -1)):
        x, y = edge[~np.isnan(edge[:, 1])].round().astype(int).T
        inside = pose.mask[y - 3 * outwards, x]
        outside = pose.mask[y + 3 * outwards, x]
        assert np.median(inside) > 0.5 > np.median(outside)
    assert np.nanmedian(back[:, 1]) > np.nanmedian(front[:, 1])
