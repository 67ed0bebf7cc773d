"""A neutral that was taken wrongly is found out and taken anew, and nobody is nagged."""

from posture.datatypes import PostureSample, Quality, Reason
from posture.feedback import Cue, Weight
from posture.live.coach import Stage
from posture.live.doubt import SETTLED_S, Doubt
from posture.live.report import moment_message
from posture.locales import text
from tests.unit.live.test_coach import BACK, FORTH, RATE_HZ, READY, REST, STILL, Practice
from tests.unit.people import standing


def cue(name, time_s=0.0):
    return Cue(time_s, name, Weight.LOST, f"reason.{name}", f"reason.{name}")


def seen(time_s, reason=None):
    quality = Quality.GOOD if reason is None else Quality.NONE
    return PostureSample(time_s, quality=quality, reason=reason, person=True)


def told(practice, poses):
    """What was said, with the second of the practice."""
    moments = [(round(practice.now_s, 1), practice.see(pose)) for pose in poses]
    return [
        (time_s, message["cue"]["id"], message["cue"]["say"])
        for time_s, moment in moments
        for message in [moment_message(moment, practice.coach, "nl")]
        if "cue" in message
    ]


def test_who_turned_round_and_stays_so_is_told_once_and_then_neutral_is_taken_anew():
    practice = Practice()
    practice.tilt(READY + FORTH + REST)
    turned = [standing(facing=-1)] * round(60 * RATE_HZ)
    words = told(practice, turned)
    assert [name for _, name, _ in words][:2] == ["turned_round", "anew_turned"]
    assert words[1][0] - words[0][0] < SETTLED_S
    assert practice.coach.calibration is not None
    later = [name for _, name, _ in words[2:]]
    assert "turned_round" not in later
    assert "anew_turned" not in later
    assert len(practice.coach.reps) == 1  # what was counted stays
    moments = [practice.see(standing(tilt_deg=t, facing=-1)) for t in FORTH + REST + BACK + REST]
    assert moments[-1].stage in {Stage.RANGE, Stage.PRACTICE}
    assert moments[-1].sample.reason is None


def test_who_turns_to_and_fro_is_not_nagged():
    doubt = Doubt()
    heard = []
    for time_s in range(0, 200, 20):
        heard.append(doubt.step(seen(time_s, Reason.TURNED_ROUND), cue("turned_round", time_s)))
        heard.append(doubt.step(seen(time_s + 5), cue("resumed", time_s + 5)))
    assert [why for why, _ in heard].count("turned") == 1
    spoken = [said.id for _, said in heard if not said.silent]
    assert spoken == ["turned_round", "resumed", "turned_round", "resumed"]
    assert all(said.say("nl") == "" for _, said in heard[4:])
    assert heard[-2][1].text("nl") == text("reason.turned_round", "nl")


def test_a_neutral_taken_at_one_end_of_the_movement_is_taken_anew():
    practice = Practice()
    away = [standing(tilt_deg=-14.0)]
    practice.tilt([-14.0] * len(STILL))  # neutral, taken at the backward end
    reaches = [standing(tilt_deg=t - 14.0) for t in FORTH + REST]
    told(practice, reaches + away * round(30 * RATE_HZ))
    assert practice.coach.stage is Stage.PRACTICE
    to_one_side = [standing(tilt_deg=t - 14.0) for t in (FORTH + REST) * 3]
    words = told(practice, to_one_side * 3 + [standing()] * round(6 * RATE_HZ))
    names = [name for _, name, _ in words]
    first = names.index("one_direction_missing")
    assert "anew_one_sided" in names[first:]
    assert names.count("anew_one_sided") == 1
    moment = practice.see(standing())
    assert abs(moment.sample.pelvic_tilt_deg) < 1.0


def test_other_words_are_said_as_often_as_they_are_meant():
    doubt = Doubt()
    for time_s in range(5):
        why, said = doubt.step(seen(float(time_s)), cue("nobody", float(time_s)))
        assert (why, said.silent) == ("", False)
        assert doubt.step(seen(time_s + 0.5), None) == ("", None)
