"""A practice told as a story: a person comes in, stands still, tilts, goes and comes back."""

from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest

from posture.breath import Breath, Pace
from posture.datatypes import Frame, RepKind, Stance, Verdict
from posture.exercises import exercise_ids, get_exercise
from posture.exercises.exercise import never
from posture.guide import SETTINGS as GUIDE
from posture.live.coach import LEAD_IN_S, Coach, Stage, counts
from posture.live.report import moment_message, summary_message
from posture.locales import LANGUAGES, text
from posture.pelvis.tilt import ContourTilt
from posture.pipeline import Perception
from tests.unit.people import HEIGHT, WIDTH, standing

PICTURE = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)
RATE_HZ = 15
STILL = [0.0] * 60
FORTH = [12 * step / 20 for step in range(20)] + [12.0] * 20 + [12 - 0.6 * s for s in range(20)]
BACK = [-tilt for tilt in FORTH]
REST = [0.0] * 15


class Practice:
    """A coach with a made-up person in front of it."""

    def __init__(self, exercise="standing-tilt", pace=None):
        self.coach = Coach(get_exercise(exercise), pace, estimator=ContourTilt())
        self.pose = None
        self.perception = Perception(self)
        self.index = 0

    def detect(self, frame):
        del frame
        return self.pose

    def see(self, pose):
        self.pose = pose
        frame = Frame(self.index, self.index / RATE_HZ, PICTURE)
        self.index += 1
        return self.coach.follow(self.perception.observe(frame))

    def tilt(self, tilts):
        return [self.see(standing(tilt_deg=tilt)) for tilt in tilts]


def said(moments):
    return [moment.cue.id for moment in moments if moment.cue is not None]


def test_who_stands_well_is_calibrated_at_once_and_practises():
    practice = Practice()
    moments = practice.tilt(STILL)
    stages = [moment.stage for moment in moments]
    assert stages == sorted(stages, key=[Stage.PLACE, Stage.STILL, Stage.PRACTICE].index)
    begun_s = stages.index(Stage.PRACTICE) / RATE_HZ
    assert GUIDE.neutral_s < begun_s < GUIDE.neutral_s + 0.7
    assert said(moments) == ["neutral_standing", "forward"]
    first = moments[stages.index(Stage.PRACTICE)]
    assert first.sample.stance is Stance.NEUTRAL
    assert practice.coach.reps == ()


def test_the_ring_fills_while_the_person_is_still():
    held = [m.held for m in Practice().tilt(STILL) if m.stage is Stage.STILL]
    assert held == sorted(held)
    assert held[0] < 0.2
    assert held[-1] > 0.9


def test_repetitions_count_from_the_first_movement_on():
    practice = Practice()
    moments = practice.tilt(STILL + FORTH + REST + BACK + REST)
    assert counts(practice.coach.reps) == {RepKind.FORWARD: 1, RepKind.BACKWARD: 1}
    assert [m.new_rep.index for m in moments if m.new_rep is not None] == [1, 2]


def test_nobody_is_asked_into_the_picture():
    practice = Practice()
    moments = [practice.see(None) for _ in range(45)]
    assert {moment.stage for moment in moments} == {Stage.PLACE}
    assert moments[-1].hint_key == "reason.nobody"
    assert "nobody" in said(moments)


def test_who_moves_all_the_time_is_not_calibrated():
    practice = Practice()
    leans = [standing(lean_deg=float(8 * (i % 12 > 5))) for i in range(150)]
    stages = {practice.see(pose).stage for pose in leans}
    assert Stage.PRACTICE not in stages


def test_nothing_counts_before_neutral_is_known():
    """Of exercises that could be judged without it, too."""
    leaning = replace(
        get_exercise("standing-tilt"),
        signal=attrgetter("trunk_lean_deg"),
        needs_reading=False,
        is_other_movement=never,
    )
    practice = Practice()
    practice.coach = Coach(leaning, estimator=ContourTilt())
    for lean_deg in [0.0] * 15 + ([8.0] * 15 + [0.0] * 15) * 3:
        moment = practice.see(standing(lean_deg=lean_deg))
        assert moment.stage is not Stage.PRACTICE
        assert moment.reps == ()
    practice.coach.calibrate_again()
    practice.coach.finish()
    assert practice.coach.reps == ()


def test_a_person_who_leaves_and_comes_back_goes_on_counting():
    practice = Practice()
    practice.tilt(STILL + FORTH + REST)
    gone = [practice.see(None) for _ in range(60)]
    assert gone[-1].stage is Stage.PRACTICE
    assert gone[-1].hint_key == "reason.nobody"
    practice.tilt(STILL + FORTH + REST)
    assert len(practice.coach.reps) == 2


