"""The range and the upright oval: what is drawn for which recording, and what it says."""

from dataclasses import replace
from math import acos, cos, degrees, nan, pi, sin

import pytest

from posture.datatypes import RepKind
from posture.exercises.pelvis_wave import LEG, hip_height
from posture.locales import LANGUAGES, text
from posture.report.curve import Area, Stroke, Words, curve_rows
from posture.report.page import svg
from posture.report.plots import HEIGHT, WIDTH, heading_key, own_range, plots
from posture.ui.palette import DARK, LIGHT
from tests.unit.ui.recordings import RATE_HZ, recording, rep, wave


@pytest.fixture
def tilts():
    reps = (
        rep(1, RepKind.FORWARD, 1.0, 5.0),
        rep(2, RepKind.BACKWARD, 3.0, 8.0, faults=("trunk_leaning",)),
        rep(3, RepKind.FORWARD, 5.0, 10.0),
    )
    return recording(wave(80), reps)


def turning(sense, rounds=2, period_s=4.0, middle=0.87):
    """Waves: up with the pelvis forward (sense 1) or backward (-1)."""
    frames = []
    for index, result in enumerate(wave(int(rounds * period_s * RATE_HZ) + 1)):
        angle = 2 * pi * index / RATE_HZ / period_s
        height = middle - 0.03 * cos(angle)
        sample = replace(
            result.sample,
            pelvic_tilt_deg=sense * 8 * sin(angle),
            knee_flexion_deg=2 * degrees(acos(height / LEG)),
        )
        assert hip_height(sample) == pytest.approx(height)
        frames.append(replace(result, sample=sample))
    reps = [
        replace(
            rep(1 + i, RepKind.WAVE, period_s * (i + 0.5), 0.06, unit="fraction"),
            measures=(("roundness", 0.9 * sense),),
        )
        for i in range(rounds)
    ]
    return recording(frames, reps, exercise="pelvis-wave")


def heights(plot):
    """How far up (or down) each bar goes, from the zero line."""
    bars = [shape for shape in plot.shapes if isinstance(shape, Area)]
    return [bar.points[2][1] - bar.points[0][1] for bar in bars]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_repetition_is_a_bar_of_its_share_of_the_own_range(tilts, lang):
    (plot,) = plots(tilts, lang)
    assert plot.name == "range"
    half, down, full = heights(plot)
    assert half == pytest.approx(full / 2, abs=0.1)
    assert down == pytest.approx(-full, abs=0.1)
    assert plot.alt.endswith("1: 50 %, 2: 100 %, 3: 100 %")
    words = [shape.words for shape in plot.shapes if isinstance(shape, Words)]
    assert any("10°" in one for one in words)
    assert any("8°" in one for one in words)


def test_what_the_person_showed_on_purpose_is_the_own_range(tilts):
    shown = replace(tilts, calibration=replace(tilts.calibration, forward_deg=20.0))
    assert own_range(shown, RepKind.FORWARD) == 20.0
    assert own_range(shown, RepKind.BACKWARD) == 8.0
    less = replace(tilts, calibration=replace(tilts.calibration, forward_deg=4.0))
    assert own_range(less, RepKind.FORWARD) == 10.0


def test_uncertainty_is_drawn_where_it_is_known(tilts):
    def whiskers(analysis):
        (plot,) = plots(analysis, "en")
        strokes = [shape for shape in plot.shapes if isinstance(shape, Stroke)]
        return [s for s in strokes if s.points[0][0] == s.points[1][0]]

    assert len(whiskers(tilts)) == len(tilts.reps)
    unknown = tuple(
        replace(result, sample=replace(result.sample, pelvic_tilt_sd_deg=nan))
        for result in tilts.results
    )
    assert whiskers(replace(tilts, results=unknown)) == []
    said = [plots(analysis, "en")[0].note for analysis in (tilts, replace(tilts, results=unknown))]
    assert ["uncertainty" in note for note in said] == [True, False]
    very_many = replace(tilts, reps=tilts.reps * 20)
    assert whiskers(very_many) == []
    assert "uncertainty" not in plots(very_many, "en")[0].note


def test_a_lift_is_measured_against_a_straight_line_and_never_told_beyond_it():
    lifts = tuple(
        rep(i, RepKind.LIFT, 2.0 * i, size, unit="fraction") for i, size in ((1, 0.5), (2, 1.06))
    )
    (plot,) = plots(recording(wave(80), lifts, exercise="bridge"), "en")
    assert plot.alt.endswith("1: 50 %, 2: 100 %")
    assert text("report.plot.line", "en") in [s.words for s in plot.shapes if isinstance(s, Words)]
    assert heading_key((plot,)) == "plot.heading"


def test_one_repetition_or_breaths_are_no_range(tilts):
    assert plots(replace(tilts, reps=tilts.reps[:1]), "en") == ()
    holds = tuple(rep(i, RepKind.HOLD, 2.0 * i, 3.0, unit="s") for i in (1, 2))
    assert plots(recording(wave(80), holds, exercise="floor-surface"), "en") == ()


@pytest.mark.parametrize(("sense", "said"), [(1, "as asked"), (-1, "the other way")])
def test_the_oval_goes_round_as_the_body_did(sense, said):
    (oval,) = plots(turning(sense), "en")  # of a wave no number tells how far it went
    assert heading_key((oval,)) == "plot.way"
    assert oval.name == "oval"
    assert oval.alt.count(said) == 2
    path = max(
        (s.points for s in oval.shapes if isinstance(s, Stroke) and s.colour == LIGHT.good), key=len
    )
    following = (*path[1:], path[0])
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(path, following, strict=True))
    assert (twice < 0) == (sense > 0)  # y counts downwards: rising on the right is negative


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_all_lies_on_the_paper_in_the_themes_colours(tilts, colours):
    for plot in (*plots(tilts, "nl", colours), *plots(turning(1), "nl", colours)):
        for shape in plot.shapes:
            places = [(shape.x, shape.y)] if isinstance(shape, Words) else shape.points
            assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
        assert f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}"' in svg(plot, plot.alt)
        assert colours.good in svg(plot, plot.alt)


def test_many_repetitions_are_thin_bars_without_numbers():
    reps = [rep(i, RepKind.FORWARD, 1.0, 9.0) for i in range(1, 151)]
    (plot,) = plots(recording(wave(80), reps), "en")
    assert len(heights(plot)) == 150
    assert not any(shape.words == "1" for shape in plot.shapes if isinstance(shape, Words))


@pytest.mark.parametrize("middle", [0.85, 0.87, 0.89])
def test_the_curve_of_a_wave_has_two_values_at_its_axis_at_least(middle):
    (row,) = curve_rows(turning(1, middle=middle), "en")
    ends = [s.words for s in row.shapes if isinstance(s, Words) and s.words.endswith("%")]
    assert len(set(ends)) >= 2
    assert all(float(words.removesuffix(" %")) % 1 == 0 for words in ends)
