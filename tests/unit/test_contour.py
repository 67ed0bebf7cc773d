import numpy as np
import pytest

from posture.contour import LINE_HEIGHTS, body_scale_px, edge_points_px, trace_contour
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


def test_the_mask_is_left_as_it_was():
    pose = standing()
    before = pose.mask.copy()
    trace_contour(pose, 235.0, 1)
    assert (pose.mask == before).all()


def test_edge_points_are_in_the_picture_where_the_edge_is():
    back, front = edge_points_px(traced(1))
    assert back[:, 0].max() < 320 < front[:, 0].min()
    assert len(back) == len(LINE_HEIGHTS)
