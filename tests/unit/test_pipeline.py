from dataclasses import replace
from math import isnan, sin

import numpy as np
import pytest

from posture.adapters.weights import learned_tilt, learned_turn
from posture.datatypes import (
    Facing,
    Frame,
    Position,
    PostureSample,
    Quality,
    Reason,
    Stance,
    TimeWindow,
    View,
)
from posture.errors import NobodyError, UsageError
from posture.exercises import get_exercise
from posture.features import Observation
from posture.judgement import Recording
from posture.pelvis.calibration import NeutralSettings, calibrate, find_neutral
from posture.pelvis.quality import QualitySettings, Reading
from posture.pelvis.tilt import ContourTiltSettings
from posture.pipeline import DEFAULT_SETTINGS, Interpreter, Perception, Pipeline
from tests.unit.people import HEIGHT, WIDTH, standing

PICTURE = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
RATE_HZ = 15
BLACK = Observation(0, 0.0, (WIDTH, HEIGHT), 0.0)


class Script:
    """A landmarker that shows one made-up person after the other."""

    def __init__(self, poses):
        self.poses = poses

    def detect(self, frame):
        return self.poses[frame.index]


def frames(count):
    return [Frame(index, index / RATE_HZ, PICTURE) for index in range(count)]


def observations(poses):
    perception = Perception(Script(poses))
    return [perception.observe(frame) for frame in frames(len(poses))]


def neutral_of(observed, start_s=0.0, end_s=2.0):
    return calibrate(observed, TimeWindow(start_s, end_s), Reading.TILT, QualitySettings())


def tilting(facing=1):
    """Three still seconds, the outline forward 12 degrees, held, back, and backward to -10."""
    tilts = [0.0] * 45
    tilts += [12 * step / 15 for step in range(15)] + [12.0] * 15
    tilts += [12 - 22 * step / 30 for step in range(30)] + [-10.0] * 15
    return [standing(tilt_deg=t, facing=facing, yaw_deg=90.0 * facing) for t in tilts]


def run(poses):
    observed = observations(poses)
    interpreter = Interpreter(get_exercise("standing-tilt"), neutral_of(observed))
    return [interpreter.interpret(one).sample for one in observed]


@pytest.mark.parametrize("facing", [1, -1])
def test_a_tilt_is_read_with_its_sign_and_stance(facing):
    samples = run(tilting(facing))
    assert samples[30].pelvic_tilt_deg == pytest.approx(0.0, abs=1.0)
    gain = ContourTiltSettings().gain
    assert samples[74].pelvic_tilt_deg == pytest.approx(12.0 * gain, abs=2.5)
    assert samples[-1].pelvic_tilt_deg == pytest.approx(-10.0 * gain, abs=2.5)
    assert [samples[i].stance for i in (30, 74, -1)] == [
        Stance.NEUTRAL,
        Stance.FORWARD,
        Stance.BACKWARD,
    ]
    assert {s.quality for s in samples} <= {Quality.GOOD, Quality.FAIR}


def test_a_mirrored_person_has_the_same_tilt_and_faces_the_other_way():
    right, left = run(tilting(1)), run(tilting(-1))
    difference = [a.pelvic_tilt_deg - b.pelvic_tilt_deg for a, b in zip(right, left, strict=True)]
    assert np.median(np.abs(difference)) < 0.2
    assert {s.facing for s in right} == {Facing.RIGHT}
    assert {s.facing for s in left} == {Facing.LEFT}


def test_frame_by_frame_equals_one_half_after_the_other():
    poses = tilting()
    neutral = neutral_of(observations(poses))
    exercise = get_exercise("standing-tilt")
    pipeline = Pipeline(Perception(Script(poses)), Interpreter(exercise, neutral))
    live = [pipeline.process(frame) for frame in frames(len(poses))]
    interpreter = Interpreter(exercise, neutral)
    recorded = [interpreter.interpret(one) for one in observations(poses)]
    assert [repr((r.sample, r.events, r.phase)) for r in live] == [
        repr((r.sample, r.events, r.phase)) for r in recorded
    ]


@pytest.mark.parametrize("exercise_id", ["standing-tilt", "monkey", "sit-bones", "bridge"])
def test_a_recording_read_at_once_equals_picture_by_picture(exercise_id):
    observed = [*observations(tilting()), replace(BLACK, index=120, time_s=8.0)]
    exercise = get_exercise(exercise_id)
    parts = (exercise, neutral_of(observed), learned_tilt(), DEFAULT_SETTINGS, learned_turn())
    one, many = Interpreter(*parts), Interpreter(*parts)
    judged = Recording(observed, DEFAULT_SETTINGS.quality).judge(
        exercise.reading, neutral_of(observed), learned_tilt(), learned_turn()
    )
    together = many.interpret_all(observed, judged)
    pictures = zip(observed, judged, strict=True)
    alone = [one.interpret_all((seen,), (now,))[0] for seen, now in pictures]
    assert repr(together) == repr(tuple(alone))
    assert repr(many.finish()) == repr(one.finish())
    assert repr(together[-1].sample) == repr(PostureSample(8.0))


