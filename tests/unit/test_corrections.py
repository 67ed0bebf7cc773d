"""What is put right follows through everything, and the original always comes back."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.adapters.weights import learned_turn
from posture.analysis import Corrector
from posture.corrections import ORIGINAL, Corrections, is_by_hand
from posture.datatypes import EventKind, Quality, Reason, RepKind, TimeWindow, Verdict
from posture.errors import InputError, NobodyError, UsageError
from posture.pelvis.learned_tilt import LearnedTilt
from tests.unit.seen import tilting


@pytest.fixture(scope="module")
def original():
    return tilting()


@pytest.fixture
def corrector(original):
    return Corrector(original)


def counts_hold(analysis):
    """The counts at every frame, the events and the repetitions tell the same story."""
    told = [event.rep for event in analysis.events if event.kind is EventKind.REP]
    assert sorted(told, key=lambda rep: rep.index) == list(analysis.reps)
    assert [rep.index for rep in analysis.reps] == list(range(1, len(analysis.reps) + 1))
    counts = [result.rep for result in analysis.results]
    assert counts == sorted(counts)
    for result in analysis.results:
        assert result.rep <= sum(rep.end_s <= result.sample.time_s for rep in analysis.reps)


def test_nothing_put_right_is_the_original(original, corrector):
    assert corrector.correct(ORIGINAL) is original


def test_interpreting_anew_gives_the_very_same_numbers(original, corrector):
    window = original.calibration.window
    again = corrector.correct(Corrections(neutral=window))
    assert [r.sample.time_s for r in again.results] == [r.sample.time_s for r in original.results]
    assert repr([r.sample for r in again.results]) == repr([r.sample for r in original.results])
    assert again.reps == original.reps
    assert again.events == original.events


def test_another_neutral_moves_the_whole_curve_by_the_tilt_held_in_it():
    # The back's slope reads drawn people as they are; what weights make of rendered people is in
    # tests/integration/test_sample_exercises.py.
    by_slope = (LearnedTilt({"name": np.array("slope")}), learned_turn())
    original = tilting(estimators=by_slope)
    held = next(rep for rep in original.reps if rep.kind is RepKind.FORWARD)
    window = TimeWindow(held.peak_s - 0.3, held.peak_s + 0.3)
    moved = Corrector(original, estimators=by_slope).correct(Corrections(neutral=window))
    assert moved.calibration.window == window
    assert not moved.neutral_found
    before, after = (
        np.array([result.sample.pelvic_tilt_deg for result in analysis.results])
        for analysis in (original, moved)
    )
    assert not np.isnan(before).any()
    assert before - after == pytest.approx(held.amplitude, abs=0.1)
    assert held.amplitude > 5
    counts_hold(moved)


def test_a_deleted_repetition_is_gone_from_counts_and_events(original, corrector):
    second = original.reps[1]
    corrected = corrector.correct(ORIGINAL.without(second))
    assert len(corrected.reps) == len(original.reps) - 1
    assert second.peak_s not in [rep.peak_s for rep in corrected.reps]
    assert corrected.summary()["repetitions"]["count"] == len(original.reps) - 1
    counts_hold(corrected)


def test_an_added_repetition_is_counted_but_not_judged(original, corrector):
    first = original.reps[0]
    without = ORIGINAL.without(first)
    window = TimeWindow(first.start_s, first.end_s)
    corrected = corrector.correct(Corrections(deleted=without.deleted, added=(window,)))
    added = corrected.reps[0]
    assert is_by_hand(added)
    assert added.verdict is Verdict.CANNOT_JUDGE
    assert added.kind is first.kind
    assert added.amplitude == pytest.approx(first.amplitude, abs=2.0)
    counts_hold(corrected)
    assert corrected.corrections.without(added).added == ()


def test_a_repetition_cannot_be_added_where_nothing_is_read(original, corrector):
    last_s = original.results[-1].sample.time_s
    with pytest.raises(UsageError, match="no repetition was added"):
        corrector.correct(Corrections(added=(TimeWindow(last_s + 1, last_s + 2),)))


def test_an_excluded_stretch_has_no_reading_and_says_why(original, corrector):
    rep = original.reps[-1]
    window = TimeWindow(rep.start_s - 0.2, rep.end_s + 0.2)
    corrected = corrector.correct(Corrections(excluded=(window,)))
    inside = [r for r in corrected.results if r.sample.time_s in window]
    assert {r.sample.reason for r in inside} == {Reason.EXCLUDED}
    assert {r.sample.quality for r in inside} == {Quality.NONE}
    assert all(r.observation.landmarks_px is not None for r in inside)
    assert rep.peak_s not in [other.peak_s for other in corrected.reps]
    paused = [e.id for e in corrected.events if e.kind is EventKind.PAUSED]
    assert paused == [Reason.EXCLUDED]
    counts_hold(corrected)


def test_another_exercise_counts_by_its_own_rules(original, corrector):
    corrected = corrector.correct(Corrections(exercise="bridge"))
    assert corrected.request.exercise == "bridge"
    assert corrected.reps == ()
    assert corrector.correct(ORIGINAL) is original


def test_what_does_not_fit_is_refused_and_the_next_correction_works(original, corrector):
    with pytest.raises(UsageError):
        corrector.correct(Corrections(exercise="no-such-exercise"))
    with pytest.raises(UsageError):
        corrector.correct(Corrections(neutral=TimeWindow(9000, 9001)))
    with pytest.raises(NobodyError):
        corrector.correct(Corrections(neutral=TimeWindow(0.0, 0.05)))
    assert corrector.correct(ORIGINAL.without(original.reps[0])).reps


times = st.integers(0, 3_600_000).map(lambda ms: ms / 1000)
windows = (
    st.tuples(times, times).filter(lambda p: p[0] != p[1]).map(lambda p: TimeWindow(*sorted(p)))
)


@settings(deadline=None)
@given(
    st.builds(
        Corrections,
        exercise=st.none() | st.sampled_from(["bridge", "monkey"]),
        neutral=st.none() | windows,
        excluded=st.lists(windows, max_size=3).map(tuple),
        deleted=st.lists(windows, max_size=3).map(tuple),
        added=st.lists(windows, max_size=3).map(tuple),
    )
)
def test_corrections_survive_being_written_down(corrections):
    line = corrections.to_json()
    assert Corrections.from_json(line) == corrections
    assert Corrections.from_json(line).to_json() == line


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{}",
        '{"version": 1}',
        ORIGINAL.to_json().replace('"neutral":null', '"neutral":[2,1]'),
        ORIGINAL.to_json().replace('"neutral":null', '"neutral":[0,NaN]'),
        ORIGINAL.to_json().replace('"exercise":null', '"exercise":3'),
        ORIGINAL.to_json().replace('"added":[]', '"added":[[1]]'),
    ],
)
def test_broken_corrections_are_refused_in_a_sentence(line):
    with pytest.raises(InputError, match="go back to the original"):
        Corrections.from_json(line)


def test_corrections_of_a_newer_program_are_refused():
    line = json.dumps(json.loads(ORIGINAL.to_json()) | {"version": 99})
    with pytest.raises(InputError, match="99"):
        Corrections.from_json(line)
