"""The learned turn's mechanics, with made-up weights: what is fitted is measured elsewhere."""

import numpy as np
import pytest

from posture.datatypes import Facing, Quality, Reason, TimeWindow, View
from posture.exercises import get_exercise
from posture.landmarks import Landmark
from posture.pelvis.calibration import calibrate
from posture.pelvis.quality import QualitySettings, Reading
from posture.pelvis.rotation import (
    CHANGE_COUNT,
    JOINTS,
    MIRRORED,
    POINT_COUNT,
    SURFACE,
    SURFACE_CHANGE_COUNT,
    SURFACE_KEY,
    TURN_FEATURE_COUNT,
    LearnedTurn,
    TurnEstimate,
    turn_features,
    turn_inputs,
    with_one_key,
)
from posture.pipeline import Interpreter
from tests.unit.people import standing
from tests.unit.test_pipeline import observations


def seen(yaw_deg=45.0, facing=1):
    return observations([standing(yaw_deg=yaw_deg * facing, facing=facing)])[0]


def weights(limit=1e9, surface_limit=1e9):
    both = networks(2, CHANGE_COUNT + POINT_COUNT, 2, CHANGE_COUNT, limit)
    pelvis = networks(3, SURFACE_CHANGE_COUNT, 1, SURFACE_CHANGE_COUNT, surface_limit)
    surface = {f"surface_{name}": array for name, array in pelvis.items()}
    return {"name": np.array("made-up/1")} | both | surface


def networks(seed, inputs, targets, changes, limit):
    rng = np.random.default_rng(seed)
    return {
        "centre": np.zeros(inputs),
        "spread": np.ones(inputs),
        "direct": np.zeros((2, inputs, targets)),
        "w0": rng.normal(0, 0.5, (2, inputs, 5)),
        "b0": np.zeros((2, 5)),
        "w1": rng.normal(0, 0.5, (2, 5, 5)),
        "b1": np.zeros((2, 5)),
        "w2": rng.normal(0, 1, (2, 5, 2 * targets)) * ([1] * targets + [0] * targets),
        "b2": np.zeros((2, 2 * targets)),
        "sd_scale": np.ones(targets),
        "novelty_centre": np.zeros(changes),
        "novelty_whiten": np.eye(changes),
        "novelty_limit": np.array(limit),
        "least_sure_deg": np.array(9.0),
    }


def test_mirrored_joints_are_the_other_side_of_the_same_name():
    for joint, other in zip(JOINTS, MIRRORED, strict=True):
        name = Landmark(joint).name
        swapped = name.replace("LEFT", "x").replace("RIGHT", "LEFT").replace("x", "RIGHT")
        assert Landmark(JOINTS[other]).name == swapped


def test_neither_head_nor_arms_are_read():
    names = " ".join(Landmark(joint).name for joint in JOINTS)
    assert not any(word in names for word in ("NOSE", "EAR", "EYE", "ELBOW", "WRIST"))


def test_a_mirrored_person_has_the_same_features():
    right, left = turn_features(seen(facing=1)), turn_features(seen(facing=-1))
    assert right[:POINT_COUNT] == pytest.approx(left[:POINT_COUNT], abs=1e-5)
    assert right == pytest.approx(left, abs=6e-3, nan_ok=True)


def test_without_a_person_all_features_are_missing():
    features = turn_features(observations([None])[0])
    assert features.shape == (TURN_FEATURE_COUNT,)
    assert np.isnan(features).all()


def test_no_change_is_no_turn_and_the_other_side_has_the_other_sign():
    neutral, turned = turn_features(seen(45.0)), turn_features(seen(55.0))
    learned = LearnedTurn(weights())
    assert learned.estimate(neutral, neutral, Facing.RIGHT).pelvis_deg == pytest.approx(0.0)
    right = learned.estimate(turned, neutral, Facing.RIGHT)
    left = learned.estimate(turned, neutral, Facing.LEFT)
    assert right.pelvis_deg != 0
    assert (left.pelvis_deg, left.thorax_deg) == (-right.pelvis_deg, -right.thorax_deg)
    assert left.pelvis_sd_deg == right.pelvis_sd_deg > 0


def test_an_unfamiliar_change_is_refused():
    neutral, turned = turn_features(seen(45.0)), turn_features(seen(55.0))
    answer = LearnedTurn(weights(limit=1e-6)).estimate(turned, neutral, Facing.RIGHT)
    assert answer.reason is Reason.UNFAMILIAR_POSTURE
    assert np.isnan(answer.pelvis_deg)


