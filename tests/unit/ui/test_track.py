"""What the player in the browser is given."""

import numpy as np
import pytest

from posture.bodies import bodies_of
from posture.datatypes import Reason, RepKind
from posture.locales import LANGUAGES, text
from posture.ui.palette import DARK, LIGHT
from posture.ui.player.track import (
    DRAWN,
    NOWHERE,
    PER_PIXEL,
    body_bytes,
    curve_bytes,
    reach,
    story,
)
from posture.ui.series import curve_of
from tests.unit.seen import tilting
from tests.unit.ui.recordings import recording, rep, result, wave

REPS = (rep(1), rep(2, RepKind.BACKWARD, peak_s=3.0, faults=["jerky"]))


def unpacked_curve(packed):
    (count,) = np.frombuffer(packed, "<u4", 1)
    numbers = np.frombuffer(packed, "<f4", 3 * count, 4).reshape(3, count)
    return numbers, np.frombuffer(packed, "u1", count, 4 + 12 * count)


def test_every_frame_of_the_curve_arrives_with_its_gaps_and_stances():
    frames = [*wave(20), result(20, reason=Reason.BACK_COVERED), *wave(40)[21:]]
    (time_s, value, sd), stances = unpacked_curve(curve_bytes(recording(frames)))
    assert time_s == pytest.approx(np.arange(40) / 10)
    assert np.flatnonzero(np.isnan(value)).tolist() == [20]
    assert value[10] == pytest.approx(10.0)
    assert sd[0] == 2.0
    assert stances[20] == 0
    assert set(stances[value > 5]) == {3}
    assert set(stances[value < -5]) == {1}


def test_the_body_arrives_to_a_quarter_of_a_pixel():
    analysis = tilting(turns=1)
    packed = body_bytes(bodies_of([one.observation for one in analysis.results]))
    count, joints, lines, width, height = np.frombuffer(packed, "<u4", 5)
    assert (width, height) == analysis.results[0].observation.image_size_px
    points = np.frombuffer(packed, "<i2", offset=20).reshape(count, joints + 2 * lines, 2)
    assert count == len(analysis.results)
    seen = analysis.results[50].observation.landmarks_px[list(DRAWN)]
    assert np.abs(points[50, :joints] / PER_PIXEL - seen).max() <= 0.13
    assert (points[50, joints:] != NOWHERE).any()


def test_nobody_is_nowhere():
    frames = [result(index, reason=Reason.NOBODY) for index in range(3)]
    packed = body_bytes(bodies_of([one.observation for one in frames]))
    assert set(np.frombuffer(packed, "<i2", offset=20)) == {NOWHERE}
    assert body_bytes(bodies_of([]))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_story_names_stances_repetitions_and_losses_in_the_readers_language(lang):
    frames = [*wave(40), *(result(i, reason=Reason.BACK_COVERED) for i in range(40, 60))]
    told = story(recording(frames, REPS), lang, correctable=True)
    assert told["stances"][1:] == [
        text(f"stance.{stance}", lang) for stance in ("backward", "neutral", "forward")
    ]
    assert [each["short"] for each in told["reps"]] == ["1 ✓", "2 !"]
    assert told["reps"][1]["more"] == text("exercise.standing-tilt.fault.jerky", lang)
    assert told["lost"] == [[4.0, 6.0, text("reason.back_covered", lang)]]
    assert told["neutral"] == [0.5, 2.5]
    assert told["end_s"] == pytest.approx(6.0)


def test_a_recording_without_any_reading_still_has_a_story():
    frames = [result(index, reason=Reason.NOBODY) for index in range(10)]
    told = story(recording(frames, neutral=None), "en", correctable=True)
    assert told["neutral"] is None
    assert told["reps"] == []
    low, high = told["reach"]
    assert low < 0 < high


def test_an_exercise_without_stances_has_no_zones():
    told = story(recording(wave(20), exercise="bridge"), "en", correctable=True)
    assert told["zone"] is None
    assert told["factor"] == 100


def test_a_person_at_rest_looks_at_rest():
    low, high = reach(curve_of(recording([result(i, 0.2) for i in range(10)])), signed=True)
    assert low < -12
    assert high > 12


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_colour_blind_eyes_tell_forward_from_backward_by_their_blue(palette):
    forward, backward = (int(colour[5:7], 16) for colour in (palette.forward, palette.backward))
    assert backward - forward > 100
