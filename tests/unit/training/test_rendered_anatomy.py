"""The rendered people's anatomy: what stays put, what turns, and by how much."""

import numpy as np
import pytest

from training.anatomy import SIGN, Posture, Solver
from training.body import BONES, bone_matrices, skin_dual_quaternion, skin_linear
from training.rotations import attitude, pitch, two_bone, yaw


def _standing(solver: Solver, **changes: float) -> Posture:
    ankles = {s: np.array([SIGN[s] * 0.12, solver.ankle_y, 0.0]) for s in "LR"}
    return Posture(ankles=ankles, **changes)


def test_forward_tilt_is_positive_and_left_turn_is_positive():
    assert (pitch(20) @ [0, 1, 0])[2] > 0.3
    assert (yaw(20) @ [0, 0, 1])[0] > 0.3


@pytest.mark.parametrize("tilt", [-15.0, 0.0, 15.0])
def test_tilting_leaves_hips_and_feet_where_they_are(mannequin, tilt):
    solver = Solver(mannequin)
    rest = solver.solve(_standing(solver))
    pose = solver.solve(_standing(solver, tilt=tilt))
    assert np.allclose(pose.hips, rest.hips, atol=1e-6)
    for s in "LR":
        assert np.allclose(pose.joints[f"foot.{s}"], rest.joints[f"foot.{s}"], atol=2e-3)
        assert np.allclose(pose.rotations[f"thigh.{s}"], rest.rotations[f"thigh.{s}"], atol=1e-3)


def test_the_lumbar_spine_takes_up_the_difference(mannequin):
    solver = Solver(mannequin)
    pose = solver.solve(_standing(solver, tilt=12.0, thorax_pitch=-2.0))

    def lean(bone: str) -> float:
        r = pose.rotations[bone]
        return float(np.degrees(np.arctan2(r[2, 1], r[1, 1])))

    assert lean("pelvis") == pytest.approx(12.0)
    assert lean("spine01") == pytest.approx(-2.0)
    between = [lean(b) for b in ("pelvis", "spine04", "spine03", "spine02", "spine01")]
    assert between == sorted(between, reverse=True)


@pytest.mark.parametrize("knee", [0.0, 10.0, 30.0])
def test_knees_bend_as_asked(mannequin, knee):
    solver = Solver(mannequin)
    pose = solver.solve(_standing(solver, knee=knee))
    thigh = pose.joints["shin.L"] - pose.joints["thigh.L"]
    shin = pose.joints["foot.L"] - pose.joints["shin.L"]
    cosine = thigh @ shin / np.linalg.norm(thigh) / np.linalg.norm(shin)
    bend = np.degrees(np.arccos(cosine)) - solver.rest_flexion
    assert bend == pytest.approx(knee, abs=1.5)


def test_bones_keep_their_length(mannequin):
    solver = Solver(mannequin)
    pose = solver.solve(_standing(solver, tilt=10.0, pelvis_yaw=15.0, knee=25.0))
    for a, b in (("thigh.L", "shin.L"), ("shin.R", "foot.R"), ("upperarm.L", "lowerarm.L")):
        rest = np.linalg.norm(mannequin.head(b) - mannequin.head(a))
        assert np.linalg.norm(pose.joints[b] - pose.joints[a]) == pytest.approx(rest, abs=1e-6)


@pytest.mark.parametrize("mode", ["hang", "belly", "sacrum", "crossed", "front", "up", "hips"])
def test_hands_reach_where_the_arm_mode_says(mannequin, mode):
    solver = Solver(mannequin)
    posture = _standing(solver)
    posture.arms = {s: {mode: 1.0} for s in "LR"}
    pose = solver.solve(posture)
    hand = pose.joints["hand.L"]
    forward, height = hand[2], hand[1] - pose.hips[1]
    if mode == "sacrum":
        assert forward < -0.05
    if mode in ("belly", "crossed", "front"):
        assert forward > 0.05
    if mode == "up":
        assert height > 0.5
    assert np.isfinite(pose.matrices).all()


def test_two_bone_limb_reaches_and_bends_towards_its_pole():
    start, target = np.zeros(3), np.array([0.0, -0.7, 0.0])
    middle, end, _ = two_bone(start, target, 0.4, 0.4, np.array([0.0, 0.0, 1.0]))
    assert np.allclose(end, target)
    assert middle[2] > 0.1
    assert np.linalg.norm(middle) == pytest.approx(0.4)


def test_both_skinnings_agree_on_a_rigid_move(mannequin):
    turn = attitude(20.0, 30.0, 10.0)
    bones = dict.fromkeys(BONES, turn)
    joints = {k: turn @ mannequin.head(k) + [0.1, 0.2, 0.3] for k in bones}
    matrices = bone_matrices(np.asarray(mannequin.heads, float), bones, joints)
    wanted = mannequin.vertices @ turn.T.astype(np.float32) + np.array([0.1, 0.2, 0.3], "f4")
    weights = mannequin.skin_weights
    assert np.allclose(skin_linear(mannequin.vertices, weights, matrices), wanted, atol=1e-4)
    assert np.allclose(
        skin_dual_quaternion(mannequin.vertices, weights, matrices), wanted, atol=1e-4
    )
