from dataclasses import replace

import numpy as np
import pytest

from posture.datatypes import Reason, Stance
from posture.ui.series import (
    curve_of,
    end_s,
    lost_stretches,
    stance_stretches,
    tilt_range_deg,
    uncertainty_at,
)
from tests.unit.ui.recordings import RATE_HZ, recording, result, wave


def test_the_curve_is_the_tilt_with_its_uncertainty():
    curve = curve_of(recording(wave(40)))
    assert curve.unit == "deg"
    assert curve.time_s == pytest.approx(np.arange(40) / RATE_HZ)
    assert curve.value.max() == pytest.approx(10.0)
    assert (curve.sd == 2.0).all()


def test_where_the_breath_leads_the_curve_is_how_far_the_pelvis_scooped():
    curve = curve_of(recording(wave(40), exercise="floor-deep"))
    assert curve.unit == "deg"
    assert curve.value == pytest.approx(-curve_of(recording(wave(40))).value)


@pytest.mark.parametrize(
    ("exercise", "angle"),
    [("floor-surface", "trunk_lean_deg"), ("floor-lying", "shoulder_hip_knee_deg")],
)
def test_where_only_stillness_shows_the_curve_is_how_far_from_rest_the_body_was(exercise, angle):
    frames = [result(index, 0.0) for index in range(40)]
    moved = [
        replace(frame, sample=replace(frame.sample, **{angle: 84.0 + 10.0 * (30 <= at < 35)}))
        for at, frame in enumerate(frames)
    ]
    moved[36] = result(36, reason=Reason.NOBODY)
    curve = curve_of(recording(moved, exercise=exercise))
    assert curve.unit == "deg"
    assert np.nanmax(curve.value) == pytest.approx(10.0)
    assert np.flatnonzero(np.abs(curve.value) > 1).tolist() == list(range(30, 35))
    assert np.flatnonzero(np.isnan(curve.value)).tolist() == [36]


def test_the_curve_is_broken_where_there_is_no_reading():
    frames = [
        *wave(10),
        *(result(index, reason=Reason.NOBODY) for index in range(10, 15)),
        *(result(index, 3.0) for index in range(15, 20)),
    ]
    curve = curve_of(recording(frames))
    assert np.flatnonzero(np.isnan(curve.value)).tolist() == list(range(10, 15))
    assert len(curve.time_s) == 20


def test_nothing_read_is_a_curve_of_gaps():
    frames = [result(index, reason=Reason.NOBODY) for index in range(5)]
    assert np.isnan(curve_of(recording(frames)).value).all()
    assert np.isnan(tilt_range_deg(recording(frames))).all()


def test_a_recording_without_a_frame_has_no_stretches():
    assert lost_stretches([]) == []
    assert stance_stretches([]) == []


def test_lost_stretches_have_their_reason_and_meet_end_to_end():
    frames = [
        *wave(10),
        *(result(index, reason=Reason.NOBODY) for index in range(10, 15)),
        *(result(index, reason=Reason.TOO_SMALL) for index in range(15, 20)),
    ]
    first, second = lost_stretches(recording(frames).results)
    assert (first.reason, first.start_s, first.end_s) == (Reason.NOBODY, 1.0, 1.5)
    assert (second.reason, second.start_s) == (Reason.TOO_SMALL, 1.5)
    assert second.end_s == pytest.approx(2.0)
    assert first.length_s == pytest.approx(0.5)


def test_stances_follow_each_other():
    stances = [s.stance for s in stance_stretches(recording(wave(40)).results)]
    assert stances == [
        Stance.NEUTRAL,
        Stance.FORWARD,
        Stance.NEUTRAL,
        Stance.BACKWARD,
        Stance.NEUTRAL,
    ]


def test_uncertainty_is_that_of_the_nearest_frame():
    frames = [result(0, 1.0, sd_deg=1.0), result(1, 1.0, sd_deg=3.0)]
    assert uncertainty_at(recording(frames), 0.09) == 3.0
    assert uncertainty_at(recording(frames), 0.02) == 1.0
    assert np.isnan(uncertainty_at(recording([]), 0.0))


def test_the_last_frame_lasts_as_long_as_the_others():
    assert end_s(recording(wave(20)).results) == pytest.approx(2.0)
    assert end_s(()) == 0.0
