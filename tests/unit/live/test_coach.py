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
from tests.unit.ui.recordings import rep

PICTURE = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)
RATE_HZ = 15
STILL = [0.0] * 60
FORTH = [12 * step / 20 for step in range(20)] + [12.0] * 20 + [12 - 0.6 * s for s in range(20)]
BACK = [-tilt for tilt in FORTH]
REST = [0.0] * 15
# Neutral, and how far the person reaches.
READY = STILL + FORTH + REST + BACK + REST


class Practice:
    """A coach with a made-up person in front of it."""

    def __init__(self, exercise="standing-tilt", pace=None):
        self.coach = Coach(get_exercise(exercise), pace, estimator=ContourTilt())
        self.pose = None
        self.perception = Perception(self)
        self.index = 0
        self.now_s = 0.0

    def detect(self, frame):
        del frame
        return self.pose

    def see(self, pose, rate_hz=RATE_HZ):
        self.pose = pose
        frame = Frame(self.index, self.now_s, PICTURE)
        self.index += 1
        self.now_s += 1 / rate_hz
        return self.coach.follow(self.perception.observe(frame))

    def tilt(self, tilts, rate_hz=RATE_HZ):
        return [self.see(standing(tilt_deg=tilt), rate_hz) for tilt in tilts]


def said(moments):
    return [moment.cue.id for moment in moments if moment.cue is not None]


def test_who_stands_well_is_calibrated_at_once_and_practises():
    practice = Practice()
    moments = practice.tilt(STILL)
    stages = [moment.stage for moment in moments]
    assert stages == sorted(stages, key=[Stage.PLACE, Stage.STILL, Stage.RANGE].index)
    begun_s = stages.index(Stage.RANGE) / RATE_HZ
    assert GUIDE.neutral_s < begun_s < GUIDE.neutral_s + 0.7
    assert said(moments) == ["neutral_standing", "forward"]
    first = moments[stages.index(Stage.RANGE)]
    assert first.sample.stance is Stance.NEUTRAL
    assert practice.coach.reps == ()


def test_the_ring_fills_while_the_person_is_still():
    held = [m.held for m in Practice().tilt(STILL) if m.stage is Stage.STILL]
    assert held == sorted(held)
    assert held[0] < 0.2
    assert held[-1] > 0.9


def test_the_reach_that_is_asked_for_is_no_repetition():
    practice = Practice()
    moments = practice.tilt(READY)
    assert said(moments) == ["neutral_standing", "forward", "backward", "done"]
    assert moments[-1].stage is Stage.PRACTICE
    assert {moment.reps for moment in moments} == {()}
    practised = [moment for moment in moments if moment.stage is Stage.PRACTICE]
    assert practice.coach.tally.total_s == pytest.approx(len(practised) / RATE_HZ, abs=0.2)


def test_who_stops_while_showing_their_reach_has_counted_nothing():
    practice = Practice()
    practice.tilt(STILL + FORTH + REST)
    practice.coach.finish()
    assert practice.coach.reps == ()


def test_who_goes_straight_on_from_the_reach_is_counted_from_the_next_movement():
    practice = Practice()
    practice.tilt(STILL + FORTH + BACK + FORTH + BACK + REST)
    assert counts(practice.coach.reps) == {RepKind.FORWARD: 1, RepKind.BACKWARD: 1}


def test_repetitions_count_from_the_first_movement_on():
    practice = Practice()
    moments = practice.tilt(READY + FORTH + REST + BACK + REST)
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
    practice.tilt(READY + FORTH + REST)
    gone = [practice.see(None) for _ in range(60)]
    assert gone[-1].stage is Stage.PRACTICE
    assert gone[-1].hint_key == "reason.nobody"
    practice.tilt(STILL + FORTH + REST)
    assert len(practice.coach.reps) == 2


def test_a_new_neutral_keeps_what_was_counted():
    practice = Practice()
    practice.tilt(READY + FORTH + REST)
    practice.coach.calibrate_again()
    assert practice.coach.calibration is None
    practice.tilt(READY + BACK + REST)
    assert [(r.index, r.kind) for r in practice.coach.reps] == [
        (1, RepKind.FORWARD),
        (2, RepKind.BACKWARD),
    ]


def test_the_end_counts_a_movement_that_was_nearly_done():
    practice = Practice()
    practice.tilt(READY + FORTH[:-3])
    practice.coach.finish()
    assert len(practice.coach.reps) == 1
    practice.coach.finish()
    assert len(practice.coach.reps) == 1
    with pytest.raises(RuntimeError, match="ended"):
        practice.tilt([0.0])


def test_the_reach_is_learned():
    practice = Practice()
    practice.tilt(READY)
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
    moments = practice.tilt(READY + FORTH[:30])
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
    practice.tilt(READY + FORTH + REST + BACK + REST)
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
    assert list(summary["columns"]) == ["number", "kind", "size", "verdict", "remarks"]


