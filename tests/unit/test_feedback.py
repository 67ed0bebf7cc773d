"""The coach: one cue at a time, the most important first, and silence when all goes well."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from posture.datatypes import Event, EventKind, Reason, Rep, RepKind, Verdict
from posture.exercises import exercise_ids, get_exercise
from posture.feedback import Cue, FeedbackState, Weight, phase_words, step
from posture.locales import LANGUAGES

TILT = get_exercise("standing-tilt")


@dataclass
class Coach:
    """Lets time pass ten times a second, and collects what is said."""

    state: FeedbackState = field(default_factory=FeedbackState)
    now_s: float = 0.0
    cues: list[Cue] = field(default_factory=list)

    def wait(self, seconds: float) -> Coach:
        for _ in range(round(seconds * 10)):
            self.hear()
            self.now_s = round(self.now_s + 0.1, 1)
        return self

    def hear(self, *events: Event) -> Coach:
        self.state, cue = step(TILT, self.state, self.now_s, events)
        if cue is not None:
            self.cues.append(cue)
        return self

    def event(self, kind: EventKind, event_id: str) -> Coach:
        return self.hear(Event(self.now_s, kind, event_id))

    def fault(self, *ids: str) -> Coach:
        return self.hear(*(Event(self.now_s, EventKind.FAULT, fault) for fault in ids))

    def rep(self, verdict: Verdict = Verdict.GOOD, *faults: str) -> Coach:
        now_s = self.now_s
        rep = Rep(1, RepKind.FORWARD, now_s - 2, now_s - 1, now_s, 10.0, "deg", verdict, faults)
        return self.hear(Event(now_s, EventKind.REP, "forward", rep))

    @property
    def said(self) -> list[str]:
        return [cue.id for cue in self.cues]


def test_silence_when_nothing_happens_and_when_phases_pass() -> None:
    coach = Coach().wait(5).event(EventKind.PHASE, "forward").wait(5)
    assert coach.said == []


def test_a_fault_is_said_at_once() -> None:
    coach = Coach().wait(2).fault("trunk_leaning").wait(5)
    assert coach.said == ["trunk_leaning"]
    assert coach.cues[0].time_s == 2.0
    assert coach.cues[0].say("en") == "Keep your upper body still."
    assert coach.cues[0].text("nl").startswith("Je bovenlichaam leunde mee.")


def test_of_two_faults_the_more_important_is_said() -> None:
    coach = Coach().fault("jerky", "trunk_leaning", "too_quick").wait(10)
    assert coach.said == ["trunk_leaning"]


def test_never_two_at_once_and_what_is_stale_is_left_unsaid() -> None:
    coach = Coach().fault("trunk_leaning").wait(1).fault("knees_bending").wait(20)
    assert coach.said == ["trunk_leaning"]


def test_what_is_still_fresh_waits_for_its_turn() -> None:
    coach = Coach().fault("trunk_leaning").wait(4).fault("knees_bending").wait(20)
    assert coach.said == ["trunk_leaning", "knees_bending"]
    assert coach.cues[1].time_s == pytest.approx(6.0)


def test_the_same_fault_is_not_repeated_before_its_cool_down() -> None:
    coach = Coach()
    for _ in range(30):
        coach.fault("too_quick").wait(2)
    times = [cue.time_s for cue in coach.cues]
    assert set(coach.said) == {"too_quick"}
    assert 3 <= len(times) <= 4
    assert all(b - a >= 20 for a, b in pairwise(times))


def test_a_pause_is_spoken_of_when_it_lasts_and_so_is_the_return() -> None:
    coach = Coach().event(EventKind.PAUSED, "knees_not_visible").wait(5)
    coach.event(EventKind.RESUMED, "knees_not_visible").wait(5)
    assert coach.said == ["knees_not_visible", "resumed"]
    assert coach.cues[0].weight is Weight.LOST
    assert "move away from the camera" in coach.cues[0].say("en").lower()


def test_a_short_pause_passes_in_silence() -> None:
    coach = Coach().event(EventKind.PAUSED, "nobody").wait(0.5)
    assert coach.event(EventKind.RESUMED, "nobody").wait(10).said == []


def test_a_pause_comes_before_a_fault() -> None:
    paused = Event(0.0, EventKind.PAUSED, "nobody")
    coach = Coach().hear(paused, Event(0.0, EventKind.FAULT, "jerky")).wait(10)
    assert coach.said == ["nobody"]


def test_a_pause_may_follow_a_fault_sooner_than_another_fault_may() -> None:
    coach = Coach().fault("jerky").wait(1).event(EventKind.PAUSED, "nobody").wait(10)
    assert coach.said == ["jerky", "nobody"]
    assert coach.cues[1].time_s == pytest.approx(3.0)


def test_praise_is_earned_by_a_row_of_good_repetitions() -> None:
    coach = Coach()
    for _ in range(3):
        coach.wait(4).rep()
    assert coach.said == []
    coach.wait(4).rep().wait(4)
    assert coach.said == ["praise"]


def test_praise_is_rare_and_changes_its_words() -> None:
    coach = Coach()
    for _ in range(60):
        coach.wait(4).rep()
    assert set(coach.said) == {"praise"}
    assert 3 <= len(coach.said) <= 4
    assert len({cue.say("nl") for cue in coach.cues}) == 3


def test_a_repetition_with_a_fault_starts_the_row_anew() -> None:
    coach = Coach()
    for number in range(9):
        verdict = Verdict.IMPROVE if number % 3 == 2 else Verdict.GOOD
        coach.wait(4).rep(verdict, *(["jerky"] if verdict is Verdict.IMPROVE else []))
    assert "praise" not in coach.said


def test_a_repetition_that_cannot_be_judged_earns_and_costs_nothing() -> None:
    coach = Coach()
    for verdict in (Verdict.GOOD, Verdict.GOOD, Verdict.CANNOT_JUDGE, Verdict.GOOD, Verdict.GOOD):
        coach.wait(4).rep(verdict)
    assert coach.wait(1).said == ["praise"]


def test_a_fault_of_the_whole_series_is_not_mended_while_it_goes_on() -> None:
    coach = Coach()
    for _ in range(8):
        coach.fault("one_direction_missing").rep().wait(5)
    assert set(coach.said) == {"one_direction_missing"}
    coach.rep().wait(5).rep().wait(5)
    assert coach.said[-1] == "mended"


def test_a_fault_that_is_mended_gets_a_word() -> None:
    coach = Coach().fault("trunk_leaning").rep(Verdict.IMPROVE, "trunk_leaning")
    coach.wait(8).rep(Verdict.IMPROVE, "trunk_leaning").wait(4).rep().wait(4).rep().wait(4)
    assert coach.said == ["trunk_leaning", "mended"]
    assert coach.cues[1].say("en").startswith("Better")


def test_the_same_events_give_the_same_cues() -> None:
    def told() -> list[Cue]:
        coach = Coach().fault("jerky").wait(3).event(EventKind.PAUSED, "nobody").wait(4)
        return coach.event(EventKind.RESUMED, "nobody").wait(9).rep().wait(3).cues

    assert told() == told()
    assert told()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatever_can_happen_has_words(lang: str) -> None:
    for exercise_id in exercise_ids():
        exercise = get_exercise(exercise_id)
        happenings = [(EventKind.FAULT, fault) for fault in exercise.fault_ids]
        happenings += [(EventKind.PAUSED, reason.value) for reason in Reason]
        for kind, event_id in happenings:
            state, _ = step(exercise, FeedbackState(), 0.0, (Event(0.0, kind, event_id),))
            assert state.waiting is not None or state.spoken
            _, cue = step(exercise, FeedbackState(), 0.0, (Event(0.0, kind, event_id),))
            spoken = cue or (state.waiting.cue if state.waiting else None)
            assert spoken is not None
            assert spoken.text(lang)
            assert spoken.say(lang)


def test_phases_have_words_of_their_own_or_common_ones() -> None:
    assert phase_words(TILT, "forward", "nl") == "Voorover"
    assert phase_words(TILT, "paused", "nl") == "Pauze"
    with pytest.raises(KeyError):
        phase_words(TILT, "dancing", "en")
