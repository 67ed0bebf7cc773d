"""Drawing: what is drawn where, in which colour, and what is left alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf, nan

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.adapters.drawing import (
    BACKWARD,
    FORWARD,
    NEUTRAL,
    QUIET,
    TOP_LEFT,
    TOP_RIGHT,
    Corner,
    Overlay,
    _bowl_shape,
    draw_overlay,
    free_corners,
    tilt_text,
)
from posture.adapters.lettering import BOLD, REGULAR, stencil, wrapped
from posture.annotate import calm_corners, overlay
from posture.datatypes import Stance
from posture.landmarks import Landmark
from posture.pipeline import Result
from posture.ui.wording import size
from tests.unit.ui.recordings import recording, wave

Image = npt.NDArray[np.uint8]

GREY = 100


def picture(width_px: int = 640, height_px: int = 480) -> Image:
    return np.full((height_px, width_px, 3), GREY, np.uint8)


def standing() -> npt.NDArray[np.float64]:
    """A person in the middle of a 640 x 480 picture, seen from the side, facing right."""
    points = np.tile([320.0, 60.0], (33, 1))
    for side, x in (("LEFT", 0.0), ("RIGHT", 14.0)):
        points[Landmark[f"{side}_SHOULDER"]] = 315 + x, 120
        points[Landmark[f"{side}_ELBOW"]] = 360 + x, 180
        points[Landmark[f"{side}_WRIST"]] = 400 + x, 150
        points[Landmark[f"{side}_HIP"]] = 312 + x, 250
        points[Landmark[f"{side}_KNEE"]] = 320 + x, 340
        points[Landmark[f"{side}_ANKLE"]] = 310 + x, 430
        points[Landmark[f"{side}_FOOT_INDEX"]] = 345 + x, 440
    return points


def back_line() -> npt.NDArray[np.float64]:
    return np.column_stack([np.full(30, 280.0), np.linspace(160, 320, 30)])


def reading(stance: Stance, tilt_deg: float, forward_sign: int = 1) -> Overlay:
    return Overlay(
        landmarks_px=standing(),
        back_px=back_line(),
        front_px=back_line() + np.array([90.0, 0.0]),
        stance=stance,
        tilt_deg=tilt_deg,
        tilt_sd_deg=2.0,
        forward_sign=forward_sign,
        headline="voorover",
        detail="terug naar het midden",
        rep_text="3 voorover",
    )


def has_colour(image: Image, colour: tuple[int, int, int]) -> bool:
    return bool((image == np.array(colour, np.uint8)).all(axis=2).any())


class TestTiltText:
    @pytest.mark.parametrize(
        ("tilt_deg", "sd_deg", "expected"),
        [
            (8.4, 2.1, "+8° ± 3°"),
            (-6.6, 1.6, "−7° ± 2°"),
            (0.3, 0.2, "0° ± 1°"),
            (-0.4, 3.0, "0° ± 3°"),
            (12.0, nan, "+12°"),
            (nan, 2.0, ""),
        ],
    )
    def test_whole_degrees_with_sign_and_uncertainty(
        self, tilt_deg: float, sd_deg: float, expected: str
    ) -> None:
        assert tilt_text(tilt_deg, sd_deg) == expected

    @pytest.mark.parametrize("sd_deg", [0.2, 1.0, 1.3, 2.5, 3.01])
    def test_a_number_is_as_uncertain_in_the_video_as_on_the_page(self, sd_deg):
        said = size(8.0, "deg", "en", sd_deg).replace("\N{NO-BREAK SPACE}", " ")
        assert tilt_text(8.0, sd_deg) == f"+{said}"


class TestPicture:
    def test_the_original_stays_as_it_was(self) -> None:
        original = picture()
        drawn = draw_overlay(original, reading(Stance.FORWARD, 8.0))
        assert (original == GREY).all()
        assert drawn.shape == original.shape
        assert drawn.dtype == np.uint8
        assert not np.array_equal(drawn, original)

    def test_the_same_overlay_gives_the_same_picture(self) -> None:
        overlay = reading(Stance.BACKWARD, -5.0)
        assert np.array_equal(draw_overlay(picture(), overlay), draw_overlay(picture(), overlay))

    def test_nothing_to_draw_changes_nothing(self) -> None:
        assert np.array_equal(draw_overlay(picture(), Overlay()), picture())

    @pytest.mark.parametrize("size", [(16, 16), (64, 48), (360, 640), (3840, 2160), (100, 2000)])
    def test_every_size_of_picture(self, size: tuple[int, int]) -> None:
        drawn = draw_overlay(picture(*size), reading(Stance.FORWARD, 8.0))
        assert drawn.shape == (size[1], size[0], 3)
        assert (drawn != GREY).any()


class TestBody:
    @pytest.mark.parametrize(
        ("stance", "colour"),
        [(Stance.FORWARD, FORWARD), (Stance.BACKWARD, BACKWARD), (Stance.NEUTRAL, NEUTRAL)],
    )
    def test_the_back_line_has_the_colour_of_the_stance(
        self, stance: Stance, colour: tuple[int, int, int]
    ) -> None:
        drawn = draw_overlay(picture(), reading(stance, 5.0))
        assert tuple(drawn[240, 280]) == colour
        front = drawn[240, 366:375].astype(int)
        assert np.abs(front - QUIET).sum(axis=1).min() < 60, "the front line stays quiet"

    def test_limbs_join_the_landmarks_and_the_head_is_left_alone(self) -> None:
        overlay = Overlay(landmarks_px=standing())
        drawn = draw_overlay(picture(), overlay)
        for a, b in ((Landmark.LEFT_HIP, Landmark.LEFT_KNEE), (Landmark.LEFT_KNEE, 27)):
            x, y = np.rint((standing()[a] + standing()[b]) / 2).astype(int)
            assert tuple(drawn[y, x]) == QUIET
        assert (drawn[:100] == GREY).all()

    def test_without_a_reading_nothing_has_the_colour_of_a_stance(self) -> None:
        overlay = Overlay(
            landmarks_px=standing(), back_px=back_line(), headline="geen meting", detail="Kom."
        )
        drawn = draw_overlay(picture(), overlay)
        assert tuple(drawn[240, 280]) == QUIET
        assert not has_colour(drawn, FORWARD)
        assert not has_colour(drawn, BACKWARD)

    def test_gaps_in_a_line_stay_gaps(self) -> None:
        line = back_line()
        line[12:18] = nan
        drawn = draw_overlay(picture(), Overlay(landmarks_px=standing(), back_px=line))
        assert (drawn[238:242, 276:285] == GREY).all()
        assert tuple(drawn[200, 280]) == QUIET
        assert tuple(drawn[290, 280]) == QUIET

    @pytest.mark.parametrize("bad", [nan, inf, -inf, 1e12])
    def test_a_senseless_landmark_costs_only_its_own_limbs(self, bad: float) -> None:
        points = standing()
        points[Landmark.LEFT_KNEE] = bad
        points[Landmark.RIGHT_KNEE] = bad
        drawn = draw_overlay(picture(), Overlay(landmarks_px=points))
        shin = np.rint((standing()[25] + standing()[27]) / 2).astype(int)
        assert (drawn[shin[1], shin[0] - 3 : shin[0] + 4] == GREY).all()
        assert (drawn[160:240, 300:330] != GREY).any(), "the trunk is still there"

    def test_a_person_outside_the_picture_is_cut_off(self) -> None:
        drawn = draw_overlay(picture(), Overlay(landmarks_px=standing() + np.array([500.0, 0.0])))
        assert (drawn[:, :600] == GREY).all()

    def test_scaling_moves_every_point(self) -> None:
        large = draw_overlay(
            picture(1280, 960), Overlay(landmarks_px=standing(), back_px=back_line()).scaled(2.0)
        )
        assert tuple(large[480, 560]) == QUIET
        bare = Overlay(headline="x").scaled(2.0)
        assert (bare.landmarks_px, bare.back_px, bare.front_px) == (None, None, None)


class TestBowl:
    @given(st.floats(-35, 35))
    def test_the_water_is_level_and_never_above_the_rim(self, turn_deg: float) -> None:
        outline, water, _ = _bowl_shape(turn_deg)
        lower_rim = max(outline[0, 1], outline[-1, 1])
        assert np.isfinite(water).all()
        assert water[:, 1].min() >= lower_rim
        assert water[0, 1] == pytest.approx(water[-1, 1], abs=0.02)
        assert (np.hypot(water[:, 0], water[:, 1] / 0.82) < 1.25).all()

    def test_a_positive_turn_lowers_the_right_rim_and_spills_there(self) -> None:
        outline, _, drops = _bowl_shape(20.0)
        right, left = outline[0], outline[-1]
        assert right[0] > 0 > left[0]
        assert right[1] > 0 > left[1]
        assert all((drop[:, 0] > 0.8).all() for drop in drops)

    def test_turns_mirror(self) -> None:
        one, other = _bowl_shape(17.0)[0], _bowl_shape(-17.0)[0]
        assert one * [-1, 1] == pytest.approx(other[::-1])

    @pytest.mark.parametrize("forward_sign", [1, -1])
    def test_the_bowl_tips_to_where_the_person_looks(self, forward_sign: int) -> None:
        drawn = draw_overlay(picture(), reading(Stance.FORWARD, 15.0, forward_sign))
        rows, columns = np.nonzero((drawn[:150, :120] == FORWARD).all(axis=2))
        middle = (columns.min() + columns.max()) / 2
        top_left, top_right = rows[columns < middle].min(), rows[columns > middle].min()
        assert (top_right - top_left) * forward_sign > 8

    def test_the_panel_keeps_its_width_while_numbers_change(self) -> None:
        def right_edge(tilt_deg: float) -> int:
            overlay = Overlay(
                stance=Stance.NEUTRAL, tilt_deg=tilt_deg, tilt_sd_deg=2.0, headline="neutraal"
            )
            changed = (draw_overlay(picture(), overlay) != GREY).any(axis=2).any(axis=0)
            return int(np.flatnonzero(changed)[-1])

        assert len({right_edge(tilt) for tilt in (-12.0, -1.0, 0.0, 3.0, 11.0)}) == 1


class TestCorners:
    @pytest.mark.parametrize("moved_px", [-220.0, -60.0, 0.0, 60.0, 220.0])
    @pytest.mark.parametrize("lying", [False, True])
    @pytest.mark.parametrize("size_px", [(640, 480), (360, 640), (480, 640)])
    def test_no_panel_lies_on_a_head(
        self, moved_px: float, lying: bool, size_px: tuple[int, int]
    ) -> None:
        width, height = size_px
        person = standing()[:, ::-1] + [60.0, 0.0] if lying else standing()
        person = (person - [320.0, 240.0]) * min(width / 640, height / 480) ** 0.5
        person += [width / 2 + moved_px * width / 640, height / 2]
        gauge, reps = free_corners(person, size_px)
        words = Overlay(
            stance=Stance.BACKWARD,
            tilt_deg=-12.0,
            tilt_sd_deg=2.0,
            headline="achterover",
            detail="Neem de beginhouding aan en blijf even stil",
            rep_text="12",
            gauge_at=gauge,
            reps_at=reps,
        )
        drawn = draw_overlay(picture(width, height), words)
        x, y = np.clip(person[0].round().astype(int), 20, [width - 20, height - 20])
        assert (drawn[y - 20 : y + 20, x - 20 : x + 20] == GREY).all()
        assert gauge != reps

    def test_an_empty_room_has_its_panels_above(self) -> None:
        assert free_corners(np.empty((0, 2)), (640, 480)) == (TOP_LEFT, TOP_RIGHT)

    def test_panels_stay_in_the_picture(self) -> None:
        words = replace(
            reading(Stance.FORWARD, 8.0), landmarks_px=None, back_px=None, front_px=None
        )
        top = draw_overlay(picture(), words) != GREY
        low = replace(words, gauge_at=Corner(right=True, low=True), reps_at=TOP_LEFT)
        bottom = draw_overlay(picture(), low) != GREY
        gauges = top[:, :300], bottom[:, 340:]
        assert gauges[0].sum() == pytest.approx(gauges[1].sum(), rel=0.02)
        assert np.flatnonzero(gauges[1].any(axis=(1, 2)))[-1] == pytest.approx(479 - 12, abs=1)

    def test_a_recording_has_its_panels_in_the_same_corners_from_beginning_to_end(self) -> None:
        def seen(result: Result) -> Result:
            """First in the middle, then at the left."""
            points = standing() - [0.0 if result.observation.index == 0 else 200.0, 0.0]
            return replace(result, observation=replace(result.observation, landmarks_px=points))

        analysis = recording([seen(result) for result in wave(60)])
        corners = calm_corners(analysis)
        assert corners == free_corners(standing() - [200.0, 0.0], (640, 480))
        assert corners != free_corners(standing(), (640, 480))
        for result in analysis.results:
            marks = overlay(result, 640, "en", corners)
            assert (marks.gauge_at, marks.reps_at) == corners


class TestLettering:
    @pytest.mark.parametrize("letter", "ëïéèöüà°±−·…’“”–ABCxyz0189%")
    def test_every_letter_has_its_own_shape(self, letter: str) -> None:
        unknown, found = stencil("?", 40), stencil(letter, 40)
        assert found.opacity.max() > 0.9
        if found.opacity.shape == unknown.opacity.shape:
            assert not np.array_equal(found.opacity, unknown.opacity)

    @pytest.mark.parametrize("text", ["Ágj|", "WWWW", "iiii", "voorover"])
    def test_no_letter_is_cut_off(self, text: str) -> None:
        opacity = stencil(text, 40, BOLD).opacity
        assert opacity[0].max() == 0
        assert opacity[-1].max() == 0
        wider = stencil(text + " |", 40, BOLD).opacity
        assert np.array_equal(wider[:, : opacity.shape[1]], opacity)

    def test_long_texts_are_broken_between_words(self) -> None:
        text = "Ga een stap naar achteren, of draai de camera tot je heupen in beeld zijn."
        lines = wrapped(text, 20, REGULAR, 220)
        assert len(lines) >= 3
        assert all(line.width_px <= 220 for line in lines)
        whole = stencil(text, 20).width_px
        assert sum(line.width_px for line in lines) == pytest.approx(whole, rel=0.06)

    def test_a_word_that_is_too_long_stands_alone(self) -> None:
        assert len(wrapped("a bekkenbodemspieroefening b", 20, REGULAR, 60)) == 3

    def test_threads_do_not_disturb_each_other(self) -> None:
        texts = [f"{i}° voorover {i * 7}" for i in range(40)]
        stencil.cache_clear()
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda text: stencil(text, 30, BOLD), texts))
        stencil.cache_clear()
        for text, one in zip(texts, found, strict=True):
            assert np.array_equal(stencil(text, 30, BOLD).opacity, one.opacity)
