from dataclasses import replace

import numpy as np
import pytest

from posture.datatypes import Frame, Reason
from posture.pelvis.arms import covered_by_arm, covered_by_arms
from posture.pelvis.quality import QualitySettings, Reading, why_not
from posture.pipeline import Perception
from tests.unit.people import HEIGHT, WIDTH, standing

PICTURE = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)


class Sees:
    """A landmarker that always finds the same person."""

    def __init__(self, pose):
        self.pose = pose

    def detect(self, frame):
        del frame
        return self.pose


def observed(pose):
    return Perception(Sees(pose)).observe(Frame(0, 0.0, PICTURE))


def reason(pose, reading=Reading.TILT):
    return why_not(observed(pose), reading, QualitySettings())


def test_a_whole_person_from_the_side_can_be_read():
    assert reason(standing()) is None
    assert reason(standing(facing=-1, yaw_deg=-90)) is None


def test_an_arm_held_clear_of_the_back_hides_nothing():
    assert reason(standing(arm_back=100.0)) is None


def test_nobody():
    assert reason(None) is Reason.NOBODY


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ({"origin": (320, 520)}, Reason.HIPS_NOT_VISIBLE),
        ({"origin": (320, 430)}, Reason.KNEES_NOT_VISIBLE),
        ({"origin": (320, 100)}, Reason.SHOULDERS_NOT_VISIBLE),
        ({"size": 0.3}, Reason.TOO_SMALL),
        ({"yaw_deg": 0.0}, Reason.NOT_SIDE_ON),
        ({"yaw_deg": 45.0}, Reason.NOT_SIDE_ON),
        ({"arm_back": 50.0}, Reason.BACK_COVERED),
        ({"origin": (30, 240)}, Reason.OUTLINE_UNCLEAR),
    ],
)
def test_what_is_wrong_is_named(person, expected):
    assert reason(standing(**person)) is expected


def test_hips_behind_a_desk_give_no_reading_though_the_model_calls_them_visible():
    pose = standing()
    mask = pose.mask.copy()
    mask[200:] = 0.0
    assert reason(replace(pose, mask=mask, visibility=np.ones(33))) is Reason.HIPS_NOT_VISIBLE


def test_a_soft_mask_gives_no_reading():
    pose = standing()
    row = np.convolve(pose.mask[240], np.ones(161) / 161, mode="same")
    blurred = np.tile(row / row.max(), (HEIGHT, 1)).astype(np.float32)
    assert reason(replace(pose, mask=blurred)) is Reason.OUTLINE_UNCLEAR


def test_a_body_of_impossible_proportions_gives_no_reading():
    pose = standing()
    world = pose.world_m.copy()
    world[25:29] *= 0.2
    assert reason(replace(pose, world_m=world)) is Reason.HIPS_NOT_VISIBLE


def test_turning_is_read_from_a_three_quarter_view_only():
    assert reason(standing(yaw_deg=45.0), Reading.YAW) is None
    assert reason(standing(yaw_deg=0.0), Reading.YAW) is Reason.NOT_THREE_QUARTER
    assert reason(standing(yaw_deg=90.0), Reading.YAW) is Reason.NOT_THREE_QUARTER


def test_posture_alone_can_be_seen_from_the_front():
    assert reason(standing(yaw_deg=0.0), Reading.POSTURE) is None


def test_lift_needs_a_lying_person():
    assert reason(standing(), Reading.LIFT) is Reason.WRONG_POSITION


def test_arms_are_found_in_many_pictures_at_once_as_in_each():
    people = [standing(arm_back=20.0 * step) for step in range(5)] + [None, standing(facing=-1)]
    seen = [observed(person) for person in people] * 20
    together = covered_by_arms(seen)
    assert together.any()
    assert (together == np.stack([covered_by_arm(one) for one in seen])).all()