def test_calibrating_again_equals_a_new_interpreter():
    observed = observations(tilting())
    exercise = get_exercise("standing-tilt")
    used = Interpreter(exercise, neutral_of(observed))
    for one in observed:
        used.interpret(one)
    later = neutral_of(observed, 1.0, 2.5)
    used.calibrate(later)
    fresh = Interpreter(exercise, later)
    assert [repr(used.interpret(one)) for one in observed] == [
        repr(fresh.interpret(one)) for one in observed
    ]


def test_without_a_neutral_there_is_no_tilt_and_the_reason_is_said():
    interpreter = Interpreter(get_exercise("standing-tilt"))
    sample = interpreter.interpret(observations([standing()])[0]).sample
    assert isnan(sample.pelvic_tilt_deg)
    assert (sample.quality, sample.reason) == (Quality.NONE, Reason.NOT_CALIBRATED)


def test_nobody_gives_no_reading_and_no_crash():
    samples = run(tilting()[:60] + [None] * 20)
    assert samples[-1].reason is Reason.NOBODY
    assert isnan(samples[-1].pelvic_tilt_deg)
    assert samples[-1].stance is None


def test_turning_round_ends_the_neutral():
    poses = tilting()[:60] + [standing(facing=-1, yaw_deg=-90.0)] * 30
    assert run(poses)[-1].reason is Reason.TURNED_ROUND


def test_one_frame_seen_the_other_way_round_changes_nothing():
    poses = tilting()[:60]
    poses[50] = standing(facing=-1, yaw_deg=-90.0)
    samples = run(poses)
    assert {s.facing for s in samples} == {Facing.RIGHT}


def test_view_and_position_are_named():
    side, three_quarter, front = observations([standing()])[0], None, None
    three_quarter = observations([standing(yaw_deg=45.0)])[0]
    front = observations([standing(yaw_deg=5.0)])[0]
    assert [o.view for o in (side, three_quarter, front)] == [
        View.SIDE,
        View.THREE_QUARTER,
        View.FRONT,
    ]
    assert side.position is Position.STANDING


@pytest.mark.parametrize(("first_s", "then"), [(0.3, View.THREE_QUARTER), (3.0, View.FRONT)])
def test_a_view_stays_past_its_limits_only_after_it_has_been_seen_for_a_while(first_s, then):
    """Seen from a little too far in front, then at a quarter of the way past the limit."""
    poses = [standing(yaw_deg=20.0)] * round(first_s * RATE_HZ) + [standing(yaw_deg=25.0)] * 60
    views = [o.view for o in observations(poses)]
    assert views[0] is View.FRONT
    assert views[-1] is then


def found_neutral(observed, reading=Reading.TILT):
    return find_neutral(observed, reading, Position.STANDING, QualitySettings(), NeutralSettings())


def test_neutral_is_the_first_still_stretch():
    swaying = [standing(lean_deg=15 * sin(i / 2)) for i in range(30)]
    still = [standing()] * 40
    window = found_neutral(observations(swaying + still + tilting()[45:]))
    assert window is not None
    assert 30 / RATE_HZ <= window.start_s < window.end_s <= 70 / RATE_HZ


def test_a_long_hold_later_does_not_outbid_the_quiet_stance_before():
    poses = tilting()[:75] + [standing(tilt_deg=12.0)] * 150
    window = found_neutral(observations(poses))
    assert window is not None
    assert window.end_s < 3.5


def test_a_person_who_never_stands_still_has_no_neutral():
    swaying = [standing(lean_deg=15 * sin(i / 2)) for i in range(90)]
    assert found_neutral(observations(swaying)) is None


def test_an_unsteady_first_stance_goes_before_a_still_hold_later():
    """Cloth that moves by .02 around a person at rest, then a tilt held quite still."""
    poses = [standing(tilt_deg=6.0 * (i % 10 > 4)) for i in range(90)] + tilting()[45:60]
    poses += [standing(tilt_deg=12.0)] * 90
    window = found_neutral(observations(poses))
    assert window is not None
    assert window.end_s <= 90 / RATE_HZ


