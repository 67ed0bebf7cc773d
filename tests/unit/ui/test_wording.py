from dataclasses import replace
from math import nan
from pathlib import Path

import pytest

from posture.datatypes import Event, EventKind, Reason, RepKind, TimeWindow, Verdict
from posture.exercises import get_exercise
from posture.locales import text
from posture.ui.curve_words import curve_notes
from posture.ui.wording import (
    clock,
    joined,
    losses,
    noticed,
    number,
    remarks,
    rep_columns,
    rep_lines,
    size,
    span,
    summary,
    tiles,
    time_left,
)
from tests.unit.ui.recordings import recording, rep, result, wave

FORWARD_AND_BACK = (
    rep(1, peak_s=1.0, amplitude=9.6),
    rep(2, RepKind.BACKWARD, peak_s=3.0, amplitude=8.2),
    rep(3, peak_s=5.0, amplitude=11.4, faults=["trunk_leaning"]),
)
NOBODY = [result(index, reason=Reason.NOBODY) for index in range(10)]


def plain(words):
    return words.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "decimals", "en", "nl"),
    [(3.14, 1, "3.1", "3,1"), (-2.0, 0, "−2", "−2"), (-0.04, 1, "0.0", "0,0"), (0.5, 0, "0", "0")],
)
def test_numbers_are_written_as_people_write_them(value, decimals, en, nl):
    assert number(value, "en", decimals) == en
    assert number(value, "nl", decimals) == nl


def test_times_read_like_a_players():
    assert [clock(t) for t in (0.0, 7.4, 59.6, 61.0, 3600.0)] == [
        "0:00", "0:07", "1:00", "1:01", "60:00",
    ]  # fmt: skip


def test_time_left_is_no_finer_than_anybody_can_know():
    assert time_left(nan, "en") == ""
    assert time_left(2.0, "en") == "almost done"
    assert time_left(11.0, "en") == "about 15 seconds left"
    assert time_left(54.0, "nl") == "nog ongeveer 55 seconden"
    assert time_left(70.0, "en") == "about 1 minute left"
    assert time_left(200.0, "nl") == "nog ongeveer 3 minuten"


def test_a_size_has_its_unit_and_an_uncertainty_that_is_never_nothing():
    assert plain(size(11.4, "deg", "en", 2.1)) == "11° ± 3°"
    assert plain(size(11.4, "deg", "en", 0.01)) == "11° ± 1°"
    assert size(11.4, "deg", "nl") == "11°"
    assert plain(size(0.85, "fraction", "en", 0.04)) == "85 % ± 4 %"
    assert size(6.25, "s", "nl") == "6,2 s"


@pytest.mark.parametrize(
    ("exercise", "heading"),
    [
        ("standing-tilt", "How far"),
        ("bridge", "How high"),
        ("sit-bones", "How deep"),
        ("floor-surface", "How long"),
        ("pelvis-wave", None),
    ],
)
def test_a_table_has_the_columns_that_mean_something_for_the_exercise(exercise, heading):
    columns = rep_columns(exercise, "en")
    assert columns.get("size") == heading
    assert ("kind" in columns) == (len(get_exercise(exercise).kinds) > 1)
    assert {"number", "when", "verdict", "remarks"} <= set(columns)


def test_a_lift_is_told_as_no_more_than_the_whole_way():
    lifts = [rep(1, RepKind.LIFT, amplitude=0.9, unit="fraction")]
    assert "90 % of the way" in plain(
        summary(recording(wave(60), lifts, exercise="bridge"), "en")[0]
    )
    lifts.append(rep(2, RepKind.LIFT, 3.0, amplitude=1.08, unit="fraction"))
    past = recording(wave(60), lifts, exercise="bridge")
    assert "the highest into a straight line" in summary(past, "en")[0]
    assert plain(rep_lines(past, "nl")[1].size) == "100 %"
    assert plain(tiles(past, "nl")[1].value) == "100 %"


def test_a_wave_has_no_number():
    waves = [rep(1, RepKind.WAVE, amplitude=0.03, unit="fraction")]
    recorded = recording(wave(60), waves, exercise="pelvis-wave")
    assert rep_lines(recorded, "en")[0].size == ""
    assert not any("%" in words for words in summary(recorded, "en"))
    assert [tile.label for tile in tiles(recorded, "en")] == ["Repetitions", "Measured"]


