"""The learned tilt's mechanics, with made-up weights: what is fitted is measured elsewhere."""

import numpy as np
import pytest

from posture.adapters.weights import learned_tilt
from posture.datatypes import Position, Reason
from posture.errors import ModelError
from posture.pelvis.caution import Caution, moved
from posture.pelvis.learned_tilt import (
    CHANGE_COUNT,
    FURTHEST_DEG,
    INPUT_COUNT,
    LearnedTilt,
    filled_lines,
    tilt_inputs,
    without_tears,
)
from posture.pelvis.network import Ensemble
from posture.pelvis.novelty import Novelty
from posture.pelvis.tilt import (
    ANKLE_FEATURES,
    COVERED,
    FEATURE_COUNT,
    JOINTS,
    POSE_FEATURES,
    ContourTilt,
    tilt_features,
)
from tests.unit.people import standing
from tests.unit.test_pipeline import observations

nan = np.nan
CAREFUL = Caution(np.array([-3.0, 4.0, 1.0, -2.0]), np.array([0.4, 1.2]))


def ensemble(inputs=4, members=3, seed=1, **changes):
    rng = np.random.default_rng(seed)
    arrays = {
        "centre": np.zeros(inputs),
        "spread": np.ones(inputs),
        "direct": np.zeros((members, inputs, 1)),
        "w0": rng.normal(0, 1, (members, inputs, 5)),
        "b0": rng.normal(0, 1, (members, 5)),
        "w1": rng.normal(0, 1, (members, 5, 5)),
        "b1": rng.normal(0, 1, (members, 5)),
        "w2": rng.normal(0, 1, (members, 5, 2)),
        "b2": rng.normal(0, 1, (members, 2)),
        "sd_scale": np.ones(1),
    }
    return arrays | changes


def weights(limit=1e9, **changes):
    arrays = ensemble(INPUT_COUNT, **changes)
    arrays["w0"] = arrays["w0"] * 0.05
    novelty = {
        "novelty_centre": np.zeros(CHANGE_COUNT),
        "novelty_whiten": np.eye(CHANGE_COUNT),
        "novelty_limit": np.array(limit),
        "least_sure_deg": np.array(6.0),
        "caution": CAREFUL.weights,
        "told_sd": np.ones(2),
    }
    named = {f"upright_{name}": value for name, value in (arrays | novelty).items()}
    return named | {"name": np.array("made-up/1")}


def features_of(**person):
    return tilt_features(observations([standing(**person)])[0])


def test_the_answer_at_neutral_is_zero():
    at = np.array([0.3, -1.0, 2.0, 0.0])
    assert Ensemble.from_arrays(ensemble())(at, at).mean == pytest.approx(0.0, abs=1e-12)


def test_the_line_adds_its_share_of_the_change():
    at, neutral = np.array([2.0, 0.0, 0.0, 0.0]), np.zeros(4)
    line = np.zeros((3, 4, 1))
    line[:, 0] = 1.5
    without = Ensemble.from_arrays(ensemble())(at, neutral)
    there = Ensemble.from_arrays(ensemble(direct=line))(at, neutral)
    assert there.mean - without.mean == pytest.approx(3.0)


def test_members_that_scatter_make_the_answer_less_certain():
    at, neutral = np.full(4, 2.0), np.full(4, -2.0)
    agreeing = {k: np.repeat(v[:1], 3, axis=0) for k, v in ensemble().items() if k[0] in "wb"}
    agreeing["w2"][..., 1] = 0.0  # the deviations stay out of it
    agreeing["b2"][..., 1] = 0.0
    together = Ensemble.from_arrays(ensemble(**agreeing))(at, neutral)
    scattered = agreeing["w2"] * np.array([-5.0, 1.0, 5.0])[:, None, None]
    apart = Ensemble.from_arrays(ensemble(**agreeing | {"w2": scattered}))(at, neutral)
    assert together.sd == pytest.approx(1.0)
    assert apart.sd[0] > 2.0


def test_the_deviation_is_scaled_as_the_calibration_says():
    at, neutral = np.ones(4), np.zeros(4)
    once = Ensemble.from_arrays(ensemble())(at, neutral).sd
    twice = Ensemble.from_arrays(ensemble(sd_scale=np.full(1, 2.0)))(at, neutral).sd
    assert twice == pytest.approx(2 * once)


def test_distance_is_one_for_the_usual_and_grows_away_from_it():
    novelty = Novelty(np.array([1.0, 2.0]), np.diag([1.0, 0.1]), 2.0)
    assert novelty.distance(np.array([2.0, 12.0])) == pytest.approx(1.0)
    assert not novelty.is_new(np.array([2.0, 12.0]))
    assert novelty.is_new(np.array([1.0, 42.0]))


def test_a_large_change_beyond_doubt_is_told_almost_in_full():
    share = CAREFUL.share(np.array([12.0, -12.0]), np.ones(2), np.ones(2))
    assert share == pytest.approx([1.0, 1.0], abs=0.01)


