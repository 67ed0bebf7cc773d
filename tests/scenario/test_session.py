"""A whole session: into the picture, calibration, practice with mistakes, the coach's words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import nan

import pytest
from timeline import Timeline, standing_side

from posture import feedback, guide
from posture.datatypes import PostureSample, Quality, Reason
from posture.exercises import get_exercise
from posture.feedback import Cue, FeedbackState
from posture.locales import LANGUAGES

TILT = get_exercise("standing-tilt")


@dataclass
class Session:
    """Calibrates, then practises, as the live page does."""

    calibration: guide.GuideState = field(default_factory=lambda: guide.begin(TILT))
    coach: FeedbackState = field(default_factory=FeedbackState)
    cues: list[Cue] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.exercise = TILT.initial_state()

    def watch(self, samples: list[PostureSample]) -> Session:
        for sample in samples:
            if self.calibration.step != guide.DONE:
                seen = sample if self.calibration.neutral else uncalibrated(sample)
                self.calibration, cue = guide.step(TILT, self.calibration, seen)
            else:
                self.exercise, events = TILT.step(self.exercise, sample)
                self.coach, cue = feedback.step(TILT, self.coach, sample.time_s, events)
            if cue is not None:
                self.cues.append(cue)
        return self

    @property
    def said(self) -> list[str]:
        return [cue.id for cue in self.cues]


def uncalibrated(sample: PostureSample) -> PostureSample:
    if not sample.person:
        return sample
    return replace(sample, quality=Quality.NONE, reason=Reason.NOT_CALIBRATED, pelvic_tilt_deg=nan)


def tilts(timeline: Timeline, times: int, lean_deg: float = 2.0) -> Timeline:
    for _ in range(times):
        timeline.to(1.5, pelvic_tilt_deg=10, trunk_lean_deg=lean_deg).hold(0.5)
        timeline.to(1.5, pelvic_tilt_deg=0, trunk_lean_deg=2).hold(0.5)
        timeline.to(1.5, pelvic_tilt_deg=-9).hold(0.5).to(1.5, pelvic_tilt_deg=0).hold(0.5)
    return timeline


def calibrated(timeline: Timeline) -> Timeline:
    timeline.lose(2).hold(6).to(1, pelvic_tilt_deg=11).hold(2).to(1, pelvic_tilt_deg=0).hold(1)
    return timeline.to(1, pelvic_tilt_deg=-9).hold(2).to(1, pelvic_tilt_deg=0).hold(2)


def test_a_session_with_a_mistake_that_is_mended() -> None:
    timeline = calibrated(standing_side())
    tilts(timeline, 1, lean_deg=14.0)
    session = Session().watch(tilts(timeline, 2).samples)
    assert session.said == [
        "nobody",
        "neutral_standing",
        "forward",
        "backward",
        "done",
        "trunk_leaning",
        "mended",
    ]
    assert [rep.kind.value for rep in session.exercise.reps] == ["forward", "backward"] * 3
    own = guide.PersonalRange(session.calibration.forward_deg, session.calibration.backward_deg)
    assert own.percent(11.0) == pytest.approx(100, abs=5)


def test_a_calm_session_is_silent_but_for_a_word_of_praise() -> None:
    session = Session().watch(tilts(calibrated(standing_side()), 6).samples)
    assert session.said[5:] == ["praise"]
    assert len(session.exercise.reps) == 12


def test_walking_off_is_spoken_of_and_the_counting_goes_on_afterwards() -> None:
    timeline = tilts(calibrated(standing_side()), 1).lose(8).hold(2)
    session = Session().watch(tilts(timeline, 1).samples)
    assert session.said[5:] == ["nobody", "resumed"]
    assert len(session.exercise.reps) == 4


def test_no_two_cues_are_ever_closer_than_it_takes_to_speak() -> None:
    timeline = calibrated(standing_side())
    for lean_deg in (14.0, 2.0, 16.0, 2.0, 2.0):
        tilts(timeline, 1, lean_deg=lean_deg).lose(3).hold(2)
    session = Session().watch(timeline.samples)
    times = [cue.time_s for cue in session.cues[5:]]
    assert len(times) >= 4
    assert all(b - a >= feedback.SETTINGS.speech_s for a, b in pairwise(times))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_that_is_said_can_be_read_and_heard(lang: str) -> None:
    timeline = tilts(calibrated(standing_side()), 1, lean_deg=14.0).lose(5).hold(2)
    for cue in Session().watch(timeline.samples).cues:
        assert cue.text(lang).endswith(".")
        assert cue.say(lang).endswith(".")
        assert "{" not in cue.say(lang)