@pytest.mark.parametrize(("travel_px", "is_middle"), [(0.0, True), (2.0, False)])
def test_who_is_still_only_later_but_in_place_has_the_middle_for_neutral(travel_px, is_middle):
    """Six seconds of tilting without a rest, then a tilt that is held; or the same walking by."""
    tilts_deg = [12.0 * sin(i / 3) for i in range(90)] + [12.0] * 40
    places = [(320.0 + travel_px * min(i - 45, 45), 240.0) for i in range(130)]
    poses = [standing(tilt_deg=t, origin=at) for t, at in zip(tilts_deg, places, strict=True)]
    window = found_neutral(observations(poses))
    assert window is not None
    assert (window == TimeWindow(0.0, 129 / RATE_HZ)) is is_middle
    assert (window.start_s >= 90 / RATE_HZ - 0.5) is not is_middle


@pytest.mark.parametrize(("reading", "found"), [(Reading.TILT, False), (Reading.YAW, True)])
def test_an_edge_that_trembles_with_a_hanging_arm_is_no_movement_where_no_tilt_is_read(
    reading, found
):
    """The edge's slope comes and goes by .035, hips and feet are quite still."""
    yaw_deg = 90.0 if reading is Reading.TILT else 45.0
    swaying = [standing(tilt_deg=10.0 * (i % 10 > 4), yaw_deg=yaw_deg) for i in range(60)]
    window = found_neutral(observations(swaying), reading)
    assert (window is not None) is found


@pytest.mark.parametrize(
    ("tilt_deg", "arm_back", "found"), [(10.0, 0.0, False), (28.0, 0.0, True), (10.0, 26.0, True)]
)
def test_where_nothing_is_ever_still_a_torn_edge_or_one_at_an_arm_is_no_movement(
    tilt_deg, arm_back, found
):
    """The back's edge comes and goes by .035 or, more than any pelvis could, by .1."""
    poses = [standing(tilt_deg=tilt_deg * (i % 10 > 4), arm_back=arm_back) for i in range(90)]
    window = found_neutral(observations(poses))
    assert (window is not None) is found
    assert window is None or window.end_s <= NeutralSettings().soon_s


def test_the_neutral_of_a_turn_is_short_for_a_turn_cannot_be_seen_to_begin():
    observed = observations([standing(yaw_deg=45.0)] * 60)
    window = found_neutral(observed, Reading.YAW)
    assert window is not None
    assert window.start_s == 0.0
    assert window.end_s == pytest.approx(NeutralSettings().enough_s, abs=1 / RATE_HZ)


def test_a_neutral_window_outside_the_video_is_refused_with_the_length():
    with pytest.raises(UsageError, match=r"between 0 and 1\.9 s"):
        neutral_of(observations([standing()] * 30), 100.0, 200.0)


def test_a_neutral_window_without_a_readable_frame_is_refused():
    with pytest.raises(NobodyError, match="only 0 frames"):
        neutral_of(observations([standing(yaw_deg=0.0)] * 30))


def test_a_lift_is_complete_when_hips_seen_too_high_are_truly_in_line():
    (seen,) = observations([standing(yaw_deg=90.0)])

    def lying(hip_drop):
        measures = replace(seen.measures, hip_drop=hip_drop)
        return replace(seen, position=Position.LYING, measures=measures)

    resting = [replace(lying(0.2), index=i, time_s=i / RATE_HZ) for i in range(20)]
    neutral = calibrate(resting, TimeWindow(0.0, 2.0), Reading.LIFT, QualitySettings())
    drops = {0.2: 0.0, 0.2 - 0.225 / 2: 0.5, -0.025: 1.0}
    for drop, lift in drops.items():
        interpreter = Interpreter(get_exercise("bridge"), neutral)
        assert interpreter.interpret(lying(drop)).sample.lift_fraction == pytest.approx(lift)


def test_a_bridge_that_is_held_first_is_not_the_neutral():
    (seen,) = observations([standing(yaw_deg=90.0)])

    def lying(index):
        lifted = index < 45
        up_px = (0.0, 0.1 * seen.measures.scale_px * lifted)
        return replace(
            seen,
            index=index,
            time_s=index / RATE_HZ,
            position=Position.LYING,
            landmarks_px=seen.landmarks_px - up_px,
        )

    found = [
        find_neutral(
            [lying(index) for index in range(90)],
            Reading.LIFT,
            Position.LYING,
            QualitySettings(),
            NeutralSettings(max_lift=max_lift),
        )
        for max_lift in (0.04, 0.2)
    ]
    assert [window.start_s >= 3.0 for window in found] == [True, False]