def test_a_change_that_doubt_could_explain_is_told_smaller_never_turned():
    share = CAREFUL.share(np.array([0.0, 0.5, -0.5, 1.2]), np.ones(4), np.ones(4))
    assert ((share >= 0.0) & (share < 1.0)).all()
    assert share[0] < share[1] == share[2] < share[3]


def test_the_surer_the_more_is_told():
    share = CAREFUL.share(np.full(4, 3.0), np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4))
    assert (np.diff(share) < 0).all()


def test_the_more_of_the_body_moved_the_less_is_told():
    share = CAREFUL.share(np.full(4, 3.0), np.ones(4), np.array([0.2, 0.5, 1.0, 2.0]))
    assert (np.diff(share) < 0).all()


def test_where_nothing_at_all_changed_the_share_is_a_number():
    assert np.isfinite(CAREFUL.share(np.zeros(1), np.ones(1), np.zeros(1))).all()


def test_how_much_moved_is_told_in_usual_changes():
    assert moved(np.array([[2.0, 6.0], [0.0, 0.0]]), np.array([2.0, 6.0])) == pytest.approx([1, 0])


def test_without_caution_all_is_told():
    lying = Caution.from_arrays({"lying_told_sd": np.ones(2)}, "lying_")
    assert lying.share(np.array([0.5]), np.ones(1), np.ones(1)) == 1.0


def test_what_is_told_is_surer_where_nothing_seems_to_have_changed():
    told = CAREFUL.sd_deg(np.array([0.0, 0.5, 1.0]), np.full(3, 2.0))
    assert told == pytest.approx([0.8, 1.6, 2.4])


def test_the_shipped_weights_grow_more_careful_the_less_sure_and_the_more_has_moved():
    _, sure, large, moved_by = learned_tilt().caution["upright"].weights
    assert sure > 0
    assert large > 0
    assert moved_by < 0


def test_at_neutral_the_shipped_weights_are_surer_than_away_from_it():
    estimator, neutral = learned_tilt(), features_of()
    at, away = (
        estimator.estimate(features_of(tilt_deg=t), neutral, Position.STANDING) for t in (0.0, 8.0)
    )
    assert abs(away.tilt_deg) > 3.0
    assert 0.0 < 2 * at.sd_deg < away.sd_deg


@pytest.mark.parametrize(
    ("lines", "filled"),
    [
        ([nan, 1, nan, nan, 4, nan], [1, 1, 1, 4, 4, 4]),
        ([1, 2, 3], [1, 2, 3]),
        ([nan, nan, nan], [0, 0, 0]),
    ],
)
def test_a_line_without_an_edge_takes_the_nearest_value(lines, filled):
    assert filled_lines(np.array(lines, dtype=float)).tolist() == filled


def test_lines_are_filled_each_for_itself():
    both = filled_lines(np.array([[1.0, nan], [nan, 2.0]]))
    assert both.tolist() == [[1, 1], [2, 2]]


def test_inputs_are_finite_and_the_same_one_by_one_as_together():
    features = np.stack([features_of(tilt_deg=t) for t in (0.0, 5.0, 9.0)])
    neutral = np.repeat(features[:1], 3, axis=0)
    together = tilt_inputs(features, neutral, Position.STANDING)
    assert together.shape == (3, INPUT_COUNT)
    assert np.isfinite(together).all()
    alone = tilt_inputs(features[1], neutral[1], Position.STANDING)
    assert together[1] == pytest.approx(alone)


def test_at_neutral_nothing_has_changed():
    features = features_of()
    assert not tilt_inputs(features, features, Position.STANDING)[:CHANGE_COUNT].any()


def test_neutral_against_itself_is_any_moment_without_its_changes():
    neutral, now = features_of(), features_of(tilt_deg=6.0)
    unchanged = tilt_inputs(now, neutral, Position.STANDING)
    unchanged[:CHANGE_COUNT] = 0.0
    assert unchanged == pytest.approx(tilt_inputs(neutral, neutral, Position.STANDING))


def test_a_line_to_which_an_arm_came_says_nothing():
    neutral, now = features_of(), features_of()
    lines = np.arange(5, 9)
    now[lines] += 0.01
    assert tilt_inputs(now, neutral, Position.STANDING)[:CHANGE_COUNT].any()
    now[COVERED][lines] = 1.0
    assert not tilt_inputs(now, neutral, Position.STANDING)[:CHANGE_COUNT].any()


def test_a_line_that_an_arm_covered_in_neutral_too_still_counts():
    neutral, now = features_of(), features_of()
    lines = np.arange(5, 9)
    neutral[COVERED][lines] = now[COVERED][lines] = 1.0
    now[lines] += 0.01
    assert tilt_inputs(now, neutral, Position.STANDING)[:CHANGE_COUNT].any()


def test_feet_out_of_the_picture_say_nothing_and_disturb_nothing():
    neutral, now = features_of(), features_of(tilt_deg=4.0)
    without = now.copy()
    feet = [JOINTS.start + POSE_FEATURES.index(name) for name in ANKLE_FEATURES]
    without[feet] = nan
    changes = tilt_inputs(without, neutral, Position.STANDING)[:CHANGE_COUNT]
    assert np.isfinite(changes).all()
    answer = LearnedTilt(weights()).estimate(without, without, Position.STANDING)
    assert answer.tilt_deg == pytest.approx(0.0, abs=1e-9)


