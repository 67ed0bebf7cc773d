from itertools import pairwise
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.datatypes import Stance
from posture.pelvis.stance import StanceTracker

STEP_S = 1 / 30


def stances(tilts):
    track = StanceTracker()
    return [track(tilt, index * STEP_S) for index, tilt in enumerate(tilts)]


@pytest.mark.parametrize(
    ("tilt_deg", "expected"),
    [(0, Stance.NEUTRAL), (12, Stance.FORWARD), (-9, Stance.BACKWARD), (4.9, Stance.NEUTRAL)],
)
def test_a_held_tilt_has_its_stance(tilt_deg, expected):
    assert stances([0.0] * 10 + [tilt_deg] * 10)[-1] is expected


def test_one_misread_frame_changes_nothing():
    assert set(stances([0.0] * 10 + [20.0] + [0.0] * 10)) == {Stance.NEUTRAL}


def test_jitter_at_the_threshold_does_not_flicker():
    seen = stances([0.0] * 10 + [5.2, 4.7] * 40)
    assert sum(a is not b for a, b in pairwise(seen)) <= 1


def test_without_a_reading_there_is_no_stance_and_it_starts_afresh():
    seen = stances([8.0] * 10 + [nan] * 5 + [-8.0] * 2)
    assert seen[10:15] == [None] * 5
    assert seen[15] is Stance.BACKWARD


def test_straight_through_neutral_from_forward_to_backward():
    seen = stances([9.0] * 10 + [-9.0] * 10)
    assert Stance.NEUTRAL not in seen
    assert seen[-1] is Stance.BACKWARD


@given(st.lists(st.floats(-30, 30), max_size=80))
def test_mirrored_tilts_have_mirrored_stances(tilts):
    mirror = {Stance.FORWARD: Stance.BACKWARD, Stance.BACKWARD: Stance.FORWARD}
    assert stances([-tilt for tilt in tilts]) == [mirror.get(s, s) for s in stances(tilts)]
