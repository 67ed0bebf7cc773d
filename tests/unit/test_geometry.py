from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.geometry import angle_at_deg, lean_deg, wrap_deg, yaw_deg

coordinate = st.floats(-1000, 1000)
point = st.tuples(coordinate, coordinate).map(np.array)


@pytest.mark.parametrize(
    ("b", "expected_deg"),
    [((1, 0), 0.0), ((1, 1), 45.0), ((0, 1), 90.0), ((-1, 1), 135.0), ((-1, 0), 180.0)],
)
def test_known_angles(b, expected_deg):
    angle = angle_at_deg(np.array([5.0, 0.0]), np.zeros(2), np.array(b, dtype=float))
    assert angle == pytest.approx(expected_deg)


def test_an_angle_without_a_ray_is_not_a_number():
    assert isnan(angle_at_deg(np.zeros(2), np.zeros(2), np.ones(2)))


@given(point, point, point, st.floats(0.1, 10), point)
def test_translation_and_scale_change_no_angle(a, vertex, b, scale, shift):
    if min(np.hypot(*(a - vertex)), np.hypot(*(b - vertex))) < 1:
        return
    before = angle_at_deg(a, vertex, b)
    after = angle_at_deg(a * scale + shift, vertex * scale + shift, b * scale + shift)
    assert after == pytest.approx(before, abs=1e-3)


@pytest.mark.parametrize(
    ("top", "forward_sign", "expected_deg"),
    [((0, -10), 1, 0.0), ((10, -10), 1, 45.0), ((10, -10), -1, -45.0), ((10, 0), 1, 90.0)],
)
def test_lean_is_positive_forwards(top, forward_sign, expected_deg):
    assert lean_deg(np.zeros(2), np.array(top, dtype=float), forward_sign) == pytest.approx(
        expected_deg
    )


@given(point, point)
def test_mirroring_changes_no_lean(bottom, top):
    mirror = np.array([-1.0, 1.0])
    difference = lean_deg(bottom * mirror, top * mirror, -1) - lean_deg(bottom, top, 1)
    assert wrap_deg(difference + 90) == pytest.approx(90)  # -180 and 180 are the same lean


@pytest.mark.parametrize(
    ("left", "expected_deg"),
    [
        ((1, 0, 0), 0.0),  # facing the camera, the left shoulder is at the picture's right
        ((0, 0, 1), 90.0),  # facing the picture's right, the left shoulder is far away
        ((0, 0, -1), -90.0),
        ((-1, 0, 0), 180.0),
    ],
)
def test_yaw_of_four_known_headings(left, expected_deg):
    left_m = np.array(left, dtype=float)
    assert yaw_deg(left_m, -left_m) == pytest.approx(expected_deg)


@given(st.floats(-2000, 2000))
def test_wrapped_angles_point_the_same_way(angle_deg):
    wrapped = wrap_deg(angle_deg)
    assert -180 < wrapped <= 180
    assert (wrapped - angle_deg) / 360 == pytest.approx(round((wrapped - angle_deg) / 360))