def with_surface(features, key, shift=0.0):
    """The same features, the whole surface shifted since a key."""
    known = features.copy()
    known[SURFACE], known[SURFACE_KEY] = shift, key
    return known


def test_where_the_surface_is_known_since_the_same_key_the_pelvis_is_read_from_it():
    neutral, turned = turn_features(seen(45.0)), turn_features(seen(55.0))
    learned = LearnedTurn(weights())
    without = learned.estimate(turned, neutral, Facing.RIGHT)
    at_rest = with_surface(neutral, key=4)
    shifted = learned.estimate(with_surface(turned, key=4, shift=0.05), at_rest, Facing.RIGHT)
    assert shifted.pelvis_deg != without.pelvis_deg
    assert shifted.thorax_deg == without.thorax_deg
    further = learned.estimate(with_surface(turned, key=4, shift=0.09), at_rest, Facing.RIGHT)
    assert further.pelvis_deg != shifted.pelvis_deg
    left = learned.estimate(with_surface(turned, key=4, shift=0.05), at_rest, Facing.LEFT)
    assert left.pelvis_deg == -shifted.pelvis_deg
    assert learned.estimate(at_rest, at_rest, Facing.RIGHT).pelvis_deg == 0.0


@pytest.mark.parametrize(("key", "neutral_key"), [(9, 4), (np.nan, 4), (9, np.nan)])
def test_the_surface_since_another_key_is_not_compared(key, neutral_key):
    neutral, turned = turn_features(seen(45.0)), turn_features(seen(55.0))
    learned = LearnedTurn(weights())
    answer = learned.estimate(
        with_surface(turned, key, shift=0.05), with_surface(neutral, neutral_key), Facing.RIGHT
    )
    assert answer == learned.estimate(turned, neutral, Facing.RIGHT)


def test_an_unfamiliar_surface_is_refused():
    neutral, turned = turn_features(seen(45.0)), turn_features(seen(55.0))
    answer = LearnedTurn(weights(surface_limit=1e-6)).estimate(
        with_surface(turned, 4, shift=0.05), with_surface(neutral, 4), Facing.RIGHT
    )
    assert answer.reason is Reason.UNFAMILIAR_POSTURE


def test_neutral_takes_the_surface_from_the_commonest_key_alone():
    features = turn_features(seen(45.0))
    several = np.stack([with_surface(features, key, key) for key in (4, 9, 9, np.nan)])
    kept = with_one_key(several)[:, SURFACE.start :]
    assert np.isnan(kept[[0, 3]]).all()
    assert (kept[1:3] == 9).all()
    without = with_one_key(np.stack([features] * 3))
    assert np.isnan(without[:, SURFACE.start :]).all()


def test_missing_joints_are_refused():
    neutral = turn_features(seen(45.0))
    nothing = np.full(TURN_FEATURE_COUNT, np.nan)
    answer = LearnedTurn(weights()).estimate(nothing, neutral, Facing.RIGHT)
    assert answer.reason is Reason.OUTLINE_UNCLEAR


def test_an_outline_without_edges_still_gives_finite_inputs():
    features = turn_features(seen(45.0))
    features[POINT_COUNT:] = np.nan
    assert np.isfinite(turn_inputs(features, features)).all()


class Always:
    """A turn estimator that says the same about every frame."""

    name = "always/1"

    def __init__(self, answer):
        self.answer = answer

    def estimate(self, features, neutral, facing):
        assert features.shape == neutral.shape
        assert facing is Facing.RIGHT
        return self.answer


def interpreted(answer):
    observed = observations([standing(yaw_deg=45.0)] * 40)
    assert observed[-1].view is View.THREE_QUARTER
    neutral = calibrate(observed, TimeWindow(0.0, 2.0), Reading.YAW, QualitySettings())
    interpreter = Interpreter(get_exercise("monkey"), neutral, turn_estimator=Always(answer))
    return [interpreter.interpret(one).sample for one in observed][-1]


def test_the_turn_reaches_the_sample_with_its_uncertainty():
    sample = interpreted(TurnEstimate(12.0, 2.5, 3.0))
    assert sample.pelvis_yaw_deg == pytest.approx(12.0)
    assert sample.pelvis_yaw_sd_deg == 2.5
    assert sample.thorax_yaw_deg == pytest.approx(3.0)
    assert sample.quality is Quality.GOOD


def test_a_refused_turn_is_no_reading():
    nan = float("nan")
    sample = interpreted(TurnEstimate(nan, nan, nan, Reason.UNFAMILIAR_POSTURE))
    assert (sample.quality, sample.reason) == (Quality.NONE, Reason.UNFAMILIAR_POSTURE)
    assert np.isnan(sample.pelvis_yaw_deg)