def test_the_furthest_is_the_same_in_the_sentence_and_in_the_tile():
    practice = Practice()
    practice.tilt(READY + FORTH + REST + BACK + REST)
    practice.coach.finish()
    summary = summary_message(practice.coach, "en")
    tile = next(t for t in summary["tiles"] if t["label"].endswith("forward"))
    assert f"forward (furthest {tile['value']})" in summary["said"][0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_repetition_is_spoken_of_as_one(lang):
    practice = Practice()
    practice.tilt(READY + FORTH + REST)
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
    assert summary["tiles"] == []


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
    moments = practice.tilt(READY)
    asked = list(dict.fromkeys(moment.asked_key for moment in moments))
    assert asked == ["", "guide.neutral_standing", "guide.forward", "guide.backward"]
    assert moments[-1].asked_key == ""


def test_the_hold_is_timed_while_it_lasts():
    practice = Practice()
    practice.tilt(READY)
    assert {moment.hold_s for moment in practice.tilt(REST)} == {0.0}
    holds = [moment.hold_s for moment in practice.tilt([12.0] * 45)]
    assert holds == sorted(holds)
    assert 2.0 < holds[-1] < 3.0
    assert practice.tilt(REST * 2)[-1].hold_s == 0.0


def test_who_tilts_while_neutral_is_taken_is_asked_again():
    practice = Practice()
    moments = practice.tilt([6 * np.sin(index / 10) for index in range(450)])
    assert {moment.stage for moment in moments} == {Stage.PLACE, Stage.STILL}
    assert set(said(moments)) == {"neutral_standing", "moved"}
    times_s = [m.cue.time_s for m in moments if m.cue is not None and m.cue.id == "moved"]
    assert len(times_s) > 2
    assert min(np.diff(times_s)) >= GUIDE.remind_s  # nor is that said more often than it helps
    assert practice.coach.calibration is None
    moments = practice.tilt(STILL * 2)
    assert moments[-1].stage is Stage.RANGE
    assert moments[-1].sample.stance is Stance.NEUTRAL


def test_a_computer_that_sees_too_few_pictures_says_so_and_what_helps():
    practice = Practice()
    moments = practice.tilt(STILL[::3], rate_hz=2.0)
    assert moments[-1].stage is Stage.STILL
    assert moments[-1].hint_key == "guide.view.too_slow"
    assert said(moments)[-1] == "too_slow"
    assert said(moments).count("too_slow") == 1
    moments = practice.tilt(STILL * 2, rate_hz=10.0)
    assert moments[-1].hint_key == ""
    assert moments[-1].stage is Stage.RANGE


def test_on_a_slow_computer_too_it_is_said_that_practice_begins():
    practice = Practice()
    practice.tilt(STILL[::3], rate_hz=2.0)
    moments = practice.tilt([tilt_deg for tilt_deg in READY[::8] for _ in range(2)], rate_hz=3.7)
    assert moments[-1].stage is Stage.PRACTICE
    assert moments[-1].hint_key == "guide.view.too_slow"
    assert said(moments)[-1] == "done"


def test_another_pose_model_holds_neutral_from_its_beginning_and_nobody_is_asked_twice():
    practice = Practice()
    before = practice.tilt(STILL[:30])
    practice.coach.see_anew()
    after = practice.tilt(STILL)
    assert {moment.stage for moment in before[8:] + after[:40]} == {Stage.STILL}
    assert after[-1].stage is Stage.RANGE
    assert said(before + after) == ["neutral_standing", "forward"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_does_nothing_yet_hears_once_more_what_to_do(lang):
    practice = Practice()
    practice.tilt(READY)
    moments = practice.tilt([0.0] * RATE_HZ * 85)
    assert said(moments) == ["nothing_yet"] * 4
    assert [m.cue.silent for m in moments if m.cue is not None] == [False, False, True, True]
    message = next(moment for moment in moments if moment.cue is not None)
    words = moment_message(message, practice.coach, lang)["cue"]["say"]
    assert words.endswith(text("exercise.standing-tilt.short", lang))
    assert said(practice.tilt(FORTH + [0.0] * RATE_HZ * 45)) == []


def test_one_long_interruption_is_no_slow_computer():
    practice = Practice()
    practice.tilt(READY)
    practice.now_s += 20
    moments = practice.tilt(STILL * 2)
    assert "too_slow" not in said(moments)
    assert {moment.hint_key for moment in moments} == {""}


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [("gc", "other_good"), ("ggc", "others_good"), ("gg", ""), ("c", "")],
)
def test_what_was_good_is_told_beside_what_could_not_be_judged(verdicts, words, monkeypatch):
    kinds = {"g": Verdict.GOOD, "c": Verdict.CANNOT_JUDGE}
    reps = tuple(replace(rep(i), verdict=kinds[v]) for i, v in enumerate(verdicts, start=1))
    practice = Practice()
    practice.tilt(READY)
    monkeypatch.setattr(Coach, "reps", reps)
    told = summary_message(practice.coach, "nl")["said"]
    both = {key: text(f"live.summary.{key}", "nl") for key in ("other_good", "others_good")}
    assert [key for key, sentence in both.items() if sentence in told] == ([words] if words else [])