def test_a_size_never_breaks_across_lines():
    assert " " not in size(11.4, "deg", "en", 2.1)


def test_lists_read_like_sentences():
    assert joined([], "en") == ""
    assert joined(["a"], "en") == "a"
    assert joined(["a", "b", "c"], "nl") == "a, b en c"


def test_the_summary_counts_and_measures():
    said = plain(summary(recording(wave(60), FORWARD_AND_BACK), "en")[0])
    assert said == (
        "I counted 3 repetitions: 2 × forward (furthest 11° ± 2°) and "
        "1 × backward (furthest 8° ± 2°), from your own neutral."
    )


def test_the_summary_names_what_to_work_on():
    said = summary(recording(wave(60), FORWARD_AND_BACK), "nl")[1]
    assert said.startswith("2 van de 3")
    assert text("exercise.standing-tilt.fault.trunk_leaning", "nl") in said


def test_all_good_is_said_once():
    said = summary(recording(wave(40), FORWARD_AND_BACK[:2]), "en")
    assert said[1] == text("page.summary.all_good", "en")


def test_one_repetition_is_one():
    assert "1 repetition:" in summary(recording(wave(40), FORWARD_AND_BACK[:1]), "en")[0]


def test_what_cannot_be_judged_is_not_praised():
    unsure = rep(1)
    object.__setattr__(unsure, "verdict", Verdict.CANNOT_JUDGE)
    assert len(summary(recording(wave(40), [unsure]), "en")) == 1


def test_no_repetitions_still_tells_the_range():
    said = plain(summary(recording(wave(40, reach_deg=4.0)), "en")[0])
    assert "no repetitions" in said
    assert "4° ± 2° backward and 4° ± 2° forward" in said


def test_a_range_that_cannot_be_told_from_chance_is_called_no_real_change():
    (said,) = summary(recording(wave(40, reach_deg=2.0)), "nl")
    assert said == text("cue.no_real_change", "nl")


@pytest.mark.parametrize("exercise", ["floor-surface", "floor-standing", "floor-lying"])
def test_a_recording_in_which_nobody_led_the_breath_says_why_nothing_is_counted(exercise):
    for lang in ("en", "nl"):
        said = summary(recording(wave(60), exercise=exercise), lang)
        assert said[0] == text("cue.not_led", lang)
    counted = recording(wave(60), [rep(1, RepKind.HOLD, unit="s")], exercise="floor-deep")
    assert text("cue.not_led", "en") not in summary(counted, "en")


def test_a_practice_that_the_breath_led_is_told_in_breaths_and_what_no_camera_sees():
    held = [rep(1, RepKind.HOLD, unit="s"), rep(2, RepKind.HOLD, peak_s=3.0, unit="s")]
    for exercise in ("floor-lying", "floor-deep"):
        live = replace(recording(wave(60), held, exercise=exercise), path=Path())
        first, *_, last = summary(live, "en")
        assert first == text("live.summary.breaths", "en", count=2)
        assert last.endswith("No camera sees the contraction itself.")
        assert remarks(live, "nl") == [text("report.neutral_live", "nl")]
    recorded = recording(wave(60), held, exercise="floor-deep")
    assert "longest" in summary(recorded, "en")[0]
    assert tiles(recorded, "en")[1].label == text("page.tile.long", "en")


def test_nobody_seen_is_said_plainly():
    analysis = recording(NOBODY, neutral=None)
    assert summary(analysis, "en") == [text("page.summary.nothing", "en")]
    (loss,) = losses(analysis, "nl")
    assert loss.words == text("reason.nobody", "nl")
    assert loss.when == "0:00 – 0:01"
    assert loss.seconds == pytest.approx(1.0)


def test_the_longest_loss_comes_first_and_a_blink_is_left_out():
    frames = [
        result(0, reason=Reason.HIPS_NOT_VISIBLE),
        *(result(index, 1.0) for index in range(1, 10)),
        *(result(index, reason=Reason.NOBODY) for index in range(10, 14)),
        *(result(index, reason=Reason.TOO_SMALL) for index in range(14, 30)),
    ]
    found = losses(recording(frames), "en")
    assert [loss.words for loss in found] == [
        text("reason.too_small", "en"),
        text("reason.nobody", "en"),
    ]


