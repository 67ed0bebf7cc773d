"""The truth written beside rendered clips follows the script that made them."""

import numpy as np
import pytest

from training.acting import Actor, Manner
from training.anatomy import Solver
from training.exercises_script import (
    bridge,
    clear_tilts,
    monkey,
    pelvis_wave,
    sitting,
    small_bridge,
)
from training.movement import add_life, blank, distractor_session, glide, standing_session


def _act(mannequin, script, **manner):
    return Actor(Solver(mannequin), Manner(**manner), script).act()


def _column(acted, name):
    return np.array([row[name] for row in acted.truth])


def test_glide_passes_through_its_keys_and_stays_between_them():
    time = np.linspace(0, 4, 401)
    path = glide(time, [(0.0, 0.0), (1.0, 0.0), (3.0, 10.0)])
    assert path[100] == pytest.approx(0.0)
    assert path[300] == pytest.approx(10.0)
    assert path.min() >= 0
    assert path.max() <= 10.0


def test_tilt_truth_is_relative_to_the_persons_own_neutral(mannequin):
    acted = _act(mannequin, clear_tilts(12.0, 10, reps=1), tilt=5.0)
    tilt, raw = _column(acted, "pelvic_tilt_deg"), _column(acted, "pelvic_tilt_raw_deg")
    assert tilt[:30] == pytest.approx(np.zeros(30), abs=1e-9)
    assert raw - tilt == pytest.approx(np.full(len(raw), 5.0))
    assert tilt.max() == pytest.approx(12.0, abs=0.1)
    assert tilt.min() == pytest.approx(-10.0, abs=0.1)


def test_a_session_begins_with_stillness_and_holds_both_directions():
    rng = np.random.default_rng(3)
    for _ in range(20):
        script = standing_session(rng, 12.0, 10)
        still = script.time < script.still_s
        assert script.still_s >= 2.5
        assert np.ptp(script.channels["tilt"][still]) == pytest.approx(0.0)
        assert np.abs(script.channels["tilt"]).max() <= 21.0
        assert {p for p, s in zip(script.phase, still, strict=True) if s} == {"neutral"}


def test_distractors_do_not_tilt():
    rng = np.random.default_rng(4)
    for _ in range(20):
        script = distractor_session(rng, 12.0, 10)
        assert np.ptp(script.channels["tilt"]) == pytest.approx(0.0)
        add_life(script, rng)
        assert np.ptp(script.channels["tilt"]) < 3.0


def test_monkey_turns_the_pelvis_and_leaves_the_chest(mannequin):
    acted = _act(mannequin, monkey(12.0, 10, size=18.0, reps=1))
    assert _column(acted, "pelvis_yaw_deg").max() == pytest.approx(18.0, abs=0.2)
    assert _column(acted, "pelvis_yaw_deg").min() == pytest.approx(-18.0, abs=0.2)
    assert np.ptp(_column(acted, "thorax_yaw_deg")) < 0.1
    along = _act(mannequin, monkey(12.0, 10, shoulders_along=1.0, reps=1))
    assert _column(along, "thorax_yaw_deg").max() > 15


def test_bridge_lifts_the_hips_to_the_asked_fraction(mannequin):
    acted = _act(mannequin, bridge(9.0, 10, (0.5,), 1.5))
    lift, angle = _column(acted, "lift_fraction"), _column(acted, "shoulder_hip_knee_deg")
    assert lift[:20] == pytest.approx(np.zeros(20), abs=0.02)
    assert lift.max() == pytest.approx(0.5, abs=0.03)
    assert angle.max() > angle[0] + 10
    full = _act(mannequin, bridge(9.0, 10, (1.0,), 1.5))
    assert _column(full, "shoulder_hip_knee_deg").max() == pytest.approx(179.0, abs=3.0)


def test_small_bridge_tilts_without_lifting(mannequin):
    acted = _act(mannequin, small_bridge(10.0, 10, size=9.0, reps=1))
    assert _column(acted, "pelvic_tilt_deg").min() == pytest.approx(-9.0, abs=0.2)
    assert np.abs(_column(acted, "lift_fraction")).max() < 0.1


def test_sitting_keeps_the_hips_on_the_seat(mannequin):
    acted = _act(mannequin, sitting(12.0, 10, reps=1))
    assert np.ptp(_column(acted, "hip_height_m")) == pytest.approx(0.0, abs=1e-6)
    assert _column(acted, "pelvic_tilt_deg").min() == pytest.approx(-13.0, abs=0.2)


def test_wave_goes_round_the_upright_oval(mannequin):
    acted = _act(mannequin, pelvis_wave(14.0, 10, reps=3))
    height, tilt = _column(acted, "hip_height_m"), _column(acted, "pelvic_tilt_deg")
    rising = np.gradient(height) > 2e-4
    assert tilt[rising].mean() > 2.0
    assert tilt[np.gradient(height) < -2e-4].mean() < -2.0


def test_life_is_small():
    script = blank(10.0, 20)
    add_life(script, np.random.default_rng(1))
    assert 0.05 < script.channels["tilt"].std() < 0.6