def test_lying_verticals_and_feet_say_nothing():
    features, other = features_of(), features_of()
    for name in ("trunk_lean_deg", "hip_height", "elbow_back"):
        other[JOINTS.start + POSE_FEATURES.index(name)] += 20.0
    same = tilt_inputs(other, features, Position.LYING)
    assert (same == tilt_inputs(features, features, Position.LYING)).all()


def test_the_same_posture_is_read_as_zero_and_a_known_one_gets_a_deviation():
    features = features_of()
    answer = LearnedTilt(weights()).estimate(features, features, Position.STANDING)
    assert answer.tilt_deg == pytest.approx(0.0, abs=1e-9)
    assert answer.sd_deg > 0
    assert answer.reason is None


def test_a_frame_is_answered_alone_exactly_as_among_others():
    estimator, neutral = learned_tilt(), features_of()
    changes = 0.01 * np.random.default_rng(3).standard_normal((300, FEATURE_COUNT))
    frames = np.where(np.arange(FEATURE_COUNT) < COVERED.start, neutral + changes, neutral)
    together = estimator.estimates(frames, neutral, Position.STANDING)
    alone = [estimator.estimate(frame, neutral, Position.STANDING) for frame in frames]
    assert alone == together
    assert sum(answer.reason is None for answer in together) > 200


def test_an_unfamiliar_change_is_refused_with_its_reason():
    learned = LearnedTilt(weights(limit=0.5))
    near = learned.estimate(features_of(tilt_deg=1.0), features_of(), Position.STANDING)
    far = learned.estimate(features_of(lean_deg=40.0), features_of(), Position.STANDING)
    assert near.reason is None
    assert far.reason is Reason.UNFAMILIAR_POSTURE
    assert np.isnan(far.tilt_deg)


def test_an_answer_too_uncertain_to_show_is_refused():
    unsure = weights(b2=np.full((3, 2), 3.0))
    answer = LearnedTilt(unsure).estimate(features_of(), features_of(), Position.STANDING)
    assert answer.reason is Reason.UNFAMILIAR_POSTURE


def test_an_answer_beyond_a_pelvis_is_refused():
    arrays = weights()
    arrays["upright_w2"] = arrays["upright_w2"] * (1e4, 0.0)
    answer = LearnedTilt(arrays).estimate(
        features_of(tilt_deg=10.0), features_of(), Position.STANDING
    )
    assert answer.reason is Reason.UNFAMILIAR_POSTURE
    assert FURTHEST_DEG < 30


def test_a_position_without_weights_is_read_by_the_backs_slope_with_twice_its_doubt():
    learned, formula = LearnedTilt(weights()), ContourTilt()
    now, neutral = features_of(tilt_deg=6.0), features_of()
    lying = learned.estimate(now, neutral, Position.LYING)
    expected = formula.estimate(now, neutral, Position.LYING)
    assert lying.tilt_deg == pytest.approx(expected.tilt_deg)
    assert lying.sd_deg == pytest.approx(2 * expected.sd_deg)


def test_no_back_edge_at_all_is_refused():
    nothing = np.full(FEATURE_COUNT, nan)
    answer = LearnedTilt(weights()).estimate(nothing, features_of(), Position.STANDING)
    assert answer.reason is Reason.OUTLINE_UNCLEAR


def test_a_missing_or_damaged_weights_file_is_said_in_one_sentence(tmp_path):
    with pytest.raises(ModelError, match=r"gone\.npz cannot be read"):
        learned_tilt(tmp_path / "gone.npz")
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(b"PK\x03\x04 not a zip")
    with pytest.raises(ModelError, match=r"damaged\.npz cannot be read"):
        learned_tilt(damaged)


@pytest.mark.parametrize("torn", [slice(3, 6), slice(14, 18), slice(34, 37), slice(20, 21)])
def test_lines_torn_away_by_something_behind_the_person_take_their_neighbours_change(torn):
    bend = 0.02 * np.sin(np.linspace(0.0, 3.0, 40))
    changes = np.stack([bend, bend])
    changes[1, torn] += 0.06
    mended = without_tears(changes)
    assert mended[0] == pytest.approx(bend, abs=0)
    assert mended[1] == pytest.approx(bend, abs=0.006)


def test_a_body_that_bends_a_lot_is_not_torn():
    bend = 0.15 * np.sin(np.linspace(0.0, 3.0, 40))
    assert without_tears(bend) == pytest.approx(bend, abs=0)


def test_a_chair_beside_the_buttocks_in_neutral_hardly_changes_what_the_networks_read():
    now, neutral = features_of(tilt_deg=6.0), features_of()
    chair = neutral.copy()
    chair[8:12] += 0.1
    read, beside_chair = (
        tilt_inputs(now, at, Position.STANDING)[:CHANGE_COUNT] for at in (neutral, chair)
    )
    assert beside_chair == pytest.approx(read, abs=0.01)
