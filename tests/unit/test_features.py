"""What one frame says about the body, and what it says since neutral."""

from dataclasses import replace
from math import radians

import numpy as np
import pytest

from posture.datatypes import TimeWindow, View
from posture.exercises import get_exercise
from posture.features import SIDE_FROM_DEG, measure, trunk_yaw_deg, view_of
from posture.landmarks import ANKLES, HIPS, KNEES, SHOULDERS
from posture.pelvis.calibration import calibrate
from posture.pelvis.quality import QualitySettings, Reading
from posture.pipeline import Interpreter, Perception
from tests.unit.people import standing
from tests.unit.test_pipeline import Script, frames


def squatting_towards_the_camera(bend_deg):
    """Somebody seen from the front whose knees go towards the camera, not aside."""
    pose = standing(yaw_deg=0.0)
    world = pose.world_m.copy()
    half = radians(bend_deg / 2)
    for hip, knee, ankle in zip(HIPS, KNEES, ANKLES, strict=True):
        world[knee] = world[hip] + 0.4 * np.array([0.0, np.cos(half), -np.sin(half)])
        world[ankle] = world[knee] + 0.4 * np.array([0.0, np.cos(half), np.sin(half)])
    return replace(pose, world_m=world)


@pytest.mark.parametrize("bend_deg", [0.0, 30.0, 70.0])
def test_a_knee_bent_towards_the_camera_is_read_in_space(bend_deg):
    measures = measure(squatting_towards_the_camera(bend_deg), 1)
    assert measures.knee_flexion_world_deg == pytest.approx(bend_deg, abs=0.01)
    assert measures.knee_flexion_deg == pytest.approx(0.0, abs=0.5)


def samples(exercise_id, poses):
    perception = Perception(Script(poses))
    observed = [perception.observe(frame) for frame in frames(len(poses))]
    neutral = calibrate(observed, TimeWindow(0.0, 1.0), Reading.POSTURE, QualitySettings())
    interpreter = Interpreter(get_exercise(exercise_id), neutral)
    return [interpreter.interpret(one).sample for one in observed]


def test_exercises_seen_from_the_front_take_the_knee_in_space():
    bent = [squatting_towards_the_camera(40.0)] * 20
    assert samples("sit-bones", bent)[-1].knee_flexion_deg == pytest.approx(40.0, abs=0.01)
    assert samples("standing-tilt", bent)[-1].knee_flexion_deg == pytest.approx(0.0, abs=0.5)


def test_a_trunk_that_looks_shorter_is_no_rise_of_the_hips():
    """Leaning towards the camera shortens the trunk in the picture; hips and feet stay."""
    upright = standing()
    points = upright.landmarks_px.copy()
    hip_y = points[HIPS[0], 1]
    above = points[:, 1] < hip_y
    points[above, 1] = hip_y - 0.7 * (hip_y - points[above, 1])
    leaning = replace(upright, landmarks_px=points)
    last = samples("standing-tilt", [upright] * 20 + [leaning] * 30)[-1]
    assert last.hip_height == pytest.approx(0.0, abs=0.005)
    assert last.hip_shift == pytest.approx(0.0, abs=0.005)


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, -45.0, 90.0])
def test_a_bow_towards_where_the_trunk_faces_is_a_forward_pitch_from_every_side(yaw_deg):
    pose = standing(yaw_deg=yaw_deg)
    world = pose.world_m.copy()
    yaw, bow = radians(yaw_deg), radians(25.0)
    forward = np.array([np.sin(yaw), 0.0, -np.cos(yaw)])
    for hip, shoulder in zip(HIPS, SHOULDERS, strict=True):
        up = np.array([0.0, -np.cos(bow), 0.0]) + forward * np.sin(bow)
        world[shoulder] = world[hip] + 0.5 * up
    measures = measure(replace(pose, world_m=world), 1)
    assert measures.trunk_pitch_deg == pytest.approx(25.0, abs=0.01)


def test_where_the_trunk_faces_is_in_the_sample():
    assert samples("sit-bones", [standing(yaw_deg=30.0)] * 20)[-1].trunk_yaw_deg == pytest.approx(
        30.0, abs=1.0
    )


def with_shoulders_at(pose, yaw_deg):
    """The same person, the shoulders' line wrongly turned."""
    world = pose.world_m.copy()
    middle = world[list(SHOULDERS)].mean(axis=0)
    yaw = radians(yaw_deg)
    across = 0.15 * np.array([np.cos(yaw), 0.0, np.sin(yaw)])
    world[SHOULDERS[0]], world[SHOULDERS[1]] = middle + across, middle - across
    return replace(pose, world_m=world)


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, -90.0, 170.0])
def test_a_trunk_faces_where_all_of_the_body_does(yaw_deg):
    assert trunk_yaw_deg(standing(yaw_deg=yaw_deg)) == pytest.approx(yaw_deg, abs=1e-6)


def test_knees_steady_the_view_when_the_shoulders_are_misplaced():
    pose = with_shoulders_at(standing(yaw_deg=90.0), 30.0)
    assert trunk_yaw_deg(pose) == pytest.approx(71.0, abs=0.5)


def test_shoulders_below_a_head_out_of_the_picture_say_nothing_about_the_view():
    cropped = standing(yaw_deg=90.0, origin=(320.0, 150.0))
    assert trunk_yaw_deg(with_shoulders_at(cropped, 0.0)) == pytest.approx(90.0, abs=1e-6)


def test_a_view_at_its_limit_does_not_flicker():
    angles = [SIDE_FROM_DEG + off for off in (1, -3, 2, -5, 3, -7, -1, 5, 7, -1)]
    views, view = [], None
    for angle in angles:
        view = view_of(angle, view)
        views.append(view)
    side, turned = View.SIDE, View.THREE_QUARTER
    assert views == [side] * 5 + [turned] * 3 + [side] * 2


def test_every_view_is_left_for_every_other():
    for before in View:
        assert view_of(0.0, before) is view_of(180.0, before) is View.FRONT
        assert view_of(42.0, before) is view_of(-138.0, before) is View.THREE_QUARTER
        assert view_of(-90.0, before) is view_of(90.0, before) is View.SIDE
