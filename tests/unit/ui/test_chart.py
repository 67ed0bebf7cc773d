import json

import pytest

from posture.datatypes import Reason, RepKind
from posture.locales import text
from posture.ui.chart import DARK, LIGHT, curve_chart
from tests.unit.ui.recordings import recording, rep, result, wave

REPS = (rep(1), rep(2, RepKind.BACKWARD, peak_s=3.0, faults=["jerky"]))


def rows_of(chart):
    """Every row of every layer's data."""
    spec = chart.to_dict()
    tables = [layer["data"] for layer in spec["layer"]]
    named = spec.get("datasets", {})
    rows = []
    for table in tables:
        rows += table.get("values") or named.get(table.get("name"), [])
    return rows


def texts_of(chart):
    return [value for row in rows_of(chart) for value in row.values() if isinstance(value, str)]


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_chart_names_stances_and_repetitions_in_the_readers_language(lang, palette):
    words = texts_of(curve_chart(recording(wave(60), REPS), lang, palette))
    for stance in ("forward", "neutral", "backward"):
        assert text(f"stance.{stance}", lang) in words
    assert "1 ✓" in words
    assert "2 !" in words
    assert text("exercise.standing-tilt.fault.jerky", lang) in words


def test_the_band_is_one_uncertainty_wide():
    rows = [r for r in rows_of(curve_chart(recording(wave(60)), "en", LIGHT)) if "reading" in r]
    assert {round(row["high"] - row["low"], 2) for row in rows} == {4.0}
    assert all(row["low"] < row["value"] < row["high"] for row in rows)


def test_lost_stretches_carry_their_reason():
    frames = [*wave(20), *(result(i, reason=Reason.BACK_COVERED) for i in range(20, 40))]
    words = texts_of(curve_chart(recording(frames), "nl", LIGHT))
    assert text("reason.back_covered", "nl") in words
    assert text("page.chart.no_reading", "nl") in words


def test_a_recording_without_any_reading_still_has_a_chart():
    frames = [result(index, reason=Reason.NOBODY) for index in range(10)]
    chart = curve_chart(recording(frames, neutral=None), "en", LIGHT)
    assert text("reason.nobody", "en") in texts_of(chart)


def test_fractions_are_shown_in_percent():
    def lifting(index):
        read = result(index, 0.0)
        object.__setattr__(read.sample, "lift_fraction", index / 20)
        return read

    analysis = recording([lifting(i) for i in range(20)], exercise="bridge")
    rows = [r for r in rows_of(curve_chart(analysis, "en", LIGHT)) if "reading" in r]
    assert max(row["value"] for row in rows) == pytest.approx(95.0)
    assert "stance" not in json.dumps(rows)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_colour_blind_eyes_tell_forward_from_backward_by_their_blue(palette):
    forward, backward = (int(colour[5:7], 16) for colour in (palette.forward, palette.backward))
    assert backward - forward > 100