def test_a_flickering_reason_is_told_as_one_time():
    frames = []
    for index in range(60):
        covered = index % 4 == 0 and index < 20
        frames.append(result(index, 1.0, Reason.BACK_COVERED if covered else None))
    (loss,) = losses(recording(frames), "en")
    assert loss.when == "0:00 – 0:02"
    assert loss.seconds == pytest.approx(0.5)


def test_a_time_within_one_second_is_told_once():
    assert span(6.1, 6.4) == "0:06"
    assert span(6.1, 8.4) == "0:06 – 0:08"


def test_repetitions_in_words():
    first, second, third = rep_lines(recording(wave(60), FORWARD_AND_BACK), "en")
    assert (first.number, first.kind, first.when) == ("1", "forward", "0:00 – 0:02")
    assert second.kind == "backward"
    assert plain(third.size) == "11° ± 2°"
    assert third.verdict_words == "can be better"
    assert third.remarks == (text("exercise.standing-tilt.fault.trunk_leaning", "en"),)
    assert first.remarks == ()


def test_faults_outside_the_repetitions_are_noticed():
    events = [
        Event(2.2, EventKind.FAULT, "jerky"),
        Event(2.0, EventKind.PHASE, "neutral"),
        Event(5.0, EventKind.FAULT, "knees_bending"),
    ]
    analysis = recording(wave(60), [rep(1, faults=["jerky"])], events=tuple(events))
    (found,) = noticed(analysis, "nl")
    assert found.when == "0:05"
    assert found.words == text("exercise.standing-tilt.fault.knees_bending", "nl")


def test_without_repetitions_the_summary_says_what_was_noticed():
    events = (Event(2.2, EventKind.FAULT, "trunk_leaning"),)
    said = summary(recording(wave(60, reach_deg=1.0), events=events), "en")
    assert text("exercise.standing-tilt.fault.trunk_leaning", "en") in said[-1]


def test_the_curve_is_explained_by_what_is_in_it():
    said = curve_notes(recording(wave(60), FORWARD_AND_BACK), "en")
    assert said.startswith("Up is forward, down is backward")
    for part in ("band", "strip", "blocks", "click"):
        assert text(f"page.result.curve_{part}", "en") in said
    assert text("page.result.curve_lost", "en") not in said
    lift = curve_notes(recording(NOBODY, exercise="bridge", neutral=None), "nl")
    assert text("page.result.curve_lift", "nl") in lift
    assert text("page.result.curve_strip", "nl") not in lift
    assert text("page.result.curve_lost", "nl") in lift


def test_a_lift_is_not_counted_from_neutral():
    lift = rep(1, RepKind.LIFT, amplitude=0.9, unit="fraction")
    said = summary(recording(wave(60), [lift], exercise="bridge"), "en")[0]
    assert "neutral" not in said
    assert "1 × lift" in said


def test_the_large_numbers():
    found = tiles(recording(wave(60), FORWARD_AND_BACK), "en")
    assert [plain(tile.value) for tile in found] == ["3", "11°", "8°", "100 %"]
    assert found[0].note == "2 of them good"
    assert plain(found[1].note) == "± 2°"


def test_a_lift_has_no_second_direction():
    lift = rep(1, RepKind.LIFT, amplitude=0.9, unit="fraction")
    found = tiles(recording(wave(60), [lift], exercise="bridge"), "nl")
    assert [plain(tile.value) for tile in found] == ["1", "90 %", "100 %"]


def test_remarks_say_where_neutral_came_from():
    assert "0.5 to 2.5 seconds" in remarks(recording(wave(10)), "en")[0]
    assert "zoals je vroeg" in remarks(recording(wave(10), neutral="given"), "nl")[0]
    middle = recording(wave(10))
    window = TimeWindow(0.0, 12.0)
    middle = replace(middle, calibration=replace(middle.calibration, window=window))
    assert "the middle of how you stood from 0.0 to 12.0 seconds" in remarks(middle, "en")[0]
    frames = [result(index, reason=Reason.NOT_CALIBRATED) for index in range(9)]
    assert remarks(recording(frames, neutral=None), "en") == [text("page.remark.no_neutral", "en")]
    assert remarks(recording(NOBODY, neutral=None), "en") == []


def test_remarks_tell_of_others_and_of_damage():
    said = remarks(recording(wave(10), people_at_once=3, damage="cut off"), "en")
    assert "3 people" in said[1]
    assert said[2] == text("page.remark.damage", "en")