def test_a_new_neutral_keeps_what_was_counted():
    practice = Practice()
    practice.tilt(STILL + FORTH + REST)
    practice.coach.calibrate_again()
    assert practice.coach.calibration is None
    practice.tilt(STILL + BACK + REST)
    assert [(r.index, r.kind) for r in practice.coach.reps] == [
        (1, RepKind.FORWARD),
        (2, RepKind.BACKWARD),
    ]


def test_the_end_counts_a_movement_that_was_nearly_done():
    practice = Practice()
    practice.tilt(STILL + FORTH[:-3])
    practice.coach.finish()
    assert len(practice.coach.reps) == 1
    practice.coach.finish()
    assert len(practice.coach.reps) == 1
    with pytest.raises(RuntimeError, match="ended"):
        practice.tilt([0.0])


def test_the_reach_is_learned_while_practising():
    practice = Practice()
    practice.tilt(STILL + FORTH + REST + BACK + REST)
    reach = practice.coach.personal_range
    assert reach.forward_deg > 5.0
    assert reach.backward_deg < -5.0


@pytest.mark.parametrize("exercise", exercise_ids())
def test_every_exercise_can_begin(exercise):
    practice = Practice(exercise)
    moment = practice.see(standing())
    assert moment.stage in (Stage.PLACE, Stage.STILL, Stage.PRACTICE)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_moment_has_everything_that_is_drawn(lang):
    practice = Practice()
    moments = practice.tilt(STILL + FORTH[:30])
    message = moment_message(moments[-1], practice.coach, lang)
    assert message["stage"] == "practice"
    assert message["stance"] == "forward"
    assert message["size"] == [WIDTH, HEIGHT]
    assert len(message["points"]) == 33
    assert message["tilt"] > 5.0
    back = [point for point in message["back"] if point is not None]
    assert len(back) > 20
    assert all(abs(x - 320) < 150 for x, _ in back)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_summary_says_what_was_counted(lang):
    practice = Practice()
    practice.tilt(STILL + FORTH + REST + BACK + REST)
    practice.coach.finish()
    summary = summary_message(practice.coach, lang)
    numbers = summary["numbers"]
    assert numbers["repetitions"] == 2
    assert numbers["by_kind"] == {"forward": 1, "backward": 1}
    assert sum(numbers["by_verdict"][verdict] for verdict in Verdict) == 2
    assert numbers["reading_share"] == 1.0
    assert numbers["stance_seconds"]["forward"] > 1.0
    assert "2" in summary["said"][0]
    assert [rep["index"] for rep in summary["reps"]] == [1, 2]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_repetition_is_spoken_of_as_one(lang):
    practice = Practice()
    practice.tilt(STILL + FORTH + REST)
    practice.coach.finish()
    said = summary_message(practice.coach, lang)["said"]
    assert said[1] == text("live.summary.one_good", lang)
    assert text("live.summary.posture_only", lang) not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_practice_that_never_began_says_so(lang):
    practice = Practice()
    practice.see(None)
    practice.coach.finish()
    summary = summary_message(practice.coach, lang)
    assert summary["numbers"]["repetitions"] == 0
    assert summary["numbers"]["tilt"] is None
    assert len(summary["said"]) == 1


def test_the_breath_that_is_led_begins_with_a_whole_inhale_after_the_last_word():
    practice = Practice("pelvis-wave", Pace(2.0))
    moments = practice.tilt([0.0] * 150)
    done_s = next(m.sample.time_s for m in moments if m.cue is not None and m.cue.id == "done")
    led = [m for m in moments if m.breath is not None]
    assert led[0].sample.time_s - done_s == pytest.approx(LEAD_IN_S, abs=0.1)
    assert led[0].breath.breath is Breath.INHALE
    assert led[0].breath.progress < 0.1


def test_what_is_asked_for_stays_until_it_is_done():
    practice = Practice()
    moments = practice.tilt(STILL + FORTH + REST + BACK + REST)
    asked = list(dict.fromkeys(moment.asked_key for moment in moments))
    assert asked == ["", "guide.neutral_standing", "guide.forward", "guide.backward"]
    assert moments[-1].asked_key == ""


def test_the_hold_is_timed_while_it_lasts():
    practice = Practice()
    practice.tilt(STILL)
    assert {moment.hold_s for moment in practice.tilt(REST)} == {0.0}
    holds = [moment.hold_s for moment in practice.tilt([12.0] * 45)]
    assert holds == sorted(holds)
    assert 2.0 < holds[-1] < 3.0
    assert practice.tilt(REST * 2)[-1].hold_s == 0.0
