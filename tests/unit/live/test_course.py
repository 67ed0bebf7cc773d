"""A routine practised live, told as a story: explained, practised, rested, skipped, paused."""

import numpy as np
import pytest

from posture.breath import Breath, Pace
from posture.datatypes import Frame
from posture.exercises import exercise_ids, get_exercise
from posture.live.coach import Coach, Stage
from posture.live.course import Course
from posture.live.report import course_message, course_summary, moment_message
from posture.locales import LANGUAGES, text
from posture.pelvis.tilt import ContourTilt
from posture.pipeline import Perception
from posture.programmes import ROUTINES, Part, Routine
from tests.unit.people import HEIGHT, WIDTH, standing

PICTURE = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)
RATE_HZ = 15
TWO = Routine(
    id="two",
    parts=(
        Part("standing-tilt", 0.5, explain_s=4.0, rest_s=3.0),
        Part("pelvis-wave", 0.5, explain_s=4.0),
    ),
    own_title="Two",
)
FORTH = [12 * step / 20 for step in range(20)] + [12.0] * 20 + [12 - 0.6 * s for s in range(20)]
REST = [0.0] * 15
REACH = FORTH + REST + [-tilt for tilt in FORTH] + REST
# What somebody hears before an exercise takes about this long a word.
WORD_S = 0.42


class Going:
    """Somebody in front of the camera who goes through a routine."""

    def __init__(self, routine=TWO, pace=None):
        self.course = Course(
            routine, lambda ex: Coach(get_exercise(ex), pace, estimator=ContourTilt())
        )
        self.perception = Perception(self)
        self.pose = None
        self.index = 0
        self.said = []

    def detect(self, frame):
        del frame
        return self.pose

    def tilt(self, tilts):
        moments = []
        for tilt_deg in tilts:
            self.pose = standing(tilt_deg=tilt_deg)
            frame = Frame(self.index, self.index / RATE_HZ, PICTURE)
            self.index += 1
            moments.append(self.course.follow(self.perception.observe(frame)))
            said = course_message(self.course, "en").get("say")
            if said:
                self.said.append(said)
        return moments

    def get_ready(self):
        """Neutral, and how far the person reaches."""
        return self.still(5) + self.tilt(REACH)

    def still(self, seconds):
        return self.tilt([0.0] * round(seconds * RATE_HZ))


def nothing(coach):
    """Nothing needs a word of what was kept."""
    del coach
    return ""


def stages(moments):
    return list(dict.fromkeys(moment.stage for moment in moments))


def test_a_routine_goes_from_explanation_to_practice_to_rest_and_to_its_end():
    going = Going()
    moments = going.still(4.1)
    assert stages(moments) == [Stage.EXPLAIN]
    assert all(moment.cue is None for moment in moments)
    moments = going.get_ready()
    assert stages(moments) == [Stage.PLACE, Stage.STILL, Stage.RANGE, Stage.PRACTICE]
    going.tilt(FORTH + REST)
    going.still(30)
    assert going.course.exercise == "pelvis-wave"
    moments = going.still(50)
    assert stages(moments)[-1] is Stage.DONE
    assert going.course.is_over
    assert [each.exercise for each in going.course.practised] == ["standing-tilt", "pelvis-wave"]
    assert [len(each.coach.reps) for each in going.course.practised] == [1, 0]
    assert [said.split(".")[0] for said in going.said] == [
        "Next is: Pelvic tilt",
        "Rest, and let everything go",
        "Next is: Pelvis up and down",
    ]


def test_the_exercise_lasts_as_long_as_it_says_from_its_first_moment_of_practice():
    going = Going()
    going.course.skip()
    moments = going.get_ready() + going.still(60)
    first = next(i for i, moment in enumerate(moments) if moment.stage is Stage.REST)
    practised = [m for m in moments[:first] if m.stage is Stage.PRACTICE]
    assert len(practised) / RATE_HZ == pytest.approx(30.0, abs=0.2)


def test_skipping_leaves_the_stage_and_keeps_what_was_counted():
    going = Going()
    going.still(1)
    going.course.skip()
    going.get_ready()
    going.tilt(FORTH + REST)
    going.course.skip()
    assert stages(going.still(1)) == [Stage.REST]
    assert [len(each.coach.reps) for each in going.course.practised] == [1]
    for _ in range(3):
        going.course.skip()
    assert going.course.is_over


def test_in_a_pause_nothing_counts_and_no_time_passes():
    going = Going()
    going.course.skip()
    going.get_ready()
    left_before = course_message(going.course, "en")["left"]
    going.course.pause()
    assert stages(going.tilt(FORTH + REST)) == [Stage.PAUSED]
    message = course_message(going.course, "en")
    assert message["paused"]
    assert message["left"] == left_before
    going.course.resume()
    assert going.still(3)[-1].stage is Stage.PRACTICE
    assert going.course.coach.reps == ()
    going.tilt(FORTH + REST)
    assert len(going.course.coach.reps) == 1


@pytest.mark.parametrize("resting", [False, True])
def test_an_exercise_is_done_again_from_its_beginning(resting):
    going = Going()
    going.course.skip()
    going.get_ready()
    going.tilt(FORTH + REST)
    if resting:
        going.course.skip()
    going.course.repeat()
    assert stages(going.still(5)) == [Stage.PLACE, Stage.STILL, Stage.RANGE]
    assert going.course.exercise == "standing-tilt"
    assert going.course.coach.reps == ()
    assert [len(each.coach.reps) for each in going.course.practised] == [1]
    going.course.finish()
    assert len(going.course.practised) == 2
    assert course_summary(going.course, "en", nothing)["tiles"][0]["value"] == "1 / 2"


def test_after_a_cut_time_has_stood_still_and_it_is_said_again():
    going = Going()
    going.still(2)
    left_s = course_message(going.course, "en")["left"]
    going.course.interrupt()
    going.index += 600 * RATE_HZ
    going.still(0.1)
    assert course_message(going.course, "en")["left"] == left_s
    assert len(going.said) == 2
    assert going.said[0] == going.said[1]


def test_the_breath_is_led_where_it_was_asked_for():
    going = Going(pace=Pace(2.0))
    going.course.skip()
    assert all(moment.breath is None for moment in going.still(12))  # the reach is asked for
    going.tilt(REACH)
    breaths = [m.breath for m in going.still(10) if m.breath is not None]
    assert list(dict.fromkeys(b.breath for b in breaths)) == [Breath.INHALE, Breath.EXHALE]
    assert [(b.round, b.progress < 0.05) for b in breaths[:1]] == [(1, True)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_end_tells_of_each_exercise(lang):
    going = Going()
    going.course.skip()
    moments = going.get_ready()
    going.tilt(FORTH + REST)
    assert moment_message(moments[-1], going.course.coach, lang)["stage"] == "practice"
    going.course.finish()
    summary = course_summary(going.course, lang, lambda _: "live.summary.film_kept")
    (part,) = summary["parts"]
    assert part["said"][-1] == text("live.summary.film_kept", lang)
    assert part["name"] == text("exercise.standing-tilt.name", lang)
    assert "1" in part["said"][0]
    assert summary["numbers"]["parts"][0]["repetitions"] == 1
    assert "2" in summary["said"][0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_said_before_an_exercise_fits_into_its_explanation(lang):
    explain_s = min(part.explain_s for routine in ROUTINES for part in routine.parts)
    for exercise_id in exercise_ids():
        routine = Routine("one", (Part(exercise_id, 1.0),), own_title="One")
        words = Going(routine).course.announcement(lang).split()
        assert 5 < len(words) * WORD_S < explain_s + 4, (exercise_id, len(words))
