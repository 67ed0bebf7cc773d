import numpy as np
import pytest

from posture.contour import LINE_COUNT, LINE_HEIGHTS
from posture.datatypes import Position, Reason
from posture.pelvis.tilt import (
    ANKLE_FEATURES,
    COVERED,
    FEATURE_COUNT,
    JOINTS,
    POSE_FEATURES,
    ContourTilt,
    ContourTiltSettings,
    tilt_features,
)
from tests.unit.people import standing
from tests.unit.test_pipeline import observations

SETTINGS = ContourTiltSettings()


def back_turned(deg, lean_deg=0.0):
    """Features whose back edge runs forward by ``deg`` against the vertical."""
    features = np.zeros(FEATURE_COUNT)
    features[:LINE_COUNT] = 0.16 - np.tan(np.radians(deg)) * LINE_HEIGHTS
    features[JOINTS.start + POSE_FEATURES.index("trunk_lean_deg")] = lean_deg
    return features


def estimate(features, neutral=None):
    neutral = back_turned(0.0) if neutral is None else neutral
    return ContourTilt().estimate(features, neutral, Position.STANDING)


@pytest.mark.parametrize("deg", [-8.0, 0.0, 5.0, 12.0])
def test_the_tilt_is_the_backs_turn_times_the_gain(deg):
    assert estimate(back_turned(deg)).tilt_deg == pytest.approx(SETTINGS.gain * deg, abs=0.01)


def test_only_the_change_since_neutral_counts():
    answer = estimate(back_turned(12.0), back_turned(7.0))
    assert answer.tilt_deg == pytest.approx(SETTINGS.gain * 5.0, abs=0.01)


def test_a_trunk_that_leans_with_the_back_is_no_full_tilt():
    leaning = estimate(back_turned(6.0, lean_deg=12.0))
    assert abs(leaning.tilt_deg) < 0.1


def test_the_uncertainty_grows_with_the_tilt():
    assert estimate(back_turned(10.0)).sd_deg > estimate(back_turned(0.0)).sd_deg > 0


def test_a_back_without_an_edge_is_refused():
    features = back_turned(5.0)
    features[:LINE_COUNT] = np.nan
    answer = estimate(features)
    assert np.isnan(answer.tilt_deg)
    assert answer.reason is Reason.OUTLINE_UNCLEAR


def test_a_few_lines_without_an_edge_change_nothing():
    features = back_turned(5.0)
    features[14:16] = np.nan
    assert estimate(features).tilt_deg == pytest.approx(estimate(back_turned(5.0)).tilt_deg)


def test_more_than_a_pelvis_can_do_is_refused():
    assert estimate(back_turned(40.0)).reason is Reason.UNFAMILIAR_POSTURE


def test_features_hold_both_edges_and_the_joints_and_not_the_head():
    observation = observations([standing()])[0]
    features = tilt_features(observation)
    assert features.shape == (FEATURE_COUNT,)
    assert (features[:LINE_COUNT] == observation.contour.back).all()
    assert not [name for name in POSE_FEATURES if "head" in name]


def test_an_arm_behind_the_back_marks_the_lines_that_it_covers_and_no_others():
    free = tilt_features(observations([standing(arm_back=0.0)])[0])[COVERED]
    behind = tilt_features(observations([standing(arm_back=48.0)])[0])[COVERED]
    assert not free.any()
    assert behind.any()
    assert not behind[LINE_HEIGHTS < -0.25].any()  # the fingers end above it


def test_ankles_at_the_pictures_border_are_no_ankles():
    whole = tilt_features(observations([standing()])[0])[JOINTS]
    cropped = tilt_features(observations([standing(origin=(320.0, 265.0))])[0])[JOINTS]
    feet = [POSE_FEATURES.index(name) for name in ANKLE_FEATURES]
    assert np.isfinite(whole).all()
    assert np.isnan(cropped[feet]).all()
    assert np.isnan(cropped).sum() == len(feet)


def test_without_a_contour_all_features_are_missing():
    assert np.isnan(tilt_features(observations([None])[0])).all()
